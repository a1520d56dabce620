/** An operator that is dragged over the canvas from the palette: the wire under it lights up, and says where it would go. */
import { FONT_FAMILY } from '../scene/measure'
import type { PaletteAsked } from './palette-asked'
import { chip } from './paint-ports'
import type { Frame } from './frame'
import type { PlacedScene } from '../scene/placed'
import { edgeAt, hitAt } from './hit'
import { detailAt } from './lod'
import type { Stage } from './stage'
import { wireAt } from './wire-at'

/** Where something was dropped, in the graph's coordinates; the wire that it was dropped on. */
export interface DropPlace { at: { x: number; y: number }; wire: NonNullable<PaletteAsked['wire']> | null }
/** Why the value cannot flow through it; '' when it can. */
export type Refuses = (value: string) => string

interface Over extends DropPlace { edges: number[]; refusal: string }

/** on screen: so near a wire takes a node that is moved */
const CARRY_REACH = 12

export class Dropping {
  private over: Over | null = null

  constructor(private readonly stage: Stage) {}

  /** The place under the pointer; null: it is not over the canvas, or nothing is shown. `client` null ends the drag. */
  move(client: { x: number; y: number } | null, refuses: Refuses): DropPlace | null {
    const over = client && this.placeAt(client, refuses)
    this.over = over
    this.stage.canvas.dataset.dropping = over ? (over.wire ? (over.refusal === '' ? 'wire' : 'refused') : 'ground') : ''
    this.stage.invalidate()
    return over && (over.refusal === '' ? { at: over.at, wire: over.wire } : null)
  }

  /** A node without wires is moved over the canvas: the wire at the first of these points that has one lights up; `beside`: where that is said. In the graph's coordinates. */
  carry(points: readonly { x: number; y: number }[], refuses: Refuses, beside: { x: number; y: number } | null = null): DropPlace['wire'] {
    const { placed, camera, canvas } = this.stage
    const found = points.map((at) => ({ at, edge: placed ? edgeAt(placed, at.x, at.y, CARRY_REACH / camera.zoom) : -1 })).find(({ edge }) => edge >= 0)
    this.over = found ? { ...this.onWire(placed!, found.edge, found.at, refuses), ...(beside && { at: beside }) } : null
    canvas.dataset.dropping = this.over ? (this.over.refusal === '' ? 'wire' : 'refused') : ''
    this.stage.invalidate()
    return this.over?.refusal === '' ? this.over.wire : null
  }

  private placeAt({ x, y }: { x: number; y: number }, refuses: Refuses): Over | null {
    const { placed, camera, canvas } = this.stage
    const box = canvas.getBoundingClientRect()
    if (!placed || document.elementFromPoint(x, y) !== canvas) return null
    const at = { x: camera.graphX(x - box.left), y: camera.graphY(y - box.top) }
    const hit = hitAt(placed, at.x, at.y, camera.zoom, detailAt(camera.zoom).labels)
    if (!hit || !('edge' in hit)) return { at, wire: null, edges: [], refusal: '' }
    return this.onWire(placed, hit.edge, at, refuses)
  }

  private onWire(placed: PlacedScene, on: number, at: { x: number; y: number }, refuses: Refuses): Over {
    const wire = wireAt(placed, on, at, this.stage.camera.zoom)
    const [first, end] = placed.scene.edgesOf(placed.scene.value[on])
    const all = Array.from({ length: end - first }, (_, i) => first + i)
    const meant = (edge: number): boolean => wire.consumers === null || wire.consumers.some((one) => (typeof one === 'string' ? placed.scene.slot[edge] < 0 : placed.scene.idOf(placed.scene.target[edge]) === one.node && placed.scene.slot[edge] === one.slot))
    return { at, wire, edges: all.filter(meant), refusal: refuses(wire.value) }
  }

  paint(frame: Frame): void {
    const { over } = this
    if (!over) return
    const { context, camera, theme, placed } = frame
    const spot = { x: camera.screenX(over.at.x), y: camera.screenY(over.at.y) }
    if (over.refusal === '') {
      context.beginPath()
      for (const edge of over.edges) this.trace(frame, edge)
      context.strokeStyle = theme.accent
      context.lineWidth = 3.5
      context.lineJoin = 'round'
      context.stroke()
    }
    const value = over.wire && placed.scene.document.valueIndex(over.wire.value)
    if (value === null) return
    context.font = `600 11px ${FONT_FAMILY}`
    const name = placed.scene.document.valueNameAt(value)
    chip(frame, { x: spot.x + 18, y: spot.y - 14 }, over.refusal || `on ${name}`, '', 'right', over.refusal ? theme.error : theme.text)
  }

  private trace({ context, camera, placed }: Frame, edge: number): void {
    const { pointStart, points } = placed
    for (let p = pointStart[edge]; p < pointStart[edge + 1]; p++) {
      const x = camera.screenX(points[2 * p])
      const y = camera.screenY(points[2 * p + 1])
      if (p === pointStart[edge]) context.moveTo(x, y)
      else context.lineTo(x, y)
    }
  }
}
