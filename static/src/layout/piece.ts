/** Cuts the input into connected pieces and gives each its own dense indexes, with the edges of a value together. */
import type { LayoutInput } from './types'

/** One connected piece, always drawn downwards (the caller has transposed `right`). Indexes are local to the piece. */
export interface Piece {
  count: number
  width: Float64Array
  height: Float64Array
  /** local node -> index in the input */
  nodes: Uint32Array
  edgeCount: number
  /** local edge -> index in the input; edges are sorted by source, then by value */
  edges: Uint32Array
  source: Uint32Array
  target: Uint32Array
  sourceX: Float64Array
  targetX: Float64Array
  /** room for a label across and along the flow; 0 for none */
  labelAcross: Float64Array
  labelAlong: Float64Array
  /** APART for an edge that comes to its target by a position of its own in the row above, so that what stands there has its place beside it; STRAND for one that shares no trunk */
  apart: Uint8Array
  /** edges of local value v are [valueStart[v], valueStart[v + 1]); edge -> value */
  valueCount: number
  valueStart: Uint32Array
  value: Uint32Array
  /** edges out of node u are [outStart[u], outStart[u + 1]); edges into v are inEdges[inStart[v]..] */
  outStart: Uint32Array
  inStart: Uint32Array
  inEdges: Uint32Array
  /** FIRST or LAST for nodes that must stand in the first or the last row; null: none must */
  pin: Uint8Array | null
  /** 1 for nodes whose ports do not move; null: all may */
  rigid: Uint8Array | null
}

/** How edges are set apart from the others of their value. */
export const APART = 1
export const STRAND = 2

/** What the pieces are cut from: the input with ports and sizes turned so that the flow is downwards. */
export interface Turned {
  count: number
  width: Float32Array
  height: Float32Array
  source: Uint32Array
  target: Uint32Array
  value: Uint32Array
  sourceX: Float32Array
  targetX: Float32Array
  labelAcross: Float32Array
  labelAlong: Float32Array
  pin: Uint8Array | null
  rigid: Uint8Array | null
}

const LABEL_HEIGHT = 14
/** a label that runs along its wire is this far from where that bends, besides the room that all have */
const BEYOND_LABEL = 5

/** Ports are offsets from the left side (down) or from the upper side (right), kept within the side they sit on. */
export function turn(input: LayoutInput): Turned {
  const edges = input.source.length
  const across = new Float32Array(edges)
  const along = new Float32Array(edges)
  const right = input.direction === 'right'
  for (let e = 0; e < edges; e++) {
    const width = input.labelWidth[e]
    if (!(width > 0)) continue
    across[e] = right ? LABEL_HEIGHT : width
    along[e] = right ? width + BEYOND_LABEL : LABEL_HEIGHT
  }
  return {
    count: input.count,
    width: right ? input.height : input.width,
    height: right ? input.width : input.height,
    source: input.source,
    target: input.target,
    value: input.value,
    sourceX: input.sourceX,
    targetX: input.targetX,
    labelAcross: across,
    labelAlong: along,
    pin: input.pin ?? null,
    rigid: input.rigid ?? null,
  }
}

/** Piece number of each node, by union-find; pieces are numbered by their first node. With pinned nodes all that has edges is one piece. */
function pieceOfNodes(turned: Turned): { of: Int32Array; count: number } {
  const parent = new Int32Array(turned.count)
  for (let i = 0; i < turned.count; i++) parent[i] = i
  const find = (node: number): number => {
    let at = node
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]]
      at = parent[at]
    }
    return at
  }
  for (let e = 0; e < turned.source.length; e++) {
    const a = find(turned.source[e])
    const b = find(turned.target[e])
    if (a < b) parent[b] = a
    else if (b < a) parent[a] = b
    if (!turned.pin) continue
    const first = find(turned.source[0])
    const own = find(a)
    if (first < own) parent[own] = first
    else if (own < first) parent[first] = own
  }
  const of = new Int32Array(turned.count)
  let count = 0
  for (let i = 0; i < turned.count; i++) {
    const root = find(i)
    of[i] = root === i ? count++ : of[root]
  }
  return { of, count }
}

/** Buckets: the members of group g are [start[g], start[g + 1]) of `member`, in their old order. */
export function bucket(group: ArrayLike<number>, length: number, groups: number): { start: Uint32Array; member: Uint32Array } {
  const start = new Uint32Array(groups + 1)
  for (let i = 0; i < length; i++) start[group[i] + 1]++
  for (let g = 0; g < groups; g++) start[g + 1] += start[g]
  const next = start.slice(0, groups)
  const member = new Uint32Array(length)
  for (let i = 0; i < length; i++) member[next[group[i]]++] = i
  return { start, member }
}

