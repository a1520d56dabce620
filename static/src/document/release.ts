/** Memory of large arrays: given back before anybody collects garbage, or used again for the next ones. */

/**
 * The buffers must not be used afterwards. They are sent where nobody is: one that came in a message or a download has a second holder in
 * the browser, which would keep its memory until a garbage collection if the buffer was only made empty.
 */
export function release(buffers: readonly ArrayBuffer[]): void {
  if (buffers.length === 0) return
  const { port1, port2 } = new MessageChannel()
  port2.close()
  port1.postMessage(null, [...buffers])
  port1.close()
}

interface Kind<T> { new (buffer: ArrayBuffer, offset: number, length: number): T; readonly BYTES_PER_ELEMENT: number }
export type Column = Uint8Array | Uint32Array | Int32Array | Float32Array | Float64Array

const TESTED = import.meta.env.MODE === 'test'
/** bytes: smaller arrays are new ones, and cost nothing */
const LEAST = TESTED ? 0 : 1 << 15
const PAGE = 4096
/** nothing came or went for so long: what waits is given back to the system */
const IDLE_MS = 15_000

/**
 * Memory that waits for its next use. New memory comes cleared, page by page, and brings the next garbage collection nearer, which stops the
 * page for tens of milliseconds: after an edit of a large graph both cost more than what is written into it.
 */
export class Spare {
  /** taken, and not given back yet */
  private readonly mine = new WeakSet<ArrayBuffer>()
  /** in the order of their sizes */
  private readonly waiting: ArrayBuffer[] = []
  private kept = 0
  private idle: ReturnType<typeof setTimeout> | undefined

  /** `most`: bytes that wait at most. */
  constructor(private readonly most: number) {}

  /** An array that holds anything: every place of it is to be written. */
  take<T extends Column>(kind: Kind<T>, length: number): T {
    const bytes = length * kind.BYTES_PER_ELEMENT
    const at = this.firstWith(bytes)
    const found = this.waiting[at]
    if (bytes >= LEAST && found && found.byteLength <= 2 * bytes) {
      this.waiting.splice(at, 1)
      this.kept -= found.byteLength
      this.mine.add(found)
      return new kind(found, 0, length)
    }
    const buffer = new ArrayBuffer(bytes < LEAST || TESTED ? bytes : Math.ceil((bytes + bytes / 64) / PAGE) * PAGE)
    if (TESTED) new Uint8Array(buffer).fill(0xa5)
    if (bytes >= LEAST) this.mine.add(buffer)
    return new kind(buffer, 0, length)
  }

  /** An array of the same kind. */
  like<T extends Column>(column: T, length: number): T {
    return this.take(column.constructor as unknown as Kind<T>, length)
  }

  /** A copy in such memory. */
  copy<T extends Column>(column: T): T {
    const made = this.like(column, column.length)
    made.set(column)
    return made
  }

  /** What came from elsewhere, and nobody else has: it is given back with the rest. */
  adopt(buffers: Iterable<ArrayBuffer>): void {
    for (const buffer of buffers) if (buffer.byteLength >= LEAST) this.mine.add(buffer)
  }

  /** Nothing of it is used any more; what was not taken here, or adopted, is left alone. */
  give(buffers: Iterable<ArrayBuffer>): void {
    const surplus: ArrayBuffer[] = []
    for (const buffer of buffers) {
      if (!this.mine.delete(buffer) || buffer.byteLength === 0) continue
      if (this.kept + buffer.byteLength > this.most) {
        surplus.push(buffer)
        continue
      }
      this.kept += buffer.byteLength
      this.waiting.splice(this.firstWith(buffer.byteLength), 0, buffer)
    }
    release(surplus)
    clearTimeout(this.idle)
    if (this.kept > 0) this.idle = setTimeout(() => this.empty(), IDLE_MS)
  }

  private empty(): void {
    release(this.waiting.splice(0))
    this.kept = 0
  }

  private firstWith(bytes: number): number {
    let [from, to] = [0, this.waiting.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if (this.waiting[middle]!.byteLength < bytes) from = middle + 1
      else to = middle
    }
    return from
  }
}

/** of this page, or of a worker: for scenes and their layouts, which bring it from one to the other */
export const spare = new Spare(12 << 20)
