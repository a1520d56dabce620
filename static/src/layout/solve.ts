/** One piece from its ranks to its lines: afresh, or from where it stood, whichever is worth more. */
import { setApart } from './asides'
import { countCrossings } from './crossings'
import { figuresOf, isWithin, type Figures } from './figures'
import { placeLanes } from './lanes'
import { improve, orderRows, untangle, portShares, type Order } from './order'
import type { Piece } from './piece'
import { slidePorts } from './ports'
import { rankNodes, type Ranks } from './ranks'
import { draw, type Drawing } from './route'
import { buildRows, type Rows } from './rows'
import { placeSlim } from './slim'
import { measureSpace, type Space } from './space'
import { straighten } from './straighten'
import { mend, recall, recallApart, recallRanks, type Memory } from './warm'

/** how often crossings of constants are looked for, in pieces of so many items */
const ROUNDS_APART = 2
const FEW_ITEMS = 2000
/** A piece of so few items is laid out afresh as well, to see what that would be worth. */
const FEW_TO_COMPARE = 1500
/** Less than this is no bend but a rounding, pixels. */
const HAIR = 0.5
/** What stood somewhere stays there until it is so much worse than a fresh layout. */
const WORTH_KEEPING = 1.25

/** A piece with everything decided but where it goes on the page. */
export interface Solved {
  piece: Piece
  ranks: Ranks
  rows: Rows
  space: Space
  /** left side of every item */
  x: Float64Array
  drawing: Drawing
  crossings: number
  /** y where the piece began in the earlier layout that it continues; null for a new one */
  keptAt: number | null
}

/** A piece in rows; the piece is its own, for ports may move. */
interface Stacked {
  piece: Piece
  ranks: Ranks
  rows: Rows
}

interface Arranged extends Stacked {
  order: Order
  crossings: number
}

/** `key` by index in the input. */
export function solve(piece: Piece, key: Uint32Array, memory: Memory | null): Solved {
  const earlier = memory ? recallRanks(memory, key, piece) : null
  if (!memory || !earlier) return place(arrange(piece), null)
  const kept = keep(piece, key, memory, earlier, false)
  if (kept.rows.items > FEW_TO_COMPARE) return kept
  const fresh = arrange(piece)
  const afresh = place(fresh, kept.keptAt, key, memory)
  const wanted = judge(afresh)
  const isWorth = (one: Solved): boolean => isWithin(judge(one), wanted, WORTH_KEEPING)
  if (isWorth(kept)) return kept
  const mended = keep(piece, key, memory, earlier, true)
  if (isWorth(mended)) return mended
  // things may stay where they are across, but in other rows
  const moved = keepAcross(again(piece, fresh), key, memory, true)
  if (isWorth(moved)) return moved
  const continued = place(goOn(again(piece, fresh), key, memory), kept.keptAt, key, memory)
  return isWorth(continued) ? continued : afresh
}

function judge({ rows, space, x, drawing, crossings }: Solved): Figures {
  return figuresOf(rows, space, x, drawing.height, crossings)
}

/** All that survives stays where it was, as far as it finds room; `mending`: or comes to where lines are straighter. */
function keep(original: Piece, key: Uint32Array, memory: Memory, earlier: Int32Array, mending: boolean): Solved {
  const piece = own(original)
  recallApart(memory, key, piece)
  const ranks = rankNodes(piece, earlier)
  return keepAcross({ piece, ranks, rows: buildRows(piece, ranks) }, key, memory, mending)
}

function keepAcross({ piece, ranks, rows }: Stacked, key: Uint32Array, memory: Memory, mending: boolean): Solved {
  const space = measureSpace(piece, ranks, rows)
  const recalled = recall(memory, key, piece, ranks, rows, space)
  const { x, order, top } = recalled
  const crossings = rows.items > FEW_TO_COMPARE ? NaN : recalled.hasNew || mending ? untangle(rows, order, portShares(rows)) : countCrossings(rows, order, portShares(rows))
  const arranged = { piece, ranks, rows, order, crossings }
  if (!mend(rows, space, recalled)) return place(arranged, top, key, memory)
  if (mending) straighten(piece, rows, order, space, x)
  return finish(arranged, space, x, top)
}

/** The rows in the order in which things stood, as far as nothing is gained by another. */
function goOn({ piece, ranks, rows }: Stacked, key: Uint32Array, memory: Memory): Arranged {
  const { order } = recall(memory, key, piece, ranks, rows, measureSpace(piece, ranks, rows))
  return { piece, ranks, rows, order, crossings: improve(rows, order, portShares(rows)) }
}

/** The rows once more, as before anything was put in them. */
function again(original: Piece, { piece: { apart }, ranks }: Stacked): Stacked {
  const piece = own({ ...original, apart })
  return { piece, ranks, rows: buildRows(piece, ranks) }
}

/** Ranks, rows and their order from nothing. Where a small graph has crossings that more rows would spare, it gets them. */
function arrange(original: Piece): Arranged {
  let best = arrangeOnce(own(original))
  for (let round = 0; round < ROUNDS_APART && best.crossings > 0 && best.rows.items < FEW_ITEMS; round++) {
    const piece = own(best.piece)
    if (!setApart(piece, best.rows, best.order, portShares(best.rows))) break
    const next = arrangeOnce(piece)
    if (next.crossings >= best.crossings) break
    best = next
  }
  return best
}

function arrangeOnce(piece: Piece): Arranged {
  const ranks = rankNodes(piece)
  const rows = buildRows(piece, ranks)
  return { piece, ranks, rows, ...orderRows(rows, portShares(rows)) }
}

/** What an arrangement may change: which edges are set apart, and where ports are. */
function own(piece: Piece): Piece {
  return { ...piece, apart: piece.apart.slice(), targetX: piece.targetX.slice() }
}

/** With a memory, most of it comes to where it was. */
function place(arranged: Arranged, keptAt: number | null, key?: Uint32Array, memory?: Memory): Solved {
  const { piece, ranks, rows, order } = arranged
  const space = measureSpace(piece, ranks, rows)
  const x = placeSlim(piece, ranks, rows, order, space)
  if (key && memory) bringBack(x, piece, key, memory)
  return finish(arranged, space, x, keptAt)
}

function bringBack(x: Float64Array, piece: Piece, key: Uint32Array, memory: Memory): void {
  const shifts: number[] = []
  for (let i = 0; i < piece.count; i++) {
    const was = memory.find(key[piece.nodes[i]])
    if (was >= 0) shifts.push(memory.x[was] - x[i])
  }
  const shift = shifts.sort((a, b) => a - b)[shifts.length >> 1]
  for (let i = 0; i < x.length; i++) x[i] += shift
}

function finish({ piece, ranks, rows, crossings }: Arranged, space: Space, x: Float64Array, keptAt: number | null): Solved {
  for (let i = 0; i < rows.nodes; i++) x[i] = Math.round(2 * x[i]) / 2
  for (let i = rows.nodes; i < rows.items; i++) x[i] = Math.round(16 * x[i]) / 16
  meetPorts(rows, x)
  slidePorts(piece, rows, space, x)
  const laneX = placeLanes(piece, rows, space, x)
  return { piece, ranks, rows, space, x, drawing: draw(piece, ranks, rows, space, x, laneX), crossings, keptAt }
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
