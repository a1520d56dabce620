/** Which scopes of a model's graphs are open, kept for as long as the model is shown. */
import { mergeChanges, type ChangeSet } from '../document/changes'
import type { ModelDocument } from '../document/model'
import { takerOf } from '../document/row-constants'
import { PathNumbers, type Fold } from '../scene/nest'
import { keyOf, SCOPE } from '../scene/scene'
import { openAfter, openAtFirst, slightIn, type Drawn } from '../scopes/opening'
import { patchedTree } from '../scopes/patched'
import { keepTree, scopeTree, type ScopeTree } from '../scopes/tree'

/** What becomes open or closed: named scopes with what is around or in them, everything, everything down to a depth. */
export type FoldDeed =
  | { what: 'open'; paths: readonly string[] }
  | { what: 'close'; paths: readonly string[] }
  | { what: 'open-all' }
  | { what: 'close-all' }
  | { what: 'depth'; depth: number }
  | { what: 'flat'; flat: boolean }
  /** bodies of nodes and functions that they call, in place */
  | { what: 'body'; nodes: readonly string[]; open: boolean }
  /** all that hides something */
  | { what: 'reveal'; paths: readonly string[]; nodes: readonly string[] }

export interface WhatIsOpen { open?: readonly string[]; bodies?: readonly string[] }

/** `since`: what happened since the fold was made; null: nothing that matters to it. */
interface Kept { document: ModelDocument; fold: Fold; since: ChangeSet | null; /** open scopes that edits took away: they come back open */ gone: ReadonlySet<string> }

export class Folding {
  /** the reader wants no scopes */
  flat = false
  /** how often something was opened or closed */
  changes = 0
  /** nodes whose bodies are open in place */
  private bodies: ReadonlySet<string> = new Set()
  private withBodies: Fold | null = null
  private readonly numbers = new PathNumbers()
  private readonly graphs = new Map<string, Kept>()
  /** open scopes that were told before the graph was there */
  private readonly told = new Map<string, readonly string[]>()

  /** How the graph is folded; null: it is flat, because it has no scopes or the reader wants none. */
  of(document: ModelDocument, graph: string): Fold | null {
    if (this.flat && this.bodies.size === 0) return null
    const { fold } = this.keep(document, graph)
    if (this.bodies.size === 0) return fold.tree.count > 1 ? fold : null
    const { bodies, flat } = this
    const before = this.withBodies
    if (before?.tree !== fold.tree || before.open !== fold.open || before.bodies !== bodies || before.flat !== flat) this.withBodies = { ...fold, bodies, flat }
    return this.withBodies
  }

  /** How many scopes the graph has. */
  count(document: ModelDocument, graph: string): number {
    return this.graphs.get(graph)?.document === document ? this.graphs.get(graph)!.fold.tree.count - 1 : 0
  }

  /** The key of a scope, open or closed. */
  keyOf(path: string): number {
    return keyOf(SCOPE, this.numbers.of(path))
  }

  changed(changes: ChangeSet): void {
    if (!changes.structural && changes.nodes.size === 0) return
    for (const kept of this.graphs.values()) kept.since = mergeChanges(kept.since ? [kept.since, changes] : [changes])
  }

  /** What is open in a graph, to come back to: paths of scopes, ids of nodes whose bodies or functions are open in place. */
  leave(graph: string): WhatIsOpen {
    const kept = this.graphs.get(graph)
    return { ...(kept ? { open: [...kept.fold.open] } : {}), ...(this.bodies.size > 0 ? { bodies: [...this.bodies] } : {}) }
  }

  /** The graph shall be folded so when it is shown for the first time; the nodes are opened that the document still has. */
  comeBack(graph: string, { open, bodies = [] }: WhatIsOpen, document: ModelDocument): void {
    if (open) this.told.set(graph, open)
    const there = bodies.filter((id) => document.nodeIndex(id) >= 0)
    if (there.some((id) => !this.bodies.has(id))) this.bodies = withOpened(this.bodies, there, document)
  }

  /** Returns whether anything is open now that was not, or the other way round. */
  apply(deed: FoldDeed, document: ModelDocument, graph: string): boolean {
    if (deed.what === 'flat') {
      const before = this.flat
      this.flat = deed.flat
      return before !== deed.flat
    }
    if (deed.what === 'reveal') {
      const bodies = deed.nodes.length > 0 && this.apply({ what: 'body', nodes: deed.nodes, open: true }, document, graph)
      return (deed.paths.length > 0 && this.apply({ what: 'open', paths: deed.paths }, document, graph)) || bodies
    }
    if (deed.what === 'body') {
      const before = this.bodies
      this.bodies = deed.open ? withOpened(before, deed.nodes, document) : new Set([...before].filter((node) => !deed.nodes.includes(node)))
      this.changes += 1
      return this.bodies.size !== before.size || [...before].some((node) => !this.bodies.has(node))
    }
    const hadBodies = deed.what === 'close-all' && this.bodies.size > 0
    if (hadBodies) this.bodies = new Set()
    const kept = this.keep(document, graph)
    const { tree, open } = kept.fold
    const now = opened(tree, open, deed, drawnIn(document))
    if (now.size === open.size && [...now].every((path) => open.has(path)) && !hadBodies) return false
    kept.fold = { ...kept.fold, open: now }
    this.changes += 1
    return true
  }

