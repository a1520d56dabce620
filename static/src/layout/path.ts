/** A growing list of points. */
export class Path {
  private data: Float32Array
  count = 0
  /** x of the last point */
  x = NaN

  constructor(points: number) {
    this.data = new Float32Array(2 * Math.max(points, 16))
  }

  clear(): void {
    this.count = 0
    this.x = NaN
  }

  /** The next point belongs to another edge. */
  begin(): void {
    this.x = NaN
  }

  add(x: number, y: number): void {
    if (2 * this.count + 2 > this.data.length) this.grow(1)
    this.data[2 * this.count] = x
    this.data[2 * this.count + 1] = y
    this.x = this.data[2 * this.count]
    this.count++
  }

  /** Appends the points [from, to) of another path. */
  copy(other: Path, from: number, to: number): void {
    if (to <= from) return
    this.grow(to - from)
    this.data.set(other.data.subarray(2 * from, 2 * to), 2 * this.count)
    this.count += to - from
    this.x = this.data[2 * this.count - 2]
  }

  finish(): Float32Array {
    return this.data.slice(0, 2 * this.count)
  }

  private grow(more: number): void {
    const needed = 2 * (this.count + more)
    if (needed <= this.data.length) return
    const larger = new Float32Array(Math.max(needed, 2 * this.data.length))
    larger.set(this.data)
    this.data = larger
  }
}
