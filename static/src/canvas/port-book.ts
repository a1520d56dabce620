/** Which ports are shown, where they are on screen, and which of them the pointer is on. */
import { ROW_HEIGHT, ROWS_PADDING, TITLE_HEIGHT } from '../scene/card'
import type { Spot } from '../scene/flow'
import type { PlacedScene } from '../scene/placed'
import { Operators, portsOf, tensorOfRow, type Port } from '../scene/ports'
import { CAPTURED, INPUT, LOOSE, type Scene } from '../scene/scene'
import type { OperatorView } from '../protocol/types'
import type { Camera } from './camera'
import { itemAt } from './hit'

/** below this nothing can be aimed at */
export const PORTS_FROM = 0.45
/** from here on every item in view shows its ports */
const ALL_FROM = 1.5
const MOST_SELECTED = 40
/** on screen: so near to a port a drag takes a wire from it; less within a card, whose own ground is there to move it by */
const PORT_REACH = 9
const REACH_WITHIN = 4
/** on screen: the end of a row from which its initializer is taken */
const ROW_END = 20

export class PortBook {
  private readonly ports = new Map<number, readonly Port[]>()
  private scene: Scene | null = null
  private operators = new Operators([])

  setOperators(list: readonly OperatorView[]): void {
    this.operators = new Operators(list)
    this.ports.clear()
  }

  of(scene: Scene, item: number): readonly Port[] {
    if (scene !== this.scene) {
      this.ports.clear()
      this.scene = scene
    }
    let known = this.ports.get(item)
    if (!known) this.ports.set(item, (known = portsOf(scene, item, this.operators)))
    return known
  }
}

/** Items whose ports are shown while nothing is dragged: the one under the pointer, the selected ones, near by all in view. */
export function itemsWithPorts(placed: PlacedScene, camera: Camera, marks: { hoverItem: number; selectedItems: ReadonlySet<number>; wireEnds: ReadonlySet<number> }): number[] {
  if (camera.zoom < PORTS_FROM) return []
  const found = new Set<number>()
  if (camera.zoom >= ALL_FROM) itemsInView(placed, camera, found)
  if (marks.hoverItem >= 0) found.add(marks.hoverItem)
  if (marks.selectedItems.size <= MOST_SELECTED) for (const item of marks.selectedItems) found.add(item)
  if (marks.wireEnds.size <= MOST_SELECTED) for (const item of marks.wireEnds) found.add(item)
  return [...found]
}

export function itemsInView({ scene, x, y }: PlacedScene, camera: Camera, found: Set<number>): void {
  const { left, top, right, bottom } = camera.view
  for (let item = 0; item < x.length; item++) {
    if (x[item] < right && y[item] < bottom && x[item] + scene.width[item] > left && y[item] + scene.height[item] > top) found.add(item)
  }
}

/** Middle of a port in the graph's coordinates. */
export function portPlace(placed: PlacedScene, port: Port): Spot {
  return placed.endOn(port.item, port.side, port.at)
}

/** How far from a port a drag that begins at the point (in the graph) takes a wire, in the graph's units. */
export function grabReach(placed: PlacedScene, at: { x: number; y: number }, zoom: number): number {
  return (itemAt(placed, at.x, at.y, 0) < 0 ? PORT_REACH : REACH_WITHIN) / zoom
}

/** The nearest of these ports within reach of the point (in the graph), which is so many CSS pixels on screen. */
export function nearestPort(placed: PlacedScene, ports: Iterable<Port>, at: { x: number; y: number }, reach: number): Port | null {
  let best = reach
  let found: Port | null = null
  for (const port of ports) {
    const place = portPlace(placed, port)
    const distance = Math.hypot(place.x - at.x, place.y - at.y)
    if (distance > best) continue
    best = distance
    found = port
  }
  return found
}

/** What a drag from the point would carry besides ports: an initializer by the end of its row, an input by its pill. */
export function carried(placed: PlacedScene, at: { x: number; y: number }, zoom: number): { value: number; item: number; row: number } | null {
  const item = itemAt(placed, at.x, at.y, 0)
  if (item < 0 || zoom < PORTS_FROM) return null
  const { scene } = placed
  const kind = scene.kind[item]
  if (kind === INPUT || kind === LOOSE || kind === CAPTURED) return { value: scene.index[item], item, row: -1 }
  if (at.x < placed.x[item] + scene.width[item] - ROW_END / zoom) return null
  const row = rowAt(placed, item, at.y)
  const tensor = row < 0 ? null : tensorOfRow(scene, item, row)
  return tensor && { value: tensor.value, item, row }
}

/** Which row of the item's card lies at this height of the graph; none below 0 and beyond the last. */
export function rowAt(placed: PlacedScene, item: number, y: number): number {
  return Math.floor((y - placed.y[item]! - TITLE_HEIGHT - ROWS_PADDING) / ROW_HEIGHT)
}

export function rowMiddle(row: number): number {
  return TITLE_HEIGHT + ROWS_PADDING + ROW_HEIGHT * (row + 0.5)
}
