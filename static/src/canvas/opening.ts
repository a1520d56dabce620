/** Where a graph is first looked at. */
import type { PlacedScene } from '../scene/placed'
import type { Camera, Place } from './camera'

/** all of the graph, when it can be read then */
const LEAST_WHOLE = 0.5
const OPENING_ZOOM = 1
const MARGIN = 32

/** All of a small graph; of a large one its beginning, large enough to read: a picture of 10,000 specks says nothing. */
export function openingPlace(placed: PlacedScene, camera: Camera): Place {
  const whole = camera.fitting(placed.bounds, MARGIN, 1)
  if (whole.zoom >= LEAST_WHOLE || placed.scene.count === 0) return whole
  const x = beginning(placed)
  return { x: x - camera.width / 2 / OPENING_ZOOM, y: placed.bounds.top - MARGIN / OPENING_ZOOM, zoom: OPENING_ZOOM }
}

/** The middle of the first row; of its most crowded stretch when it is wide. */
function beginning(placed: PlacedScene): number {
  const { scene, x, y } = placed
  const middles: number[] = []
  for (let item = 0; item < scene.count; item++) if (y[item] < placed.bounds.top + 60) middles.push(x[item] + scene.width[item] / 2)
  if (middles.length === 0) return (placed.bounds.left + placed.bounds.right) / 2
  middles.sort((a, b) => a - b)
  return middles[Math.floor(middles.length / 2)]
}
