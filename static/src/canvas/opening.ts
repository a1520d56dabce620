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
  const box = placed.boxOf(first)
  if (placed.scene.direction === 'right') {
    const y = (box.top + box.bottom) / 2 - (camera.height - BARS) / 2 / OPENING_ZOOM
    return { x: begin(box.left, placed.bounds.left, camera.width), y, zoom: OPENING_ZOOM }
  }
  const x = (box.left + box.right) / 2 - camera.width / 2 / OPENING_ZOOM
  return { x, y: begin(box.top, placed.bounds.top, camera.height), zoom: OPENING_ZOOM }
}

/** The view begins where the graph does, unless the first item is far from there. */
function begin(first: number, bound: number, size: number): number {
  return first - bound > size / 2 ? first - size / 4 : bound - MARGIN
}

/** The first graph input; without one, the item with which the flow begins. */
function firstItem({ scene, x, y }: PlacedScene): number {
  const along = scene.direction === 'right' ? x : y
  const input = scene.kind.indexOf(INPUT)
  if (input >= 0) return input
  let found = 0
  for (let item = 1; item < scene.count; item++) if (along[item] < along[found]) found = item
  return found
}
