/** From one layout to the next: what stays glides, what is new fades in, what is gone fades out. */
import type { Bounds, PlacedScene } from '../scene/placed'

export const MOTION_MS = 150
const FRAME_MS = 1000 / 60

export class Motion {
  /** how far each item stood from its new place, after the camera moved with the anchor */
  readonly dx: Float32Array
  readonly dy: Float32Array
  /** 1: was not there before */
  readonly isNew: Uint8Array
  /** items of the earlier scene that are gone, shifted as the camera was */
  readonly gone: number[] = []
  /** false: nothing moves, appears or goes */
  readonly any: boolean
  private start = -1

  constructor(readonly before: PlacedScene, after: PlacedScene, readonly shiftX: number, readonly shiftY: number) {
    const count = after.scene.count
    this.dx = new Float32Array(count)
    this.dy = new Float32Array(count)
    this.isNew = new Uint8Array(count)
    let any = false
    for (let item = 0; item < count; item++) {
      const was = before.itemWithKey(after.scene.key[item])
      if (was < 0) {
        this.isNew[item] = 1
        any = true
        continue
      }
      this.dx[item] = before.x[was] + shiftX - after.x[item]
      this.dy[item] = before.y[was] + shiftY - after.y[item]
      if (Math.abs(this.dx[item]) + Math.abs(this.dy[item]) > 0.5) any = true
    }
    for (let item = 0; item < before.scene.count; item++) if (after.itemWithKey(before.scene.key[item]) < 0) this.gone.push(item)
    this.any = any || this.gone.length > 0
  }

  /** 1 at the start, 0 at the end; the first call starts it, one frame on: the first picture shows what is new already. */
  left(now: number): number {
    if (this.start < 0) this.start = now - FRAME_MS
    const t = Math.min(1, (now - this.start) / MOTION_MS)
    return (1 - t) ** 3
  }
}

/**
 * The item that stays where it is on screen when the layout changes: the first of `wanted` that both scenes have and that is
 * in view, else the one nearest to the middle of the view. Returns how far the camera has to move with it.
 */
export function anchorShift(
  before: PlacedScene, after: PlacedScene, wanted: Iterable<number>, view: { left: number; top: number; right: number; bottom: number },
): { x: number; y: number } {
  const shiftOf = (was: number, is: number): { x: number; y: number } => ({ x: after.x[is] - before.x[was], y: after.y[is] - before.y[was] })
  const inView = (item: number): boolean =>
    before.x[item] < view.right && before.x[item] + before.scene.width[item] > view.left && before.y[item] < view.bottom && before.y[item] + before.scene.height[item] > view.top
  for (const key of wanted) {
    const was = before.itemWithKey(key)
    const is = after.itemWithKey(key)
    if (was >= 0 && is >= 0 && inView(was)) return shiftOf(was, is)
  }
  const middleX = (view.left + view.right) / 2
  const middleY = (view.top + view.bottom) / 2
  let best = Infinity
  let found = { x: 0, y: 0 }
  for (let item = 0; item < before.scene.count; item++) {
    if (!inView(item)) continue
    const distance = Math.hypot(before.x[item] + before.scene.width[item] / 2 - middleX, before.y[item] + before.scene.height[item] / 2 - middleY)
    if (distance >= best) continue
    const is = after.itemWithKey(before.scene.key[item])
    if (is < 0) continue
    best = distance
    found = shiftOf(item, is)
  }
  return found
}

/** The box that is nearest to the view; null while any is in it. */
export function nearestOutside(placed: PlacedScene, view: Bounds): Bounds | null {
  let best = Infinity
  let nearest: Bounds | null = null
  for (let item = 0; item < placed.scene.count; item++) {
    const box = placed.boxOf(item)
    const beyondX = Math.max(view.left - box.right, box.left - view.right, 0)
    const beyondY = Math.max(view.top - box.bottom, box.top - view.bottom, 0)
    if (beyondX === 0 && beyondY === 0) return null
    const distance = Math.hypot(beyondX, beyondY)
    if (distance >= best) continue
    best = distance
    nearest = box
  }
  return nearest
}

export function reducedMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches
}
