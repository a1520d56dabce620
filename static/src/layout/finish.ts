/** From places to lines: the last steps for a piece, however it was arranged. */
import type { Arranged } from './arrange'
import { bendsOf, figuresOf, type Figures } from './figures'
import { placeLanes } from './lanes'
import type { Order } from './order'
import type { Piece } from './piece'
import { slidePorts } from './ports'
import type { Ranks } from './ranks'
import { draw, type Drawing } from './route'
import type { Rows } from './rows'
import type { Space } from './space'

/** Less than this is no bend but a rounding, pixels. */
const HAIR = 0.5

/** A piece with everything decided but where it goes on the page. */
export interface Solved {
  piece: Piece
  ranks: Ranks
  rows: Rows
  space: Space
  /** left side of every item */
  x: Float64Array
  drawing: Drawing
  order: Order
  crossings: number
  /** y where the piece began in the earlier layout that it continues; null for a new one */
  keptAt: number | null
  /** of a piece that stays as it was for the most part: what it would be afresh, if that is known */
  afresh?: Solved
}

export function finish({ piece, ranks, rows, order, crossings }: Arranged, space: Space, x: Float64Array, keptAt: number | null): Solved {
  for (let i = 0; i < rows.nodes; i++) x[i] = Math.round(2 * x[i]) / 2
  for (let i = rows.nodes; i < rows.items; i++) x[i] = Math.round(16 * x[i]) / 16
  meetPorts(rows, x)
  slidePorts(piece, rows, space, x)
  const laneX = placeLanes(piece, rows, space, x)
  return { piece, ranks, rows, space, x, drawing: draw(piece, ranks, rows, space, x, laneX), order, crossings, keptAt }
}

/** Rounding leaves hairs between nodes and what comes from them: trunks go to where they began, from top to bottom. */
function meetPorts(rows: Rows, x: Float64Array): void {
  const { segments } = rows
  for (let item = rows.nodes; item < rows.items; item++) {
    if (segments.upStart[item] === segments.upStart[item + 1]) continue
    const s = segments.up[segments.upStart[item]]
    const at = x[segments.upper[s]] + segments.upperPort[s]
    if (Math.abs(at - x[item]) < HAIR) x[item] = at
  }
}

/** What it is like as it is drawn. */
export function judge({ piece, rows, space, x, drawing, crossings }: Solved): Figures {
  return { ...figuresOf(rows, space, x, drawing.height, crossings), turns: bendsOf(piece, drawing) }
}
