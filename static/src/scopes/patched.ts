/** The scopes after a small edit, from those before it: nodes that came or went change two or three scopes, not the tree. */
import type { ChangeSet } from '../document/changes'
import type { ModelDocument } from '../document/model'
import { takerOf } from '../document/row-constants'
import { WITH_CONSTANTS } from './draft'
import { isTensor } from './flow'
import type { ScopeTree } from './tree'

/** more than so many changed nodes since the tree was made, and it is made afresh */
const MOST = 200

/** What was changed in a tree that was made as a whole: scopes of nodes, and the lists of scopes. */
interface Patch { whole: ScopeTree; scopeOf: ReadonlyMap<number, number>; nodes: ReadonlyMap<number, readonly number[]> }
const patches = new WeakMap<ScopeTree, Patch>()

/**
 * The tree of the graph after the changes; null when it has to be made afresh, because much changed, a scope came to hold one node or none, or the
 * edit was within a run: its blocks are not identical any more, unless nodes in them only take other values from the places where they took some
 * before. So it is when nodes come whose scope is not there (any more). What was identical to a scope that changed is not said to be.
 */
export function patchedTree(before: ScopeTree, document: ModelDocument, graph: string, changes: ChangeSet): ScopeTree | null {
  const { whole, scopeOf: earlier, nodes: lists } = patches.get(before) ?? { whole: before, scopeOf: new Map(), nodes: new Map() }
  const scopeOf = new Map(earlier)
  const moved: { node: number; from: number; to: number }[] = []
  const rewired: number[] = []
  const of = (node: number): number => scopeOf.get(node) ?? whole.scopeOf(node)
  let homeless = 0
  for (const id of changes.nodes) {
    const node = document.nodeIndexEver(id)
    if (node < 0) continue
    const from = of(node)
    const isHere = document.nodeIndex(id) >= 0 && document.graphOfNode(node) === graph
    const to = !isHere ? -1 : from >= 0 ? from : home(document, node, before, of)
    if (isHere && rowsAreElsewhere(document, node, to, of)) return null
    if (from < 0 && to < 0) continue
    if (from < 0 && namedScope(document, node, before) < 0) {
      homeless += 1
      if (homeless > 1 || namesScope(document, node)) return null
    }
    if (inRun(before, from) || inRun(before, to)) {
      if (from !== to || !changes.rewired.has(id)) return null
      rewired.push(node)
      continue
    }
    scopeOf.set(node, to)
    moved.push({ node, from, to })
  }
  if (moved.length + rewired.length === 0) return before
  if (scopeOf.size > MOST) return null
  const places: Places = { tree: before, document, was: (node) => earlier.get(node) ?? whole.scopeOf(node), now: of, formerMakers: formerMakers(document, changes) }
  for (const node of rewired) {
    const around = wiresIn(places, node, changes.rewired.get(document.nodeIdAt(node))!)
    if (around < 0) return null
    moved.push({ node, from: around, to: around })
  }
  const nodes = new Map(lists)
  const tree = withMoved(before, whole, document, moved, of, nodes)
  if (tree) patches.set(tree, { whole, scopeOf, nodes })
  return tree
}

/** Asks the whole tree for all that never changes, not the one before: after many edits that would be a long way. Puts the lists that are others into `nodes`. */
function withMoved(
  before: ScopeTree,
  whole: ScopeTree,
  document: ModelDocument,
  moved: readonly { node: number; from: number; to: number }[],
  of: (node: number) => number,
  nodes: Map<number, readonly number[]>,
): ScopeTree | null {
  const nodeCount = before.nodeCount.slice()
  const repeat = before.repeat.slice()
  const change = (scope: number, by: number): void => {
    for (let at = scope; at >= 0; at = before.parent[at]) {
      nodeCount[at] += by
      repeat[at] = -1
    }
  }
  const listOf = (scope: number): readonly number[] => nodes.get(scope) ?? whole.nodes(scope)
  for (const { node, from, to } of moved) {
    if (from === to) {
      change(from, 0)
      continue
    }
    if (from >= 0) {
      nodes.set(from, listOf(from).filter((one) => one !== node))
      change(from, -1)
    }
    if (to >= 0) {
      nodes.set(to, inserted(listOf(to), node, document))
      change(to, 1)
    }
  }
  for (const { from, to } of moved) {
    if (from === to) continue
    for (let scope = from; scope > 0; scope = before.parent[scope]) if (!worthABox(scope, before, nodeCount, listOf, document)) return null
  }
  return {
    count: whole.count, parent: whole.parent, nodeCount, repeat, get parameters() { return whole.parameters }, times: whole.times, origin: whole.origin,
    name: whole.name, path: whole.path, find: whole.find, children: whole.children, scopeOf: of, nodes: listOf,
  }
}