  private keep(document: ModelDocument, graph: string): Kept {
    const known = this.graphs.get(graph)
    const found = known?.document === document ? (known.since ? this.patched(known, graph) : known.fold) : null
    if (found) keepTree(document, graph, found.tree) // lists ask for it too
    if (found && known && !known.since) return known
    const fold = found ?? this.afresh(document, graph, known)
    const gone = new Set<string>()
    for (const paths of [known?.gone, known?.fold.open]) paths?.forEach((path) => { if (fold.tree.find(path) <= 0) gone.add(path) })
    const kept = { document, fold, since: null, gone }
    this.graphs.set(graph, kept)
    return kept
  }

  /** The fold after small changes; null: its tree has to be made afresh. */
  private patched({ document, fold, since }: Kept, graph: string): Fold | null {
    const tree = patchedTree(fold.tree, document, graph, since!)
    if (!tree || tree === fold.tree) return tree && fold
    if (since!.structural) return { ...fold, tree }
    fold.tree = tree // the same nodes stand in the same scopes
    return fold
  }

  private afresh(document: ModelDocument, graph: string, known?: Kept): Fold {
    const tree = scopeTree(document, graph)
    const told = this.told.get(graph)
    this.told.delete(graph)
    if (known && sameTree(known.fold.tree, tree)) known.fold.tree = tree // figures may be others
    const open = told ? new Set(told.filter((path) => tree.find(path) > 0)) : known ? openAgain(known, tree) : openAtFirst(tree, drawnIn(document))
    return known && known.fold.tree === tree ? known.fold : { tree, open, numbers: this.numbers }
  }
}

function openAgain({ fold, gone }: Kept, tree: ScopeTree): Set<string> {
  const open = openAfter(fold.tree, tree, fold.open)
  for (const path of gone) if (tree.find(path) > 0) open.add(path)
  return open
}

/** A function is seen at one of its calls: where it was open before, it closes. */
function withOpened(before: ReadonlySet<string>, nodes: readonly string[], document: ModelDocument): Set<string> {
  const called = (id: string): string => { const node = document.nodeIndex(id); return node < 0 ? '' : document.functionAt(node) }
  const functions = new Set(nodes.map(called))
  functions.delete('')
  return new Set([...[...before].filter((id) => !functions.has(called(id))), ...nodes])
}

/** Whether the same scopes hold the same nodes: then only figures can differ. */
function sameTree(one: ScopeTree, other: ScopeTree): boolean {
  if (one.count !== other.count) return false
  for (let scope = 0; scope < one.count; scope++) {
    if (one.parent[scope] !== other.parent[scope] || one.times[scope] !== other.times[scope] || one.path(scope) !== other.path(scope)) return false
    const nodes = one.nodes(scope)
    const others = other.nodes(scope)
    if (nodes.length !== others.length || nodes.some((node, i) => node !== others[i])) return false
  }
  return true
}

/** Nodes that have boxes. */
function drawnIn(document: ModelDocument): Drawn {
  return (node) => takerOf(document, node) < 0
}

function opened(tree: ScopeTree, open: ReadonlySet<string>, deed: Exclude<FoldDeed, { what: 'flat' } | { what: 'body' } | { what: 'reveal' }>, drawn: Drawn): Set<string> {
  const scopes = Array.from({ length: tree.count - 1 }, (_, i) => i + 1)
  if (deed.what === 'close-all') return new Set()
  if (deed.what === 'open-all') return new Set(scopes.map((scope) => tree.path(scope)))
  if (deed.what === 'depth') {
    const depth = new Int32Array(tree.count)
    for (const scope of scopes) depth[scope] = depth[tree.parent[scope]] + 1
    return new Set(scopes.filter((scope) => depth[scope] <= deed.depth).map((scope) => tree.path(scope)))
  }
  const now = new Set(open)
  for (const path of deed.paths) {
    if (deed.what === 'close') now.delete(path)
    else for (let scope = tree.find(path); scope > 0; scope = tree.parent[scope]) {
      if (!open.has(tree.path(scope))) for (const slight of slightIn(tree, scope, drawn)) now.add(tree.path(slight))
      now.add(tree.path(scope))
    }
  }
  return now
}
