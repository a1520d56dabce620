/** Where a graph is first looked at. */
import type { PlacedScene } from '../scene/placed'
import { INPUT } from '../scene/scene'
import type { Camera, Place } from './camera'

/** all of the graph, when it can be read then */
const LEAST_WHOLE = 0.8
const OPENING_ZOOM = 1
const MARGIN = 32
/** what the bars cover at the lower edge */
export const BARS = 40

/** All of a small graph; of a large one its first input, large enough to read: a picture of 10,000 specks says nothing. */
export function openingPlace(placed: PlacedScene, camera: Camera): Place {
  const whole = camera.fitting(placed.bounds, MARGIN, 1, BARS)
  if (whole.zoom >= LEAST_WHOLE || placed.scene.count === 0) return whole
  const first = firstItem(placed)
  const x = placed.x[first] + placed.scene.width[first] / 2
  const far = placed.y[first] - placed.bounds.top > camera.height / 2
  const top = far ? placed.y[first] - camera.height / 4 : placed.bounds.top - MARGIN
  return { x: x - camera.width / 2 / OPENING_ZOOM, y: top, zoom: OPENING_ZOOM }
}

/** The first graph input; without one, the uppermost item. */
function firstItem({ scene, y }: PlacedScene): number {
  const input = scene.kind.indexOf(INPUT)
  if (input >= 0) return input
  let found = 0
  for (let item = 1; item < scene.count; item++) if (y[item] < y[found]) found = item
  return found
}
