/** Memories of nested layouts, kept in the worker: the page knows them by number, and goes on from one of the last. */
import { spare } from '../document/release'
import type { LayoutMemory, LayoutResult, NestMemory } from './types'

/** no memory has this number */
const NOTHING = 0
/** things of all levels that are remembered together; the two that were used last stay, however large */
const MOST_THINGS = 250_000
/** memories of fewer things are kept though something went on from them: the page may come back to them when an edit is undone */
const FEW_THINGS = 5000

export class KeptMemories {
  /** the one that was used last stands last */
  private readonly memories = new Map<number, NestMemory>()
  /** by number: the memory that it went on from */
  private readonly earlier = new Map<number, number>()
  private from: number | null = null
  private next = 1

  /**
   * The memory with what its number stands for; without it when that is forgotten, or the number of another worker. What it went on from
   * itself is forgotten now, if it is large: the page has seen what came of that.
   */
  recalled(memory: LayoutMemory | undefined): LayoutMemory | undefined {
    this.from = null
    if (typeof memory?.nest !== 'number') return memory
    const number = memory.nest
    const nest = this.memories.get(number)
    if (!nest) return undefined
    const earlier = this.earlier.get(number) ?? NOTHING
    if ((this.memories.get(earlier)?.key.length ?? 0) >= FEW_THINGS) this.forget(earlier)
    this.memories.delete(number)
    this.memories.set(number, nest)
    this.from = number
    return { ...memory, nest }
  }

  /** The result as it goes to the page. */
  keep(result: LayoutResult): LayoutResult {
    const { nest } = result
    if (typeof nest?.memory !== 'object') return result
    const number = this.next++
    this.memories.set(number, nest.memory)
    if (this.from !== null) this.earlier.set(number, this.from)
    let things = 0
    const newestFirst = [...this.memories].reverse()
    newestFirst.forEach(([old, { key }], at) => {
      things += key.length
      if (things > MOST_THINGS && at >= 2) this.forget(old)
    })
    return { ...result, nest: { ...nest, memory: number } }
  }

  /** The layouts of its levels may be in other memories, too; its own columns are in none. */
  private forget(number: number): void {
    const columns = Object.values(this.memories.get(number) ?? {}).filter((column) => ArrayBuffer.isView(column))
    spare.give(columns.map(({ buffer }) => buffer as ArrayBuffer))
    this.memories.delete(number)
    this.earlier.delete(number)
  }
}
