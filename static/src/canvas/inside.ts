/** Between a node and what is open in place of it: the way in, and the way back. */
import { NODE, type Scene } from '../scene/scene'

/** The node in whose open body, or function, the item stands; -1: in none. */
export function holderOf(scene: Scene, item: number): number {
  const { nesting } = scene
  for (let container = nesting?.of[item] ?? -1; container >= 0; container = nesting!.nest.parent[container]) {
    const body = nesting!.nest.body(container)
    if (body) return scene.itemOfNode(body.node)
  }
  return -1
}

/** The first node in what is open in place of this one, or what else is in it; -1: nothing is open, or it is empty. */
export function firstInside(scene: Scene, item: number): number {
  if (item < 0 || !scene.nesting || scene.kind[item] !== NODE) return -1
  const { nest, of } = scene.nesting
  let found = -1
  for (let at = 0; at < scene.count; at++) {
    if (of[at] < 0 || nest.body(of[at])?.node !== scene.index[item]) continue
    if (scene.kind[at] === NODE) return at
    if (found < 0) found = at
  }
  return found
}