/** The connected pieces, and the nodes that have no edge at all. */
export function cut(turned: Turned): { pieces: Piece[]; lonely: Uint32Array } {
  const { of, count } = pieceOfNodes(turned)
  const nodes = bucket(of, turned.count, count)
  const edgePiece = new Int32Array(turned.source.length)
  for (let e = 0; e < edgePiece.length; e++) edgePiece[e] = of[turned.source[e]]
  const edges = bucket(edgePiece, edgePiece.length, count)
  const local = new Uint32Array(turned.count)
  const slotOfValue = new Map<number, number>()
  const pieces: Piece[] = []
  const lonely: number[] = []
  for (let p = 0; p < count; p++) {
    const members = nodes.member.subarray(nodes.start[p], nodes.start[p + 1])
    const own = edges.member.subarray(edges.start[p], edges.start[p + 1])
    if (own.length === 0) lonely.push(members[0])
    else pieces.push(makePiece(turned, members, own, local, slotOfValue))
  }
  return { pieces, lonely: Uint32Array.from(lonely) }
}

function makePiece(turned: Turned, nodes: Uint32Array, edges: Uint32Array, local: Uint32Array, slots: Map<number, number>): Piece {
  const count = nodes.length
  for (let i = 0; i < count; i++) local[nodes[i]] = i
  const edgeCount = edges.length
  const sorted = sortEdges(turned, edges, local, count, slots)
  const piece: Piece = {
    count,
    width: new Float64Array(count),
    height: new Float64Array(count),
    nodes,
    edgeCount,
    edges: sorted.edges,
    source: new Uint32Array(edgeCount),
    target: new Uint32Array(edgeCount),
    sourceX: new Float64Array(edgeCount),
    targetX: new Float64Array(edgeCount),
    labelAcross: new Float64Array(edgeCount),
    labelAlong: new Float64Array(edgeCount),
    apart: new Uint8Array(edgeCount),
    valueCount: sorted.valueStart.length - 1,
    valueStart: sorted.valueStart,
    value: new Uint32Array(edgeCount),
    outStart: new Uint32Array(count + 1),
    inStart: new Uint32Array(0),
    inEdges: new Uint32Array(0),
    pin: turned.pin && new Uint8Array(count),
    rigid: turned.rigid && new Uint8Array(count),
  }
  for (let i = 0; i < count; i++) {
    piece.width[i] = turned.width[nodes[i]]
    piece.height[i] = turned.height[nodes[i]]
    if (turned.pin) piece.pin![i] = turned.pin[nodes[i]]
    if (turned.rigid) piece.rigid![i] = turned.rigid[nodes[i]]
  }
  for (let e = 0; e < edgeCount; e++) {
    const g = piece.edges[e]
    const source = (piece.source[e] = local[turned.source[g]])
    const target = (piece.target[e] = local[turned.target[g]])
    piece.sourceX[e] = Math.min(Math.max(turned.sourceX[g], 0), piece.width[source])
    piece.targetX[e] = Math.min(Math.max(turned.targetX[g], 0), piece.width[target])
    piece.labelAcross[e] = turned.labelAcross[g]
    piece.labelAlong[e] = turned.labelAlong[g]
    piece.outStart[source + 1]++
  }
  for (let i = 0; i < count; i++) piece.outStart[i + 1] += piece.outStart[i]
  for (let v = 0; v < piece.valueCount; v++) {
    for (let e = piece.valueStart[v]; e < piece.valueStart[v + 1]; e++) piece.value[e] = v
  }
  const into = bucket(piece.target, edgeCount, count)
  piece.inStart = into.start
  piece.inEdges = into.member
  return piece
}

/** Edges by source, then by value in order of first appearance; where each value's run of edges starts. */
function sortEdges(turned: Turned, edges: Uint32Array, local: Uint32Array, count: number, slots: Map<number, number>): { edges: Uint32Array; valueStart: Uint32Array } {
  const length = edges.length
  const sourceOf = new Uint32Array(length)
  for (let i = 0; i < length; i++) sourceOf[i] = local[turned.source[edges[i]]]
  const bySource = bucket(sourceOf, length, count)
  const result = new Uint32Array(length)
  const starts: number[] = []
  let filled = 0
  for (let node = 0; node < count; node++) {
    const from = bySource.start[node]
    const to = bySource.start[node + 1]
    if (to - from === 1) {
      starts.push(filled)
      result[filled++] = edges[bySource.member[from]]
      continue
    }
    slots.clear()
    const groups: number[][] = []
    for (let k = from; k < to; k++) {
      const edge = edges[bySource.member[k]]
      const slot = slots.get(turned.value[edge])
      if (slot === undefined) {
        slots.set(turned.value[edge], groups.length)
        groups.push([edge])
      } else groups[slot].push(edge)
    }
    for (const group of groups) {
      starts.push(filled)
      for (const edge of group) result[filled++] = edge
    }
  }
  starts.push(length)
  return { edges: result, valueStart: Uint32Array.from(starts) }
}
