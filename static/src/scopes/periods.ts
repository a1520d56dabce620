/** Finds what comes again and again in a sequence of labels: regions made of one piece, repeated side by side. */

export interface Region { /** where its first piece begins */ start: number; /** labels in a piece */ period: number; /** pieces */ times: number }

const WINDOWS = [2, 5, 16]
const CANDIDATES = 24

/** Regions that do not overlap, found where they are worth most; pieces have at least `least` labels and begin where `borders` is least. */
export function regions(labels: Int32Array, least: number, borders: Int32Array): Region[] {
  const found: { from: number; to: number; period: number }[] = []
  for (const period of candidates(labels)) {
    for (let at = period, since = -1; at <= labels.length; at++) {
      const same = at < labels.length && labels[at] === labels[at - period]
      if (same && since < 0) since = at
      if (same || since < 0) continue
      if (at - since >= period) found.push({ from: since - period, to: at, period })
      since = -1
    }
  }
  // how much is said by saying one piece: many small pieces rather than two halves
  const worth = ({ from, to, period }: { from: number; to: number; period: number }): number => {
    const times = Math.floor((to - from) / period)
    return times * period * (1 - 1 / times) ** 3
  }
  found.sort((a, b) => worth(b) - worth(a) || a.period - b.period)
  const taken = new Uint8Array(labels.length)
  const chosen: Region[] = []
  for (const region of found) {
    const finest = found.find((other) => other.period < region.period && region.period % other.period === 0 && other.from <= region.from && other.to >= region.to)
    if (finest) continue
    let { from, to } = region
    while (from < to && taken[from]) from += 1
    while (to > from && taken[to - 1]) to -= 1
    if (to - from < 2 * region.period || taken.subarray(from, to).includes(1)) continue
    const piece = pieceLength(region.period, to - from, least)
    const times = Math.floor((to - from) / piece)
    if (times < 2) continue
    const cost = (at: number): number => {
      let sum = 0
      for (let k = 0; k <= times; k++) sum += borders[at + k * piece]
      return sum
    }
    let start = from
    for (let at = from + 1; at + piece * times <= to && at < from + piece; at++) if (cost(at) < cost(start)) start = at
    chosen.push({ start, period: piece, times })
    taken.fill(1, start, start + piece * times)
  }
  return chosen.sort((a, b) => a.start - b.start)
}

const SHORT = 60 // a region of tiny pieces is worth parting only if it is longer than this
const PIECES = 100

/** A period too short to be a block is taken several times, and only where there is much of it; Infinity: not at all. */
function pieceLength(period: number, length: number, least: number): number {
  if (period >= least) return period
  if (length <= SHORT) return Infinity
  return period * Math.ceil(Math.max(2 * least, length / PIECES) / period)
}

/** Distances at which the same few labels come again, the most frequent ones. */
function candidates(labels: Int32Array): number[] {
  const votes = new Map<number, number>()
  for (const window of WINDOWS) {
    const last = new Map<number, number>()
    for (let at = window; at <= labels.length; at++) {
      let hash = 17
      for (let i = at - window; i < at; i++) hash = (Math.imul(hash, 0x01000193) ^ labels[i]) | 0
      const before = last.get(hash)
      if (before !== undefined) votes.set(at - before, (votes.get(at - before) ?? 0) + 1)
      last.set(hash, at)
    }
  }
  return [...votes].sort((a, b) => b[1] - a[1]).slice(0, CANDIDATES).map(([period]) => period).sort((a, b) => a - b)
}
