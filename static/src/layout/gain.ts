/** Whether a graph has gained nothing since an earlier layout: then all can stay where it is. */

/** Things by key, and the edges between them as places among these. */
export interface Joined {
  key: ArrayLike<number>
  width: ArrayLike<number>
  height: ArrayLike<number>
  source: ArrayLike<number>
  target: ArrayLike<number>
}

const NEW = -1
/** By so much more something takes room as if it was new, pixels: a scope that was opened. */
const MUCH = 60
/** In larger graphs it is not looked for. */
const MOST_EDGES = 5000

/**
 * Every thing was there, about as large, and every two were joined by as many edges at least. What is new and takes nothing may stand for something that is
 * gone: a value that lost its maker has a pill of its own.
 */
export function gainsNothing(was: Joined, is: Joined): boolean {
  const edges = was.source.length
  if (edges > MOST_EDGES || is.source.length > edges) return false
  const at = new Map<number, number>()
  for (let i = 0; i < was.key.length; i++) at.set(was.key[i], i)
  const joined = new Map<number, number>()
  const pair = (source: number, target: number): number => source * was.key.length + target
  for (let e = 0; e < edges; e++) joined.set(pair(was.source[e], was.target[e]), (joined.get(pair(was.source[e], was.target[e])) ?? 0) + 1)
  const before = Int32Array.from(is.key, (key) => at.get(key) ?? NEW)
  const gone = new Set(at.keys())
  for (const key of Array.from(is.key)) gone.delete(key)
  /** by thing: how many edges from what is gone it had */
  const orphaned = new Int32Array(was.key.length)
  for (let e = 0; e < edges; e++) if (gone.has(was.key[was.source[e]])) orphaned[was.target[e]]++
  const hasEdge = new Uint8Array(before.length)
  for (let e = 0; e < is.source.length; e++) {
    const [from, to] = [before[is.source[e]], before[is.target[e]]]
    hasEdge[is.source[e]] = 1
    if (to === NEW) return false
    if (from === NEW) {
      if (orphaned[to]-- === 0) return false
      continue
    }
    const left = joined.get(pair(from, to)) ?? 0
    if (left === 0) return false
    joined.set(pair(from, to), left - 1)
  }
  return before.every((place, i) => (place === NEW ? hasEdge[i] === 1 : is.width[i] < was.width[place] + MUCH && is.height[i] < was.height[place] + MUCH))
}
