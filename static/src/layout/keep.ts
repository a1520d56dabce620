/** A piece goes on from where it stood: what survives stays there as far as it finds room. */
import { own, type Arranged, type Stacked } from './arrange'
import { countCrossings } from './crossings'
import { finish, type Solved } from './finish'
import { portShares, untangle } from './order'
import type { Piece } from './piece'
import { rankNodes } from './ranks'
import { buildRows } from './rows'
import { commonShift, placeSlim } from './slim'
import { measureSpace } from './space'
import { straighten } from './straighten'
import { straightenNear, stretchesNear, untangleNear } from './local'
import { mend, recall, recallApart, WEIGHT_NEW, type Memory } from './warm'

/** A piece of so few items is laid out afresh as well, to see what that would be worth. */
export const FEW_TO_COMPARE = 1500

/** In a larger one all rows are solved together with more than this share of them out of order, so that lines stay straight. */
const MOST_BROKEN = 0.1

/** All that survives stays where it was, in its row; `mending`: or comes to where lines are straighter. */
export function keep(original: Piece, key: Uint32Array, memory: Memory, earlier: Int32Array, mending: boolean): Solved {
  const piece = own(original)
  recallApart(memory, key, piece)
  const ranks = rankNodes(piece, earlier)
  return keepAcross({ piece, ranks, rows: buildRows(piece, ranks) }, key, memory, mending)
}

/** The same in rows that are given. */
export function keepAcross({ piece, ranks, rows }: Stacked, key: Uint32Array, memory: Memory, mending: boolean): Solved {
  const space = measureSpace(piece, ranks, rows)
  const recalled = recall(memory, key, piece, ranks, rows, space)
  const { x, order, top } = recalled
  const isLarge = rows.items > FEW_TO_COMPARE
  const stretches = isLarge ? stretchesNear(rows, (item) => recalled.weight[item] === WEIGHT_NEW) : []
  for (const stretch of stretches) untangleNear(rows, order, stretch)
  const crossings = isLarge ? NaN : recalled.hasNew || mending ? untangle(rows, order, portShares(rows)) : countCrossings(rows, order, portShares(rows))
  const arranged = { piece, ranks, rows, order, crossings }
  const isMended = mend(rows, space, recalled, isLarge ? Math.max(8, rows.rows * MOST_BROKEN) : Infinity)
  if (!isMended) return place(arranged, top, key, memory)
  if (mending) straighten(piece, rows, order, space, x)
  for (const stretch of stretches) straightenNear(piece, rows, order, space, x, stretch)
  return finish(arranged, space, x, top)
}

/** The same in rows whose order is given, too. */
export function keepIn({ piece, ranks, rows, order, crossings }: Arranged, key: Uint32Array, memory: Memory): Solved {
  const space = measureSpace(piece, ranks, rows)
  const { x, weight, hasNew, top } = recall(memory, key, piece, ranks, rows, space)
  mend(rows, space, { x, weight, hasNew, top, order }, Infinity)
  straighten(piece, rows, order, space, x)
  return finish({ piece, ranks, rows, order, crossings }, space, x, top)
}

/** All gets a new place across; with a memory, where most of it was: as a whole, or if `near` one by one as far as that costs little. */
export function place(arranged: Arranged, keptAt: number | null, key?: Uint32Array, memory?: Memory, near = true): Solved {
  const { piece, ranks, rows, order } = arranged
  const space = measureSpace(piece, ranks, rows)
  const was = key && memory ? placesOf(piece, key, memory) : null
  const x = placeSlim(piece, ranks, rows, order, space, near ? was : null)
  const shift = was ? commonShift(was, x) : 0
  for (let i = 0; i < x.length; i++) x[i] += shift
  return finish(arranged, space, x, keptAt)
}

/** Left sides of the nodes as they are remembered; NaN for new ones. */
export function placesOf(piece: Piece, key: Uint32Array, memory: Memory): Float64Array {
  return Float64Array.from(piece.nodes, (node) => { const was = memory.find(key[node]); return was < 0 ? NaN : memory.x[was] })
}
