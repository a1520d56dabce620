/** Where an arrow key goes from an item: up and down along the wires, left and right among those at the other end, else to its neighbours. */
import type { PlacedScene } from '../scene/placed'

export type Step = 'up' | 'down' | 'left' | 'right'

/** Remembers the last step, so that the way back leads back, and left and right choose among several readers. Items are remembered by key. */
export class Walk {
  private came: { from: number; at: number; step: 'up' | 'down'; among: number[] } | null = null

  /** -1: there is nothing that way */
  step(placed: PlacedScene, item: number, step: Step): number {
    const { scene } = placed
    if (step === 'left' || step === 'right') return this.aside(placed, item, step === 'left' ? -1 : 1)
    const ends = step === 'up' ? Array.from(scene.incoming(item), (edge) => scene.source[edge]) : Array.from(scene.outgoing(item), (edge) => scene.target[edge])
    const back = this.came && this.came.at === scene.key[item] && this.came.step !== step ? placed.itemWithKey(this.came.from) : -1
    const among = inOrder(placed, ends.filter((end) => end !== item))
    return this.go(placed, item, step, among, among.includes(back) ? back : nearestX(placed, item, among))
  }

  /** From a value that is seen as wires only. */
  stepFromWire(placed: PlacedScene, value: number, step: 'up' | 'down'): number {
    const { scene } = placed
    const [first, end] = scene.edgesOf(value)
    if (first === end) return -1
    const source = scene.source[first]
    if (step === 'up') {
      this.came = null
      return source
    }
    const among = inOrder(placed, Array.from({ length: end - first }, (_, at) => scene.target[first + at]))
    return this.go(placed, source, 'down', among, nearestX(placed, source, among))
  }

  private go(placed: PlacedScene, from: number, step: 'up' | 'down', among: number[], to: number): number {
    const { key } = placed.scene
    if (to >= 0) this.came = { from: key[from], at: key[to], step, among: among.map((one) => key[one]) }
    return to
  }

  private aside(placed: PlacedScene, item: number, side: number): number {
    const { came } = this
    const key = placed.scene.key[item]
    if (came && came.at === key) {
      const next = came.among[came.among.indexOf(key) + side]
      const found = next === undefined ? -1 : placed.itemWithKey(next)
      if (found >= 0) {
        came.at = next!
        return found
      }
    }
    const found = beside(placed, item, side)
    if (found >= 0) this.came = null
    return found
  }
}

/** Where a walk begins when nothing is selected: the item nearest to the point. */
export function nearestItem(placed: PlacedScene, x: number, y: number): number {
  let best = Infinity
  let found = -1
  for (let item = 0; item < placed.scene.count; item++) {
    const distance = Math.hypot(middleX(placed, item) - x, placed.y[item] + placed.scene.height[item] / 2 - y)
    if (distance < best) {
      best = distance
      found = item
    }
  }
  return found
}

function middleX({ scene, x }: PlacedScene, item: number): number {
  return x[item] + scene.width[item] / 2
}

/** Each once, from left to right. */
function inOrder(placed: PlacedScene, items: number[]): number[] {
  return [...new Set(items)].sort((a, b) => middleX(placed, a) - middleX(placed, b) || placed.y[a] - placed.y[b])
}

function nearestX(placed: PlacedScene, item: number, candidates: readonly number[]): number {
  const far = (candidate: number): number => Math.abs(middleX(placed, candidate) - middleX(placed, item))
  let found = -1
  for (const candidate of candidates) if (found < 0 || far(candidate) < far(found)) found = candidate
  return found
}

/** The nearest item on that side whose height overlaps; the row's next one. */
function beside(placed: PlacedScene, item: number, side: number): number {
  const { scene, y } = placed
  let best = Infinity
  let found = -1
  for (let other = 0; other < scene.count; other++) {
    if (other === item || y[other] > y[item] + scene.height[item] || y[other] + scene.height[other] < y[item]) continue
    const distance = (middleX(placed, other) - middleX(placed, item)) * side
    if (distance > 0 && distance < best) {
      best = distance
      found = other
    }
  }
  return found
}
