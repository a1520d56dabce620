/** From one picture to the next: where the view goes, so that the reader keeps their place, and what glides there. */
import type { Spot } from '../scene/flow'
import type { PlacedScene } from '../scene/placed'
import { samePlace, type Camera, type Place } from './camera'
import { anchorShift, foldShift, Motion, nearestOutside, reducedMotion } from './motion'
import { openingPlace } from './opening'
import { turnedView } from './turned-view'

/**
 * What decides where the view goes. `anchors`: keys of what stays where it is on screen, null: the view does; `folded`: the key of a scope that was
 * opened or closed; `back`: from where the reader looked at just this picture before.
 */
export interface Staying { anchors: readonly number[] | null; folded: number | null; back: Place | null }

export class Exchange {
  /** where this graph was opened: as long as nobody moved, later layouts are looked at from their opening place too */
  opened: Place | null = null

  constructor(private readonly camera: Camera) {}

  /** Whether the reader looks from where the graph was opened. */
  get asOpened(): boolean {
    return this.opened !== null && samePlace(this.opened, this.camera.place)
  }

  /** Moves the view. Null: nothing glides. */
  to(before: PlacedScene | null, next: PlacedScene, staying: Staying): Motion | null {
    const { camera } = this
    const { anchors, back } = staying
    if (!before) return null
    if (before.scene.direction !== next.scene.direction) return this.turned(before, next, anchors ?? [])
    if (before.layout === next.layout) return null
    if (!back && anchors?.length === 0 && this.asOpened) {
      this.opened = openingPlace(next, camera)
      camera.jump(this.opened)
      return null
    }
    const saw = nearestOutside(before, camera.view) === null
    const shift = this.shiftTo(before, next, staying)
    this.shift(shift)
    const nearest = saw ? nearestOutside(next, camera.view) : null // all that was in sight is gone
    if (nearest) camera.jump(camera.centred((nearest.left + nearest.right) / 2, (nearest.top + nearest.bottom) / 2, camera.zoom))
    if (reducedMotion()) return null
    const motion = new Motion(before, next, shift.x, shift.y)
    return motion.any ? motion : null
  }

  private shiftTo(before: PlacedScene, next: PlacedScene, { anchors, folded, back }: Staying): Spot {
    const { camera } = this
    if (back) return { x: back.x - camera.x, y: back.y - camera.y }
    if (anchors === null) return { x: 0, y: 0 }
    return (folded === null ? null : foldShift(before, next, folded, camera.view)) ?? anchorShift(before, next, anchors, camera.view)
  }

  private turned(before: PlacedScene, next: PlacedScene, anchors: readonly number[]): Motion | null {
    const { camera } = this
    const fresh = this.asOpened
    const { shift, target } = turnedView(before, next, anchors, camera, fresh)
    if (fresh) this.opened = target
    this.shift(shift)
    if (target && reducedMotion()) camera.jump(target)
    else if (target) camera.glideTo(target, performance.now())
    return reducedMotion() ? null : new Motion(before, next, shift.x, shift.y)
  }

  private shift({ x, y }: Spot): void {
    const { camera } = this
    camera.jump({ x: camera.x + x, y: camera.y + y, zoom: camera.zoom })
  }
}
