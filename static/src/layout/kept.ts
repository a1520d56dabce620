/** Memories of nested layouts, kept in the worker: the page knows them by number, and goes on from one of the last. */
import { release } from '../document/release'
import type { LayoutMemory, LayoutResult, NestMemory } from './types'

/** things of all levels that are remembered together; the two newest stay, however large */
const MOST_THINGS = 400_000

export class KeptMemories {
  /** the one that was used last stands last */
  private readonly memories = new Map<number, NestMemory>()
  private next = 1

  /** The memory with what its number stands for; without it when that is forgotten, or the number of another worker. */
  recalled(memory: LayoutMemory | undefined): LayoutMemory | undefined {
    if (typeof memory?.nest !== 'number') return memory
    const nest = this.memories.get(memory.nest)
    if (!nest) return undefined
    this.memories.delete(memory.nest)
    this.memories.set(memory.nest, nest)
    return { ...memory, nest }
  }

  /** The result as it goes to the page. */
  keep(result: LayoutResult): LayoutResult {
    const { nest } = result
    if (typeof nest?.memory !== 'object') return result
    const number = this.next++
    this.memories.set(number, nest.memory)
    let things = 0
    for (const [old, { key }] of [...this.memories].reverse()) {
      things += key.length
      if (things > MOST_THINGS && old < number && this.memories.size > 2) this.forget(old)
    }
    return { ...result, nest: { ...nest, memory: number } }
  }

  /** The layouts of its levels may be in other memories, too; its own columns are in none. */
  private forget(number: number): void {
    const columns = Object.values(this.memories.get(number) ?? {}).filter((column) => ArrayBuffer.isView(column))
    release(columns.map(({ buffer }) => buffer as ArrayBuffer))
    this.memories.delete(number)
  }
}
