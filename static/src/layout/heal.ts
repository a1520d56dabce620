/** Brings a piece that grew much worse than a fresh layout of it back, and moves as little as need be for that. */
import { again, type Arranged, type Stacked } from './arrange'
import { isWithin, type Figures } from './figures'
import { finish, judge, type Solved } from './finish'
import { keep, keepAcross, keepIn, place, placesOf } from './keep'
import { ordersLike, portShares, type Ordered } from './order'
import type { Piece } from './piece'
import { movement } from './slim'
import { measureSpace } from './space'
import { squeeze } from './squeeze'
import { recall, type Memory } from './warm'

/** What stood somewhere stays there until it is so much worse than a fresh layout. */
export const WORTH_KEEPING = 1.25
/** What has to become narrower becomes so by this much more than need be. */
const SPARE = 0.97

export interface Grown {
  original: Piece
  key: Uint32Array
  memory: Memory
  /** ranks in the earlier layout */
  earlier: Int32Array
  /** as little changed as possible */
  kept: Solved
  /** afresh, in rows and in places */
  fresh: Arranged
  afresh: Solved
}

/** Of what is good enough that which moves the least; first what takes little. */
export function heal({ original, key, memory, earlier, kept, fresh, afresh }: Grown): Solved {
  const wanted = judge(afresh)
  const was = placesOf(original, key, memory)
  let [best, least] = [afresh, movement(was, afresh.x)]
  const offer = (solved: Solved): boolean => {
    const one = isWorth(solved, wanted) ? solved : narrower(original, solved, wanted)
    if (!one) return false
    const by = movement(was, one.x)
    if (by < least) [best, least] = [one, by]
    return true
  }
  const offerIn = (stacked: Stacked, { order, crossings }: Ordered): void => {
    offer(keepIn({ ...again(original, stacked), order, crossings }, key, memory))
    offer(place({ ...again(original, stacked), order, crossings }, kept.keptAt, key, memory))
  }
  if (offer(kept) || offer(keep(original, key, memory, earlier, true))) return best
  // things may stay where they are across, but in other rows
  offer(keepAcross(again(original, fresh), key, memory, true))
  for (const stacked of [kept, fresh]) {
    for (const ordered of ordersOf(again(original, stacked), key, memory)) if (ordered.crossings <= WORTH_KEEPING * wanted.crossings + 0.5) offerIn(stacked, ordered)
  }
  offerIn(fresh, fresh)
  return best
}

function isWorth(one: Solved, wanted: Figures): boolean {
  return isWithin(judge(one), wanted, WORTH_KEEPING)
}

function ordersOf({ piece, ranks, rows }: Stacked, key: Uint32Array, memory: Memory): Ordered[] {
  const { x } = recall(memory, key, piece, ranks, rows, measureSpace(piece, ranks, rows))
  return ordersLike(rows, portShares(rows), x.map((at, i) => at + rows.width[i] / 2))
}

/** The same where nothing but its width is too much, as narrow as it has to be; null: it cannot be. */
function narrower(original: Piece, solved: Solved, wanted: Figures): Solved | null {
  const is = judge(solved)
  if (!isWithin({ ...is, width: 0 }, wanted, WORTH_KEEPING)) return null
  const width = SPARE * Math.min(WORTH_KEEPING * wanted.width, (WORTH_KEEPING * wanted.width * wanted.height) / is.height)
  const arranged = { ...again(original, solved), order: solved.order, crossings: solved.crossings }
  const space = measureSpace(arranged.piece, arranged.ranks, arranged.rows)
  const x = solved.x.slice()
  if (!squeeze(arranged.rows, arranged.order, space, x, width)) return null
  const one = finish(arranged, space, x, solved.keptAt)
  return isWorth(one, wanted) ? one : null
}
