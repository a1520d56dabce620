/** A list after an edit: runs of the earlier list, and new things between them. Columns are copied run by run. */
import { spare, type Column } from '../document/release'

/** Things that stand one after the other in both lists. */
export interface Run { from: number; to: number; length: number }

export class Splice {
  /** how many there are now */
  readonly count: number
  /** where each of the new ones stands now */
  readonly fresh: number[] = []
  readonly runs: Run[] = []

  /** `size`: how many there were; `removed`, in order; `inserted`: new ones, in order, each stands before what was at that place. */
  constructor(private readonly size: number, removed: readonly number[], inserted: readonly number[]) {
    let to = 0
    let from = 0
    const upTo = (end: number): void => {
      if (end > from) this.runs.push({ from, to, length: end - from })
      to += Math.max(0, end - from)
      from = Math.max(from, end)
    }
    let next = 0
    const insertUpTo = (end: number): void => {
      for (; next < inserted.length && inserted[next] <= end; next++) {
        upTo(inserted[next])
        this.fresh.push(to++)
      }
    }
    for (const gone of removed) {
      insertUpTo(gone)
      upTo(gone)
      from = gone + 1
    }
    insertUpTo(size)
    upTo(size)
    this.count = to
  }

  /** Whether nothing went or came. */
  get same(): boolean {
    return this.fresh.length === 0 && this.count === this.size
  }

  /** The column with what stayed; new places hold 0. */
  column<T extends Column>(before: T): T {
    const now = spare.like(before, this.count)
    for (const { from, to, length } of this.runs) now.set(before.subarray(from, from + length), to)
    for (const fresh of this.fresh) now[fresh] = 0
    return now
  }

  /** The list with what stayed, and `fresh` in the new places. */
  list<T>(before: readonly T[], fresh: readonly T[]): T[] {
    let now: T[] | null = null // a copy of many thousands is made once, with the first change in it
    let [end, endNow, left] = [this.size, this.count, fresh.length]
    for (let r = this.runs.length - 1; r >= -1; r--) {
      const { from, to, length } = this.runs[r] ?? { from: 0, to: 0, length: 0 }
      const [gone, came] = [end - from - length, endNow - to - length]
      const coming = fresh.slice(left - came, left)
      if (gone + came > 0 && now) now.splice(from + length, gone, ...coming)
      else if (gone + came > 0) now = before.toSpliced(from + length, gone, ...coming)
      left -= came
      ;[end, endNow] = [from, to]
    }
    return now ?? before.slice()
  }

  /** Per place now, the earlier one; -1: it is new. */
  earlier(): Int32Array {
    const earlier = spare.take(Int32Array, this.count)
    for (const { from, to, length } of this.runs) for (let i = 0; i < length; i++) earlier[to + i] = from + i
    for (const fresh of this.fresh) earlier[fresh] = -1
    return earlier
  }

  /** Per earlier place, the one now; -1: it is gone. */
  now(): Int32Array {
    const now = spare.take(Int32Array, this.size).fill(-1)
    for (const { from, to, length } of this.runs) for (let i = 0; i < length; i++) now[from + i] = to + i
    return now
  }
}

/** The runs of a table of earlier places, where -1 stands for none. */
export function runsOf(earlier: Int32Array): Run[] {
  const runs: Run[] = []
  for (let at = 0; at < earlier.length;) {
    const from = earlier[at]
    const to = at++
    if (from < 0) continue
    while (at < earlier.length && earlier[at] === from + at - to) at++
    runs.push({ from, to, length: at - to })
  }
  return runs
}
