/** How a wire runs that no layout has drawn: around the boxes in its way. */
import type { Spot } from './flow'
import type { Bounds } from './placed'
import type { Scene } from './scene'
import { ASIDE, boxOf, type Standing } from './standing'

/** x, y, x, y, … */
export type Points = number[]

const STUB = 18
/** ends that are no farther apart across the flow are joined by one line, which is not aslant */
export const EVEN = 0.01
const CLEAR = 6
/** boxes that a wire is led around at most; beyond that it takes the straight way */
const MOST_BOXES = 400

/** Leaves and enters vertically; downwards by a level that is free, upwards past both ends. */
export function route(scene: Scene, standing: Standing, edge: number): Points {
  const { x, y, height } = standing
  const source = scene.source[edge]
  const target = scene.target[edge]
  const from = { x: x[source] + scene.sourceAt[edge], y: y[source] + height[source] }
  const to = { x: x[target] + scene.targetAt[edge], y: y[target] }
  if (to.y - from.y >= 2 * STUB) return downwards(from, to, obstacles(standing, source, target, from, to))
  const [one, two] = [boxOf(standing, source), boxOf(standing, target)]
  const between = one.right < two.left ? [(one.right + two.left) / 2] : two.right < one.left ? [(two.right + one.left) / 2] : []
  const aside = [Math.max(one.right, two.right) + ASIDE, Math.min(one.left, two.left) - ASIDE].sort((a, b) => Math.abs(a - from.x) + Math.abs(a - to.x) - Math.abs(b - from.x) - Math.abs(b - to.x))
  const columns = [...between, ...aside]
  return past(from, to, columns.find((column) => free([one, two], past(from, to, column).slice(2, -2))) ?? columns[0]!)
}

/** Along a column beside the straight way. */
function past(from: Spot, to: Spot, column: number): Points {
  return [from.x, from.y, from.x, from.y + STUB, column, from.y + STUB, column, to.y - STUB, to.x, to.y - STUB, to.x, to.y]
}

function downwards(from: Spot, to: Spot, boxes: readonly Bounds[]): Points {
  const straight = Math.abs(from.x - to.x) < EVEN
  if (straight && free(boxes, [from.x, from.y, to.x, to.y])) return [from.x, from.y, to.x, to.y]
  const levels = [to.y - STUB, from.y + STUB, (from.y + to.y) / 2, ...boxes.flatMap((box) => [box.top - CLEAR - 2, box.bottom + CLEAR + 2])]
  const by = (level: number): Points => [from.x, from.y, from.x, level, to.x, level, to.x, to.y]
  const inside = levels.filter((level) => level >= from.y + CLEAR && level <= to.y - CLEAR)
  const found = inside.find((level) => free(boxes, by(level)))
  if (found !== undefined) return by(found)
  const columns = boxes.flatMap((box) => [box.left - ASIDE, box.right + ASIDE]).sort((a, b) => Math.abs(a - (from.x + to.x) / 2) - Math.abs(b - (from.x + to.x) / 2))
  const column = columns.slice(0, 40).find((one) => free(boxes, past(from, to, one)))
  return column === undefined ? by(to.y - STUB) : past(from, to, column)
}

function free(boxes: readonly Bounds[], way: Points): boolean {
  for (let p = 0; p + 3 < way.length; p += 2) {
    const left = Math.min(way[p]!, way[p + 2]!)
    const right = Math.max(way[p]!, way[p + 2]!)
    const top = Math.min(way[p + 1]!, way[p + 3]!)
    const bottom = Math.max(way[p + 1]!, way[p + 3]!)
    if (boxes.some((box) => left < box.right + CLEAR && right > box.left - CLEAR && top < box.bottom && bottom > box.top)) return false
  }
  return true
}

/** What stands between the two ends, but for the two themselves. */
function obstacles(standing: Standing, source: number, target: number, from: Spot, to: Spot): Bounds[] {
  const { x, y, width, height } = standing
  const found: Bounds[] = []
  const left = Math.min(from.x, to.x) - 200
  const right = Math.max(from.x, to.x) + 200
  for (let item = 0; item < x.length && found.length <= MOST_BOXES; item++) {
    if (item === source || item === target || x[item] > right || y[item] > to.y || x[item] + width[item] < left || y[item] + height[item] < from.y) continue
    found.push(boxOf(standing, item))
  }
  return found.length > MOST_BOXES ? [] : found
}
