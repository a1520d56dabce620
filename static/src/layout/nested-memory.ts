/**
 * What a nested layout remembers: all levels one after another in a few flat arrays, with what went in and what came out. A level into
 * which the same goes again is not laid out again.
 */
import { spare } from '../document/release'
import { gainsNothing } from './gain'
import { LONELY, type LayoutInput, type LayoutMemory, type LayoutResult, type NestMemory } from './types'

/** the level of the graph itself */
export const GRAPH = -1

/** Arrays for so many levels, nodes of all levels, and edges of all levels: columns of nodes and edges hold anything. */
export function blankMemory(direction: LayoutInput['direction'], start: Uint32Array, edgeStart: Uint32Array): NestMemory {
  const levels = start.length - 1
  const nodes = start[levels]
  const edges = edgeStart[levels]
  return {
    direction, level: new Float64Array(levels), title: new Float32Array(levels), boxWidth: new Float32Array(levels), boxHeight: new Float32Array(levels),
    shiftX: new Float32Array(levels), shiftY: new Float32Array(levels), results: new Array<LayoutResult>(levels),
    start, key: spare.take(Float64Array, nodes), width: spare.take(Float32Array, nodes), height: spare.take(Float32Array, nodes), pin: spare.take(Uint8Array, nodes), rigid: spare.take(Uint8Array, nodes),
    edgeStart, source: spare.take(Uint32Array, edges), target: spare.take(Uint32Array, edges), value: spare.take(Uint32Array, edges),
    sourceX: spare.take(Float32Array, edges), targetX: spare.take(Float32Array, edges), labelWidth: spare.take(Float32Array, edges),
  }
}

/** Whether into level l of the one goes what went into level k of the other. */
export function sameLevel(one: NestMemory, l: number, other: NestMemory, k: number): boolean {
  return one.title[l] === other.title[k] && sameThings(one, l, other, k) && sameEdges(one, l, other, k)
}

// column by column: most levels are small, and all of them are looked at after every edit
function sameThings(one: NestMemory, l: number, other: NestMemory, k: number): boolean {
  const { key, width, height, pin, rigid } = one
  const { key: keys, width: widths, height: heights, pin: pins, rigid: rigids } = other
  const end = one.start[l + 1]
  const by = other.start[k] - one.start[l]
  if (other.start[k + 1] !== end + by) return false
  for (let i = one.start[l]; i < end; i++) if (key[i] !== keys[i + by] || width[i] !== widths[i + by] || height[i] !== heights[i + by] || pin[i] !== pins[i + by] || rigid[i] !== rigids[i + by]) return false
  return true
}

function sameEdges(one: NestMemory, l: number, other: NestMemory, k: number): boolean {
  const { source, target, value, sourceX, targetX, labelWidth } = one
  const { source: sources, target: targets, value: values, sourceX: sourceXs, targetX: targetXs, labelWidth: labelWidths } = other
  const end = one.edgeStart[l + 1]
  const by = other.edgeStart[k] - one.edgeStart[l]
  if (other.edgeStart[k + 1] !== end + by) return false
  for (let e = one.edgeStart[l]; e < end; e++) {
    if (source[e] !== sources[e + by] || target[e] !== targets[e + by] || value[e] !== values[e + by]) return false
    if (sourceX[e] !== sourceXs[e + by] || targetX[e] !== targetXs[e + by] || labelWidth[e] !== labelWidths[e + by]) return false
  }
  return true
}

/** The part of the memory that is about one level, for things with these keys. */
export interface Recollection { memory: LayoutMemory; key: Uint32Array }

export class NestRecall {
  private places: Map<number, number> | null = null

  /** `asked`: places of things that have none yet, of one level */
  constructor(readonly memory: NestMemory, private readonly asked: LayoutMemory) {}

  /** Where a level is in the memory, perhaps at `guess`; -1: nowhere. */
  find(level: number, guess: number): number {
    if (this.memory.level[guess] === level) return guess
    this.places ??= new Map(Array.from(this.memory.level, (one, l) => [one, l]))
    return this.places.get(level) ?? -1
  }

  /**
   * Keys for the layout of what is level l in the memory, and `level` in `all`: what was there has its place of then, what is new a number after those. A box of
   * another width keeps its middle. Null: the level is laid out afresh.
   */
  of(l: number, all: NestMemory, level: number): Recollection | null {
    const { memory } = this
    const right = memory.direction === 'right'
    const now = levelOf(all, level)
    const { key } = now
    const width = right ? now.height : now.width
    const before = memory.results[l]
    const from = memory.start[l]
    const known = memory.start[l + 1] - from
    const widths = (right ? memory.height : memory.width).subarray(from, from + known)
    const at = new Map<number, number>()
    for (let i = 0; i < known; i++) at.set(memory.key[from + i], i)
    if (this.asked.afresh && key.some((one, i) => { const was = at.get(one); return was !== undefined && widths[was] !== width[i] })) return null
    const asked = (this.asked.within ?? GRAPH) === memory.level[l] ? this.asked : null
    asked?.key.forEach((one, i) => at.set(one, known + i))
    const joined = (all: Float32Array, more: Float32Array | undefined, shift: number): Float32Array => {
      const both = new Float32Array(known + (more?.length ?? 0))
      both.set(all)
      more?.forEach((place, i) => { both[known + i] = place - shift })
      return both
    }
    const x = joined(before.x, asked?.x, memory.shiftX[l])
    const y = joined(before.y, asked?.y, memory.shiftY[l])
    const rank = new Int32Array(x.length).fill(LONELY)
    rank.set(before.rank)
    if (asked) rank.set(asked.rank, known)
    const across = right ? y : x
    const numbers = new Uint32Array(key.length)
    for (let i = 0; i < key.length; i++) {
      const was = at.get(key[i])
      numbers[i] = was ?? x.length + i
      if (was !== undefined && was < known && widths[was] !== width[i]) across[was] += (widths[was] - width[i]) / 2
    }
    return { key: numbers, memory: { key: Uint32Array.from(x, (_, i) => i), x, y, rank, trunks: before.trunks, nothingNew: gainsNothing(levelOf(memory, l), now) } }
  }
}

function levelOf({ start, edgeStart, key, width, height, source, target }: NestMemory, level: number): Pick<NestMemory, 'key' | 'width' | 'height' | 'source' | 'target'> {
  const [from, end] = [start[level], start[level + 1]]
  const [first, last] = [edgeStart[level], edgeStart[level + 1]]
  return { key: key.subarray(from, end), width: width.subarray(from, end), height: height.subarray(from, end), source: source.subarray(first, last), target: target.subarray(first, last) }
}
