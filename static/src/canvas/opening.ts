/** Where a graph is first looked at. */
import type { PlacedScene } from '../scene/placed'
import { INPUT } from '../scene/scene'
import type { Camera, Place } from './camera'

/** all of the graph, when it can be read then */
const LEAST_WHOLE = 0.8
const OPENING_ZOOM = 0.85
/** on screen */
const MARGIN = 28
/** across the flow: what the buttons in the upper corners cover */
const CORNER = 56
/** what the path of a body covers at the upper edge */
const BREADCRUMB = 24
/** what the bars cover at the lower edge */
export const BARS = 40

/** All of a small graph; of a large one its first input and what follows, large enough to read: a picture of 10,000 specks says nothing. */
export function openingPlace(placed: PlacedScene, camera: Camera): Place {
  const whole = camera.fitting(placed.bounds, MARGIN, 1, BARS)
  if (whole.zoom >= LEAST_WHOLE || placed.scene.count === 0) return whole
  const first = firstItem(placed)
  const { direction } = placed.scene
  const box = placed.boxOf(first)
  if (direction === 'right') {
    const left = begin(box.left, placed.bounds.left, camera.width)
    return { x: left, y: middle(placed, first, left, camera) - (camera.height - BARS) / 2 / OPENING_ZOOM, zoom: OPENING_ZOOM }
  }
  const top = begin(box.top, placed.bounds.top, camera.height) - (placed.scene.graph === placed.scene.document.mainGraph ? 0 : BREADCRUMB)
  return { x: middle(placed, first, top, camera) - camera.width / 2 / OPENING_ZOOM, y: top, zoom: OPENING_ZOOM }
}

/** Across the flow: the middle of what is in sight from `start` on, where that has room, else of the first item, but no farther out than the graph goes there. */
function middle(placed: PlacedScene, first: number, start: number, camera: Camera): number {
  const right = placed.scene.direction === 'right'
  const end = start + (right ? camera.width : camera.height - BARS) / OPENING_ZOOM
  const box = placed.boxOf(first)
  let low = right ? box.top : box.left
  let high = right ? box.bottom : box.right
  for (let item = 0; item < placed.scene.count; item++) {
    const { left, top, right: rightSide, bottom } = placed.boxOf(item)
    if ((right ? left : top) >= end || (right ? rightSide : bottom) <= start) continue
    low = Math.min(low, right ? top : left)
    high = Math.max(high, right ? bottom : rightSide)
  }
  const half = ((right ? camera.height - BARS : camera.width) / 2 - CORNER) / OPENING_ZOOM
  if (high - low <= 2 * half) return (low + high) / 2
  return Math.max(low + half, Math.min(high - half, right ? (box.top + box.bottom) / 2 : (box.left + box.right) / 2))
}

/** The view begins where the graph does, unless the first item is far from there. */
function begin(first: number, bound: number, size: number): number {
  return first - bound > size / 2 ? first - size / 4 : bound - MARGIN / OPENING_ZOOM
}

/** The first graph input that something takes; without one, the item with which the flow begins. */
function firstItem({ scene, x, y }: PlacedScene): number {
  const along = scene.direction === 'right' ? x : y
  const input = scene.kind.findIndex((kind, item) => kind === INPUT && scene.outgoing(item).length > 0)
  if (input >= 0) return input
  let found = 0
  for (let item = 1; item < scene.count; item++) if (along[item] < along[found]) found = item
  return found
}
