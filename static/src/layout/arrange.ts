/** Ranks of a piece, its rows, and the order of what stands in them: from nothing. */
import { forksAcross, setApart, setForkApart } from './asides'
import { orderRows, portShares, type Order } from './order'
import type { Piece } from './piece'
import { rankNodes, type Ranks } from './ranks'
import { buildRows, type Rows } from './rows'

/** how often crossings of constants are looked for, in pieces of so many items */
const ROUNDS_APART = 2
const FEW_ITEMS = 2000
/** of nodes beside leaves that are looked at */
const MOST_FORKS = 4

/** A piece in rows; the piece is its own, for ports may move. */
export interface Stacked {
  piece: Piece
  ranks: Ranks
  rows: Rows
}

export interface Arranged extends Stacked {
  order: Order
  crossings: number
}

/** Ranks, rows and their order from nothing. Where a small graph has crossings that more rows would spare, it gets them. */
export function arrange(original: Piece): Arranged {
  let best = arrangeOnce(own(original))
  for (let round = 0; round < ROUNDS_APART && isWorthMore(best); round++) {
    const piece = own(best.piece)
    if (!setApart(piece, best.rows, best.order, portShares(best.rows))) break
    const next = arrangeOnce(piece)
    if (next.crossings >= best.crossings) break
    best = next
  }
  return isWorthMore(best) ? withForksApart(best) : best
}

/** Whether to look for crossings to spare: in a tangle a few fewer show nothing, and cost as much as all else together. */
function isWorthMore({ crossings, rows }: Arranged): boolean {
  return crossings > 0 && crossings < rows.items && rows.items < FEW_ITEMS
}

/** Nodes whose wires cross those of leaves beside them get a row more below them, as long as that spares crossings. */
function withForksApart(arranged: Arranged): Arranged {
  let best = arranged
  for (const node of forksAcross(best.piece, best.rows, best.order, portShares(best.rows)).slice(0, MOST_FORKS)) {
    const piece = own(best.piece)
    if (!setForkApart(piece, node)) continue
    const next = arrangeOnce(piece)
    if (next.crossings < best.crossings) best = next
  }
  return best
}

function arrangeOnce(piece: Piece): Arranged {
  const ranks = rankNodes(piece)
  const rows = buildRows(piece, ranks)
  return { piece, ranks, rows, ...orderRows(rows, portShares(rows)) }
}

/** What an arrangement may change: which edges are set apart, and where ports are. */
export function own(piece: Piece): Piece {
  return { ...piece, apart: piece.apart.slice(), targetX: piece.targetX.slice() }
}

/** The rows once more, as before anything was put in them. */
export function again(original: Piece, { piece: { apart }, ranks }: Stacked): Stacked {
  const piece = own({ ...original, apart })
  return { piece, ranks, rows: buildRows(piece, ranks) }
}
