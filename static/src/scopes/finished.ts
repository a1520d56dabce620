/** The tree as it is handed out: scopes numbered with parents first and siblings as they run, lists as typed arrays. */
import type { ModelDocument } from '../document/model'
import type { Draft } from './draft'
import { isTensor, type Flow } from './flow'
import type { Origin, ScopeTree } from './tree'

export function finished(document: ModelDocument, flow: Flow, draft: Draft, looks: Int32Array, repeated: Int32Array, origin: Origin, torn: boolean): ScopeTree {
  const { count } = draft
  const first = firstIn(flow, draft)
  const inner = listsOf(draft.parent, count)
  const order = new Int32Array(count)
  const now = new Int32Array(count)
  let numbered = 0
  for (const stack = [0]; stack.length > 0;) {
    const scope = stack.pop()!
    now[scope] = numbered
    order[numbered++] = scope
    const siblings = inner.items.subarray(inner.start[scope], inner.start[scope + 1]).sort((a, b) => first[b] - first[a])
    for (const sibling of siblings) stack.push(sibling)
  }
  const parent = order.map((old) => (old === 0 ? -1 : now[draft.parent[old]]))
  const scopes = draft.scopeOf.map((scope) => now[scope])
  const nodes = listsOf(scopes, count)
  const children = listsOf(parent, count)
  const nodeCount = new Uint32Array(count)
  for (const scope of scopes) nodeCount[scope] += 1
  for (let scope = count - 1; scope > 0; scope--) nodeCount[parent[scope]] += nodeCount[scope]
  const list = ({ start, items }: Lists, scope: number): number[] => Array.from(items.subarray(start[scope], start[scope + 1]))
  const path = (scope: number): string => draft.path(order[scope])
  let byPath: Map<string, number> | null = null
  let parameters: Float64Array | null = null
  return {
    count, parent, nodeCount, origin, path, torn,
    name: (scope) => draft.names[order[scope]],
    find: (wanted) => (byPath ??= new Map(Array.from(order, (_, scope) => [path(scope), scope]))).get(wanted) ?? -1,
    scopeOf: (node) => {
      const position = positionIn(flow, node)
      return position < 0 ? -1 : scopes[position]
    },
    children: (scope) => list(children, scope),
    nodes: (scope) => list(nodes, scope).map((position) => flow.nodes[position]),
    get parameters() { return (parameters ??= parametersOf(document, flow, scopes, parent)) }, // where all is open, nobody asks before the picture
    repeat: order.map((old) => (old < repeated.length ? repeated[old] : -1)),
    times: Uint32Array.from(order, (old) => draft.times[old]),
    made: { look: (node) => looks[positionIn(flow, node)] ?? 0, makers: (node) => makersOf(flow, positionIn(flow, node)) },
  }
}

function positionIn(flow: Flow, node: number): number {
  return node < flow.positionOf.length ? flow.positionOf[node] : -1
}

/** By input slot, as far as any slot has one; -1: no node of the graph. */
function makersOf(flow: Flow, position: number): number[] {
  const makers: number[] = []
  for (let at = flow.inStart[position]; at < flow.inStart[position + 1]; at++) {
    while (makers.length < flow.inSlots[at]) makers.push(-1)
    makers[flow.inSlots[at]] = flow.nodes[flow.ins[at]]
  }
  return makers
}

/** Things in lists: those of list n are items[start[n] .. start[n + 1]), ascending. */
interface Lists { start: Uint32Array; items: Int32Array }

/** By the list that each thing is in; -1: in none. */
function listsOf(of: ArrayLike<number>, count: number): Lists {
  const start = new Uint32Array(count + 1)
  let all = 0
  for (let i = 0; i < of.length; i++) if (of[i] >= 0) { start[of[i] + 1]++; all += 1 }
  for (let n = 0; n < count; n++) start[n + 1] += start[n]
  const items = new Int32Array(all)
  const next = start.slice()
  for (let i = 0; i < of.length; i++) if (of[i] >= 0) items[next[of[i]]++] = i
  return { start, items }
}

/** When each scope begins to run. Constants, which files may list anywhere, count only where there is nothing else. */
function firstIn(flow: Flow, draft: Draft): Float64Array {
  const first = new Float64Array(draft.count).fill(Infinity)
  const begin = (fixed: number): void => {
    for (let at = flow.count - 1; at >= 0; at--) {
      const scope = draft.scopeOf[flow.order[at]]
      if (flow.fixed[flow.order[at]] === fixed && (fixed === 0 || first[scope] >= flow.count)) first[scope] = at + fixed * flow.count
    }
  }
  begin(0)
  begin(1)
  // deep: runs stand behind what they hold, all else before it
  const spread = (scope: number): void => { first[draft.parent[scope]] = Math.min(first[draft.parent[scope]], first[scope]) }
  const depths = Int32Array.from({ length: draft.count }, (_, scope) => draft.depth(scope))
  const deepest = Int32Array.from({ length: draft.count }, (_, scope) => scope).sort((a, b) => depths[b] - depths[a])
  for (const scope of deepest) if (scope > 0) spread(scope)
  return first
}

/** Elements of the initializers that each scope reads. One that several nodes read counts once in every scope that holds any of them. */
function parametersOf(document: ModelDocument, flow: Flow, scopes: Int32Array, parent: Int32Array): Float64Array {
  const sums = new Float64Array(parent.length)
  const shared = new Map<number, Set<number>>()
  const read = (node: number, scope: number): void => {
    for (let slot = 0; slot < document.inputCountAt(node); slot++) {
      const value = document.inputAt(node, slot)
      if (value < 0 || !isTensor(document, value)) continue
      if (document.useCountAt(value) === 1) sums[scope] += elementsOf(document, value)
      else {
        const readers = shared.get(value)
        if (readers) readers.add(scope)
        else shared.set(value, new Set([scope]))
      }
    }
    if (document.hasBodies(node)) for (const body of document.nodeAt(node).bodies) for (const inner of document.nodesOf(body)) read(inner, scope)
  }
  scopes.forEach((scope, position) => read(flow.nodes[position], scope))
  for (let scope = parent.length - 1; scope > 0; scope--) sums[parent[scope]] += sums[scope]
  const counted = new Int32Array(parent.length).fill(-1)
  for (const [value, readers] of shared) {
    const elements = elementsOf(document, value)
    for (const reader of readers) {
      for (let scope = reader; scope >= 0 && counted[scope] !== value; scope = parent[scope]) {
        sums[scope] += elements
        counted[scope] = value
      }
    }
  }
  return sums
}

function elementsOf(document: ModelDocument, value: number): number {
  let elements = 1
  for (const dim of document.typeAt(value).shape ?? []) elements *= typeof dim === 'number' ? dim : 0
  return elements
}
