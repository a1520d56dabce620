/** Draws ports, and the wire that is being dragged from one to another. The context's transform is the screen's. */
import { FONT_FAMILY } from '../scene/measure'
import { spotIn, type Spot } from '../scene/flow'
import type { Port } from '../scene/ports'
import { drawable, typeText } from '../scene/text'
import type { Connection, Held } from './connecting'
import type { Context, Frame, ItemList, ScreenFrame } from './frame'
import { paintNodes } from './paint-nodes'
import { itemsWithPorts, portPlace, PORTS_FROM, type PortBook } from './port-book'

const TAU = Math.PI * 2
const DIM = 0.62
/** where a label stands beside a port, its end is nearer than its middle is where it stands over it */
const BESIDE = 0.6

function spotOf({ placed, camera, motion, left }: Frame, port: Port): Spot {
  const { x, y } = portPlace(placed, port)
  const moved = motion && left > 0
  return { x: camera.screenX(x + (moved ? motion.dx[port.item] * left : 0)), y: camera.screenY(y + (moved ? motion.dy[port.item] * left : 0)) }
}

/** Ports of what is pointed at and selected. */
export function paintPorts(frame: Frame, book: PortBook, hovered: Port | null): void {
  const { placed, camera, marks } = frame
  if (camera.zoom < PORTS_FROM) return
  for (const item of itemsWithPorts(placed, camera, marks)) for (const port of book.of(placed.scene, item)) paintPort(frame, port, spotOf(frame, port))
  if (!hovered) return
  const spot = spotOf(frame, hovered)
  dot(frame.context, spot, 6, frame.theme.accent, frame.theme.ground, 2)
  chipBeside(frame, hovered, spot, 22, hovered.name || nameOfValue(frame, hovered), detailOf(frame, hovered))
}

/** A label so far outside of a port, on the side where its wire is. */
function chipBeside(frame: Frame, { side }: Port, spot: Spot, far: number, name: string, detail: string): void {
  const out = side === 'in' ? -far : far
  if (frame.placed.scene.direction === 'right') chip(frame, { x: spot.x + out * BESIDE, y: spot.y }, name, detail, side === 'in' ? 'left' : 'right')
  else chip(frame, { x: spot.x, y: spot.y + out }, name, detail, 'middle')
}

function paintPort({ context, theme, camera }: Frame, port: Port, spot: Spot): void {
  const size = Math.min(5, Math.max(3, 3.6 * camera.zoom))
  if (port.filling === 'missing') dot(context, spot, size + 0.5, theme.card, theme.warning, 1.75)
  else if (port.filling === 'omitted') dot(context, spot, size - 0.5, theme.card, theme.faint, 1.25)
  else if (port.filling === 'next') plus(context, spot, size, theme.card, theme.faint)
  else dot(context, spot, size, theme.card, theme.edge, 1.75)
}

function dot(context: Context, { x, y }: Spot, radius: number, fill: string, line: string, width: number): void {
  context.beginPath()
  context.arc(x, y, radius, 0, TAU)
  context.fillStyle = fill
  context.fill()
  context.strokeStyle = line
  context.lineWidth = width
  context.stroke()
}

function plus(context: Context, spot: Spot, radius: number, fill: string, line: string): void {
  dot(context, spot, radius + 0.5, fill, line, 1.25)
  const { x, y } = spot
  context.beginPath()
  context.moveTo(x - radius * 0.55, y)
  context.lineTo(x + radius * 0.55, y)
  context.moveTo(x, y - radius * 0.55)
  context.lineTo(x, y + radius * 0.55)
  context.stroke()
}

function nameOfValue({ placed }: Frame, port: Port): string {
  return drawable(placed.scene.document.valueNameAt(port.value))
}

function detailOf({ placed }: Frame, port: Port): string {
  if (port.filling === 'missing') return 'required'
  if (port.filling === 'omitted') return 'optional'
  if (port.filling === 'next') return 'one more'
  const { dtype, shape } = placed.scene.document.typeAt(port.value)
  return typeText(dtype, shape)
}

