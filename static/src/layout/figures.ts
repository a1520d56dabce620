/** What a solved piece is like in a few figures, to tell whether one that grew from edit to edit is still worth keeping. */
import type { Rows } from './rows'
import type { Space } from './space'

export interface Figures {
  crossings: number
  /** lines that go sideways in a gap between rows */
  turns: number
  /** of all lines, sideways and along the rows, pixels */
  length: number
  /** with labels */
  width: number
  height: number
}

/** Closer than this is straight, pixels. */
const STRAIGHT = 0.06

export function figuresOf(rows: Rows, space: Space, x: Float64Array, height: number, crossings: number): Figures {
  const { segments } = rows
  let turns = 0
  let sideways = 0
  for (let s = 0; s < segments.count; s++) {
    const distance = Math.abs(x[segments.upper[s]] + segments.upperPort[s] - x[segments.lower[s]] - segments.lowerPort[s])
    if (distance < STRAIGHT) continue
    turns++
    sideways += distance
  }
  let left = Infinity
  let right = -Infinity
  for (let i = 0; i < rows.items; i++) {
    left = Math.min(left, leftEnd(space, x, i))
    right = Math.max(right, rightEnd(rows, space, x, i))
  }
  return { crossings, turns, length: sideways + (segments.count * height) / rows.rows, width: right - left, height }
}

/** Where an item ends with all that belongs to it: labels, and the ends of its lines. */
export function leftEnd(space: Space, x: Float64Array, item: number): number {
  return x[item] + Math.min(0, space.topFrom[item], space.bottomFrom[item])
}

export function rightEnd(rows: Rows, space: Space, x: Float64Array, item: number): number {
  return x[item] + Math.max(rows.width[item], space.topTo[item], space.bottomTo[item])
}

/** Whether the one is not much worse than the other in anything. */
export function isWithin(one: Figures, other: Figures, ratio: number): boolean {
  return one.crossings <= ratio * other.crossings + 0.5 && one.turns <= ratio * other.turns + 0.5 && one.length <= ratio * other.length + 200
    && one.width * one.height <= ratio * other.width * other.height + 20000
}
