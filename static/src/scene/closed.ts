/** What closed scopes show and join, kept until an edit touches what is in them: a decoder's run of blocks hides 50,000 nodes. */
import type { ScopeTree } from '../scopes/tree'
import type { Card } from './card'

export interface Closed {
  card: Card
  /** values that are made in it */
  made: Int32Array
  /** values that are taken in it and made elsewhere, each once */
  taken: Int32Array
}

export class ClosedScopes {
  /** by the `parent` that trees with the same scopes share */
  private readonly kept = new WeakMap<Int32Array, Map<number, Closed>>()

  of(tree: ScopeTree, scope: number, make: () => Closed): Closed {
    let scopes = this.kept.get(tree.parent)
    if (!scopes) this.kept.set(tree.parent, (scopes = new Map()))
    let closed = scopes.get(scope)
    if (!closed) scopes.set(scope, (closed = make()))
    return closed
  }

  /** Something in this scope, or in one within it, is another thing than it was. */
  drop(tree: ScopeTree, scope: number): void {
    const scopes = this.kept.get(tree.parent)
    for (let at = scope; scopes && at >= 0; at = tree.parent[at]) scopes.delete(at)
  }
}
