/** What an item depends on, and what depends on it: along the scene's wires, which those to bodies are among. */
import type { Scene } from './scene'

/** 1 for the item and everything that its inputs are computed from ('up'), or that is computed from it ('down'). */
export function reach(scene: Scene, item: number, way: 'up' | 'down'): Uint8Array {
  const found = new Uint8Array(scene.count)
  const ends = way === 'up' ? scene.source : scene.target
  const waiting = [item]
  found[item] = 1
  while (waiting.length > 0) {
    const at = waiting.pop()!
    for (const edge of way === 'up' ? scene.incoming(at) : scene.outgoing(at)) {
      if (found[ends[edge]]) continue
      found[ends[edge]] = 1
      waiting.push(ends[edge])
    }
  }
  return found
}
