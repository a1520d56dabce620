/** What a nested layout remembers: all levels in a few flat arrays, from which each level takes its part without a copy. */
import type { LayoutMemory, LayoutResult, NestMemory } from './types'

/** What stands in the levels, one level after another: keys, places and sizes across the flow. */
export type Standing = Pick<NestMemory, 'level' | 'start' | 'key' | 'x' | 'y' | 'width' | 'rank'>

/** Everything that stands, with the trunks of each level's layout. */
export function packMemory(standing: Standing, levels: readonly LayoutResult[]): NestMemory {
  const trunkStart = new Uint32Array(levels.length + 1)
  let passed = 0
  levels.forEach(({ trunks }, l) => {
    trunkStart[l + 1] = trunkStart[l] + (trunks?.key.length ?? 0)
    passed += trunks?.x.length ?? 0
  })
  const count = trunkStart[levels.length]
  const trunks = { key: new Uint32Array(count), slot: new Uint32Array(count), start: new Uint32Array(count + 1), x: new Float32Array(passed) }
  let at = 0
  levels.forEach(({ trunks: own }, l) => {
    if (!own || own.key.length === 0) return
    trunks.key.set(own.key, trunkStart[l])
    trunks.slot.set(own.slot, trunkStart[l])
    for (let t = 0; t <= own.key.length; t++) trunks.start[trunkStart[l] + t] = at + own.start[t]
    trunks.x.set(own.x, at)
    at += own.x.length
  })
  return { ...standing, trunkStart, trunks }
}

/** The part of the memory that is about one level, for things with these keys; null when the level was not there. */
export interface Recollection { memory: LayoutMemory; key: Uint32Array }

export class NestRecall {
  private readonly places = new Map<number, number>()

  /** `asked`: places of things that have none yet, of the graph itself */
  constructor(private readonly memory: NestMemory, private readonly asked: LayoutMemory) {
    for (let l = 0; l < memory.level.length; l++) this.places.set(memory.level[l], l)
  }

  has(level: number): boolean {
    return this.places.has(level)
  }

  /** Whether just these things stand in the level, as this layout has them. */
  stands(level: number, key: Float64Array, { x, y }: LayoutResult): boolean {
    const l = this.places.get(level)
    if (l === undefined) return false
    const { memory } = this
    const from = memory.start[l]
    if (memory.start[l + 1] - from !== key.length) return false
    for (let i = 0; i < key.length; i++) if (memory.key[from + i] !== key[i] || memory.x[from + i] !== x[i] || memory.y[from + i] !== y[i]) return false
    return true
  }

  /**
   * Keys for the layout of the level: what was there has its place of then, what is new a number after those. A box of another width
   * keeps its middle. Inside a container, what has no edges is new every time: elsewhere it would stand in the way of ports.
   */
  of(level: number, key: Float64Array, width: Float32Array, right: boolean): Recollection | null {
    const l = this.places.get(level)
    if (l === undefined) return null
    const { memory } = this
    const from = memory.start[l]
    const known = memory.start[l + 1] - from
    const at = new Map<number, number>()
    for (let i = 0; i < known; i++) at.set(memory.key[from + i], i)
    if (this.asked.afresh && key.some((one, i) => { const was = at.get(one); return was !== undefined && memory.width[from + was] !== width[i] })) return null
    const asked = l === 0 ? this.asked : null
    asked?.key.forEach((one, i) => at.set(one, known + i))
    const joined = (all: Float32Array, more?: Float32Array): Float32Array => { const both = new Float32Array(known + (more?.length ?? 0)); both.set(all.subarray(from, from + known)); if (more) both.set(more, known); return both }
    const x = joined(memory.x, asked?.x)
    const y = joined(memory.y, asked?.y)
    const rank = new Int32Array(x.length).fill(-1)
    rank.set(memory.rank.subarray(from, from + known))
    const across = right ? y : x
    const numbers = new Uint32Array(key.length)
    for (let i = 0; i < key.length; i++) {
      const place = at.get(key[i])
      const was = place !== undefined && (l === 0 || rank[place] >= 0) ? place : undefined
      numbers[i] = was ?? x.length + i
      if (was !== undefined && was < known && memory.width[from + was] !== width[i]) across[was] += (memory.width[from + was] - width[i]) / 2
    }
    const { trunkStart, trunks } = memory
    return {
      key: numbers,
      memory: {
        key: Uint32Array.from(x, (_, i) => i), x, y, rank,
        trunks: {
          key: trunks.key.subarray(trunkStart[l], trunkStart[l + 1]), slot: trunks.slot.subarray(trunkStart[l], trunkStart[l + 1]),
          start: trunks.start.subarray(trunkStart[l], trunkStart[l + 1] + 1), x: trunks.x,
        },
      },
    }
  }
}
