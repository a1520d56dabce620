/** What is brought into view, and what is in view already. */
import { drawnWith } from '../document/row-constants'
import type { PlacedScene } from '../scene/placed'
import type { Scene } from '../scene/scene'
import type { Camera, Place } from './camera'
import { itemsFor } from './marks'
import { itemBox } from './paint-marks'
import type { Stage } from './stage'

/** between what was brought into view and the canvas's edges, CSS pixels */
const INSET = 48

export class Revealing {
  private waiting: string | null = null

  constructor(private readonly stage: Stage, private readonly unfold: (ids: readonly string[]) => void, private readonly goTo: (place: Place) => void) {}

  /** Moves the view just so far that the node, or what makes the value, is seen: now, and where the layout puts it. */
  reveal(id: string): void {
    this.waiting = id
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
    const place = placeToReveal(placed, camera, item)
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

/** Where the item is inside the view; null: it is there already. */
export function placeToReveal(placed: PlacedScene, camera: Camera, item: number): Place | null {
  const box = itemBox(placed, camera, item)
  const out = (start: number, size: number, room: number): number => (start < INSET ? start - INSET : Math.max(0, Math.min(start + size + INSET - room, start - INSET)))
  const dx = out(box.x, box.width, camera.width)
  const dy = out(box.y, box.height, camera.height)
  return dx === 0 && dy === 0 ? null : { x: camera.x + dx / camera.zoom, y: camera.y + dy / camera.zoom, zoom: camera.zoom }
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
