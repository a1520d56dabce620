/** Slides the ports of a node along its side, so that a line that all but meets one of them runs straight. */
import type { Piece } from './piece'
import type { Rows, Segments } from './rows'
import { LabelPlace, type Space } from './space'

/** A port goes this far from where it was wanted, and no nearer than this to the corner of its box, or than this part of a narrow one. */
const MOST_SHIFT = 40
const MARGIN = 12
const MARGIN_SHARE = 1 / 6
/** Ports that are pushed together at a corner keep this distance, pixels. */
const LEAST_APART = 8
const STRAIGHT = 0.06
const ROUNDING = 1e-6

/** Changes `targetX` of the piece and the ports of its segments; all ports of a node move by the same distance, but for those that a corner stops. */
export function slidePorts(piece: Piece, rows: Rows, space: Space, x: Float64Array): void {
  for (let node = 0; node < piece.count; node++) slidePortsOf(node, piece, rows, space, x)
}

/** The same for one node. */
export function slidePortsOf(node: number, piece: Piece, { segments }: Rows, space: Space, x: Float64Array): void {
  const from = segments.upStart[node]
  const to = segments.upStart[node + 1]
  if (from === to || piece.rigid?.[node] || hasLabels(piece, space, node)) return
  let least = MOST_SHIFT
  let shift = 0
  let port = 0
  for (let k = from; k < to; k++) {
    const s = segments.up[k]
    const away = x[segments.upper[s]] + segments.upperPort[s] - x[node] - segments.lowerPort[s]
    if (Math.abs(away) >= least) continue
    least = Math.abs(away)
    shift = away
    port = segments.lowerPort[s]
  }
  if (least < STRAIGHT || least === MOST_SHIFT) return
  let low = Infinity
  let high = -Infinity
  for (let k = piece.inStart[node]; k < piece.inStart[node + 1]; k++) {
    const at = piece.targetX[piece.inEdges[k]]
    low = Math.min(low, at)
    high = Math.max(high, at)
  }
  if (low + shift < MARGIN || high + shift > piece.width[node] - MARGIN) {
    crowd(piece, segments, node, port, shift)
    return
  }
  for (let k = from; k < to; k++) segments.lowerPort[segments.up[k]] += shift
  for (let k = piece.inStart[node]; k < piece.inStart[node + 1]; k++) piece.targetX[piece.inEdges[k]] += shift
}

/** This port of the node moves; those that a corner stops come closer to one another. Nothing moves where there is no room. */
function crowd({ inStart, inEdges, targetX, width }: Piece, { upStart, up, lowerPort }: Segments, node: number, port: number, shift: number): void {
  const ports: number[] = []
  for (let k = inStart[node]; k < inStart[node + 1]; k++) if (!ports.includes(targetX[inEdges[k]])) ports.push(targetX[inEdges[k]])
  ports.sort((a, b) => a - b)
  const margin = Math.min(MARGIN, width[node] * MARGIN_SHARE)
  const moved = ports.map((at) => at + shift)
  const apart = (k: number): number => Math.min(LEAST_APART, ports[k] - ports[k - 1])
  const at = ports.indexOf(port)
  for (let k = 0; k < at; k++) moved[k] = Math.max(moved[k], k > 0 ? moved[k - 1] + apart(k) : margin)
  for (let k = ports.length - 1; k > at; k--) moved[k] = Math.min(moved[k], k + 1 < ports.length ? moved[k + 1] - apart(k + 1) : width[node] - margin)
  const least = at > 0 ? moved[at - 1] + apart(at) : margin
  const most = at + 1 < ports.length ? moved[at + 1] - apart(at + 1) : width[node] - margin
  if (moved[at] < least - ROUNDING || moved[at] > most + ROUNDING) return
  for (let k = upStart[node]; k < upStart[node + 1]; k++) lowerPort[up[k]] = moved[ports.indexOf(lowerPort[up[k]])]
  for (let k = inStart[node]; k < inStart[node + 1]; k++) targetX[inEdges[k]] = moved[ports.indexOf(targetX[inEdges[k]])]
}

/** Labels at this end of an edge have their room beside its port. */
function hasLabels(piece: Piece, space: Space, node: number): boolean {
  for (let k = piece.inStart[node]; k < piece.inStart[node + 1]; k++) if (space.label[piece.inEdges[k]] === LabelPlace.end) return true
  return false
}
