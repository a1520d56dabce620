/** The order of the items in each row: depth-first to begin with, then barycentre sweeps and swaps of neighbours, keeping the best. */
import { countCrossings, swapNeighbours } from './crossings'
import { siftBlocks } from './sift'
import type { Rows } from './rows'

/** `at[slot]` is the item that stands there, `position[item]` its index within its row. */
export interface Order {
  at: Uint32Array
  position: Float64Array
}

/** An order with the number of its crossings. */
export interface Ordered {
  order: Order
  crossings: number
}

/** Port offsets as a share of the item's width, so that neighbours' ports count as fractions of a place. */
export interface Shares {
  upper: Float64Array
  lower: Float64Array
}

/** Fewer items are begun with in several ways; fewer than this are sifted; from this many on there are few rounds. */
const SMALL = 2000
const MIDDLE = 4000
const LARGE = 40000
/** Comparisons that sifting may cost, per item. */
const SIFT_EFFORT = 600

export function orderRows(rows: Rows, shares: Shares): Ordered {
  let best: Order | null = null
  let fewest = Infinity
  const seen: Uint32Array[] = []
  for (const start of rows.items < SMALL ? STARTS : STARTS.slice(0, 1)) {
    const order = depthFirst(rows, start, null)
    const crossings = improve(rows, order, shares, seen)
    if (crossings >= fewest) continue
    fewest = crossings
    best = order
    if (fewest === 0) break
  }
  return { order: best!, crossings: fewest }
}

/** Orders that begin in several ways, each as near as can be to where things stood from left to right, without a crossing more for that. */
export function ordersLike(rows: Rows, shares: Shares, middle: Float64Array): Ordered[] {
  const starts = [orderByKey(rows, middle), ...STARTS.slice(0, 2).map((start) => depthFirst(rows, start, middle))]
  return starts.map((order) => {
    improve(rows, order, shares)
    siftBlocks(rows, order, shares, SIFT_EFFORT * rows.items, middle)
    return { order, crossings: countCrossings(rows, order, shares) }
  })
}

/**
 * Sweeps, swaps and sifts until nothing is gained; returns how many crossings are left; the order is changed. `seen`: orders that were
 * sifted from other starts; Infinity where this one would only lead to the same.
 */
export function improve(rows: Rows, order: Order, shares: Shares, seen: Uint32Array[] = []): number {
  let best = order.at.slice()
  let fewest = countCrossings(rows, order, shares)
  const rounds = rows.items < MIDDLE ? 12 : rows.items < LARGE ? 6 : 3
  let stale = 0
  for (let round = 0; round < rounds && fewest > 0 && stale < 3; round++) {
    sweep(rows, order, shares, round % 2 === 0)
    sweep(rows, order, shares, round % 2 !== 0)
    for (let pass = 0; pass < 3 && swapNeighbours(rows, order, shares); pass++);
    const crossings = countCrossings(rows, order, shares)
    if (crossings < fewest) {
      stale = crossings < fewest * 0.98 ? 0 : stale + 1
      fewest = crossings
      best = order.at.slice()
    } else stale++
  }
  order.at.set(best)
  for (let r = 0; r < rows.rows; r++) renumber(rows, order, r)
  if (fewest === 0 || rows.items >= MIDDLE) return fewest
  if (seen.some((at) => at.every((item, slot) => item === best[slot]))) return Infinity
  seen.push(best)
  return untangle(rows, order, shares)
}

/** Moves items only where that saves crossings, so that what has none to save stays where it is; returns how many are left. */
export function untangle(rows: Rows, order: Order, shares: Shares): number {
  while (swapNeighbours(rows, order, shares));
  siftBlocks(rows, order, shares, SIFT_EFFORT * rows.items)
  while (swapNeighbours(rows, order, shares));
  return countCrossings(rows, order, shares)
}

/** Rows sorted by a key per item (a warm start: where the items stood before). */
export function orderByKey(rows: Rows, key: Float64Array): Order {
  const order: Order = { at: new Uint32Array(rows.items), position: new Float64Array(rows.items) }
  const next = rows.rowStart.slice(0, rows.rows)
  for (let i = 0; i < rows.items; i++) order.at[next[rows.row[i]]++] = i
  for (let r = 0; r < rows.rows; r++) {
    sortSlots(order.at, rows.rowStart[r], rows.rowStart[r + 1], key)
    renumber(rows, order, r)
  }
  return order
}

export function portShares(rows: Rows): Shares {
  const { segments, width } = rows
  const share = (port: number, item: number): number => (width[item] > 0 ? (0.96 * port) / width[item] : 0.48)
  const upper = new Float64Array(segments.count)
  const lower = new Float64Array(segments.count)
  for (let s = 0; s < segments.count; s++) {
    upper[s] = share(segments.upperPort[s], segments.upper[s])
    lower[s] = share(segments.lowerPort[s], segments.lower[s])
  }
  return { upper, lower }
}

