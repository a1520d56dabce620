/** Boxes where they stand, turned so that the flow is downwards, and places that are free among them. */
import { spotIn } from './flow'
import type { Bounds } from './placed'
import type { Scene } from './scene'

/** kept free beside a box */
export const ASIDE = 22
const MOST_TRIES = 20

/** Where boxes stand and how large they are, turned so that the flow is downwards. */
export interface Standing { x: Float32Array; y: Float32Array; width: Float32Array; height: Float32Array }

export function turned(scene: Scene, x: Float32Array, y: Float32Array): Standing {
  return scene.direction === 'right' ? { x: y, y: x, width: scene.height, height: scene.width } : { x, y, width: scene.width, height: scene.height }
}

export function turnedBack({ direction }: Scene, way: readonly number[]): number[] {
  const points: number[] = []
  for (let p = 0; p < way.length; p += 2) {
    const { x, y } = spotIn(direction, way[p]!, way[p + 1]!)
    points.push(x, y)
  }
  return points
}

export function boxOf({ x, y, width, height }: Standing, item: number): Bounds {
  return { left: x[item], top: y[item], right: x[item] + width[item], bottom: y[item] + height[item] }
}

/** Other items at the height of this one, however far aside. */
export function level({ y, height }: Standing, item: number): number[] {
  const [top, bottom] = [y[item], y[item] + height[item]]
  const found: number[] = []
  for (let other = 0; other < y.length; other++) if (y[other] < bottom && y[other] + height[other] > top && other !== item) found.push(other)
  return found
}

/** The first free place for the item from there on, at its height; `others` are at that height. */
export function beside(standing: Standing, item: number, from: number, way: 1 | -1, others = level(standing, item)): number {
  const { x, width } = standing
  let at = from
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const box = { ...boxOf(standing, item), left: at, right: at + width[item] }
    let next = at
    for (const other of others) {
      if (!meet(box, boxOf(standing, other))) continue
      next = way > 0 ? Math.max(next, x[other] + width[other] + ASIDE) : Math.min(next, x[other] - ASIDE - width[item])
    }
    if (next === at) return at
    at = next
  }
  return at
}

export function meet(one: Bounds, other: Bounds): boolean {
  return one.left < other.right && one.right > other.left && one.top < other.bottom && one.bottom > other.top
}
