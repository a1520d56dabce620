/** In a crowd of wires, tells those that would be painted over another one, pixel for pixel: thousands of readers of one value. */
import type { Bounds } from '../scene/placed'

/** Wires of one stroke: two of them look alike when they are in the same pixels wherever they meet the view's sides or end in it. */
export class Crowd {
  private readonly seen = new Set<number>()
  private high = 0
  private low = 0
  private readonly view: Bounds
  /** which of a point's two numbers is across the flow; all is turned so that the flow is downwards */
  private readonly across: 0 | 1

  /** `pixel`: one pixel of the screen in the graph's units; `curved`: slanted pieces are painted as curves; `right`: the graph runs to the right */
  constructor(view: Bounds, private readonly pixel: number, private readonly curved: boolean, right = false) {
    this.across = right ? 1 : 0
    this.view = right ? { left: view.top, top: view.left, right: view.bottom, bottom: view.right } : view
  }

  /** Whether the wire of `count` points, x and y from `from` on, shows something that none before it did. */
  shows(points: Float32Array, from: number, count: number): boolean {
    const { left, right } = this.view
    this.high = 17
    this.low = 31
    let met = false
    const end = from + 2 * count
    for (let p = from; p < end; p += 2) {
      const x = points[p + this.across]
      if (x >= left && x <= right) {
        this.note(x, points[p + 1 - this.across])
        met = true
      }
      if (p + 2 >= end) break
      if (this.crosses(points, p, left)) met = true
      if (this.crosses(points, p, right)) met = true
    }
    if (!met) return false
    const key = this.high * 0x200000 + (this.low >>> 11)
    if (this.seen.has(key)) return false
    this.seen.add(key)
    return true
  }

  /** Notes where the piece from the point at `p` to the next passes `side`. */
  private crosses(points: Float32Array, p: number, side: number): boolean {
    const x = points[p + this.across]
    const wide = points[p + 2 + this.across] - x
    const part = (side - x) / wide
    if (wide === 0 || part <= 0 || part >= 1) return false
    const y = points[p + 1 - this.across]
    this.note(side, y + (points[p + 3 - this.across] - y) * (this.curved ? alongCurve(part) : part))
    return true
  }

  /** Above or below the view everything is alike. */
  private note(x: number, y: number): void {
    const { top, bottom } = this.view
    const column = Math.round(x / this.pixel)
    const row = Math.round(Math.min(bottom, Math.max(top, y)) / this.pixel)
    this.high = (Math.imul(Math.imul(this.high ^ column, 0x9e3779b1) ^ row, 0x85ebca6b) ^ (this.high >>> 15)) >>> 0
    this.low = (Math.imul(Math.imul(this.low ^ row, 0xc2b2ae35) ^ column, 0x27d4eb2f) ^ (this.low >>> 13)) >>> 0
  }
}

/** How far down a bend is where it is `part` of its way across: the curve of `paint-edges`, solved for its height. */
function alongCurve(part: number): number {
  const t = 0.5 - Math.sin(Math.asin(1 - 2 * part) / 3)
  const u = 1 - t
  return 3 * u * u * t * 0.55 + 3 * u * t * t * 0.45 + t * t * t
}
