/** The scopes after a small edit, from those before it: nodes that came or went change two or three scopes, not the tree. */
import type { ChangeSet } from '../document/changes'
import type { ModelDocument } from '../document/model'
import { takerOf } from '../document/row-constants'
import { isWorthABox } from './draft'
import { commonScope, homeOf, isAround } from './home'
import { lookOf } from './looks'
import type { ScopeTree } from './tree'

/** more than so many nodes came, went or became others since the tree was made, and it is made afresh */
const MOST = 200
/** with those that only take other values */
const MOST_REWIRED = 5000

/** A node that is not what it was when the tree was made. */
interface Touched {
  /** -1: it is gone */
  scope: number
  /** by input slot; -1: no node of the graph */
  makers: readonly number[]
  /** scopes that it makes unlike others, with all that are around them */
  marks: readonly number[]
  rewired: boolean
}

/** What was changed in a tree that was made as a whole: nodes, and the lists of scopes. */
interface Patch { whole: ScopeTree; touched: ReadonlyMap<number, Touched>; nodes: ReadonlyMap<number, readonly number[]> }
const patches = new WeakMap<ScopeTree, Patch>()

/**
 * The tree of the graph after the changes; null when it has to be made afresh, because much changed, a scope came to hold one node or none, or
 * because boxes might feed each other in a circle: in a run, which holds many, wires may only go through a node more or less. So it is when
 * nodes come whose scope is not there (any more). A run stays when one of its blocks is edited; what was identical to a scope that changed
 * is not said to be, until the change is undone.
 */
export function patchedTree(before: ScopeTree, document: ModelDocument, graph: string, changes: ChangeSet): ScopeTree | null {
  if (before.torn && changes.structural) return null
  const { whole, touched: earlier, nodes: lists } = patches.get(before) ?? { whole: before, touched: new Map<number, Touched>(), nodes: new Map() }
  const was = (node: number): number => earlier.get(node)?.scope ?? whole.scopeOf(node)
  const moved = new Map<number, number>()
  const now = (node: number): number => moved.get(node) ?? was(node)
  const changed: number[] = []
  let homeless = 0
  for (const id of changes.nodes) {
    const node = document.nodeIndexEver(id)
    if (node < 0) continue
    const from = was(node)
    const isHere = document.nodeIndex(id) >= 0 && document.graphOfNode(node) === graph
    if (from < 0 && !isHere) continue
    if (from >= 0 || !isHere) moved.set(node, isHere ? from : -1)
    else {
      const home = homeOf(document, graph, node, whole, now)
      if (!home.said) homeless += 1
      if (home.scope < 0 || homeless > 1) return null
      moved.set(node, home.scope)
    }
    if (isHere && rowsAreElsewhere(document, node, now(node), now)) return null
    changed.push(node)
  }
  if (changed.length === 0) return before
  const touched = new Map(earlier)
  const places: Places = { whole, document, graph, was, now, makers: (node) => earlier.get(node)?.makers ?? whole.made.makers(node) }
  for (const node of changed) {
    if (!isSafe(places, node)) return null
    const one = touch(places, node)
    if (one) touched.set(node, one)
    else touched.delete(node)
  }
  if (touched.size > MOST && (touched.size > MOST_REWIRED || [...touched.values()].filter((one) => !one.rewired).length > MOST)) return null
  const nodes = new Map(lists)
  const tree = withMoved(before, whole, document, changed.filter((node) => was(node) !== now(node)), places, nodes, touched)
  if (tree) patches.set(tree, { whole, touched, nodes })
  return tree
}

/** Where nodes were before the edit and are after it, and what made the values that they took before it. */
interface Places { whole: ScopeTree; document: ModelDocument; graph: string; was(node: number): number; now(node: number): number; makers(node: number): readonly number[] }

/** Asks the whole tree for all that never changes, not the one before: after many edits that would be a long way. Puts the lists that are others into `nodes`. */
function withMoved(
  before: ScopeTree,
  whole: ScopeTree,
  document: ModelDocument,
  moved: readonly number[],
  { was, now }: Places,
  nodes: Map<number, readonly number[]>,
  touched: ReadonlyMap<number, Touched>,
): ScopeTree | null {
  const { parent } = whole
  const nodeCount = before.nodeCount.slice()
  const count = (scope: number, by: number): void => { for (let at = scope; at >= 0; at = parent[at]) nodeCount[at] += by }
  const listOf = (scope: number): readonly number[] => nodes.get(scope) ?? whole.nodes(scope)
  for (const node of moved) {
    const [from, to] = [was(node), now(node)]
    if (from >= 0) {
      nodes.set(from, listOf(from).filter((one) => one !== node))
      count(from, -1)
    }
    if (to >= 0) {
      nodes.set(to, inserted(listOf(to), node, document))
      count(to, 1)
    }
  }
  for (const node of moved) for (let scope = was(node); scope > 0; scope = parent[scope]) if (!staysABox(scope, before, nodeCount, listOf, document)) return null
  const repeat = whole.repeat.slice()
  for (const { marks } of touched.values()) for (const mark of marks) for (let scope = mark; scope >= 0; scope = parent[scope]) repeat[scope] = -1
  return {
    count: whole.count, parent, nodeCount, repeat, get parameters() { return whole.parameters }, times: whole.times, origin: whole.origin, torn: whole.torn,
    name: whole.name, path: whole.path, find: whole.find, children: whole.children, made: whole.made,
    scopeOf: (node) => touched.get(node)?.scope ?? whole.scopeOf(node), nodes: listOf,
  }
}

