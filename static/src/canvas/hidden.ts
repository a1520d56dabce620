/** Which scopes hide things, and which are around them. */
import { shownPath, type Nest } from '../scene/nest'
import type { PlacedScene } from '../scene/placed'
import { SCOPE, type Scene } from '../scene/scene'
import { timesAlike } from '../scopes/alike'
import { scopeAt } from './hit'
import { itemsFor } from './marks'

/** What has to be opened for things to be seen: the innermost closed scopes, and the nodes that hold closed bodies or call functions. */
export interface Hiding { paths: string[]; nodes: string[] }

export function hiding(scene: Scene, ids: Iterable<string>): Hiding {
  const { document } = scene
  const tree = scene.nesting?.nest.fold.tree
  const paths = new Set<string>()
  const nodes = new Set<string>()
  for (const node of nodesFor(scene, ids)) {
    const holders = holdersWithin(scene, document.graphOfNode(node))
    if (!holders) continue
    for (const holder of holders) if (!isOpen(scene, holder)) nodes.add(document.nodeIdAt(holder))
    const outer = holders.at(-1) ?? node
    const item = scene.itemShowing(outer)
    if (tree && item >= 0 && scene.kind[item] === SCOPE) paths.add(tree.path(tree.scopeOf(outer)))
  }
  return { paths: [...paths], nodes: [...nodes] }
}

/** in a body with more nodes one would want scopes, which it has where it is entered */
const MOST_IN_PLACE = 300
const DEEPEST = 16 // bodies in bodies, that are still worth a look from outside

/** Whether nodes of the graph are seen where this scene is shown, once what hides them is open in place. */
export function showsIn(scene: Scene, graph: string): boolean {
  const holders = holdersWithin(scene, graph)
  return holders !== null && holders.every((holder) => isOpen(scene, holder) || scene.document.innerGraphsAt(holder).reduce((sum, inner) => sum + scene.document.nodesOf(inner).length, 0) <= MOST_IN_PLACE)
}

/** The graph that is shown, and those that are open in place in it: each once, outer ones first. */
export function graphsInSight({ graph, nesting }: Scene): string[] {
  const nest = nesting?.nest
  const found = new Set([graph])
  for (let container = 0; container < (nest?.count ?? 0); container++) {
    const body = nest!.body(container)
    if (body) found.add(body.graph)
  }
  return [...found]
}

/** The innermost graph that lies at a place: the shown one, or one that is open in place in it. */
export function graphAt(placed: PlacedScene, { x, y }: { x: number; y: number }): string {
  const nest = placed.scene.nesting?.nest
  for (let container = scopeAt(placed, x, y); container >= 0; container = nest!.parent[container]) {
    const body = nest!.body(container)
    if (body) return body.graph
  }
  return placed.scene.graph
}

/** The nodes that hold the graph, as a body or by calling it, the innermost first; null: it is not within the shown graph. */
function holdersWithin(scene: Scene, graph: string, depth = 0): number[] | null {
  if (graph === scene.graph) return []
  if (depth >= DEEPEST) return null
  const { document } = scene
  const owner = document.ownerOf(graph)
  for (const holder of owner >= 0 ? [owner] : openFirst(scene, document.callersOf(graph))) {
    const around = holdersWithin(scene, document.graphOfNode(holder), depth + 1)
    if (around) return [holder, ...around]
  }
  return null
}

/** Where a function is open already, it stays. */
function openFirst(scene: Scene, callers: number[]): number[] {
  return [...callers.filter((caller) => isOpen(scene, caller)), ...callers.filter((caller) => !isOpen(scene, caller))].slice(0, DEEPEST)
}

/** Whether what the node holds or calls is open in place. */
export function isOpen({ nesting, document }: Scene, holder: number): boolean {
  return nesting?.nest.fold.bodies?.has(document.nodeIdAt(holder)) ?? false
}

/** Nodes where ids are seen; a value that has a wire or a pill of its own is seen already. */
function nodesFor(scene: Scene, ids: Iterable<string>): number[] {
  const { document } = scene
  const found: number[] = []
  for (const id of ids) {
    const node = document.nodeIndex(id)
    if (node >= 0) { found.push(node); continue }
    const value = document.valueIndex(id)
    if (value < 0) continue
    const [first, end] = scene.edgesOf(value)
    if (first < end || scene.pillsOf(value).length > 0) continue
    const producer = document.producerOf(value)
    if (producer >= 0) found.push(producer)
    else found.push(...document.usesAt(value).map((use) => use.node))
  }
  return found
}

/** A scope as panels speak of it. */
export interface ScopeView { path: string; name: string; open: boolean; times: number; nodes: number; parameters: number; /** of all parameters */ share: number }

/**
 * Closed scopes that hold some of the things, and the innermost open one that is around all of them (null: the graph itself is);
 * `whole`: the scope whose nodes they are, no more and no fewer.
 */
export interface Around {
  closed: string[]
  open: string | null
  /** the node whose open body the innermost one is */
  body: string | null
  whole: ScopeView | null
}
export const NOWHERE: Around = { closed: [], open: null, body: null, whole: null }

export function scopesAround(scene: Scene, ids: Iterable<string>): Around {
  const nest = scene.nesting?.nest
  if (!nest) return NOWHERE
  const items = new Set<number>()
  let nodes = 0
  for (const id of ids) {
    if (scene.document.nodeIndex(id) >= 0) nodes++
    for (const item of itemsFor(scene, id)) items.add(item)
  }
  let around = -2 // nothing yet
  const closed: string[] = []
  for (const item of items) {
    if (scene.kind[item] === SCOPE) closed.push(scene.scopePath(item))
    around = around === -2 ? scene.nesting!.of[item] : common(nest.parent, nest.depth, around, scene.nesting!.of[item])
  }
  const only = items.size === 1 && closed.length === 1 ? scene.index[[...items][0]] : around < 0 ? -1 : nest.scopes[around]
  return { closed, open: around < 0 ? null : nest.path(around), body: around < 0 ? null : bodyOwner(scene, around), whole: only > 0 && nest.fold.tree.nodeCount[only] === nodes ? scopeView(nest, only) : null }
}

function bodyOwner({ nesting, document }: Scene, container: number): string | null {
  const body = nesting!.nest.body(container)
  return body ? document.nodeIdAt(body.node) : null
}

function scopeView(nest: Nest, scope: number): ScopeView {
  const { tree } = nest.fold
  return {
    path: tree.path(scope), name: shownPath(tree, scope), open: nest.containerOf(scope) >= 0, times: timesAlike(tree, scope), nodes: tree.nodeCount[scope],
    parameters: tree.parameters[scope], share: tree.parameters[0] > 0 ? tree.parameters[scope] / tree.parameters[0] : 0,
  }
}

/** The innermost container that is around both. */
function common(parent: readonly number[], depth: readonly number[], one: number, other: number): number {
  let [a, b] = [one, other]
  while (a !== b && a >= 0 && b >= 0) {
    if (depth[a] >= depth[b]) a = parent[a]
    else b = parent[b]
  }
  return a === b ? a : -1
}
