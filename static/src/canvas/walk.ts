/** Where an arrow key goes from an item: up and down along the wires, left and right to its neighbours. */
import type { PlacedScene } from '../scene/placed'

export type Step = 'up' | 'down' | 'left' | 'right'

/** -1: there is nothing that way */
export function stepFrom(placed: PlacedScene, item: number, step: Step): number {
  if (step === 'up') return nearestX(placed, item, Array.from(placed.scene.incoming(item), (edge) => placed.scene.source[edge]))
  if (step === 'down') return nearestX(placed, item, Array.from(placed.scene.outgoing(item), (edge) => placed.scene.target[edge]))
  return beside(placed, item, step === 'left' ? -1 : 1)
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

function nearestX(placed: PlacedScene, item: number, candidates: number[]): number {
  let found = -1
  for (const candidate of candidates) {
    if (candidate === item) continue
    if (found < 0 || Math.abs(middleX(placed, candidate) - middleX(placed, item)) < Math.abs(middleX(placed, found) - middleX(placed, item))) found = candidate
  }
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
