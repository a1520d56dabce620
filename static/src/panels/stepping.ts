/** Going from hit to hit, also when the list is searched again meanwhile. */

/** Where the reader is among the hits: it stays with the hit when an edit moves it, and stays in its row when an edit takes the hit away. */
export interface Stand { hit: number; index: number }

/** The row that stands out now; -1 when the hit is none any more. */
export function rowOf(found: readonly { hit: number }[], stand: Stand | null): number {
  if (!stand) return -1
  return found[stand.index]?.hit === stand.hit ? stand.index : found.findIndex(({ hit }) => hit === stand.hit)
}

/** The row one step on, around the ends. Where the hit is gone, the one that took its row is next. */
export function nextRow(found: readonly { hit: number }[], stand: Stand | null, step: number): number {
  if (found.length === 0) return -1
  const at = rowOf(found, stand)
  const from = at >= 0 ? at + step : stand ? stand.index + (step > 0 ? 0 : -1) : step > 0 ? 0 : -1
  return ((from % found.length) + found.length) % found.length
}
