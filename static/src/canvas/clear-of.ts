/** Where a graph is seen whole and clear of what lies over the canvas: bars, buttons and the map. */
import type { Bounds } from '../scene/placed'
import { clampZoom, type Camera, type Place } from './camera'

/** between the graph and the canvas's edges */
const PADDING = 40
/** between the graph and what lies over the canvas */
const GAP = 12
/** of the canvas, in each direction: with less, the graph goes beneath what lies over it */
const LEAST_ROOM = 0.55

/** `covers`: boxes in the canvas's CSS pixels. As near as there is room for, but no nearer than `most`, and moved out of the middle no further than needed. */
export function placeClearOf(covers: readonly Bounds[], bounds: Bounds, camera: Camera, most: number): Place {
  const { width, height } = camera
  const all = { left: PADDING, top: PADDING, right: Math.max(width - PADDING, PADDING + 40), bottom: Math.max(height - PADDING, PADDING + 40) }
  const boxes = covers.map(({ left, top, right, bottom }) => ({ left: left - GAP, top: top - GAP, right: right + GAP, bottom: bottom + GAP }))
  return bestIn(all, boxes, bounds, camera, most) ?? placeIn(all, bounds, camera, most)
}

/** In this room, or in what is left of it beside, above or below the first box that is in the way; null: that is too little. */
function bestIn(room: Bounds, boxes: readonly Bounds[], bounds: Bounds, camera: Camera, most: number): Place | null {
  if (room.right - room.left < LEAST_ROOM * camera.width - 2 * PADDING || room.bottom - room.top < LEAST_ROOM * camera.height - 2 * PADDING) return null
  const place = placeIn(room, bounds, camera, most)
  const left = (bounds.left - place.x) * place.zoom
  const top = (bounds.top - place.y) * place.zoom
  const right = (bounds.right - place.x) * place.zoom
  const bottom = (bounds.bottom - place.y) * place.zoom
  const inTheWay = boxes.find((box) => box.left < right && box.right > left && box.top < bottom && box.bottom > top)
  if (!inTheWay) return place
  const rooms = [{ ...room, bottom: inTheWay.top }, { ...room, top: inTheWay.bottom }, { ...room, right: inTheWay.left }, { ...room, left: inTheWay.right }]
  let best: Place | null = null
  const others = boxes.filter((box) => box !== inTheWay)
  for (const one of rooms) {
    const found = bestIn(one, others, bounds, camera, most)
    if (found && (!best || worth(found, bounds, camera) > worth(best, bounds, camera))) best = found
  }
  return best
}

/** A shift by a tenth of the canvas is as bad as a tenth less of zoom. */
function worth({ x, y, zoom }: Place, bounds: Bounds, camera: Camera): number {
  const middle = camera.centred((bounds.left + bounds.right) / 2, (bounds.top + bounds.bottom) / 2, zoom)
  return Math.log(zoom) - Math.hypot(((x - middle.x) * zoom) / camera.width, ((y - middle.y) * zoom) / camera.height)
}

/** As near to the middle of the canvas as the room allows. */
function placeIn(room: Bounds, bounds: Bounds, camera: Camera, most: number): Place {
  const width = bounds.right - bounds.left
  const height = bounds.bottom - bounds.top
  const zoom = clampZoom(Math.min(most, (room.right - room.left) / Math.max(1, width), (room.bottom - room.top) / Math.max(1, height)))
  const left = within(room.left, room.right, width * zoom, camera.width)
  const top = within(room.top, room.bottom, height * zoom, camera.height)
  return { x: bounds.left - left / zoom, y: bounds.top - top / zoom, zoom }
}

/** Where something of this size begins; what the least zoom leaves too large for the room lies in its middle. */
function within(from: number, to: number, size: number, canvas: number): number {
  if (size > to - from) return (from + to - size) / 2
  return Math.min(Math.max((canvas - size) / 2, from), to - size)
}
