/** Draws what lies over the graph: selection, hover, search hits, findings, other people. Sizes are in screen pixels. */
import type { PlacedScene } from '../scene/placed'
import { NODE, SCOPE } from '../scene/scene'
import type { Badge, Context, Frame } from './frame'
import { CORNER } from './paint-nodes'
import { FONT_FAMILY } from '../scene/measure'

const RING = 2
const RING_GAP = 2
/** a ring is never drawn smaller than this, so that a selected node is found in the overview */
const LEAST_RING = 8

interface ScreenBox { x: number; y: number; width: number; height: number; radius: number }

/** The context's transform is the screen's here (CSS pixels). */
export function paintMarks(frame: Frame): void {
  const { context, theme, marks, camera } = frame
  rings(frame, marks.hits, { width: 6, gap: 0, alpha: 0.28 })
  rings(frame, marks.preview, { width: 1.5, gap: 1, alpha: 0.65 })
  for (const { item, colour } of marks.peers) ring(frame, item, colour, { width: RING, gap: marks.selectedItems.has(item) ? RING_GAP + 4 : RING_GAP, alpha: 1 })
  if (marks.hoverItem >= 0 && !marks.selectedItems.has(marks.hoverItem)) ring(frame, marks.hoverItem, theme.accent, { width: 1.5, gap: 1, alpha: 0.65 })
  rings(frame, marks.selectedItems, { width: RING, gap: RING_GAP, alpha: 1 })
  rings(frame, marks.inside.keys(), { width: 1.5, gap: 1, alpha: 0.8 })
  for (const [item, count] of marks.inside) paintCount(frame, item, count)
  for (const badge of marks.badges) paintBadge(frame, badge)
  for (const cursor of marks.cursors) paintCursor(context, camera.screenX(cursor.x), camera.screenY(cursor.y), cursor.name, cursor.colour)
}

function screenBox(frame: Frame, item: number): ScreenBox | null {
  const { placed, camera, motion, left } = frame
  const { scene } = placed
  const x = camera.screenX(placed.x[item] + (motion ? motion.dx[item] * left : 0))
  const y = camera.screenY(placed.y[item] + (motion ? motion.dy[item] * left : 0))
  const width = scene.width[item] * camera.zoom
  const height = scene.height[item] * camera.zoom
  if (x > camera.width + 20 || y > camera.height + 20 || x + width < -20 || y + height < -20) return null
  const radius = (scene.kind[item] === NODE ? CORNER : scene.kind[item] === SCOPE ? 8 : scene.height[item] / 2) * camera.zoom
  return { x, y, width, height, radius }
}

interface RingStyle { width: number; gap: number; alpha: number }

function ring(frame: Frame, item: number, colour: string, style: RingStyle): void {
  const { context } = frame
  context.beginPath()
  if (traceRing(frame, item, style, true)) strokeRings(context, colour, style)
}

/** Many at once, in the accent: one path for all; far out, where a ring is a few pixels, without round corners. */
function rings(frame: Frame, items: Iterable<number>, style: RingStyle): void {
  const { context } = frame
  const rounded = frame.camera.zoom >= 0.1
  let some = false
  context.beginPath()
  for (const item of items) some = traceRing(frame, item, style, rounded) || some
  if (some) strokeRings(context, frame.theme.accent, style)
}

function traceRing(frame: Frame, item: number, style: RingStyle, rounded: boolean): boolean {
  const box = screenBox(frame, item)
  if (!box) return false
  const out = style.gap + style.width / 2
  const growX = Math.max(out, (LEAST_RING - box.width) / 2)
  const growY = Math.max(out, (LEAST_RING - box.height) / 2)
  const sides: [number, number, number, number] = [box.x - growX, box.y - growY, box.width + 2 * growX, box.height + 2 * growY]
  if (rounded) frame.context.roundRect(...sides, box.radius + out)
  else frame.context.rect(...sides)
  return true
}

function strokeRings(context: Context, colour: string, style: RingStyle): void {
  context.globalAlpha = style.alpha
  context.strokeStyle = colour
  context.lineWidth = style.width
  context.stroke()
  context.globalAlpha = 1
}

