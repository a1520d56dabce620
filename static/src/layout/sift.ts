/** Sifts blocks through the rows: what hangs together from row to row moves as one to where it crosses the least. */
import type { Order, Shares } from './order'
import type { Rows } from './rows'
import { blocksOf, endsOf, keysOf, type Blocks, type Ends } from './sift-blocks'

/** A block looks this many neighbours far to either side. */
const WINDOW = 96
/** What it counts that two items stand as they stood, beside one crossing. */
const TIE = 1 / 4096
/** As many neighbours of a block are kept, on average. */
const MOST_KEPT = 256
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
  private readonly up: Ends
  private readonly down: Ends
  /** where each block stands from left to right; only blocks that share a row are compared */
  private readonly key: Float64Array
  private readonly seen: Uint32Array
  private mark = 0
  private readonly beside: Uint32Array
  private readonly known: (Beside | undefined)[]
  /** for as many neighbours more `known` has room */
  private room: number

  constructor(private readonly rows: Rows, private readonly order: Order, shares: Shares, private readonly middle: Float64Array | null) {
    const { segments } = rows
    this.blocks = blocksOf(rows)
    this.up = endsOf(this.blocks, segments.upStart, segments.up, segments.upper, shares.upper)
    this.down = endsOf(this.blocks, segments.downStart, segments.down, segments.lower, shares.lower)
    this.key = keysOf(rows, order, this.blocks)
    const { count } = this.blocks
    this.seen = new Uint32Array(count)
    this.beside = new Uint32Array(count)
    this.known = new Array<Beside | undefined>(count)
    this.room = MOST_KEPT * count
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

  /** The blocks that share a row with it, from left to right; good until the next call. */
  private neighbours(b: number): Uint32Array {
    const { found, at } = this.known[b] ?? this.find(b)
    sortPlaces(at, found, this.key)
    const beside = this.beside.subarray(0, at.length)
    for (let k = 0; k < at.length; k++) beside[k] = found[at[k]]
    return beside
  }

  private find(b: number): Beside {
    const { blocks, rows, order, seen, beside } = this
    let count = 0
    seen[b] = ++this.mark
    for (let r = blocks.top[b]; r <= blocks.bottom[b]; r++) {
      for (let slot = rows.rowStart[r]; slot < rows.rowStart[r + 1]; slot++) {
        const other = blocks.of[order.at[slot]]
        if (seen[other] === this.mark) continue
        seen[other] = this.mark
        beside[count++] = other
      }
    }
    const made = { found: beside.slice(0, count), at: Uint32Array.from({ length: count }, (_, k) => k) }
    this.room -= count
    if (this.room >= 0) this.known[b] = made
    return made
  }

  /** How many more crossings there are when `a`, left of `b`, goes to its right (as if they stood side by side). */
  private change(a: number, b: number): number {
    const { start, top, bottom, item } = this.blocks
    const from = Math.max(top[a], top[b])
    const rows = Math.min(bottom[a], bottom[b]) - from + 1
    const one = start[a] + from - top[a]
    const other = start[b] + from - top[b]
    let sum = this.side(a, b, one, other, rows, this.up) + this.side(a, b, one, other, rows, this.down)
    if (this.middle) for (let k = 0; k < rows; k++) sum += this.middle[item[one + k]] < this.middle[item[other + k]] ? TIE : -TIE
    return sum
  }

  /** The same for the segments to one side of so many rows, which begin at these places of the two blocks. */
  private side(a: number, b: number, one: number, other: number, rows: number, { start, block, share }: Ends): number {
    const { key } = this
    let sum = 0
    for (let k = 0; k < rows; k++) {
      const from = start[other + k]
      const to = start[other + k + 1]
      const end = start[one + k + 1]
      if (end - start[one + k] > MOST_SEGMENTS || to - from > MOST_SEGMENTS) continue
      this.compared += (end - start[one + k]) * (to - from)
      for (let i = start[one + k]; i < end; i++) {
        const left = block[i]
        const place = key[left]
        const partner = left === a ? b : left === b ? a : -1 // both change sides
        for (let j = from; j < to; j++) {
          const right = block[j]
          if (left === right) sum += Math.sign(share[j] - share[i])
          else if (right !== partner) sum += 2 * Number(place < key[right]) - 1
        }
      }
    }
    return sum
  }
}

/** The blocks that share a row with one, as they were found; their places there in the order in which they were sorted the last time. */
interface Beside {
  found: Uint32Array
  at: Uint32Array
}

/** Sorts places by the keys of what is found there; what stands alike stays as it was found. Insertion is enough from one round to the next. */
function sortPlaces(at: Uint32Array, found: Uint32Array, key: Float64Array): void {
  let budget = 8 * at.length + 64
  for (let i = 1; i < at.length; i++) {
    const place = at[i]
    const k = key[found[place]]
    let j = i - 1
    for (; j >= 0; j--) {
      const other = key[found[at[j]]]
      if (other < k || (other === k && at[j] < place)) break
      at[j + 1] = at[j]
    }
    at[j + 1] = place
    budget -= i - j
    if (budget >= 0) continue
    at.sort((p, q) => key[found[p]] - key[found[q]] || p - q)
    return
  }
}

/** A key before the k-th of these, and after the one before it. */
function between(key: Float64Array, blocks: Uint32Array, k: number): number {
  if (k === 0) return key[blocks[0]] - 1
  return k === blocks.length ? key[blocks[k - 1]] + 1 : (key[blocks[k - 1]] + key[blocks[k]]) / 2
}
