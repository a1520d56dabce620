/** From one layout to the next: what stays glides, what is new fades in, what is gone fades out. */
import { spare } from '../document/release'
import type { Direction, Spot } from '../scene/flow'
import type { Bounds, PlacedScene } from '../scene/placed'
import { NODE } from '../scene/scene'

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
  /** by key: the box that an open scope had before where it has another one now, or that of the card it was */
  readonly grounds = new Map<number, Bounds>()
  /** keys of open scopes that nothing stood for before */
  readonly fresh = new Set<number>()
  /** scopes that were open and are cards now */
  readonly closing: { from: Bounds; to: Bounds; depth: number }[] = []
  /** false: nothing moves, appears or goes */
  readonly any: boolean
  private start = -1

  constructor(readonly before: PlacedScene, after: PlacedScene, readonly shiftX: number, readonly shiftY: number) {
    const { key, count } = after.scene
    const { key: keyBefore } = before.scene
    const { x: fromX, y: fromY } = before
    const { x, y } = after
    const dx = (this.dx = spare.take(Float32Array, count))
    const dy = (this.dy = spare.take(Float32Array, count))
    this.isNew = spare.take(Uint8Array, count).fill(0)
    let any = false
    let by = 0 // how many places further up or down things stood in the list: the same for nearly all after an edit
    for (let item = 0; item < count; item++) {
      let was = item + by
      if (keyBefore[was] !== key[item]) {
        was = before.itemWithKey(key[item], was)
        if (was >= 0) by = was - item
      }
      if (was < 0) {
        this.isNew[item] = 1
        dx[item] = dy[item] = 0
        any = true
        continue
      }
      dx[item] = fromX[was] + shiftX - x[item]
      dy[item] = fromY[was] + shiftY - y[item]
      if (Math.abs(dx[item]) + Math.abs(dy[item]) > 0.5) any = true
    }
    by = 0
    for (let item = 0; item < keyBefore.length; item++) {
      if (key[item + by] === keyBefore[item]) continue
      const is = after.itemWithKey(keyBefore[item], item + by)
      if (is < 0) this.gone.push(item)
      else by = is - item
    }
    this.any = any || this.gone.length > 0
    this.follow(before, after)
  }

  private follow(before: PlacedScene, after: PlacedScene): void {
    const moved = (box: Bounds): Bounds => ({ left: box.left + this.shiftX, right: box.right + this.shiftX, top: box.top + this.shiftY, bottom: box.bottom + this.shiftY })
    const now = after.scene.nesting?.nest
    for (let container = 0; container < (now?.count ?? 0); container++) {
      if (this.stays(before, after, container)) continue
      const open = before.containerWithKey(now!.keys[container], container)
      const was = open >= 0 ? before.boxOfContainer(open) : before.boxWithKey(now!.keys[container])
      if (was) this.grounds.set(now!.key(container), moved(was))
      else this.fresh.add(now!.key(container))
    }
    const then = after.scene.folds ? before.scene.nesting?.nest : null
    for (let container = 0; container < (then?.count ?? 0); container++) {
      const item = after.itemWithKey(then!.keys[container])
      if (item >= 0) this.closing.push({ from: moved(before.boxOfContainer(container)), to: after.boxOf(item), depth: then!.depth[container] })
    }
  }

  /** Whether an open scope has the box that it had, but for the camera. */
  private stays(before: PlacedScene, after: PlacedScene, container: number): boolean {
    const was = before.containerWithKey(after.scene.nesting!.nest.keys[container], container)
    if (was < 0) return false
    const { x, y, width, height } = before.layout.nest!
    const now = after.layout.nest!
    return Math.abs(x[was] + this.shiftX - now.x[container]) + Math.abs(y[was] + this.shiftY - now.y[container]) < 0.5 && width[was] === now.width[container] && height[was] === now.height[container]
  }

  /** It is over: its columns must not be read any more. */
  release(): void {
    spare.give([this.dx, this.dy, this.isNew].map(({ buffer }) => buffer as ArrayBuffer))
    Object.assign(this, { dx: null, dy: null, isNew: null })
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
  const turned = before.scene.direction !== after.scene.direction
  const at = (placed: PlacedScene, item: number): Spot => (turned ? middleOf(placed.boxOf(item)) : { x: placed.x[item], y: placed.y[item] })
  const shiftOf = (was: number, is: number): Spot => ({ x: at(after, is).x - at(before, was).x, y: at(after, is).y - at(before, was).y })
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
    const is = successor(before, item, after)
    if (!is) continue
    best = distance
    const held = turned ? middleOf(is) : heldSpot(is, after.scene.direction)
    const was = turned ? middleOf(before.boxOf(item)) : heldSpot(before.boxOf(item), after.scene.direction)
    found = { x: held.x - was.x, y: held.y - was.y }
  }
  return found
}

function middleOf({ left, top, right, bottom }: Bounds): Spot {
  return { x: (left + right) / 2, y: (top + bottom) / 2 }
}

/** The place of a box that stays where it is on screen when the box gets another size: the middle of the side that wires enter. */
function heldSpot(box: Bounds, direction: Direction): Spot {
  return direction === 'right' ? { x: box.left, y: (box.top + box.bottom) / 2 } : { x: (box.left + box.right) / 2, y: box.top }
}

/** What an item is now: the same, the scope that it stood for, or the card that hides it. */
function successor(before: PlacedScene, item: number, after: PlacedScene): Bounds | null {
  const same = after.boxWithKey(before.scene.key[item])
  if (same || before.scene.kind[item] !== NODE) return same
  const card = after.scene.itemShowing(before.scene.index[item])
  return card < 0 ? null : after.boxOf(card)
}

/**
 * How far the camera moves with a scope that was opened or closed: the middle of the side that wires enter stays where it is on screen;
 * when that is out of view, the scope is brought to the edge that it was beyond. Null: it is not in both.
 */
export function foldShift(before: PlacedScene, after: PlacedScene, key: number, view: Bounds): { x: number; y: number } | null {
  const was = before.boxWithKey(key)
  const is = after.boxWithKey(key)
  if (!was || !is) return null
  const inside = (at: number, from: number, to: number): number => Math.max(from, Math.min(at, to))
  const { direction } = after.scene
  const margin = Math.min(80, (view.bottom - view.top) / 4)
  const [near, held] = [heldSpot(was, direction), heldSpot(is, direction)]
  const x = inside(near.x, view.left + (direction === 'right' ? margin / 4 : margin), view.right - margin)
  const y = inside(near.y, view.top + (direction === 'right' ? margin : margin / 4), view.bottom - margin)
  return { x: held.x - x, y: held.y - y }
}

/** The box that is nearest to the view; null while any is in it. */
export function nearestOutside(placed: PlacedScene, view: Bounds): Bounds | null {
  const { x, y, scene: { width, height, count } } = placed
  let best = Infinity
  let nearest = -1
  for (let item = 0; item < count; item++) {
    const beyondX = Math.max(view.left - x[item] - width[item], x[item] - view.right, 0)
    const beyondY = Math.max(view.top - y[item] - height[item], y[item] - view.bottom, 0)
    if (beyondX === 0 && beyondY === 0) return null
    const distance = beyondX * beyondX + beyondY * beyondY
    if (distance >= best) continue
    best = distance
    nearest = item
  }
  return nearest < 0 ? null : placed.boxOf(nearest)
}

export function reducedMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches
}