/** A small label that stays inside the canvas: around the place, or right or left of it. */
export function chip({ context, theme, camera }: Frame, at: Spot, name: string, detail: string, anchor: 'middle' | 'right' | 'left', tone = theme.text): void {
  context.font = `600 11px ${FONT_FAMILY}`
  const shown = name.length > 48 ? `${name.slice(0, 47)}…` : name
  const nameWidth = context.measureText(shown).width
  context.font = `400 11px ${FONT_FAMILY}`
  const detailWidth = detail ? context.measureText(detail).width + 8 : 0
  const width = nameWidth + detailWidth + 16
  const wanted = at.x - (anchor === 'middle' ? width / 2 : anchor === 'left' ? width : 0)
  const x = Math.round(Math.max(6, Math.min(wanted, camera.width - width - 6)))
  const y = Math.round(Math.max(6, Math.min(at.y - 11, camera.height - 28)))
  context.beginPath()
  context.roundRect(x + 0.5, y + 0.5, width, 22, 6)
  context.fillStyle = theme.panel
  context.fill()
  context.strokeStyle = theme.line
  context.lineWidth = 1
  context.stroke()
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  context.font = `600 11px ${FONT_FAMILY}`
  context.fillStyle = tone
  context.fillText(shown, x + 8.5, y + 12)
  if (!detail) return
  context.font = `400 11px ${FONT_FAMILY}`
  context.fillStyle = theme.secondary
  context.fillText(detail, x + 16.5 + nameWidth, y + 12)
}

/** While an end is dragged: what does not fit steps back, slots that fit light up, and the wire follows the pointer. */
export function paintConnection(frame: ScreenFrame, book: PortBook, connection: Connection, view: ItemList, ratio: number): void {
  const { context, theme, camera, placed } = frame
  const { end, fitting, target, pointer } = connection
  const lit: Port[] = []
  const bright: ItemList = { items: new Int32Array(view.itemCount), itemCount: 0 }
  for (let i = 0; i < view.itemCount; i++) {
    const item = view.items[i]
    const own = camera.zoom < PORTS_FROM / 2 ? [] : book.of(placed.scene, item).filter((port) => fitting.fits(port))
    lit.push(...own)
    if (own.length > 0 || item === end.origin || item === end.input?.item) bright.items[bright.itemCount++] = item
  }
  context.globalAlpha = DIM
  context.fillStyle = theme.ground
  context.fillRect(0, 0, camera.width, camera.height)
  context.globalAlpha = 1
  const scale = ratio * camera.zoom
  context.setTransform(scale, 0, 0, scale, -camera.x * scale, -camera.y * scale)
  paintNodes(frame, bright)
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  for (const port of lit) paintLit(frame, port, port === target)
  const to = target ? spotOf(frame, target) : { x: camera.screenX(pointer.x), y: camera.screenY(pointer.y) }
  for (const at of end.uses?.ends ?? [end.at]) paintRubber(frame, { at }, to, target)
  if (connection.hint && target) chipBeside(frame, target, to, 28, connection.hint, '')
  else if (connection.hint) chip(frame, { x: to.x + 16, y: to.y + 22 }, connection.hint, '', 'right', connection.refused ? theme.error : theme.text)
}

/** What was dropped on the ground stays there while the palette asks what it shall become. */
export function paintHeld(frame: Frame, { end, at }: Held): void {
  const spot = { x: frame.camera.screenX(at.x), y: frame.camera.screenY(at.y) }
  if (end) paintRubber(frame, end, spot, null)
  else dot(frame.context, spot, 4, frame.theme.card, frame.theme.accent, 2)
}

function paintLit(frame: Frame, port: Port, isTarget: boolean): void {
  const { context, theme, camera } = frame
  const spot = spotOf(frame, port)
  const size = Math.min(5.5, Math.max(3, 4.2 * camera.zoom))
  context.globalAlpha = isTarget ? 0.3 : 0.16
  context.beginPath()
  context.arc(spot.x, spot.y, isTarget ? 13 : size + 4, 0, TAU)
  context.fillStyle = theme.accent
  context.fill()
  context.globalAlpha = 1
  dot(context, spot, isTarget ? 6.5 : size, isTarget ? theme.accent : theme.card, theme.accent, 2)
}

/** Leaves and arrives along the flow, as all wires do; from a row it leaves sideways. */
function paintRubber({ context, theme, camera, placed }: Frame, { at }: Pick<Connection['end'], 'at'>, to: Spot, target: Port | null): void {
  const { direction } = placed.scene
  const from = { x: camera.screenX(at.x), y: camera.screenY(at.y) }
  const far = direction === 'right' ? to.x - from.x : to.y - from.y
  const pull = Math.max(24, Math.min(120, Math.abs(far) * 0.5))
  const on = at.side === 'in' ? spotIn(direction, 0, -pull) : spotIn(direction, 0, pull)
  const out = at.side === 'row' ? { x: 40, y: 0 } : on
  context.beginPath()
  context.moveTo(from.x, from.y)
  context.bezierCurveTo(from.x + out.x, from.y + out.y, to.x - on.x, to.y - on.y, to.x, to.y)
  context.strokeStyle = theme.accent
  context.lineWidth = 2
  context.setLineDash(target ? [] : [5, 4])
  context.stroke()
  context.setLineDash([])
  dot(context, from, 4, theme.accent, theme.accent, 1)
  if (!target) dot(context, to, 4, theme.card, theme.accent, 2)
}
