/** What a solved piece is like in a few figures, to tell whether one that grew from edit to edit is still worth keeping. */
import type { Piece } from './piece'
import type { Drawing } from './route'
import type { Rows } from './rows'
import type { Space } from './space'

export interface Figures {
  crossings: number
  /** lines that go sideways in a gap between rows; or places where lines bend, where that is known */
  turns: number
  /** of all lines, sideways and along the rows, pixels */
  length: number
  /** with labels */
  width: number
  height: number
}

const MORE_CROSSINGS = 1.15
const DOWN = Math.PI / 2
const LEAST_BEND = (5 * Math.PI) / 180
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

/** Stretches in which lines curve one way, by more than a little; each place of a value's lines once. */
export function bendsOf({ edgeCount, value }: Piece, { pointStart, points }: Drawing): number {
  let bends = 0
  const known = new Set<number>()
  for (let e = 0; e < edgeCount; e++) {
    if (e === 0 || value[e] !== value[e - 1]) known.clear()
    let heading = DOWN
    let turned = 0
    let place = 0
    const head = (direction: number, at: number): void => {
      const by = Math.atan2(Math.sin(direction - heading), Math.cos(direction - heading))
      heading = direction
      if (Math.abs(by) < 1e-6) return
      if (turned * by <= 0) {
        finish()
        turned = 0
        place = 2 * (Math.round(2 * points[at]) * 1e6 + Math.round(2 * points[at + 1])) + Number(by > 0)
      }
      turned += by
    }
    const finish = (): void => {
      if (Math.abs(turned) <= LEAST_BEND || known.has(place)) return
      known.add(place)
      bends++
    }
    const end = 2 * pointStart[e + 1] - 2
    for (let k = 2 * pointStart[e]; k < end; k += 2) {
      const [dx, dy] = [points[k + 2] - points[k], points[k + 3] - points[k + 1]]
      if (Math.abs(dx) + Math.abs(dy) > 1e-3) head(Math.atan2(dy, dx), k)
    }
    head(DOWN, end)
    finish()
  }
  return bends
}

/** Where an item ends with all that belongs to it: labels, and the ends of its lines. */
export function leftEnd(space: Space, x: Float64Array, item: number): number {
  return x[item] + Math.min(0, space.topFrom[item], space.bottomFrom[item])
}

export function rightEnd(rows: Rows, space: Space, x: Float64Array, item: number): number {
  return x[item] + Math.max(rows.width[item], space.topTo[item], space.bottomTo[item])
}

/** Whether the one is not much worse than the other in anything; in crossings, which the eye counts, at most by MORE_CROSSINGS. */
export function isWithin(one: Figures, other: Figures, ratio: number): boolean {
  return one.crossings <= Math.min(ratio, MORE_CROSSINGS) * other.crossings + 0.5 && one.turns <= ratio * other.turns + 0.5 && one.length <= ratio * other.length + 100
    && one.width * one.height <= ratio * other.width * other.height + 2000 && one.width <= ratio * other.width + 10
}