/** In the order of the graph. */
function inserted(list: readonly number[], node: number, document: ModelDocument): readonly number[] {
  const place = document.placeAt(node)
  const at = list.findIndex((one) => document.placeAt(one) > place)
  return at < 0 ? [...list, node] : [...list.slice(0, at), node, ...list.slice(at)]
}

/** Whether a scope holds enough to be one: a node alone, perhaps with its constants, needs no box around it. */
function worthABox(scope: number, tree: ScopeTree, nodeCount: Uint32Array, listOf: (scope: number) => readonly number[], document: ModelDocument): boolean {
  if (nodeCount[scope] > WITH_CONSTANTS) return true
  let computing = 0
  const count = (at: number): void => {
    for (const node of listOf(at)) if (document.operatorAt(node).op_type !== 'Constant') computing += 1
    for (const child of tree.children(at)) count(child)
  }
  count(scope)
  return computing > 1
}

function inRun(tree: ScopeTree, scope: number): boolean {
  for (let at = scope; at > 0; at = tree.parent[at]) if (tree.times[at] > 1) return true
  return false
}

/** The scopes of nodes before and after, and who made values of nodes that are gone. */
interface Places { tree: ScopeTree; document: ModelDocument; was(node: number): number; now(node: number): number; formerMakers: ReadonlyMap<number, number> }

function formerMakers(document: ModelDocument, changes: ChangeSet): Map<number, number> {
  const makers = new Map<number, number>()
  for (const id of changes.nodes) {
    const node = document.nodeIndexEver(id)
    if (node >= 0 && !document.isNodeAt(node)) for (const value of Array.from(document.outputsAt(node))) makers.set(value, node)
  }
  return makers
}

/**
 * Of a node in a run that takes other values than the `former` ones: the innermost scope that holds all wires that changed, with both ends. -1: its
 * block may be another one now, because such a wire lies within it, or does not come from where it came from before.
 */
function wiresIn({ tree, document, was, now, formerMakers: gone }: Places, node: number, former: ArrayLike<number>): number {
  let around = now(node)
  for (let slot = 0; slot < former.length; slot++) {
    const value = document.inputAt(node, slot)
    if (value === former[slot]) continue
    if (value < 0 || former[slot] < 0 || isTensor(document, value) || isTensor(document, former[slot])) return -1
    const from = gone.get(former[slot]) ?? document.producerOf(former[slot])
    const to = document.producerOf(value)
    if (from < 0 || to < 0 || was(from) < 0 || was(from) !== now(to)) return -1
    if (!takesOnly(document, from, to) && !takesOnly(document, to, from)) return -1
    around = common(tree, around, was(from))
  }
  return inRun(tree, tree.parent[around]) ? -1 : around
}

/** Whether one node computes from another one alone. */
function takesOnly(document: ModelDocument, node: number, maker: number): boolean {
  return Array.from(document.inputsAt(node)).every((value) => value < 0 || document.producerOf(value) === maker || isTensor(document, value))
}

function common(tree: ScopeTree, one: number, other: number): number {
  const around = new Set<number>()
  for (let at = one; at >= 0; at = tree.parent[at]) around.add(at)
  let found = other
  while (!around.has(found)) found = tree.parent[found]
  return found
}

function scopeInName(document: ModelDocument, node: number): string {
  return document.nodeNameAt(node).replace(/^\//, '').replace(/\/?[^/]*$/, '')
}

function namesScope(document: ModelDocument, node: number): boolean {
  return scopeInName(document, node) !== ''
}

/** -1: its name says none that is there. */
function namedScope(document: ModelDocument, node: number, tree: ScopeTree): number {
  const found = tree.find(scopeInName(document, node))
  return found > 0 ? found : -1
}

/** Whether the node shows a constant in a row that is in another scope, or is itself such a row of a node elsewhere. */
function rowsAreElsewhere(document: ModelDocument, node: number, scope: number, of: (node: number) => number): boolean {
  const taker = takerOf(document, node)
  if (taker >= 0) return of(taker) >= 0 && of(taker) !== scope
  for (const value of Array.from(document.inputsAt(node))) {
    const maker = value < 0 ? -1 : document.producerOf(value)
    if (maker >= 0 && of(maker) >= 0 && of(maker) !== scope && takerOf(document, maker) === node) return true
  }
  return false
}

/** Where a new node belongs: as its name says, else with what it takes from, else with what takes from it. */
function home(document: ModelDocument, node: number, tree: ScopeTree, of: (node: number) => number): number {
  const named = namedScope(document, node, tree)
  if (named > 0) return named
  for (const value of Array.from(document.inputsAt(node))) {
    const maker = value < 0 ? -1 : document.producerOf(value)
    if (maker >= 0 && of(maker) >= 0) return of(maker)
  }
  for (const value of Array.from(document.outputsAt(node))) {
    for (const use of value < 0 ? [] : document.usesAt(value)) if (of(use.node) >= 0) return of(use.node)
  }
  return 0
}
