/** The x of every item: blocks are drawn towards the blocks they are joined to, and kept apart from their neighbours in each row. */
import type { Blocks } from './align'
import { makeField, type Field } from './field'
import type { Order } from './order'
import type { Rows } from './rows'
import type { Space } from './space'

interface Scratch {
  low: Float64Array
  high: Float64Array
}

export function placeItems(rows: Rows, order: Order, space: Space, blocks: Blocks): Float64Array {
  const field = makeField(rows, order, space, blocks)
  const x = settle(field, rows.items < 20000 ? 24 : 12)
  for (let round = 0; round < 4; round++) polish(field, x, round % 2 === 0)
  const result = new Float64Array(rows.items)
  for (let i = 0; i < rows.items; i++) result[i] = x[blocks.of[i]] + blocks.offset[i]
  return result
}

/**
 * Blocks move to the mean of their pulls, in turn from the top down and from the bottom up, each using where those before it have
 * just wished to go, so that one round carries through the deepest graph; then overlaps are resolved.
 */
function settle(field: Field, rounds: number): Float64Array {
  const { count, pullStart, pull, pullShift, pullWeight } = field
  const wish = new Float64Array(count)
  const scratch: Scratch = { low: new Float64Array(count), high: new Float64Array(count) }
  const x = new Float64Array(count)
  // blocks are numbered by their first rows, so that those above come first
  for (let b = 0; b < count; b++) {
    let sum = 0
    let force = 0
    for (let k = pullStart[b]; k < pullStart[b + 1]; k++) {
      if (pull[k] >= b) continue
      sum += pullWeight[k] * (wish[pull[k]] + pullShift[k])
      force += pullWeight[k]
    }
    wish[b] = force > 0 ? sum / force : 0
  }
  project(field, wish, scratch, x)
  for (let round = 0; round < rounds; round++) {
    wish.set(x)
    for (let i = 0; i < count; i++) {
      const b = round % 2 === 0 ? i : count - 1 - i
      let sum = 0
      let force = 0
      for (let k = pullStart[b]; k < pullStart[b + 1]; k++) {
        sum += pullWeight[k] * (wish[pull[k]] + pullShift[k])
        force += pullWeight[k]
      }
      if (force > 0) wish[b] = sum / force
    }
    project(field, wish, scratch, x)
  }
  return x
}

/**
 * Resolves overlaps. Blocks on the axis of a fork and its join are settled among themselves first, with room for what stands between
 * them, and do not give way to the rest: otherwise every crowd on one side would push the main path a little further to the other.
 */
function project(field: Field, wish: Float64Array, scratch: Scratch, x: Float64Array): void {
  const { count, axial } = field
  const { low, high } = scratch
  if (field.anyAxial) {
    for (let b = 0; b < count; b++) x[b] = axial[b] ? wish[b] : -Infinity
    pushRight(field, x, low)
    for (let b = 0; b < count; b++) x[b] = axial[b] ? wish[b] : Infinity
    pushLeft(field, x, high)
    for (let b = 0; b < count; b++) {
      if (axial[b]) wish[b] = (low[b] + high[b]) / 2
      x[b] = axial[b] ? wish[b] : -Infinity
    }
    pushRight(field, x, low)
    for (let b = 0; b < count; b++) if (!axial[b]) x[b] = Infinity
    pushLeft(field, x, high)
    for (let b = 0; b < count; b++) if (!axial[b]) wish[b] = Math.min(Math.max(wish[b], low[b]), high[b])
  }
  pushRight(field, wish, low)
  pushLeft(field, wish, high)
  // both are feasible, and so is their mean
  for (let b = 0; b < count; b++) x[b] = (low[b] + high[b]) / 2
}

/** The least positions at or right of the wishes that keep blocks apart. */
function pushRight(field: Field, wish: Float64Array, result: Float64Array): void {
  const { sequence, leftStart, left, leftGap, count } = field
  for (let i = 0; i < count; i++) {
    const b = sequence[i]
    let at = wish[b]
    for (let k = leftStart[b]; k < leftStart[b + 1]; k++) {
      const least = result[left[k]] + leftGap[k]
      if (least > at) at = least
    }
    result[b] = at
  }
}

function pushLeft(field: Field, wish: Float64Array, result: Float64Array): void {
  const { sequence, rightStart, right, rightGap, count } = field
  for (let i = count - 1; i >= 0; i--) {
    const b = sequence[i]
    let at = wish[b]
    for (let k = rightStart[b]; k < rightStart[b + 1]; k++) {
      const most = result[right[k]] - rightGap[k]
      if (most < at) at = most
    }
    result[b] = at
  }
}

/** Each block goes to the median of its pulls as far as its neighbours let it: near-straight lines become straight. */
function polish(field: Field, x: Float64Array, forwards: boolean): void {
  const { sequence, leftStart, left, leftGap, rightStart, right, rightGap, pullStart, pull, pullShift, pullWeight, count } = field
  const wishes: number[] = []
  for (let i = 0; i < count; i++) {
    const b = sequence[forwards ? i : count - 1 - i]
    if (pullStart[b] === pullStart[b + 1]) continue
    let least = -Infinity
    let most = Infinity
    for (let k = leftStart[b]; k < leftStart[b + 1]; k++) least = Math.max(least, x[left[k]] + leftGap[k])
    for (let k = rightStart[b]; k < rightStart[b + 1]; k++) most = Math.min(most, x[right[k]] - rightGap[k])
    wishes.length = 0
    for (let k = pullStart[b]; k < pullStart[b + 1]; k++) for (let w = 0.5; w < pullWeight[k]; w++) wishes.push(x[pull[k]] + pullShift[k])
    if (wishes.length === 0) wishes.push(x[pull[pullStart[b]]] + pullShift[pullStart[b]])
    wishes.sort((p, q) => p - q)
    const low = wishes[(wishes.length - 1) >> 1]
    const high = wishes[wishes.length >> 1]
    const wish = Math.min(Math.max(x[b], low), high)
    // the bounds may cross by a rounding error; then the block stays
    if (least <= most) x[b] = Math.min(Math.max(wish, least), most)
  }
}