/** In the order of the graph. */
function inserted(list: readonly number[], node: number, document: ModelDocument): readonly number[] {
  const place = document.placeAt(node)
  const at = list.findIndex((one) => document.placeAt(one) > place)
  return at < 0 ? [...list, node] : [...list.slice(0, at), node, ...list.slice(at)]
}

/** Whether a scope still holds enough to be one. */
function staysABox(scope: number, tree: ScopeTree, nodeCount: Uint32Array, listOf: (scope: number) => readonly number[], document: ModelDocument): boolean {
  if (isWorthABox(0, nodeCount[scope], true)) return true // whatever they are
  const around = tree.parent[scope]
  const computes = (node: number): boolean => document.operatorAt(node).op_type !== 'Constant'
  const computing = (at: number): number => tree.children(at).reduce((sum, child) => sum + computing(child), listOf(at).filter(computes).length)
  const amongNodes = around > 0 && tree.children(scope).length === 0 && tree.children(around).length === 1 && listOf(around).some(computes)
  return isWorthABox(computing(scope), nodeCount[scope], amongNodes)
}

function makersNow({ document, graph }: Places, node: number): number[] {
  return Array.from(document.inputsAt(node), (value) => {
    const maker = value < 0 ? -1 : document.producerOf(value)
    return maker >= 0 && document.isNodeAt(maker) && document.graphOfNode(maker) === graph ? maker : -1
  })
}

/** How a node differs from what it was when the tree was made; null: it does not. */
function touch(places: Places, node: number): Touched | null {
  const { whole, document, now } = places
  const [from, scope] = [whole.scopeOf(node), now(node)]
  if (scope < 0) return from < 0 ? null : { scope, makers: [], marks: [from], rewired: false }
  const makers = makersNow(places, node)
  if (from !== scope || document.hasBodies(node) || whole.made.look(node) !== lookOf(document, node)) return { scope, makers, marks: from < 0 ? [scope] : [from, scope], rewired: false }
  const marks: number[] = []
  const former = whole.made.makers(node)
  makers.forEach((maker, slot) => {
    if (maker === former[slot]) return
    if (maker >= 0) marks.push(commonScope(whole, scope, now(maker)))
    if (former[slot] >= 0) marks.push(commonScope(whole, scope, whole.scopeOf(former[slot])))
  })
  return marks.length > 0 ? { scope, makers, marks, rewired: true } : null
}

function inRun(tree: ScopeTree, scope: number): boolean {
  for (let at = scope; at > 0; at = tree.parent[at]) if (tree.times[at] > 1) return true
  return false
}

/** Whether it is known of a node in a run that the wires that it has got put no boxes into a circle. */
function isSafe(places: Places, node: number): boolean {
  const { whole, now } = places
  const scope = now(node)
  if (scope < 0 || !inRun(whole, scope)) return true
  if (places.document.hasBodies(node)) return false
  const former = places.makers(node)
  const asMade = scope === whole.scopeOf(node) ? whole.made.makers(node) : []
  return makersNow(places, node).every((maker, slot) => {
    if (maker < 0 || maker === former[slot]) return true
    if (maker === asMade[slot] && now(maker) === whole.scopeOf(maker)) return true
    return places.was(node) < 0 ? isAround(whole, scope, now(maker)) : isSameWay(places, node, former[slot], maker)
  })
}

/** Whether a node that takes from `maker` instead of from `former` takes the same through a node more, or less. */
function isSameWay({ whole, document, was, now }: Places, node: number, former: number, maker: number): boolean {
  if (former === undefined || former < 0) return takesFrom(document, maker, -1) && isAround(whole, now(maker), now(node))
  const stands = now(maker)
  if (isAround(whole, stands, was(former)) && takesFrom(document, maker, former) && isAround(whole, commonScope(whole, was(former), now(node)), stands)) return true
  return Array.from(document.inputsAt(former)).some((value) => value >= 0 && document.producerOf(value) === maker)
}

/** Whether all that a node takes from other nodes comes from this one; -1: it takes from none. */
function takesFrom(document: ModelDocument, node: number, maker: number): boolean {
  return Array.from(document.inputsAt(node)).every((value) => {
    const made = value < 0 ? -1 : document.producerOf(value)
    return made < 0 || made === maker || document.operatorAt(made).op_type === 'Constant'
  })
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
