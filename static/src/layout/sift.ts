/** Sifts blocks through the rows: what hangs together from row to row moves as one to where it crosses the least. */
import type { Order, Shares } from './order'
import type { Rows } from './rows'

/** Trunks, and chains of nodes without branches: one item per row, from row `top` to row `bottom`. */
interface Blocks {
  count: number
  of: Uint32Array
  top: Int32Array
  bottom: Int32Array
  /** items of block b from top to bottom are [start[b], start[b + 1]) of `item` */
  start: Uint32Array
  item: Uint32Array
}

/** A block looks this many neighbours far to either side. */
const WINDOW = 96
/** What it counts that two items stand as they stood, beside one crossing. */
const TIE = 1 / 4096
/** Ends with more segments than this are left out of account. */
const MOST_SEGMENTS = 64

/**
 * Moves blocks until nothing is gained, or `effort` comparisons are made. `middle`: where items stood; of places with as few crossings that
 * which agrees the most with it is taken. Returns how many crossings that saved, about.
 */
export function siftBlocks(rows: Rows, order: Order, shares: Shares, effort: number, middle: Float64Array | null = null): number {
  const sifter = new Sifter(rows, order, shares, middle)
  let saved = 0
  for (let round = 0; round < 12; round++) {
    const gained = sifter.round(effort)
    saved += gained
    if (gained === 0 || sifter.compared > effort) break
  }
  if (saved > 0) sifter.write()
  return saved
}

class Sifter {
  /** comparisons of two segments so far */
  compared = 0
  private readonly blocks: Blocks
  /** where each block stands from left to right; only blocks that share a row are compared */
  private readonly key: Float64Array
  private readonly seen: Uint32Array
  private mark = 0

  constructor(private readonly rows: Rows, private readonly order: Order, private readonly shares: Shares, private readonly middle: Float64Array | null) {
    this.blocks = blocksOf(rows)
    this.key = keysOf(rows, order, this.blocks)
    this.seen = new Uint32Array(this.blocks.count)
  }

  round(effort: number): number {
    const { count } = this.blocks
    let gained = 0
    for (let b = 0; b < count && this.compared <= effort; b++) gained += this.sift(b)
    // keys have been halved again and again
    const sorted = Uint32Array.from(this.key, (_, b) => b).sort((a, b) => this.key[a] - this.key[b] || a - b)
    for (let k = 0; k < count; k++) this.key[sorted[k]] = k
    return gained
  }

  /** Rows in the order of their blocks. */
  write(): void {
    const { rows, order, key, blocks } = this
    for (let r = 0; r < rows.rows; r++) {
      const slots = order.at.subarray(rows.rowStart[r], rows.rowStart[r + 1])
      slots.sort((a, b) => key[blocks.of[a]] - key[blocks.of[b]])
      for (let k = 0; k < slots.length; k++) order.position[slots[k]] = k
    }
  }

  /** Tries all places to the left and to the right, takes the best; returns the crossings saved. */
  private sift(b: number): number {
    const { key } = this
    const beside = this.neighbours(b)
    if (beside.length === 0) return 0
    beside.sort((p, q) => key[p] - key[q])
    let at = 0
    while (at < beside.length && key[beside[at]] < key[b]) at++
    let best = 0
    let place = at
    let sum = 0
    for (let k = at; k < beside.length && k < at + WINDOW; k++) {
      sum += this.change(b, beside[k])
      key[b] = between(key, beside, k + 1)
      if (sum >= best) continue
      best = sum
      place = k + 1
    }
    key[b] = between(key, beside, at)
    sum = 0
    for (let k = at - 1; k >= 0 && k >= at - WINDOW; k--) {
      sum += this.change(beside[k], b)
      key[b] = between(key, beside, k)
      if (sum >= best) continue
      best = sum
      place = k
    }
    key[b] = between(key, beside, place)
    return -best
  }

  private neighbours(b: number): number[] {
    const { blocks, rows, order, seen } = this
    const found: number[] = []
    seen[b] = ++this.mark
    for (let r = blocks.top[b]; r <= blocks.bottom[b]; r++) {
      for (let slot = rows.rowStart[r]; slot < rows.rowStart[r + 1]; slot++) {
        const other = blocks.of[order.at[slot]]
        if (seen[other] === this.mark) continue
        seen[other] = this.mark
        found.push(other)
      }
    }
    return found
  }

  /** How many more crossings there are when `a`, left of `b`, goes to its right (as if they stood side by side). */
  private change(a: number, b: number): number {
    const { blocks } = this
    const from = Math.max(blocks.top[a], blocks.top[b])
    const to = Math.min(blocks.bottom[a], blocks.bottom[b])
    const { segments } = this.rows
    let sum = 0
    for (let r = from; r <= to; r++) {
      const one = blocks.item[blocks.start[a] + r - blocks.top[a]]
      const other = blocks.item[blocks.start[b] + r - blocks.top[b]]
      sum += this.side(a, b, one, other, segments.upStart, segments.up, segments.upper, this.shares.upper)
      sum += this.side(a, b, one, other, segments.downStart, segments.down, segments.lower, this.shares.lower)
      if (this.middle) sum += this.middle[one] < this.middle[other] ? TIE : -TIE
    }
    return sum
  }

