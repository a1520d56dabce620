/** What a solved piece is like in a few figures, to tell whether one that grew from edit to edit is still worth keeping. */
import type { Rows } from './rows'

export interface Figures {
  crossings: number
  /** lines that go sideways in a gap between rows */
  turns: number
  /** of all lines, sideways and along the rows, pixels */
  length: number
  width: number
  height: number
}

/** Closer than this is straight, pixels. */
const STRAIGHT = 0.06

export function figuresOf(rows: Rows, x: Float64Array, height: number, crossings: number): Figures {
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
    left = Math.min(left, x[i])
    right = Math.max(right, x[i] + rows.width[i])
  }
  return { crossings, turns, length: sideways + (segments.count * height) / rows.rows, width: right - left, height }
}

/** Whether the one is not much worse than the other in anything. */
export function isWithin(one: Figures, other: Figures, ratio: number): boolean {
  return one.crossings <= ratio * other.crossings + 2 && one.turns <= ratio * other.turns + 2 && one.length <= ratio * other.length + 200
    && one.width * one.height <= ratio * other.width * other.height + 20000
}
