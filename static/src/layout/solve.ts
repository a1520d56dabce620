/** One piece from its ranks to its lines: afresh, or from where it stood, whichever is worth more. */
import { arrange } from './arrange'
import { isWithin } from './figures'
import { judge, type Solved } from './finish'
import { heal, WORTH_KEEPING } from './heal'
import { FEW_TO_COMPARE, keep, place } from './keep'
import type { Piece } from './piece'
import { spareCrossings } from './spare'
import { recallRanks, type Memory } from './warm'

/** What is no worse than this beside a quick layout is kept without a look at the best one, unless that takes no time. */
const AS_GOOD = 1.05
/** In a piece of so few items crossings are spared at once. */
const FEW_ITEMS = 150

/** `key` by index in the input. */
export function solve(piece: Piece, key: Uint32Array, memory: Memory | null): Solved {
  const earlier = memory ? recallRanks(memory, key, piece) : null
  if (!memory || !earlier) return place(spareCrossings(arrange(piece)), null)
  const kept = keep(piece, key, memory, earlier, false)
  if (memory.isStill || kept.rows.items > FEW_TO_COMPARE) return kept
  const arranged = arrange(piece)
  const quick = place(arranged, kept.keptAt, key, memory, false)
  if (arranged.rows.items > FEW_ITEMS && isWithin(judge(kept), judge(quick), AS_GOOD)) return { ...kept, afresh: quick }
  const fresh = spareCrossings(arranged)
  const afresh = fresh === arranged ? quick : place(fresh, kept.keptAt, key, memory, false)
  if (isWithin(judge(kept), judge(afresh), WORTH_KEEPING)) return { ...kept, afresh }
  return { ...heal({ original: piece, key, memory, earlier, kept, fresh, afresh }), afresh }
}
