/** Slides the ports of a node together along its side, so that a line that all but meets one of them runs straight. */
import type { Piece } from './piece'
import type { Rows } from './rows'
import { LabelPlace, type Space } from './space'

/** A port goes this far from where it was wanted, and no nearer than this to the corner of its box. */
const MOST_SHIFT = 40
const MARGIN = 12
const STRAIGHT = 0.06

/** Changes `targetX` of the piece and the ports of its segments; all ports of a node move by the same distance. */
export function slidePorts(piece: Piece, rows: Rows, space: Space, x: Float64Array): void {
  const { segments } = rows
  for (let node = 0; node < piece.count; node++) {
    const from = segments.upStart[node]
    const to = segments.upStart[node + 1]
    if (from === to || piece.rigid?.[node] || hasLabels(piece, space, node)) continue
    let least = MOST_SHIFT
    let shift = 0
    for (let k = from; k < to; k++) {
      const s = segments.up[k]
      const away = x[segments.upper[s]] + segments.upperPort[s] - x[node] - segments.lowerPort[s]
      if (Math.abs(away) >= least) continue
      least = Math.abs(away)
      shift = away
    }
    if (least < STRAIGHT || least === MOST_SHIFT) continue
    let low = Infinity
    let high = -Infinity
    for (let k = piece.inStart[node]; k < piece.inStart[node + 1]; k++) {
      const port = piece.targetX[piece.inEdges[k]]
      low = Math.min(low, port)
      high = Math.max(high, port)
    }
    if (low + shift < MARGIN || high + shift > piece.width[node] - MARGIN) continue
    for (let k = from; k < to; k++) segments.lowerPort[segments.up[k]] += shift
    for (let k = piece.inStart[node]; k < piece.inStart[node + 1]; k++) piece.targetX[piece.inEdges[k]] += shift
  }
}

/** Labels at this end of an edge have their room beside its port. */
function hasLabels(piece: Piece, space: Space, node: number): boolean {
  for (let k = piece.inStart[node]; k < piece.inStart[node + 1]; k++) if (space.label[piece.inEdges[k]] === LabelPlace.end) return true
  return false
}
