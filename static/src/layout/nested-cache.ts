/** Layouts of levels to be had again: identical blocks are laid out once, and what an edit did not touch keeps what it had. */
import type { NestRecall } from './nested-memory'
import type { LayoutInput, LayoutResult } from './types'

/** A level that is to be laid out; its arrays are used for one level after another, and may be longer than `count` and `edges`. */
export interface LevelDraft {
  count: number
  edges: number
  direction: LayoutInput['direction']
  width: Float32Array
  height: Float32Array
  /** per edge: nodes of the level; values by the order in which the level has them */
  source: Uint32Array
  target: Uint32Array
  value: Uint32Array
  sourceX: Float32Array
  targetX: Float32Array
  labelWidth: Float32Array
  /** whether any node is pinned, and how each is */
  pinned: boolean
  pin: Uint8Array
  /** see LayoutInput */
  rigid: Uint8Array
}

interface Kept { input: LayoutInput; result: LayoutResult }

/** so many levels that look different are kept; with one more they are forgotten */
const MOST_KINDS = 2000

export class LevelCache {
  /** as they were laid out without a memory, by a sum over all that counts */
  private readonly kinds = new Map<number, Kept[]>()
  private count = 0
  /** the newest layout of each level */
  private readonly newest = new Map<number, Kept>()

  /**
   * The layout that `layOut` makes of the level, or made of it before. Results are shared: nobody may write to them.
   * `key`: of the things in the level; `layOut` is told whether something is remembered of the level.
   */
  get(level: number, key: Float64Array, draft: LevelDraft, recall: NestRecall | null, layOut: (known: boolean) => Kept): LayoutResult {
    const kept = recall?.has(level) ? this.again(level, key, draft, recall) ?? layOut(true) : this.alike(draft, layOut)
    this.newest.set(level, kept)
    return kept.result
  }

  /** A level in which all is as it was, and that is remembered as it was laid out here. */
  private again(level: number, key: Float64Array, draft: LevelDraft, recall: NestRecall): Kept | null {
    const kept = this.newest.get(level)
    return kept && sameGraph(kept.input, draft) && recall.stands(level, key, kept.result) ? kept : null
  }

  private alike(draft: LevelDraft, layOut: (known: boolean) => Kept): Kept {
    const sum = sumOf(draft)
    const found = this.kinds.get(sum)?.find((kept) => sameGraph(kept.input, draft))
    if (found) return found
    const made = layOut(false)
    if (this.count++ === MOST_KINDS) {
      this.kinds.clear()
      this.count = 1
    }
    const kinds = this.kinds.get(sum)
    if (kinds) kinds.push(made)
    else this.kinds.set(sum, [made])
    return made
  }
}

/** The level as the layout takes it. */
export function inputOf(draft: LevelDraft, key: Uint32Array): LayoutInput {
  const { count, edges } = draft
  return {
    count, key, direction: draft.direction, width: draft.width.slice(0, count), height: draft.height.slice(0, count),
    source: draft.source.slice(0, edges), target: draft.target.slice(0, edges), value: draft.value.slice(0, edges),
    sourceX: draft.sourceX.slice(0, edges), targetX: draft.targetX.slice(0, edges), labelWidth: draft.labelWidth.slice(0, edges),
    pin: draft.pinned ? draft.pin.slice(0, count) : undefined, rigid: draft.rigid.slice(0, count),
  }
}

function sameGraph(kept: LayoutInput, draft: LevelDraft): boolean {
  const { count, edges } = draft
  return kept.count === count && kept.source.length === edges && kept.direction === draft.direction && !kept.pin === !draft.pinned
    && begins(draft.width, kept.width, count) && begins(draft.height, kept.height, count)
    && begins(draft.source, kept.source, edges) && begins(draft.target, kept.target, edges) && begins(draft.value, kept.value, edges)
    && begins(draft.sourceX, kept.sourceX, edges) && begins(draft.targetX, kept.targetX, edges) && begins(draft.labelWidth, kept.labelWidth, edges)
    && (!kept.pin || begins(draft.pin, kept.pin, count)) && begins(draft.rigid, kept.rigid!, count)
}

function begins(longer: ArrayLike<number>, with_: ArrayLike<number>, count: number): boolean {
  for (let i = 0; i < count; i++) if (longer[i] !== with_[i]) return false
  return true
}

function sumOf({ count, edges, width, height, source, target, value, targetX, labelWidth }: LevelDraft): number {
  let sum = count
  for (let i = 0; i < count; i++) sum = (Math.imul(sum, 31) + width[i] + 7 * height[i]) | 0
  for (let e = 0; e < edges; e++) sum = (Math.imul(sum, 31) + source[e] + 5 * target[e] + 3 * value[e] + 8 * targetX[e] + labelWidth[e]) | 0
  return sum
}
