/** The scopes of a graph: which nodes belong together, what contains what, what is there several times, and what to show open at first. */
import type { ModelDocument } from '../document/model'
import { repeats } from './alike'
import { Draft } from './draft'
import { place } from './evidence'
import { flowOf, isTensor, type Flow } from './flow'
import { levelsOf } from './levels'
import { looksOf } from './looks'
import { addRuns } from './runs'

export type Origin = 'names' | 'metadata' | 'structure' | 'none'

export interface ScopeTree {
  /** scope 0 is the graph itself; a scope comes before those within it */
  readonly count: number
  /** -1 for scope 0 */
  readonly parent: Int32Array
  /** the last part, as shown */
  name(scope: number): string
  /** stable across edits, unique */
  path(scope: number): string
  /** -1: there is no such scope (any more) */
  find(path: string): number
  /** innermost scope of a node, by its index in the document; -1 for a node of another graph */
  scopeOf(node: number): number
  /** scopes directly in it, in the order of the graph */
  children(scope: number): readonly number[]
  /** nodes directly in it, as indexes of the document, in the order of the graph */
  nodes(scope: number): readonly number[]
  /** all nodes in it */
  readonly nodeCount: Uint32Array
  /** elements of the initializers that nodes in it read, bodies included, each counted once */
  readonly parameters: Float64Array
  /** scopes of one number are identical: the same operators, attributes, types of weights and wiring; -1: there is no other like it */
  readonly repeat: Int32Array
  /** 1, or N for a scope that stands for a run of N identical siblings: its children are these, or shorter runs of them */
  readonly times: Uint32Array
  readonly origin: Origin
}

const SAID = 0.3 // of the nodes: with less, names are no description of the graph

/**
 * The tree of one graph, body or function. Every node is in exactly one scope, and no scope has only one node.
 *
 * Between the boxes that any choice of open and closed scopes gives, wires may run in a circle where the names of the file group
 * nodes so; a layout has to treat one of those wires as a back edge.
 */
export function scopeTree(document: ModelDocument, graph: string): ScopeTree {
  const flow = flowOf(document, graph)
  const draft = new Draft(new Int32Array(flow.count))
  const evidence = place(document, flow, draft)
  let origin: Origin = evidence.byMetadata > evidence.byName ? 'metadata' : 'names'
  if (evidence.known < evidence.asked * SAID) draft.scopeOf.fill(0)
  draft.prune(flow.fixed)
  if (draft.count === 1) origin = 'none'
  const levels = levelsOf(flow, draft)
  const repeat = repeats(flow, draft, levels, looksOf(document, flow))
  addRuns(draft, levels, repeat)
  return finished(document, flow, draft, repeat, origin)
}

/** Numbers the scopes anew: parents first, siblings in the order of the graph. */
function finished(document: ModelDocument, flow: Flow, draft: Draft, repeated: Int32Array, origin: Origin): ScopeTree {
  const { count } = draft
  const first = firstIn(flow, draft)
  const inner: number[][] = Array.from({ length: count }, () => [])
  for (let scope = 1; scope < count; scope++) inner[draft.parent[scope]].push(scope)
  for (const siblings of inner) siblings.sort((a, b) => first[a] - first[b])
  const order: number[] = []
  for (const stack = [0]; stack.length > 0;) {
    const scope = stack.pop()!
    order.push(scope)
    for (let i = inner[scope].length - 1; i >= 0; i--) stack.push(inner[scope][i])
  }
  const now = new Int32Array(count)
  order.forEach((old, scope) => { now[old] = scope })
  const parent = Int32Array.from(order, (old) => (old === 0 ? -1 : now[draft.parent[old]]))
  const nodes: number[][] = Array.from({ length: count }, () => [])
  const nodeCount = new Uint32Array(count)
  for (let p = 0; p < flow.count; p++) {
    nodes[now[draft.scopeOf[p]]].push(flow.nodes[p])
    nodeCount[now[draft.scopeOf[p]]] += 1
  }
  for (let scope = count - 1; scope > 0; scope--) nodeCount[parent[scope]] += nodeCount[scope]
  const children = order.map((old) => inner[old].map((scope) => now[scope]))
  const paths = order.map((old) => draft.paths[old])
  let byPath: Map<string, number> | null = null
  return {
    count, parent, nodeCount, origin,
    name: (scope) => draft.names[order[scope]],
    path: (scope) => paths[scope],
    find: (path) => (byPath ??= new Map(paths.map((path, scope) => [path, scope]))).get(path) ?? -1,
    scopeOf: (node) => {
      const position = node < flow.positionOf.length ? flow.positionOf[node] : -1
      return position < 0 ? -1 : now[draft.scopeOf[position]]
    },
    children: (scope) => children[scope],
    nodes: (scope) => nodes[scope],
    parameters: parametersOf(document, nodes, parent),
    repeat: Int32Array.from(order, (old) => repeated[old] ?? -1),
    times: Uint32Array.from(order, (old) => draft.times[old]),
  }
}

/** When each scope begins to run. Constants, which files may list anywhere, count only where there is nothing else. */
function firstIn(flow: Flow, draft: Draft): Float64Array {
  const first = new Float64Array(draft.count).fill(Infinity)
  for (const fixed of [0, 1]) {
    const begun = first.slice()
    flow.order.forEach((p, at) => {
      if (flow.fixed[p] !== fixed) return
      for (let scope = draft.scopeOf[p]; scope >= 0 && begun[scope] === Infinity && first[scope] === Infinity; scope = draft.parent[scope]) first[scope] = at
    })
  }
  return first
}

function parametersOf(document: ModelDocument, nodes: readonly number[][], parent: Int32Array): Float64Array {
  const sums = new Float64Array(parent.length)
  const counted = new Map<number, Set<number>>() // of values that are read more than once: the scopes that have them already
  const read = (node: number, scope: number): void => {
    for (let slot = 0; slot < document.inputCountAt(node); slot++) {
      const value = document.inputAt(node, slot)
      if (value < 0 || !isTensor(document, value)) continue
      let elements = 1
      for (const dim of document.typeAt(value).shape ?? []) elements *= typeof dim === 'number' ? dim : 0
      let done: Set<number> | undefined
      if (document.useCountAt(value) > 1) {
        done = counted.get(value)
        if (!done) counted.set(value, (done = new Set()))
      }
      for (let at = scope; at >= 0 && !done?.has(at); at = parent[at]) {
        sums[at] += elements
        done?.add(at)
      }
    }
    if (document.hasBodies(node)) for (const body of document.nodeAt(node).bodies) for (const inner of document.nodesOf(body)) read(inner, scope)
  }
  nodes.forEach((list, scope) => list.forEach((node) => read(node, scope)))
  return sums
}