  private side(a: number, b: number, one: number, other: number, start: Uint32Array, list: Uint32Array, end: Uint32Array, share: Float64Array): number {
    const { key, blocks } = this
    const oneTo = start[one + 1]
    const otherTo = start[other + 1]
    if (oneTo - start[one] > MOST_SEGMENTS || otherTo - start[other] > MOST_SEGMENTS) return 0
    let sum = 0
    for (let i = start[one]; i < oneTo; i++) {
      const left = end[list[i]]
      const leftBlock = blocks.of[left]
      for (let j = start[other]; j < otherTo; j++) {
        this.compared++
        const right = end[list[j]]
        const rightBlock = blocks.of[right]
        if (left === right) {
          const apart = share[list[j]] - share[list[i]]
          sum += apart > 0 ? 1 : apart < 0 ? -1 : 0
        } else if ((leftBlock === a && rightBlock === b) || (leftBlock === b && rightBlock === a)) continue // both change sides
        else sum += key[leftBlock] < key[rightBlock] ? 1 : -1
      }
    }
    return sum
  }
}

/** A key before the k-th of these, and after the one before it. */
function between(key: Float64Array, blocks: number[], k: number): number {
  if (k === 0) return key[blocks[0]] - 1
  return k === blocks.length ? key[blocks[k - 1]] + 1 : (key[blocks[k - 1]] + key[blocks[k]]) / 2
}

/** Joins the items between which there is nothing but one segment. */
function blocksOf(rows: Rows): Blocks {
  const { segments, items } = rows
  const of = new Uint32Array(items)
  const above = new Int32Array(items).fill(-1)
  const below = new Int32Array(items).fill(-1)
  for (let s = 0; s < segments.count; s++) {
    const u = segments.upper[s]
    const v = segments.lower[s]
    const sameTrunk = v === u + 1 && rows.owner[u] >= 0 && rows.owner[u] === rows.owner[v]
    const onlyWay = segments.downStart[u + 1] - segments.downStart[u] === 1 && segments.upStart[v + 1] - segments.upStart[v] === 1
    if (!sameTrunk && !onlyWay) continue
    below[u] = v
    above[v] = u
  }
  const start = [0]
  const item: number[] = []
  const top: number[] = []
  const bottom: number[] = []
  for (let i = 0; i < items; i++) {
    if (above[i] >= 0) continue
    top.push(rows.row[i])
    for (let k = i; k >= 0; k = below[k]) {
      of[k] = top.length - 1
      item.push(k)
    }
    bottom.push(rows.row[item[item.length - 1]])
    start.push(item.length)
  }
  return { count: top.length, of, top: Int32Array.from(top), bottom: Int32Array.from(bottom), start: Uint32Array.from(start), item: Uint32Array.from(item) }
}

/** An order of all blocks that agrees with every row; where rows disagree, with the blocks' mean places. */
function keysOf(rows: Rows, order: Order, blocks: Blocks): Float64Array {
  const { count, of } = blocks
  const waiting = new Int32Array(count)
  const after: number[][] = Array.from({ length: count }, () => [])
  for (let r = 0; r < rows.rows; r++) {
    for (let slot = rows.rowStart[r] + 1; slot < rows.rowStart[r + 1]; slot++) {
      const a = of[order.at[slot - 1]]
      const b = of[order.at[slot]]
      after[a].push(b)
      waiting[b]++
    }
  }
  const key = new Float64Array(count).fill(-1)
  const ready: number[] = []
  for (let b = 0; b < count; b++) if (waiting[b] === 0) ready.push(b)
  let next = 0
  const take = (b: number): void => {
    key[b] = next++
    for (const other of after[b]) if (--waiting[other] === 0 && key[other] < 0) ready.push(other)
  }
  const rest = restByPlace(order, blocks)
  for (let k = 0; next < count; ) {
    const b = ready.pop()
    if (b !== undefined) take(b)
    else {
      while (key[rest[k]] >= 0) k++
      take(rest[k])
    }
  }
  return key
}

function restByPlace(order: Order, { count, start, item }: Blocks): Uint32Array {
  const mean = new Float64Array(count)
  for (let b = 0; b < count; b++) {
    for (let k = start[b]; k < start[b + 1]; k++) mean[b] += order.position[item[k]]
    mean[b] /= start[b + 1] - start[b]
  }
  return Uint32Array.from(mean, (_, b) => b).sort((a, b) => mean[a] - mean[b] || a - b)
}
