/**
 * Where new boxes stand until the layout says it: on the wire that they were put into, between what they are joined to, or beside it. Into a long
 * wire the layout puts them at its maker, so they stand there from the first frame on.
 */
import type { Spot } from './flow'
import type { PlacedScene } from './placed'
import type { Scene } from './scene'
import { beside, boxOf, level, meet, type Standing } from './standing'

/** between a new box and what it is joined to at one side only */
const GAP = 44
/** further than this from its place a new box does not stand to be clear of others: it covers them for a moment */
const MOST_ASIDE = 260
/** further than this from what makes what it reads a new box does not stand, neither across nor along the flow */
const MOST_AWAY = 320

/** Stands new items at a place of their own. `wish`: where one was asked for, its left upper corner; `beyond`: where one without wires stands else. */
export class Newcomers {
  private readonly right: boolean
  /** those without a place */
  private readonly waiting: Set<number>

  constructor(
    private readonly before: PlacedScene, private readonly next: Scene, private readonly was: Int32Array, private readonly standing: Standing,
    private readonly items: readonly number[], private readonly wish: (item: number) => Spot | null, private readonly beyond: Spot,
  ) {
    this.waiting = new Set(items)
    for (const item of items) standing.x[item] = standing.y[item] = NaN // in nobody's way
    this.right = next.direction === 'right'
  }

  /** What is joined to something that stands comes first: a chain of new boxes stands one below the other. */
  place(): void {
    let left = this.items
    while (left.length > 0) {
      const joined = left.filter((item) => this.tryPlace(item))
      if (joined.length > 0) left = left.filter((item) => this.waiting.has(item))
      else {
        this.put(left[0]!, this.turned(this.wish(left[0]!) ?? this.beyond))
        left = left.slice(1)
      }
    }
  }

  private tryPlace(item: number): boolean {
    const { next, waiting } = this
    const taken = Array.from(next.incoming(item)).filter((edge) => !waiting.has(next.source[edge]))
    const made = Array.from(next.outgoing(item)).filter((edge) => !waiting.has(next.target[edge]))
    if (taken.length + made.length === 0) return false
    const wish = this.wish(item)
    this.put(item, this.apart(item, wish ? this.turned(wish) : this.wanted(item, taken, made)))
    return true
  }

  /** Across and along the flow: its left upper corner as seen along it. */
  private wanted(item: number, taken: readonly number[], made: readonly number[]): Spot {
    const { next, standing } = this
    const { x, y, width, height } = standing
    const from = taken.map((edge) => ({ x: x[next.source[edge]] + next.sourceAt[edge] - next.targetAt[edge], y: y[next.source[edge]] + height[next.source[edge]] }))
    const to = made.map((edge) => ({ x: x[next.target[edge]] + next.targetAt[edge] - next.sourceAt[edge], y: y[next.target[edge]] }))
    const end = Math.max(...from.map((one) => one.y))
    const begin = Math.min(...to.map((one) => one.y))
    const across = mean((from.length > 0 ? from : to).map((one) => one.x))
    const isNear = (spot: Spot): boolean => from.length === 0 || (Math.abs(spot.x - across) < MOST_AWAY && spot.y - end < MOST_AWAY)
    const split = this.middleOfWire(taken, made)
    const middle = split && { x: split.x - width[item] / 2, y: split.y - height[item] / 2 }
    if (middle && isNear(middle)) return middle
    const between = { x: across, y: from.length > 0 && begin > end ? (begin + end - height[item]) / 2 : begin - GAP - height[item] }
    return to.length > 0 && isNear(between) ? between : { x: across, y: end + GAP }
  }

  /** The middle of the wire that ran where the new box stands in between now: of its longest piece along the flow. */
  private middleOfWire(taken: readonly number[], made: readonly number[]): Spot | null {
    const { before, next, was } = this
    const { base: { pointStart, points }, scene } = before
    const sources = new Set(taken.map((edge) => was[next.source[edge]]))
    for (const edge of made) {
      const target = was[next.target[edge]]
      const old = target < 0 ? undefined : scene.incoming(target).find((one) => scene.slot[one] === next.slot[edge] && sources.has(scene.source[one]))
      if (old === undefined) continue
      let best = -1
      let middle: Spot | null = null
      for (let p = pointStart[old]; p + 1 < pointStart[old + 1]; p++) {
        const [one, two] = [this.turned({ x: points[2 * p], y: points[2 * p + 1] }), this.turned({ x: points[2 * p + 2], y: points[2 * p + 3] })]
        if (two.y - one.y <= best) continue
        best = two.y - one.y
        middle = { x: (one.x + two.x) / 2, y: (one.y + two.y) / 2 }
      }
      if (middle) return middle
    }
    return null
  }

  /** The place, or the nearest one beside it that is free, where that is not far. */
  private apart(item: number, spot: Spot): Spot {
    const { standing } = this
    this.put(item, spot)
    const near = level(standing, item)
    const box = boxOf(standing, item)
    if (!near.some((other) => meet(boxOf(standing, other), box))) return spot
    const found = ([-1, 1] as const).map((way) => beside(standing, item, spot.x, way, near)).sort((a, b) => Math.abs(a - spot.x) - Math.abs(b - spot.x))[0]!
    return Math.abs(found - spot.x) <= MOST_ASIDE ? { x: found, y: spot.y } : spot
  }

  private put(item: number, { x, y }: Spot): void {
    this.standing.x[item] = x
    this.standing.y[item] = y
    this.waiting.delete(item)
  }

  private turned({ x, y }: Spot): Spot {
    return this.right ? { x: y, y: x } : { x, y }
  }
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length
}
