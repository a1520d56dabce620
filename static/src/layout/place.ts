/** The x of every item: blocks are drawn towards the blocks they are joined to, and kept apart from their neighbours in each row. */
import type { Blocks } from './align'
import type { Order } from './order'
import type { Rows } from './rows'
import { separation, type Space } from './space'

/** Blocks in an order from left to right; neighbours and pulls as compressed lists by block. */
interface Field {
  count: number
  sequence: Uint32Array
  /** left neighbours: x[block] >= x[other] + gap */
  leftStart: Uint32Array
  left: Uint32Array
  leftGap: Float64Array
  rightStart: Uint32Array
  right: Uint32Array
  rightGap: Float64Array
  /** pulls: block would like to be at x[other] + shift */
  pullStart: Uint32Array
  pull: Uint32Array
  pullShift: Float64Array
  pullWeight: Float64Array
  /** 1 for blocks that a join's return to its fork's axis concerns */
  axial: Uint8Array
  anyAxial: boolean
}

interface Scratch {
  low: Float64Array
  high: Float64Array
}

/** A join returns to its fork's axis with the force of this many edges. */
const RETURN_FORCE = 8

export function placeItems(rows: Rows, order: Order, space: Space, blocks: Blocks): Float64Array {
  const field = makeField(rows, order, space, blocks)
  const x = settle(field, rows.items < 20000 ? 24 : 12)
  for (let round = 0; round < 4; round++) polish(field, x, round % 2 === 0)
  const result = new Float64Array(rows.items)
  for (let i = 0; i < rows.items; i++) result[i] = x[blocks.of[i]] + blocks.offset[i]
  return result
}

function makeField(rows: Rows, order: Order, space: Space, blocks: Blocks): Field {
  const { of, offset, count } = blocks
  const from: number[] = []
  const to: number[] = []
  const gap: number[] = []
  for (let r = 0; r < rows.rows; r++) {
    for (let slot = rows.rowStart[r] + 1; slot < rows.rowStart[r + 1]; slot++) {
      const a = order.at[slot - 1]
      const b = order.at[slot]
      from.push(of[a])
      to.push(of[b])
      gap.push(offset[a] + separation(rows, space, a, b) - offset[b])
    }
  }
  const left = compress(to, from, gap, count)
  const right = compress(from, to, gap, count)
  const pulls = gatherPulls(rows, blocks)
  return {
    count,
    sequence: leftToRight(count, left.start, right.start, right.other),
    leftStart: left.start,
    left: left.other,
    leftGap: left.number,
    rightStart: right.start,
    right: right.other,
    rightGap: right.number,
    ...pulls,
  }
}

function gatherPulls(rows: Rows, blocks: Blocks): Pick<Field, 'pullStart' | 'pull' | 'pullShift' | 'pullWeight' | 'axial' | 'anyAxial'> {
  const { segments } = rows
  const { of, offset } = blocks
  const at: number[] = []
  const other: number[] = []
  const shift: number[] = []
  for (let s = 0; s < segments.count; s++) {
    const u = segments.upper[s]
    const v = segments.lower[s]
    if (of[u] === of[v]) continue
    const d = offset[u] + segments.upperPort[s] - offset[v] - segments.lowerPort[s]
    at.push(of[v], of[u])
    other.push(of[u], of[v])
    shift.push(d, -d)
  }
  const edges = at.length
  const axial = new Uint8Array(blocks.count)
  for (let v = 0; v < rows.nodes; v++) {
    const u = blocks.returns[v]
    if (u < 0 || of[u] === of[v]) continue
    axial[of[u]] = axial[of[v]] = 1
    const d = offset[u] + rows.width[u] / 2 - offset[v] - rows.width[v] / 2
    at.push(of[v], of[u])
    other.push(of[u], of[v])
    shift.push(d, -d)
  }
  const start = new Uint32Array(blocks.count + 1)
  for (const b of at) start[b + 1]++
  for (let b = 0; b < blocks.count; b++) start[b + 1] += start[b]
  const next = start.slice(0, blocks.count)
  const pull = new Uint32Array(at.length)
  const pullShift = new Float64Array(at.length)
  const pullWeight = new Float64Array(at.length)
  for (let i = 0; i < at.length; i++) {
    const k = next[at[i]]++
    pull[k] = other[i]
    pullShift[k] = shift[i]
    pullWeight[k] = i < edges ? 1 : RETURN_FORCE
  }
  return { pullStart: start, pull, pullShift, pullWeight, axial, anyAxial: at.length > edges }
}

/** Lists by block; of several entries for the same pair in a row only the greatest number is kept. */
function compress(key: number[], other: number[], number: number[], count: number): { start: Uint32Array; other: Uint32Array; number: Float64Array } {
  const start = new Uint32Array(count + 1)
  for (let i = 0; i < key.length; i++) start[key[i] + 1]++
  for (let b = 0; b < count; b++) start[b + 1] += start[b]
  const end = start.slice(0, count)
  const others = new Uint32Array(key.length)
  const numbers = new Float64Array(key.length)
  for (let i = 0; i < key.length; i++) {
    const last = end[key[i]] - 1
    if (last >= start[key[i]] && others[last] === other[i]) {
      numbers[last] = Math.max(numbers[last], number[i])
      continue
    }
    others[end[key[i]]] = other[i]
    numbers[end[key[i]]++] = number[i]
  }
  return pack(start, end, others, numbers)
}

function pack(start: Uint32Array, end: Uint32Array, other: Uint32Array, number: Float64Array): { start: Uint32Array; other: Uint32Array; number: Float64Array } {
  let filled = 0
  for (let b = 0; b < end.length; b++) {
    const from = start[b]
    start[b] = filled
    for (let k = from; k < end[b]; k++) {
      other[filled] = other[k]
      number[filled++] = number[k]
    }
  }
  start[end.length] = filled
  return { start, other: other.slice(0, filled), number: number.slice(0, filled) }
}

function leftToRight(count: number, leftStart: Uint32Array, rightStart: Uint32Array, right: Uint32Array): Uint32Array {
  const waiting = new Int32Array(count)
  for (let b = 0; b < count; b++) waiting[b] = leftStart[b + 1] - leftStart[b]
  const sequence = new Uint32Array(count)
  let filled = 0
  for (let b = 0; b < count; b++) if (waiting[b] === 0) sequence[filled++] = b
  for (let head = 0; head < filled; head++) {
    const b = sequence[head]
    for (let k = rightStart[b]; k < rightStart[b + 1]; k++) if (--waiting[right[k]] === 0) sequence[filled++] = right[k]
  }
  return sequence
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
    for (let k = pullStart[b]; k < pullStart[b + 1]; k++) for (let w = 0; w < pullWeight[k]; w++) wishes.push(x[pull[k]] + pullShift[k])
    wishes.sort((p, q) => p - q)
    const low = wishes[(wishes.length - 1) >> 1]
    const high = wishes[wishes.length >> 1]
    const wish = Math.min(Math.max(x[b], low), high)
    // the bounds may cross by a rounding error; then the block stays
    if (least <= most) x[b] = Math.min(Math.max(wish, least), most)
  }
}
