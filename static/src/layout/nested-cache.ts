/** Layouts of levels to be had again: identical blocks are laid out once, and what an edit did not touch keeps what it had. */
import type { Recollection } from './nested-memory'
import type { LayoutInput, LayoutResult } from './types'

interface Kept { input: LayoutInput; result: LayoutResult }

/** so many levels that look different are kept; of more, those that came first go */
const MOST_KINDS = 2000

export class LevelCache {
  /** as they were laid out without a memory, by a sum over all that counts */
  private readonly kinds = new Map<number, Kept[]>()
  private count = 0
  /** the newest layout of each level */
  private readonly newest = new Map<number, Kept>()

  /** The layout that `layOut` would make of the level, with `known` of an earlier one. Results are shared: nobody may write to them. */
  get(level: number, input: LayoutInput, known: Recollection | null, layOut: () => LayoutResult): LayoutResult {
    const result = known ? this.again(level, input, known) ?? layOut() : this.alike(input, layOut)
    this.newest.set(level, { input, result })
    return result
  }

  /** A level in which all is as it was, and that is remembered as it was laid out here. */
  private again(level: number, input: LayoutInput, { key, memory }: Recollection): LayoutResult | null {
    const kept = this.newest.get(level)
    if (!kept || memory.x.length !== input.count || !isCount(key) || !sameGraph(kept.input, input)) return null
    return same(memory.x, kept.result.x) && same(memory.y, kept.result.y) ? kept.result : null
  }

  private alike(input: LayoutInput, layOut: () => LayoutResult): LayoutResult {
    const sum = sumOf(input)
    let kinds = this.kinds.get(sum)
    const found = kinds?.find((kept) => sameGraph(kept.input, input))
    if (found) return found.result
    const result = layOut()
    if (this.count++ === MOST_KINDS) {
      this.kinds.clear()
      this.count = 1
      kinds = undefined
    }
    if (kinds) kinds.push({ input, result })
    else this.kinds.set(sum, [{ input, result }])
    return result
  }
}

const ARRAYS = ['width', 'height', 'source', 'target', 'value', 'sourceX', 'targetX', 'labelWidth'] as const

function sameGraph(one: LayoutInput, other: LayoutInput): boolean {
  if (one.count !== other.count || one.direction !== other.direction || !one.pin !== !other.pin) return false
  for (const name of ARRAYS) if (!same(one[name], other[name])) return false
  return !one.pin || same(one.pin, other.pin!)
}

function sumOf(input: LayoutInput): number {
  let sum = input.count + (input.direction === 'right' ? 7 : 0)
  for (const name of ARRAYS) {
    const array = input[name]
    for (let i = 0; i < array.length; i++) sum = (Math.imul(sum, 31) + 8 * array[i]) | 0
  }
  if (input.pin) for (let i = 0; i < input.pin.length; i++) sum = (Math.imul(sum, 31) + input.pin[i]) | 0
  return sum
}

function same(one: ArrayLike<number>, other: ArrayLike<number>): boolean {
  if (one.length !== other.length) return false
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false
  return true
}

/** 0, 1, 2, …: everything has the place of then, and nothing is new. */
function isCount(key: Uint32Array): boolean {
  for (let i = 0; i < key.length; i++) if (key[i] !== i) return false
  return true
}
