/** Where new nodes and new trunks would like to stand among the ones whose places are known. */
import type { Piece } from './piece'
import type { Ranks } from './ranks'
import { strandLength, type Rows } from './rows'
import { NODE_TRUNK_GAP, type Space } from './space'

/** Rows of a new trunk that are searched for a free column. */
const LONGEST_SEARCH = 600

/** New nodes (x is NaN) stand under the node above them or over the one below, whichever has fewer others to share with. */
export function placeNewNodes(piece: Piece, ranks: Ranks, x: Float64Array): void {
  const { order } = ranks
  const middleOf = (i: number): number => x[i] + piece.width[i] / 2
  for (let k = 0; k < order.length; k++) {
    const i = order[k]
    if (!Number.isNaN(x[i])) continue
    const above = firstKnown(piece, ranks, x, i, true)
    const below = firstKnown(piece, ranks, x, i, false)
    if (above < 0 && below < 0) continue
    const shareAbove = above < 0 ? Infinity : piece.outStart[above + 1] - piece.outStart[above]
    const shareBelow = below < 0 ? Infinity : piece.inStart[below + 1] - piece.inStart[below]
    x[i] = middleOf(shareAbove <= shareBelow ? above : below) - piece.width[i] / 2
  }
  for (let k = order.length - 1; k >= 0; k--) {
    const i = order[k]
    if (!Number.isNaN(x[i])) continue
    const below = firstKnown(piece, ranks, x, i, false)
    x[i] = below < 0 ? 0 : middleOf(below) - piece.width[i] / 2
  }
}

function firstKnown(piece: Piece, ranks: Ranks, x: Float64Array, node: number, above: boolean): number {
  const from = above ? piece.inStart[node] : piece.outStart[node]
  const to = above ? piece.inStart[node + 1] : piece.outStart[node + 1]
  for (let k = from; k < to; k++) {
    const e = above ? piece.inEdges[k] : k
    const other = above ? piece.source[e] : piece.target[e]
    if (!ranks.back[e] && !Number.isNaN(x[other])) return other
  }
  return -1
}

/** New trunks, loops and places of edges that are set apart take the nearest column that is free in all the rows they pass. */
export function placeNewTrunks(piece: Piece, ranks: Ranks, rows: Rows, space: Space, x: Float64Array): void {
  let members: Uint32Array | null = null
  const settle = (first: number, length: number, wanted: number): void => {
    members ??= itemsByRow(rows)
    const column = length <= LONGEST_SEARCH ? freeColumn(rows, space, x, members, rows.row[first], length, wanted) : wanted
    for (let k = 0; k < length; k++) x[first + k] = column
  }
  for (let v = 0; v < piece.valueCount; v++) {
    const source = piece.source[piece.valueStart[v]]
    if (rows.trunk[v] >= 0 && Number.isNaN(x[rows.trunk[v]])) {
      const last = farthestEdge(piece, ranks, v)
      settle(rows.trunk[v], rows.trunkLength[v], x[piece.target[last]] + piece.targetX[last])
    }
    for (let e = piece.valueStart[v]; e < piece.valueStart[v + 1]; e++) {
      if (rows.strand[e] >= 0 && Number.isNaN(x[rows.strand[e]])) settle(rows.strand[e], strandLength(rows, piece.target[e], rows.strand[e]), x[piece.target[e]] + piece.targetX[e])
    }
    if (rows.loop[v] >= 0 && Number.isNaN(x[rows.loop[v]])) settle(rows.loop[v], rows.loopLength[v], x[source] + piece.width[source] + NODE_TRUNK_GAP)
  }
}

function farthestEdge(piece: Piece, ranks: Ranks, v: number): number {
  let last = piece.valueStart[v]
  for (let e = last; e < piece.valueStart[v + 1]; e++) if (ranks.rank[piece.target[e]] > ranks.rank[piece.target[last]]) last = e
  return last
}

function itemsByRow(rows: Rows): Uint32Array {
  const members = new Uint32Array(rows.items)
  const next = rows.rowStart.slice(0, rows.rows)
  for (let i = 0; i < rows.items; i++) members[next[rows.row[i]]++] = i
  return members
}

function freeColumn(rows: Rows, space: Space, x: Float64Array, members: Uint32Array, top: number, length: number, wanted: number): number {
  const taken: [number, number][] = []
  for (let slot = rows.rowStart[top]; slot < rows.rowStart[top + length]; slot++) {
    const i = members[slot]
    if (Number.isNaN(x[i])) continue
    taken.push([x[i] + Math.min(0, space.bottomFrom[i], space.topFrom[i]) - NODE_TRUNK_GAP, x[i] + Math.max(rows.width[i], space.bottomTo[i], space.topTo[i]) + NODE_TRUNK_GAP])
  }
  taken.sort((a, b) => a[0] - b[0])
  let best = NaN
  let end = -Infinity
  const offer = (from: number, to: number): void => {
    const at = Math.min(Math.max(wanted, from), to)
    if (from <= to && !(Math.abs(at - wanted) >= Math.abs(best - wanted))) best = at
  }
  for (const [from, to] of taken) {
    offer(end, from)
    end = Math.max(end, to)
  }
  offer(end, Infinity)
  return best
}
