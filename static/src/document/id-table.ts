/** Indexes by id: a hash table of integers over the table of strings, so that 100,000 ids cost a megabyte and no objects. */
import { hashOf, type Strings } from './columns'

export class IdTable {
  /** open addressing: index + 1 at the hash's slot or the next free one */
  private readonly slots: Int32Array
  private readonly mask: number
  private readonly added = new Map<string, number>()

  /** `column`: for each index the number of its id (see `Strings.idAt`). Of equal ids the last one counts. */
  constructor(private readonly strings: Strings, private readonly column: Uint32Array, added: readonly string[]) {
    this.mask = 2 ** Math.ceil(Math.log2(Math.max(2, column.length * 2))) - 1
    this.slots = new Int32Array(this.mask + 1)
    for (let index = 0; index < column.length; index++) this.put(index)
    added.forEach((id, i) => this.added.set(id, column.length + i))
  }

  /** -1: there is no such id */
  get(id: string): number {
    const added = this.added.size > 0 ? this.added.get(id) : undefined
    if (added !== undefined) return added
    for (let slot = this.start(hashOf(id)); this.slots[slot] !== 0; slot = (slot + 1) & this.mask) {
      const index = this.slots[slot] - 1
      if (this.strings.isIdAt(this.column[index], id)) return index
    }
    return -1
  }

  add(id: string, index: number): void {
    this.added.set(id, index)
  }

  private put(index: number): void {
    let slot = this.start(this.strings.hashOfIdAt(this.column[index]))
    while (this.slots[slot] !== 0 && this.column[this.slots[slot] - 1] !== this.column[index]) slot = (slot + 1) & this.mask
    this.slots[slot] = index + 1
  }

  /** The lower bits of FNV alone are alike where ends of names are. */
  private start(hash: number): number {
    return (hash ^ (hash >>> 15)) & this.mask
  }
}
