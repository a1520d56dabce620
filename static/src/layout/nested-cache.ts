/** Layouts of levels to be had again: identical blocks are laid out once. */
import { Scratch } from './scratch'
import type { LayoutInput, LayoutResult, NestMemory } from './types'

interface Kept { input: LayoutInput; result: LayoutResult }

/** so many levels that look different are kept; with one more they are forgotten */
const MOST_KINDS = 2000

export class LevelCache {
  readonly scratch = new Scratch()
  /** as they were laid out without a memory, by a sum over all that counts */
  private readonly kinds = new Map<number, Kept[]>()
  private count = 0

  /** The layout that `layOut` makes of a level without a memory, or made of one like it before. Results are shared: nobody may write to them. */
  alike(all: NestMemory, level: number, layOut: (input: LayoutInput) => LayoutResult): LayoutResult {
    const sum = sumOf(all, level)
    const found = this.kinds.get(sum)?.find((kept) => sameGraph(kept.input, all, level))
    if (found) return found.result
    const input = inputOf(all, level, Uint32Array.from({ length: all.start[level + 1] - all.start[level] }, (_, i) => i))
    const made = { input, result: layOut(input) }
    if (this.count++ === MOST_KINDS) {
      this.kinds.clear()
      this.count = 1
    }
    const kinds = this.kinds.get(sum)
    if (kinds) kinds.push(made)
    else this.kinds.set(sum, [made])
    return made.result
  }
}

/** The level as the layout takes it. */
export function inputOf(all: NestMemory, level: number, key: Uint32Array): LayoutInput {
  const from = all.start[level]
  const end = all.start[level + 1]
  const first = all.edgeStart[level]
  const last = all.edgeStart[level + 1]
  return {
    count: end - from, key, direction: all.direction, width: all.width.slice(from, end), height: all.height.slice(from, end),
    source: all.source.slice(first, last), target: all.target.slice(first, last), value: all.value.slice(first, last),
    sourceX: all.sourceX.slice(first, last), targetX: all.targetX.slice(first, last), labelWidth: all.labelWidth.slice(first, last),
    pin: level > 0 ? all.pin.slice(from, end) : undefined, rigid: all.rigid.slice(from, end),
  }
}

function sameGraph(kept: LayoutInput, all: NestMemory, level: number): boolean {
  const from = all.start[level]
  const count = all.start[level + 1] - from
  const first = all.edgeStart[level]
  const edges = all.edgeStart[level + 1] - first
  return kept.count === count && kept.source.length === edges && kept.direction === all.direction && !kept.pin === (level === 0)
    && equal(kept.width, all.width, from, count) && equal(kept.height, all.height, from, count)
    && equal(kept.source, all.source, first, edges) && equal(kept.target, all.target, first, edges) && equal(kept.value, all.value, first, edges)
    && equal(kept.sourceX, all.sourceX, first, edges) && equal(kept.targetX, all.targetX, first, edges) && equal(kept.labelWidth, all.labelWidth, first, edges)
    && (!kept.pin || equal(kept.pin, all.pin, from, count)) && equal(kept.rigid!, all.rigid, from, count)
}

function equal(kept: ArrayLike<number>, all: ArrayLike<number>, from: number, count: number): boolean {
  for (let i = 0; i < count; i++) if (kept[i] !== all[from + i]) return false
  return true
}

function sumOf({ start, edgeStart, width, height, source, target, value, targetX, labelWidth }: NestMemory, level: number): number {
  let sum = start[level + 1] - start[level]
  for (let i = start[level]; i < start[level + 1]; i++) sum = (Math.imul(sum, 31) + width[i] + 7 * height[i]) | 0
  for (let e = edgeStart[level]; e < edgeStart[level + 1]; e++) sum = (Math.imul(sum, 31) + source[e] + 5 * target[e] + 3 * value[e] + 8 * targetX[e] + labelWidth[e]) | 0
  return sum
}
