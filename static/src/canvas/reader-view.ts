/** What the reader looks at, so that it can be found again in another layout. */
import { NODE, SCOPE } from '../scene/scene'
import type { Bounds, PlacedScene } from '../scene/placed'
import type { Camera, Place } from './camera'
import type { WhatIsOpen } from './folding'
import { itemsFor } from './marks'

/** Nodes near the middle and where on screen they were, and what was open. `asOpened`: all is seen from where the graph was opened. */
export interface View extends WhatIsOpen { zoom: number; anchors: { id: string; x: number; y: number }[]; asOpened: boolean }
const ANCHORS = 8

/** Where the reader is; null when nothing is shown. */
export function viewOf(placed: PlacedScene | null, camera: Camera): Pick<View, 'zoom' | 'anchors'> | null {
  if (!placed || placed.scene.count === 0) return null
  const { left, right, top, bottom } = camera.view
  const far = (box: Bounds): number => Math.hypot((box.left + box.right - left - right) / 2, (box.top + box.bottom - top - bottom) / 2)
  const near: { item: number; far: number }[] = []
  for (let item = 0; item < placed.scene.count; item++) {
    if (placed.scene.kind[item] !== NODE && placed.scene.kind[item] !== SCOPE) continue
    const distance = far(placed.boxOf(item))
    if (near.length === ANCHORS && distance >= near[ANCHORS - 1]!.far) continue
    near.push({ item, far: distance })
    near.sort((one, other) => one.far - other.far)
    near.length = Math.min(near.length, ANCHORS)
  }
  return { zoom: camera.zoom, anchors: near.map(({ item }) => { const box = placed.boxOf(item); return { id: placed.scene.idsOf(item)[0], x: camera.screenX((box.left + box.right) / 2), y: camera.screenY((box.top + box.bottom) / 2) } }) }
}

/** The place where the nearest node that is still there stands where it stood. */
export function placeOf(view: View | null, next: PlacedScene): Place | null {
  for (const anchor of view?.anchors ?? []) {
    const item = itemsFor(next.scene, anchor.id)[0]
    if (item === undefined) continue
    const box = next.boxOf(item)
    return { x: (box.left + box.right) / 2 - anchor.x / view!.zoom, y: (box.top + box.bottom) / 2 - anchor.y / view!.zoom, zoom: view!.zoom }
  }
  return null
}
