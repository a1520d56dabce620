/** Side lanes: values whose trunks would be too many run outside the rows they pass. */
import type { Piece } from './piece'
import type { Rows } from './rows'
import { NODE_TRUNK_GAP, type Space } from './space'

const CHUNKS = 512
const PITCH = 12
const LEAST_PITCH = 3
/** all lanes together should not be wider than this, pixels */
const BUDGET = 1600

/** x per value with a lane: beyond everything in the rows passed, short lanes inside long ones. */
export function placeLanes(piece: Piece, rows: Rows, space: Space, x: Float64Array): Float64Array {
  const laneX = new Float64Array(piece.valueCount)
  const values: number[] = []
  for (let v = 0; v < piece.valueCount; v++) if (rows.lane[v]) values.push(v)
  if (values.length === 0) return laneX
  values.sort((a, b) => rows.trunkLength[a] - rows.trunkLength[b] || a - b)
  const chunk = Math.ceil(rows.rows / CHUNKS)
  const edge = new Float64Array(Math.ceil(rows.rows / chunk)).fill(-Infinity)
  for (let i = 0; i < rows.items; i++) {
    const c = Math.floor(rows.row[i] / chunk)
    edge[c] = Math.max(edge[c], x[i] + Math.max(rows.width[i], space.topTo[i], space.bottomTo[i]) + NODE_TRUNK_GAP)
  }
  const pitch = Math.min(PITCH, Math.max(LEAST_PITCH, BUDGET / values.length))
  for (const v of values) {
    const from = Math.floor(rows.trunkTop[v] / chunk)
    const to = Math.floor((rows.trunkTop[v] + rows.trunkLength[v] - 1) / chunk)
    let at = -Infinity
    for (let c = from; c <= to; c++) at = Math.max(at, edge[c])
    laneX[v] = Math.ceil(2 * at) / 2
    edge.fill(laneX[v] + pitch, from, to + 1)
  }
  return laneX
}
