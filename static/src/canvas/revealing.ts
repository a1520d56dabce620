/** What is brought into view, and what is in view already. */
import { drawnWith } from '../document/row-constants'
import type { Bounds, PlacedScene } from '../scene/placed'
import type { Scene } from '../scene/scene'
import type { Camera, Place } from './camera'
import { itemsFor } from './marks'
import { itemBox } from './paint-marks'
import type { Stage } from './stage'

/** between what was brought into view and the canvas's edges, CSS pixels */
const INSET = 48

interface Axes { x: boolean; y: boolean }
const NONE: Axes = { x: false, y: false }

export class Revealing {
  private waiting: string | null = null
  /** where it was out of sight at first: on its way there the view has some of it already */
  private far = NONE

  constructor(private readonly stage: Stage, private readonly unfold: (ids: readonly string[]) => void, private readonly goTo: (place: Place) => void, private readonly covers: () => readonly Bounds[]) {}

  /** Brings the node, or what makes the value, into view, now and where the layout puts it: from out of sight to the middle, else by as little as it takes. */
  reveal(id: string): void {
    this.waiting = id
    this.far = NONE
    this.pictured()
  }

  forget(): void {
    this.waiting = null
  }

  /** There is a new picture. */
  pictured(): void {
    const { placed, camera } = this.stage
    if (this.waiting === null || !placed) return
    const { scene } = placed
    const node = scene.document.nodeIndex(this.waiting)
    const item = node < 0 ? (itemsFor(scene, this.waiting)[0] ?? -1) : scene.itemOfNode(drawnWith(scene.document, node))
    if (item < 0 && node >= 0 && scene.itemShowing(node) >= 0) this.unfold([this.waiting])
    if (item < 0) return
    if (!placed.provisional) this.waiting = null
    const { x, y, width, height } = itemBox(placed, camera, item)
    this.far = { x: this.far.x || x + width <= 0 || x >= camera.width, y: this.far.y || y + height <= 0 || y >= camera.height }
    const place = placeToReveal(placed, camera, item, this.covers(), this.far)
    if (place) this.goTo(place)
  }

  /** Whether any of these is in view, and not inside a card: nodes, also such as were just taken away and are still in the picture, and what makes or takes values. */
  sees(ids: Iterable<string>): boolean {
    const { placed, camera } = this.stage
    if (!placed) return false
    for (const id of ids) if (shownBy(placed.scene, id).some((item) => isInView(placed, camera, item))) return true
    return false
  }
}

/** Where the item is inside the view and not beneath what lies over the canvas (`covers`, in its CSS pixels), `centred` in these axes; null: it is there already. */
export function placeToReveal(placed: PlacedScene, camera: Camera, item: number, covers: readonly Bounds[], centred: Axes = NONE): Place | null {
  const { x, y, width, height } = itemBox(placed, camera, item)
  const dx = (centred.x ? outOfMiddle : outOf)(x, width, camera.width)
  const beneath = (dy: number): boolean => covers.some((box) => box.left < x - dx + width && box.right > x - dx && box.top < y - dy + height && box.bottom > y - dy)
  const least = outOf(y, height, camera.height)
  const dy = centred.y || beneath(least) ? outOfMiddle(y, height, camera.height) : least
  return dx === 0 && dy === 0 ? null : { x: camera.x + dx / camera.zoom, y: camera.y + dy / camera.zoom, zoom: camera.zoom }
}

function outOf(start: number, size: number, room: number): number {
  return start < INSET ? start - INSET : Math.max(0, Math.min(start + size + INSET - room, start - INSET))
}

function outOfMiddle(start: number, size: number, room: number): number {
  return start - Math.max(INSET, (room - size) / 2)
}

function shownBy(scene: Scene, id: string): number[] {
  const { document } = scene
  const node = document.nodeIndexEver(id)
  const value = node < 0 ? document.valueIndex(id) : -1
  const nodes = node >= 0 ? [node] : value < 0 ? [] : [document.producerOf(value), ...document.usesAt(value).map((use) => use.node)]
  const items = nodes.filter((one) => one >= 0).map((one) => scene.itemOfNode(drawnWith(document, one)))
  return [...items.filter((item) => item >= 0), ...(value < 0 ? [] : scene.pillsOf(value))]
}

function isInView(placed: PlacedScene, camera: Camera, item: number): boolean {
  const { left, top, right, bottom } = placed.boxOf(item)
  const { view } = camera
  return left < view.right && right > view.left && top < view.bottom && bottom > view.top
}
