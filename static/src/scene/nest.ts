/** Which scopes of a graph are open: what stands in which, and which closed one hides a node. */
import type { ScopeTree } from '../scopes/tree'
import type { LayoutNest } from '../layout/types'

/** How a graph is folded: its scopes, the paths of the open ones, and a number for each path that stays the same. */
export interface Fold {
  tree: ScopeTree
  open: ReadonlySet<string>
  numbers: PathNumbers
  /** ids of the nodes whose bodies are open in place */
  bodies?: ReadonlySet<string>
  /** scopes are not shown, bodies are */
  flat?: boolean
}

/** Numbers for paths, the same for as long as the model is open. */
export class PathNumbers {
  private readonly numbers = new Map<string, number>()
  /** by the `parent` that trees with the same scopes share */
  private readonly trees = new WeakMap<Int32Array, Uint32Array>()

  of(path: string): number {
    let known = this.numbers.get(path)
    if (known === undefined) this.numbers.set(path, (known = this.numbers.size))
    return known
  }

  /** Of every scope of a tree. */
  all(tree: ScopeTree): Uint32Array {
    let known = this.trees.get(tree.parent)
    if (!known) this.trees.set(tree.parent, (known = Uint32Array.from({ length: tree.count }, (_, scope) => this.of(tree.path(scope)))))
    return known
  }
}

const closedOf = new WeakMap<ReadonlySet<string>, { parent: Int32Array; closed: Int32Array }>()

/** The names of a scope and of those around it, for people. */
export function shownPath(tree: ScopeTree, scope: number): string {
  const names: string[] = []
  for (let at = scope; at > 0; at = tree.parent[at]) names.unshift(tree.name(at))
  return names.join(' / ')
}

/** Per scope of the tree: the outermost closed one that it is in, or is; -1 where all is open. */
export function closedScopes({ tree, open, flat }: Fold): Int32Array {
  const known = closedOf.get(open)
  if (known?.parent === tree.parent) return known.closed
  const closed = new Int32Array(tree.count).fill(-1)
  if (flat) return closed
  for (let scope = 1; scope < tree.count; scope++) {
    const around = closed[tree.parent[scope]]
    closed[scope] = around >= 0 ? around : open.has(tree.path(scope)) ? -1 : scope
  }
  closedOf.set(open, { parent: tree.parent, closed })
  return closed
}

/** All nodes in a scope, those of inner scopes too. */
export function nodesWithin(tree: ScopeTree, scope: number): number[] {
  const found: number[] = []
  const collect = (at: number): void => {
    for (const node of tree.nodes(at)) found.push(node)
    for (const child of tree.children(at)) collect(child)
  }
  collect(scope)
  return found
}

/** The title in the corner of an open scope. */
export interface ScopeTitle { text: string; width: number }

/** A body of a node that is open in place: `node` holds it. */
export interface OpenBody { graph: string; node: number; name: string; nodes: readonly number[]; key: number; title: ScopeTitle }

/** The containers of a scene, outer ones before inner ones: open scopes, then open bodies. */
export class Nest {
  /** number in the tree; -1 for a body */
  readonly scopes: number[]
  /** -1: the graph itself */
  readonly parent: number[]
  readonly depth: number[]
  private readonly bodies = new Map<number, OpenBody>()
  /** per scope of the tree: its container; -1: it is not open, or hidden */
  private readonly containers: Int32Array
  /** what the layout wants to know of all of them, once it asked */
  private columns: { parent: Int32Array; key: Uint32Array; title: Float32Array } | null

  constructor(
    readonly fold: Fold,
    private readonly closed: Int32Array,
    /** of scope cards too: container and card of one scope have the same key */
    readonly keyOfScope: (scope: number) => number,
    readonly titles: (scope: number) => ScopeTitle,
    /** one with the same open scopes and without bodies, of a tree with the same scopes: this one takes over what is the same */
    earlier?: Nest,
  ) {
    const { tree } = fold
    this.scopes = earlier?.scopes ?? []
    this.parent = earlier?.parent ?? []
    this.depth = earlier?.depth ?? []
    this.columns = earlier?.columns ?? null
    if (earlier) {
      this.containers = earlier.containers
      return
    }
    this.containers = new Int32Array(tree.count).fill(-1)
    if (fold.flat) return
    for (let scope = 1; scope < tree.count; scope++) if (closed[scope] < 0) this.containers[scope] = this.add(scope, this.containers[tree.parent[scope]])
  }

  private add(scope: number, parent: number): number {
    this.parent.push(parent)
    this.depth.push(parent < 0 ? 0 : this.depth[parent] + 1)
    return this.scopes.push(scope) - 1
  }

  /** Returns its container. */
  addBody(body: OpenBody, parent: number): number {
    this.columns = null
    const container = this.add(-1, parent)
    this.bodies.set(container, body)
    return container
  }

  get count(): number {
    return this.scopes.length
  }

  /** The body that the container is; undefined for a scope. */
  body(container: number): OpenBody | undefined {
    return this.bodies.get(container)
  }

  /** The container of an open scope; -1 for others, and for the graph itself. */
  containerOf(scope: number): number {
    return scope < 0 ? -1 : this.containers[scope]
  }

  /** The closed scope that a node is hidden in; -1: it is seen, or not of this graph. */
  hiding(node: number): number {
    const scope = this.fold.tree.scopeOf(node)
    return scope < 0 ? -1 : this.closed[scope]
  }

  path(container: number): string {
    const body = this.bodies.get(container)
    return body ? body.graph : this.fold.tree.path(this.scopes[container])
  }

  /** For people. */
  name(container: number): string {
    return this.bodies.get(container)?.name ?? shownPath(this.fold.tree, this.scopes[container])
  }

  /** All nodes in it; of a body, those directly in it. */
  nodesOf(container: number): readonly number[] {
    return this.bodies.get(container)?.nodes ?? nodesWithin(this.fold.tree, this.scopes[container])
  }

  /** How many those are. */
  countOf(container: number): number {
    return this.bodies.get(container)?.nodes.length ?? this.fold.tree.nodeCount[this.scopes[container]]
  }

  key(container: number): number {
    return this.bodies.get(container)?.key ?? this.keyOfScope(this.scopes[container])
  }

  title(container: number): ScopeTitle {
    return this.bodies.get(container)?.title ?? this.titles(this.scopes[container])
  }

  /** For the layout; `of`: the container of each item. Its arrays are the caller's. */
  layout(of: Int32Array): LayoutNest {
    const { parent, key, title } = this.all()
    return { of: of.slice(), parent: parent.slice(), key: key.slice(), title: title.slice() }
  }

  /** The keys of all containers. */
  get keys(): Uint32Array {
    return this.all().key
  }

  private all(): { parent: Int32Array; key: Uint32Array; title: Float32Array } {
    if (this.columns) return this.columns
    const key = new Uint32Array(this.count)
    const title = new Float32Array(this.count)
    for (let container = 0; container < this.count; container++) {
      key[container] = this.key(container)
      title[container] = this.title(container).width + TITLE_ROOM
    }
    return (this.columns = { parent: Int32Array.from(this.parent), key, title })
  }

  /** Whether the same scopes are open, with what stands in them. */
  sameAs(other: Nest | null): boolean {
    if (!other || other.count !== this.count) return false
    for (let c = 0; c < this.count; c++) if (this.key(c) !== other.key(c) || this.parent[c] !== other.parent[c] || this.title(c).width !== other.title(c).width) return false
    return true
  }
}

/** beside a title: margins, and the minus that closes the scope */
const TITLE_ROOM = 64
