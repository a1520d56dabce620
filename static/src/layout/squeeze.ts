/** Brings in what stands out at the sides, until all is as narrow as is asked for: what stands straight under one another moves as one. */
import { leftEnd, rightEnd } from './figures'
import type { Order } from './order'
import type { Rows } from './rows'
import { separation, type Space } from './space'

/** Closer than this is straight, pixels. */
const STRAIGHT = 0.6

/** Columns of items, one per row each. */
interface Columns {
  of: Int32Array
  /** by item, from the first item of its column */
  offset: Float64Array
  count: number
}

/** Changes x, in which neighbours keep their distances, to no more than this width; false, and nothing is changed, where there is no room. */
export function squeeze(rows: Rows, order: Order, space: Space, x: Float64Array, width: number): boolean {
  const columns = columnsOf(rows, x)
  const neighbours = neighboursOf(rows, order, space, columns)
  if (!neighbours) return false
  const window = windowOf(rows, space, x, width)
  const at = new Float64Array(columns.count).fill(NaN)
  const low = new Float64Array(columns.count).fill(-Infinity)
  const high = new Float64Array(columns.count).fill(Infinity)
  for (let i = 0; i < rows.items; i++) {
    const column = columns.of[i]
    if (Number.isNaN(at[column])) at[column] = x[i] - columns.offset[i]
    low[column] = Math.max(low[column], window + x[i] - leftEnd(space, x, i) - columns.offset[i])
    high[column] = Math.min(high[column], window + width - rightEnd(rows, space, x, i) + x[i] - columns.offset[i])
  }
  push(neighbours, low, 1)
  push(neighbours, high, -1)
  for (let c = 0; c < columns.count; c++) if (low[c] > high[c]) return false
  for (let c = 0; c < columns.count; c++) at[c] = Math.min(Math.max(at[c], low[c]), high[c])
  // both are within the window, and so is what lies between them
  const right = push(neighbours, at.slice(), 1)
  const left = push(neighbours, at, -1)
  for (let i = 0; i < rows.items; i++) x[i] = (right[columns.of[i]] + left[columns.of[i]]) / 2 + columns.offset[i]
  return true
}

/** The left end of the window of this width out of which the least reaches. */
function windowOf(rows: Rows, space: Space, x: Float64Array, width: number): number {
  const ends: number[] = []
  for (let i = 0; i < rows.items; i++) ends.push(leftEnd(space, x, i), rightEnd(rows, space, x, i))
  const out = (left: number): number => ends.reduce((sum, end) => sum + Math.max(0, left - end, end - left - width), 0)
  let [from, to] = [ends.reduce((a, b) => Math.min(a, b)), ends.reduce((a, b) => Math.max(a, b)) - width]
  // what reaches out grows evenly to either side
  for (let round = 0; round < 24; round++) {
    const [a, b] = [from + (to - from) / 3, to - (to - from) / 3]
    if (out(a) <= out(b)) to = b
    else from = a
  }
  return (from + to) / 2
}

function columnsOf({ segments, items }: Rows, x: Float64Array): Columns {
  const below = new Int32Array(items).fill(-1)
  const isTaken = new Uint8Array(items)
  for (let s = 0; s < segments.count; s++) {
    const [u, v] = [segments.upper[s], segments.lower[s]]
    if (below[u] >= 0 || isTaken[v] || Math.abs(x[v] + segments.lowerPort[s] - x[u] - segments.upperPort[s]) >= STRAIGHT) continue
    below[u] = v
    isTaken[v] = 1
  }
  const columns: Columns = { of: new Int32Array(items), offset: new Float64Array(items), count: 0 }
  for (let first = 0; first < items; first++) {
    if (isTaken[first]) continue
    for (let i = first; i >= 0; i = below[i]) {
      columns.of[i] = columns.count
      columns.offset[i] = x[i] - x[first]
    }
    columns.count++
  }
  return columns
}

/** Pairs of columns that are neighbours in a row, from left to right: none comes before one that it depends on; null where columns run in circles. */
interface Neighbours { left: number[]; right: number[]; gap: number[] }

function neighboursOf(rows: Rows, order: Order, space: Space, { of, offset, count }: Columns): Neighbours | null {
  const pairs: [number, number][][] = Array.from({ length: count }, () => [])
  const waiting = new Int32Array(count)
  let total = 0
  for (let slot = 1; slot < rows.items; slot++) {
    const [a, b] = [order.at[slot - 1], order.at[slot]]
    if (rows.row[a] !== rows.row[b]) continue
    pairs[of[a]].push([of[b], offset[a] + separation(rows, space, a, b) - offset[b]])
    waiting[of[b]]++
    total++
  }
  const found: Neighbours = { left: [], right: [], gap: [] }
  const ready = Array.from(waiting.keys()).filter((c) => waiting[c] === 0)
  for (const c of ready) {
    for (const [other, gap] of pairs[c]) {
      found.left.push(c)
      found.right.push(other)
      found.gap.push(gap)
      if (--waiting[other] === 0) ready.push(other)
    }
  }
  return found.left.length === total ? found : null
}

/** Moves columns as little as possible to the right (1), or to the left (-1), so that neighbours keep their distances. */
function push({ left, right, gap }: Neighbours, at: Float64Array, way: 1 | -1): Float64Array {
  if (way === 1) for (let k = 0; k < left.length; k++) at[right[k]] = Math.max(at[right[k]], at[left[k]] + gap[k])
  else for (let k = left.length - 1; k >= 0; k--) at[left[k]] = Math.min(at[left[k]], at[right[k]] - gap[k])
  return at
}