/** How a depth-first walk goes: where it begins, which way first, and from which side. */
interface Start {
  upwards: boolean
  mirrored: boolean
}

const STARTS: readonly Start[] = [
  { upwards: false, mirrored: false },
  { upwards: true, mirrored: false },
  { upwards: false, mirrored: true },
  { upwards: true, mirrored: true },
]

/** Items take places in their rows as an undirected depth-first walk meets them: trees come out without a crossing. */
function depthFirst(rows: Rows, { upwards, mirrored }: Start, middle: Float64Array | null): Order {
  const { segments } = rows
  const order: Order = { at: new Uint32Array(rows.items), position: new Float64Array(rows.items) }
  const next = rows.rowStart.slice(0, rows.rows)
  const seen = new Uint8Array(rows.items)
  const stack = new Uint32Array(rows.items + 2 * segments.count)
  let depth = 0
  const push = (start: Uint32Array, list: Uint32Array, end: Uint32Array, item: number): void => {
    // the first to be walked is pushed last
    if (middle) {
      const others = Array.from(list.subarray(start[item], start[item + 1]), (s) => end[s]).sort((a, b) => middle[b] - middle[a] || b - a)
      for (const other of others) if (!seen[other]) stack[depth++] = other
      return
    }
    for (let k = start[item + 1] - 1, first = start[item]; k >= first; k--) {
      const other = end[list[mirrored ? first + start[item + 1] - 1 - k : k]]
      if (!seen[other]) stack[depth++] = other
    }
  }
  const walk = (root: number): void => {
    stack[depth++] = root
    while (depth > 0) {
      const item = stack[--depth]
      if (seen[item]) continue
      seen[item] = 1
      const slot = next[rows.row[item]]++
      order.at[slot] = item
      order.position[item] = slot - rows.rowStart[rows.row[item]]
      if (upwards) push(segments.downStart, segments.down, segments.lower, item)
      push(segments.upStart, segments.up, segments.upper, item)
      if (!upwards) push(segments.downStart, segments.down, segments.lower, item)
    }
  }
  if (upwards) for (let item = 0; item < rows.nodes; item++) if (!seen[item] && segments.downStart[item] === segments.downStart[item + 1]) walk(item)
  for (let item = 0; item < rows.items; item++) if (!seen[item]) walk(item)
  return order
}

function sweep(rows: Rows, order: Order, shares: Shares, downwards: boolean): void {
  const key = new Float64Array(rows.items)
  for (let k = 1; k < rows.rows; k++) {
    const r = downwards ? k : rows.rows - 1 - k
    const from = rows.rowStart[r]
    const to = rows.rowStart[r + 1]
    if (to - from < 2) continue
    let previous = -1
    for (let slot = from; slot < to; slot++) {
      const item = order.at[slot]
      const mean = barycentre(rows, order, shares, item, downwards)
      // an item without a neighbour on that side stays beside the one on its left
      key[item] = mean < 0 ? previous : mean
      previous = key[item]
    }
    sortSlots(order.at, from, to, key)
    renumber(rows, order, r)
  }
}

function barycentre(rows: Rows, order: Order, shares: Shares, item: number, downwards: boolean): number {
  const { segments } = rows
  const start = downwards ? segments.upStart : segments.downStart
  const list = downwards ? segments.up : segments.down
  const other = downwards ? segments.upper : segments.lower
  const share = downwards ? shares.upper : shares.lower
  const from = start[item]
  const to = start[item + 1]
  if (from === to) return -1
  let sum = 0
  for (let k = from; k < to; k++) sum += order.position[other[list[k]]] + share[list[k]]
  return sum / (to - from)
}

function renumber(rows: Rows, order: Order, r: number): void {
  const from = rows.rowStart[r]
  for (let slot = from; slot < rows.rowStart[r + 1]; slot++) order.position[order.at[slot]] = slot - from
}

/** Stable sort of slots [from, to) by key: insertion for short or nearly sorted rows, merging for the rest. */
export function sortSlots(at: Uint32Array, from: number, to: number, key: Float64Array): void {
  let budget = 8 * (to - from) + 64
  for (let i = from + 1; i < to; i++) {
    const item = at[i]
    const k = key[item]
    let j = i - 1
    while (j >= from && key[at[j]] > k) {
      at[j + 1] = at[j]
      j--
    }
    at[j + 1] = item
    budget -= i - j
    if (budget < 0) {
      at.set(Array.from(at.subarray(from, to)).sort((a, b) => key[a] - key[b]), from)
      return
    }
  }
}
