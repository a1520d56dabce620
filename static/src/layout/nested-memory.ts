/** What a nested layout remembers: all levels in a few flat arrays, from which each level takes its part without a copy. */
import type { LayoutMemory, LayoutResult, NestMemory } from './types'

/** One level as it was laid out: keys, places and sizes across the flow of what stands in it. */
export interface LevelPlaces { level: number; key: Float64Array; width: Float32Array; result: LayoutResult }

export function packMemory(levels: readonly LevelPlaces[]): NestMemory {
  const count = levels.length
  const start = new Uint32Array(count + 1)
  const trunkStart = new Uint32Array(count + 1)
  let passed = 0
  levels.forEach(({ key, result }, l) => {
    start[l + 1] = start[l] + key.length
    trunkStart[l + 1] = trunkStart[l] + (result.trunks?.key.length ?? 0)
    passed += result.trunks?.x.length ?? 0
  })
  const total = start[count]
  const trunks = trunkStart[count]
  const memory: NestMemory = {
    level: Float64Array.from(levels, ({ level }) => level), start, key: new Float64Array(total),
    x: new Float32Array(total), y: new Float32Array(total), width: new Float32Array(total), rank: new Int32Array(total),
    trunkStart, trunks: { key: new Uint32Array(trunks), slot: new Uint32Array(trunks), start: new Uint32Array(trunks + 1), x: new Float32Array(passed) },
  }
  let at = 0
  levels.forEach(({ key, width, result }, l) => {
    memory.key.set(key, start[l])
    memory.x.set(result.x, start[l])
    memory.y.set(result.y, start[l])
    memory.width.set(width, start[l])
    memory.rank.set(result.rank, start[l])
    const own = result.trunks
    if (!own) return
    memory.trunks.key.set(own.key, trunkStart[l])
    memory.trunks.slot.set(own.slot, trunkStart[l])
    for (let t = 0; t <= own.key.length; t++) memory.trunks.start[trunkStart[l] + t] = at + own.start[t]
    memory.trunks.x.set(own.x, at)
    at += own.x.length
  })
  return memory
}

/** The part of the memory that is about one level, for things with these keys; null when the level was not there. */
export interface Recollection { memory: LayoutMemory; key: Uint32Array }

export class NestRecall {
  private readonly places = new Map<number, number>()

  constructor(private readonly memory: NestMemory) {
    for (let l = 0; l < memory.level.length; l++) this.places.set(memory.level[l], l)
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
    const x = memory.x.slice(from, from + known)
    const y = memory.y.slice(from, from + known)
    const across = right ? y : x
    const numbers = new Uint32Array(key.length)
    for (let i = 0; i < key.length; i++) {
      const place = at.get(key[i])
      const was = place !== undefined && (l === 0 || memory.rank[from + place] >= 0) ? place : undefined
      numbers[i] = was ?? known + i
      if (was !== undefined && memory.width[from + was] !== width[i]) across[was] += (memory.width[from + was] - width[i]) / 2
    }
    const { trunkStart, trunks } = memory
    return {
      key: numbers,
      memory: {
        key: Uint32Array.from({ length: known }, (_, i) => i), x, y, rank: memory.rank.subarray(from, from + known),
        trunks: {
          key: trunks.key.subarray(trunkStart[l], trunkStart[l + 1]), slot: trunks.slot.subarray(trunkStart[l], trunkStart[l + 1]),
          start: trunks.start.subarray(trunkStart[l], trunkStart[l + 1] + 1), x: trunks.x,
        },
      },
    }
  }
}
