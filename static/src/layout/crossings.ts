/** Counts crossings between neighbouring rows and removes some by swapping neighbours. */
import type { Order, Shares } from './order'
import type { Rows } from './rows'

/** Items with more segments than this are left to the barycentre when neighbours are swapped. */
const SWAP_DEGREE = 48
/** so many ends are sorted one by one */
const FEW = 16

export function countCrossings(rows: Rows, order: Order, shares: Shares): number {
  const { segments } = rows
  let widest = 0
  for (let r = 0; r < rows.rows; r++) {
    let joined = 0
    for (let slot = rows.rowStart[r]; slot < rows.rowStart[r + 1]; slot++) joined += segments.downStart[order.at[slot] + 1] - segments.downStart[order.at[slot]]
    widest = Math.max(widest, joined)
  }
  const ends = new Float64Array(widest)
  const spare = new Float64Array(widest)
  let total = 0
  for (let r = 0; r + 1 < rows.rows; r++) {
    const length = gatherEnds(rows, order, shares, r, ends)
    total += inversions(ends, spare, length)
  }
  return total
}

/** Lower ends of the segments below row r, in the order of their upper ends. */
function gatherEnds(rows: Rows, order: Order, shares: Shares, r: number, ends: Float64Array): number {
  const { segments } = rows
  const PORT = 1 << 24
  let length = 0
  for (let slot = rows.rowStart[r]; slot < rows.rowStart[r + 1]; slot++) {
    const item = order.at[slot]
    const first = length
    for (let k = segments.downStart[item]; k < segments.downStart[item + 1]; k++) {
      const s = segments.down[k]
      const end = order.position[segments.lower[s]] + shares.lower[s]
      ends[length++] = Math.round(shares.upper[s] * 256) * PORT + end
    }
    if (length - first > FEW) ends.subarray(first, length).sort()
    else sortFew(ends, first, length)
    for (let k = first; k < length; k++) ends[k] %= PORT
  }
  return length
}

/** Sorts values[from] to values[to - 1] in place: a part of the array as an object of its own costs more than so few comparisons. */
function sortFew(values: Float64Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const value = values[i]
    let j = i - 1
    while (j >= from && values[j] > value) {
      values[j + 1] = values[j]
      j--
    }
    values[j + 1] = value
  }
}

/** Number of pairs that stand in the wrong order; sorts the array. */
function inversions(values: Float64Array, spare: Float64Array, length: number): number {
  let count = 0
  if (length <= 24) {
    for (let i = 1; i < length; i++) {
      const value = values[i]
      let j = i - 1
      while (j >= 0 && values[j] > value) {
        values[j + 1] = values[j]
        j--
      }
      values[j + 1] = value
      count += i - 1 - j
    }
    return count
  }
  for (let width = 1; width < length; width *= 2) {
    for (let from = 0; from + width < length; from += 2 * width) {
      const middle = from + width
      const to = Math.min(middle + width, length)
      let a = from
      let b = middle
      for (let k = from; k < to; k++) {
        if (a < middle && (b >= to || values[a] <= values[b])) spare[k] = values[a++]
        else {
          spare[k] = values[b++]
          count += middle - a
        }
      }
      values.set(spare.subarray(from, to), from)
    }
  }
  return count
}

/** One pass over all neighbours; swaps those that cross less the other way round. Whether anything was swapped. */
export function swapNeighbours(rows: Rows, order: Order, shares: Shares): boolean {
  let swapped = false
  for (let r = 0; r < rows.rows; r++) {
    const last = rows.rowStart[r + 1] - 1
    for (let slot = rows.rowStart[r]; slot < last; slot++) {
      const a = order.at[slot]
      const b = order.at[slot + 1]
      if (gain(rows, order, shares, a, b) <= 0) continue
      order.at[slot] = b
      order.at[slot + 1] = a
      order.position[a]++
      order.position[b]--
      swapped = true
    }
  }
  return swapped
}

/** Crossings saved when `a`, now left of `b`, goes to its right. */
function gain(rows: Rows, order: Order, shares: Shares, a: number, b: number): number {
  const { segments } = rows
  return (
    sideGain(order, segments.upStart, segments.up, segments.upper, shares.upper, a, b) +
    sideGain(order, segments.downStart, segments.down, segments.lower, shares.lower, a, b)
  )
}

function sideGain(order: Order, start: Uint32Array, list: Uint32Array, other: Uint32Array, share: Float64Array, a: number, b: number): number {
  const aFrom = start[a]
  const aTo = start[a + 1]
  const bFrom = start[b]
  const bTo = start[b + 1]
  if (aFrom === aTo || bFrom === bTo || aTo - aFrom > SWAP_DEGREE || bTo - bFrom > SWAP_DEGREE) return 0
  let saved = 0
  for (let i = aFrom; i < aTo; i++) {
    const left = order.position[other[list[i]]] + share[list[i]]
    for (let j = bFrom; j < bTo; j++) {
      const right = order.position[other[list[j]]] + share[list[j]]
      if (left > right) saved++
      else if (left < right) saved--
    }
  }
  return saved
}
