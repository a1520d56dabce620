/** One piece from its ranks to its lines: afresh, or from where it stood, whichever is worth more. */
import { arrange } from './arrange'
import { isWithin } from './figures'
import { judge, type Solved } from './finish'
import { heal, WORTH_KEEPING } from './heal'
import { FEW_TO_COMPARE, keep, place } from './keep'
import type { Piece } from './piece'
import { recallRanks, type Memory } from './warm'

/** `key` by index in the input. */
export function solve(piece: Piece, key: Uint32Array, memory: Memory | null): Solved {
  const earlier = memory ? recallRanks(memory, key, piece) : null
  if (!memory || !earlier) return place(arrange(piece), null)
  const kept = keep(piece, key, memory, earlier, false)
  if (kept.rows.items > FEW_TO_COMPARE) return kept
  const fresh = arrange(piece)
  const afresh = place(fresh, kept.keptAt, key, memory, false)
  if (isWithin(judge(kept), judge(afresh), WORTH_KEEPING)) return { ...kept, afresh }
  return { ...heal({ original: piece, key, memory, earlier, kept, fresh, afresh }), afresh }
}
