/** How far apart neighbours in a row must stand: nodes, trunks, and the labels beside the edges above and below them. */
import type { Piece } from './piece'
import type { Ranks } from './ranks'
import type { Rows } from './rows'

export const NODE_GAP = 28
export const TRUNK_GAP = 14
export const NODE_TRUNK_GAP = 18
/** between an edge and its label, and around a label */
export const LABEL_OFFSET = 7
const LABEL_GAP = 8

/** Where a value's label goes: right or left of the first segment, right of the last one, or nowhere. */
export const enum LabelPlace {
  none,
  right,
  left,
  end,
}

/**
 * Extents of each item at three heights, from its left side: its box is [0, width]; in the zone above it the last segments of its
 * edges and their labels take [topFrom, topTo], in the zone below it the first segments take [bottomFrom, bottomTo].
 */
export interface Space {
  topFrom: Float64Array
  topTo: Float64Array
  bottomFrom: Float64Array
  bottomTo: Float64Array
  /** per edge */
  label: Uint8Array
}

/** Of a space what neighbours must know of one another. */
export type Extents = Pick<Space, 'topFrom' | 'topTo' | 'bottomFrom' | 'bottomTo'>

export function measureSpace(piece: Piece, ranks: Ranks, rows: Rows): Space {
  const space: Space = {
    topFrom: new Float64Array(rows.items),
    topTo: new Float64Array(rows.items),
    bottomFrom: new Float64Array(rows.items),
    bottomTo: new Float64Array(rows.items),
    label: new Uint8Array(piece.edgeCount),
  }
  for (let i = 0; i < rows.nodes; i++) {
    portRange(piece.targetX, piece.inEdges, piece.inStart[i], piece.inStart[i + 1], piece.width[i], space.topFrom, space.topTo, i)
    portRange(piece.sourceX, null, piece.outStart[i], piece.outStart[i + 1], piece.width[i], space.bottomFrom, space.bottomTo, i)
  }
  for (let i = 0; i < rows.nodes; i++) placeLabels(piece, ranks, space, i)
  return space
}

function portRange(port: Float64Array, list: Uint32Array | null, from: number, to: number, width: number, low: Float64Array, high: Float64Array, item: number): void {
  let left = Infinity
  let right = -Infinity
  for (let k = from; k < to; k++) {
    const x = port[list ? list[k] : k]
    if (x < left) left = x
    if (x > right) right = x
  }
  low[item] = from === to ? width / 2 : left
  high[item] = from === to ? width / 2 : right
}

/** One label stands right of its edge, two stand outside their edges; of more, the inner ones go to the consumers' ends. */
function placeLabels(piece: Piece, ranks: Ranks, space: Space, node: number): void {
  const labelled: number[] = []
  for (let e = piece.outStart[node]; e < piece.outStart[node + 1]; e++) if (piece.labelAcross[e] > 0) labelled.push(e)
  if (labelled.length === 0) return
  if (labelled.length > 1) labelled.sort((a, b) => piece.sourceX[a] - piece.sourceX[b] || a - b)
  const last = labelled[labelled.length - 1]
  // only beside the rightmost edge is there room to its right
  if (piece.sourceX[last] >= space.bottomTo[node] - 0.01) {
    space.label[last] = LabelPlace.right
    space.bottomTo[node] = piece.sourceX[last] + LABEL_OFFSET + piece.labelAcross[last]
    labelled.pop()
  }
  const first = labelled[0]
  if (labelled.length > 0 && piece.sourceX[first] <= space.bottomFrom[node] + 0.01) {
    space.label[first] = LabelPlace.left
    space.bottomFrom[node] = piece.sourceX[first] - LABEL_OFFSET - piece.labelAcross[first]
    labelled.shift()
  }
  for (const e of labelled) {
    const target = piece.target[e]
    if (ranks.back[e] || piece.targetX[e] < space.topTo[target] - 0.01) continue
    space.label[e] = LabelPlace.end
    space.topTo[target] = piece.targetX[e] + LABEL_OFFSET + piece.labelAcross[e]
  }
}

/** Least distance between the left sides of `a` and of `b` that stands next on its right. */
export function separation(rows: Rows, space: Extents, a: number, b: number): number {
  const trunks = (rows.owner[a] >= 0 ? 1 : 0) + (rows.owner[b] >= 0 ? 1 : 0)
  const box = rows.width[a] + (trunks === 0 ? NODE_GAP : trunks === 1 ? NODE_TRUNK_GAP : TRUNK_GAP)
  return Math.max(box, space.topTo[a] - space.topFrom[b] + LABEL_GAP, space.bottomTo[a] - space.bottomFrom[b] + LABEL_GAP)
}