/** How many of the nodes in a closed scope are selected. */
function paintCount(frame: Frame, item: number, count: number): void {
  const box = screenBox(frame, item)
  if (!box || frame.camera.zoom < 0.3) return
  const { context, theme } = frame
  const text = `${count.toLocaleString('en')} selected`
  context.font = `600 10px ${FONT_FAMILY}`
  const width = context.measureText(text).width + 12
  context.beginPath()
  context.roundRect(box.x + 8, box.y - 8, width, 16, 8)
  context.fillStyle = theme.accent
  context.fill()
  context.fillStyle = theme.onBadge
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  context.fillText(text, box.x + 14, box.y + 0.5)
}

/** A mark; on what holds several things, how many findings there are. */
function paintBadge(frame: Frame, { item, severity, count }: Badge): void {
  const box = screenBox(frame, item)
  if (!box) return
  const { context, theme, camera } = frame
  const colour = severity === 'error' ? theme.error : severity === 'warning' ? theme.warning : theme.secondary
  const small = camera.zoom < 0.45
  const radius = small ? Math.max(2.5, 8 * camera.zoom) : Math.min(10, Math.max(5.5, 7 * camera.zoom))
  const x = box.x + box.width
  const y = box.y
  context.beginPath()
  context.arc(x, y, radius + (small ? 0.75 : 1.5), 0, Math.PI * 2)
  context.fillStyle = theme.ground
  context.fill()
  context.beginPath()
  context.arc(x, y, radius, 0, Math.PI * 2)
  context.fillStyle = colour
  context.fill()
  if (small) return
  context.fillStyle = theme.onBadge
  if (count > 1 && frame.placed.scene.kind[item] === SCOPE) {
    context.font = `600 ${Math.round(radius * (count < 10 ? 1.5 : 1.1))}px ${FONT_FAMILY}`
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    context.fillText(count < 100 ? String(count) : '99+', x, y + 0.5)
    return
  }
  context.fillRect(x - radius * 0.12, y - radius * 0.55, radius * 0.24, radius * 0.62)
  context.fillRect(x - radius * 0.12, y + radius * 0.28, radius * 0.24, radius * 0.26)
}

function paintCursor(context: Context, x: number, y: number, name: string, colour: string): void {
  context.beginPath()
  context.moveTo(x, y)
  context.lineTo(x + 4.2, y + 15)
  context.lineTo(x + 7.2, y + 9.2)
  context.lineTo(x + 13.6, y + 8.2)
  context.closePath()
  context.fillStyle = colour
  context.strokeStyle = '#FFFFFF'
  context.lineWidth = 1.25
  context.lineJoin = 'round'
  context.fill()
  context.stroke()
  if (name === '') return
  context.font = `600 11px ${FONT_FAMILY}`
  const width = context.measureText(name).width + 14
  context.beginPath()
  context.roundRect(x + 14, y + 15, width, 19, 5)
  context.fillStyle = colour
  context.fill()
  context.fillStyle = '#FFFFFF'
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  context.fillText(name, x + 21, y + 25)
}

export function paintMarquee(context: Context, theme: Frame['theme'], box: { x: number; y: number; width: number; height: number }): void {
  context.fillStyle = theme.accent
  context.globalAlpha = 0.1
  context.fillRect(box.x, box.y, box.width, box.height)
  context.globalAlpha = 1
  context.strokeStyle = theme.accent
  context.lineWidth = 1
  context.strokeRect(Math.round(box.x) + 0.5, Math.round(box.y) + 0.5, Math.round(box.width), Math.round(box.height))
}

/** Bounds of an item on the canvas, in CSS pixels. */
export function itemBox(placed: PlacedScene, camera: Frame['camera'], item: number): { x: number; y: number; width: number; height: number } {
  return {
    x: camera.screenX(placed.x[item]), y: camera.screenY(placed.y[item]),
    width: placed.scene.width[item] * camera.zoom, height: placed.scene.height[item] * camera.zoom,
  }
}
