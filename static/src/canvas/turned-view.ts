/** Where the reader looks once the graph runs another way. */
import type { Spot } from '../scene/flow'
import { isWithin, type PlacedScene } from '../scene/placed'
import type { Camera, Place } from './camera'
import { anchorShift } from './motion'
import { BARS, openingPlace } from './opening'

/** around a graph that is shown whole */
const MARGIN = 40

/**
 * How far the view moves with what stays where it is on screen: one of `anchors`, which are keys, or else what is in the middle. `target`:
 * where it goes on to when all of the graph was in view, or it was looked at from where it opened (`fresh`), for then it is again.
 */
export function turnedView(before: PlacedScene, next: PlacedScene, anchors: readonly number[], camera: Camera, fresh: boolean): { shift: Spot; target: Place | null } {
  const target = isWithin(before.bounds, camera.view) ? camera.fitting(next.bounds, MARGIN, 1, BARS) : fresh && anchors.length === 0 ? openingPlace(next, camera) : null
  return { shift: anchorShift(before, next, anchors, camera.view), target }
}
