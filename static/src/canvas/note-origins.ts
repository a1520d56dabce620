/** What notes stand beside: they go along with the nearest node, however the graph is laid out. */
import { originOf } from '../scene/arrange'
import type { Spot } from '../scene/flow'
import type { PlacedScene } from '../scene/placed'
import { NODE, SCOPE } from '../scene/scene'
import type { NoteOrigins } from './note-layer'

export function noteOrigins(placed: PlacedScene): NoteOrigins {
  return {
    of: (near) => {
      const node = near === undefined ? -1 : placed.scene.document.nodeIndex(near)
      const item = node < 0 || placed.scene.document.graphOfNode(node) !== placed.scene.graph ? -1 : placed.scene.itemShowing(node)
      return item < 0 ? originOf(placed.scene, placed.base) : { x: placed.x[item], y: placed.y[item] }
    },
    nearest: (at) => nearestNode(placed, at),
  }
}

/** The node of this graph whose box, or whose closed scope's, is nearest to the place. */
function nearestNode(placed: PlacedScene, { x, y }: Spot): string | undefined {
  const { scene } = placed
  let best = Infinity
  let found = -1
  for (let item = 0; item < scene.count; item++) {
    const isOwn = scene.kind[item] === SCOPE || (scene.kind[item] === NODE && scene.document.graphOfNode(scene.index[item]) === scene.graph)
    if (!isOwn) continue
    const box = placed.boxOf(item)
    const distance = Math.hypot(Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom))
    if (distance >= best) continue
    best = distance
    found = item
  }
  return found < 0 ? undefined : scene.idsOf(found)[0]
}
