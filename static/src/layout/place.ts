/** The x of every item: blocks are drawn towards the blocks they are joined to, and kept apart from their neighbours in each row. */
import type { Blocks } from './align'
import { makeField, type Field } from './field'
import type { Order } from './order'
import type { Rows } from './rows'
import type { Space } from './space'

/** Rounds without improvement before it is enough. */
const PATIENCE = 6

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
  straightenMain(field, wish)
  project(field, wish, scratch, x)
  // pushing and pulling may set things wandering in the end: the best of all rounds counts
  let best = x.slice()
  let least = strain(field, x)
  for (let round = 0, stale = 0; round < rounds && stale < PATIENCE; round++) {
    wish.set(x)
    moveGroups(field, wish)
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
    straightenMain(field, wish)
    project(field, wish, scratch, x)
    const now = strain(field, x)
    stale = now < least * 0.999 ? 0 : stale + 1
    if (now >= least) continue
    least = now
    best = x.slice()
  }
  return best
}

/** The main path moves as one line: else each of its pieces would stray a little from the one above, and thousands of them far. */
function straightenMain({ count, main, anyMain, axis }: Field, wish: Float64Array): void {
  if (!anyMain) return
  const lines: number[] = []
  for (let b = 0; b < count; b++) if (main[b]) lines.push(wish[b] - axis[b])
  const line = Float64Array.from(lines).sort()[lines.length >> 1]
  for (let b = 0; b < count; b++) if (main[b]) wish[b] = line + axis[b]
}

/** How far apart all is that pulls at one another. */
function strain(field: Field, x: Float64Array): number {
  const { count, pullStart, pull, pullShift } = field
  let sum = 0
  for (let b = 0; b < count; b++) {
    for (let k = pullStart[b]; k < pullStart[b + 1]; k++) sum += Math.abs(x[pull[k]] + pullShift[k] - x[b])
  }
  return sum
}

/** Blocks that hold one another firmly first move together, by the mean of what pulls them from outside. */
function moveGroups(field: Field, wish: Float64Array): void {
  const { group, groupStart, groupMember, main, pullStart, pull, pullShift, pullWeight } = field
  for (let g = 0; g + 1 < groupStart.length; g++) {
    // the main path is what the others move to
    if (main[groupMember[groupStart[g]]]) continue
    let sum = 0
    let force = 0
    for (let m = groupStart[g]; m < groupStart[g + 1]; m++) {
      const b = groupMember[m]
      for (let k = pullStart[b]; k < pullStart[b + 1]; k++) {
        if (group[pull[k]] === g) continue
        sum += pullWeight[k] * (wish[pull[k]] + pullShift[k] - wish[b])
        force += pullWeight[k]
      }
    }
    if (force === 0) continue
    for (let m = groupStart[g]; m < groupStart[g + 1]; m++) wish[groupMember[m]] += sum / force
  }
}

/**
 * Resolves overlaps. Blocks of the main path are settled among themselves first, with room for what stands between
 * them, and do not give way to the rest: otherwise every crowd on one side would push the main path a little further to the other.
 */
function project(field: Field, wish: Float64Array, scratch: Scratch, x: Float64Array): void {
  const { count, main } = field
  const { low, high } = scratch
  if (field.anyMain) {
    for (let b = 0; b < count; b++) x[b] = main[b] ? wish[b] : -Infinity
    pushRight(field, x, low)
    for (let b = 0; b < count; b++) x[b] = main[b] ? wish[b] : Infinity
    pushLeft(field, x, high)
    for (let b = 0; b < count; b++) {
      if (main[b]) wish[b] = (low[b] + high[b]) / 2
      x[b] = main[b] ? wish[b] : -Infinity
    }
    pushRight(field, x, low)
    for (let b = 0; b < count; b++) if (!main[b]) x[b] = Infinity
    pushLeft(field, x, high)
    for (let b = 0; b < count; b++) if (!main[b]) wish[b] = Math.min(Math.max(wish[b], low[b]), high[b])
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
