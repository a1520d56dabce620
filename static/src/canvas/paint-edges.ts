/** Draws wires: rounded lines with arrowheads, and the types beside them. */
import { FONTS } from '../scene/measure'
import { Crowd } from './crowd'
import type { Context, Frame, InView } from './frame'
import { wireWidth } from './lod'

const CORNER = 14
/** from this many wires on they step back, so that they do not become one block */
const CROWD = 500
const CROWD_ALPHA = 0.5
const HIT_ALPHA = 0.28
/** on screen, as wide as the ring around a found node */
const HIT_WIDTH = 6
/** how far before and behind its slanted piece a bend begins to curve */
const BEND_EARLY = 6
const ARROW_LENGTH = 7
const ARROW_WIDTH = 3.5

/** Points of one wire, shifted while its ends are gliding; used again for every wire. */
let scratch = new Float32Array(64)

export function paintEdges(frame: Frame, view: InView): void {
  const { context, theme, camera, marks, left } = frame
  const width = wireWidth(camera.zoom) / camera.zoom
  context.lineJoin = 'round'
  context.lineCap = 'butt'
  const plain: number[] = []
  const fresh: number[] = []
  const quiet: number[] = []
  const accent: number[] = []
  const quietAccent: number[] = []
  for (let i = 0; i < view.edgeCount; i++) {
    const edge = view.edges[i]
    if (marks.accentEdges.has(edge) || frame.placed.scene.value[edge] === marks.hoverValue) (frame.placed.scene.captures(edge) ? quietAccent : accent).push(edge)
    else if (left > 0 && isNew(frame, edge)) fresh.push(edge)
    else if (frame.placed.scene.captures(edge)) quiet.push(edge)
    else plain.push(edge)
  }
  if (marks.hitEdges.size > 0) paintHits(frame, view)
  if (plain.length > CROWD) context.globalAlpha = CROWD_ALPHA
  stroke(frame, plain, theme.edge, width)
  context.globalAlpha = 1
  if (fresh.length > 0) {
    context.globalAlpha = 1 - left
    stroke(frame, fresh, theme.edge, width)
    context.globalAlpha = 1
  }
  const strong = Math.max(width, Math.min(2, 1 + camera.zoom) / camera.zoom)
  if (quiet.length + quietAccent.length > 0) {
    context.setLineDash([4, 4])
    stroke(frame, quiet, theme.edge, width)
    stroke(frame, quietAccent, theme.accent, strong)
    context.setLineDash([])
  }
  stroke(frame, accent, theme.accent, strong)
}

/** A broad faint line under the wires of found values. */
function paintHits(frame: Frame, view: InView): void {
  const found: number[] = []
  for (let i = 0; i < view.edgeCount; i++) if (frame.marks.hitEdges.has(view.edges[i]) && !frame.marks.accentEdges.has(view.edges[i])) found.push(view.edges[i])
  frame.context.globalAlpha = HIT_ALPHA
  stroke({ ...frame, detail: { ...frame.detail, arrows: false } }, found, frame.theme.accent, HIT_WIDTH / frame.camera.zoom)
  frame.context.globalAlpha = 1
}

function isNew({ placed, motion }: Frame, edge: number): boolean {
  return motion !== null && (motion.isNew[placed.scene.source[edge]] === 1 || motion.isNew[placed.scene.target[edge]] === 1)
}

function stroke(frame: Frame, edges: readonly number[], colour: string, width: number): void {
  if (edges.length === 0) return
  const { context, detail } = frame
  const crowd = edges.length > CROWD ? crowdOf(frame) : null
  context.beginPath()
  const shown = crowd ? edges.filter((edge) => trace(context, frame, edge, crowd)) : edges
  if (!crowd) for (const edge of edges) trace(context, frame, edge)
  context.strokeStyle = colour
  context.lineWidth = width
  context.stroke()
  if (!detail.arrows) return
  context.beginPath()
  for (const edge of shown) arrow(context, frame, edge)
  context.fillStyle = colour
  context.fill()
}

/** beyond the view, where a long wire ends to be drawn */
const BEYOND = 40

function crowdOf({ camera, detail, placed }: Frame): Crowd {
  const { left, top, right, bottom } = camera.view
  const pixel = 1 / camera.zoom
  const isRight = placed.scene.direction === 'right'
  const [beside, beyond] = isRight ? [BEYOND, pixel] : [pixel, BEYOND]
  return new Crowd({ left: left - beside, top: top - beyond, right: right + beside, bottom: bottom + beyond }, pixel, detail.curves, isRight)
}

/** Adds a wire to the path, long ones only where they are in view; false when it would show nothing new in the crowd. */
function trace(context: Context, frame: Frame, edge: number, crowd?: Crowd): boolean {
  const { curves, arrows } = frame.detail
  const { view } = frame.camera
  // which of a point's two numbers is along the flow, and from where to where the view goes there
  const along = frame.placed.scene.direction === 'right' ? 0 : 1
  const [begin, finish] = along === 0 ? [view.left - BEYOND, view.right + BEYOND] : [view.top - BEYOND, view.bottom + BEYOND]
  const count = readPoints(frame, edge)
  if (count < 2 || crowd?.shows(scratch, 0, count) === false) return false
  const p = scratch
  const last = (count - 1) * 2
  if (arrows) p[last + along] -= ARROW_LENGTH - 1
  let first = 0
  let end = count - 1
  if (count > 8) {
    while (first < end - 1 && p[first * 2 + 2 + along] < begin && p[first * 2 + 4 + along] < begin) first++
    while (end > first + 1 && p[end * 2 - 2 + along] > finish && p[end * 2 - 4 + along] > finish) end--
  }
  context.moveTo(p[first * 2], p[first * 2 + 1])
  for (let i = first + 1; i <= end; i++) {
    const at = i * 2
    if (!curves || i === end) context.lineTo(p[at], p[at + 1])
    else if (i + 1 < end && isBend(p, at, along)) {
      bend(context, p, at, along)
      i++
    } else corner(context, p, at)
  }
  return true
}

/** Straight on, sideways, straight on again: the piece from this point to the next is drawn as one curve. */
function isBend(p: Float32Array, at: number, along: 0 | 1): boolean {
  const across = at + 1 - along
  return Math.abs(p[across] - p[across - 2]) < 0.1 && Math.abs(p[across + 4] - p[across + 2]) < 0.1 && p[at + 2 + along] - p[at + along] > 4
}

function bend(context: Context, p: Float32Array, at: number, along: 0 | 1): void {
  const from = p[at + 1 - along]
  const to = p[at + 3 - along]
  const on = at + along
  const begin = p[on] - Math.min(BEND_EARLY, (p[on] - p[on - 2]) / 2)
  const end = p[on + 2] + Math.min(BEND_EARLY, (p[on + 4] - p[on + 2]) / 2)
  const pull = (end - begin) * 0.55
  if (along === 1) {
    context.lineTo(from, begin)
    context.bezierCurveTo(from, begin + pull, to, end - pull, to, end)
  } else {
    context.lineTo(begin, from)
    context.bezierCurveTo(begin + pull, from, end - pull, to, end, to)
  }
}

/** A rounded corner: a quadratic curve between points on both sides of it. */
function corner(context: Context, p: Float32Array, at: number): void {
  const x = p[at]
  const y = p[at + 1]
  const inX = p[at - 2] - x
  const inY = p[at - 1] - y
  const outX = p[at + 2] - x
  const outY = p[at + 3] - y
  const inLength = Math.sqrt(inX * inX + inY * inY)
  const outLength = Math.sqrt(outX * outX + outY * outY)
  // half of a side at most, so that the next corner finds its room
  const radius = Math.min(CORNER, inLength / 2, outLength / 2)
  if (radius < 0.5) {
    context.lineTo(x, y)
    return
  }
  context.lineTo(x + (inX / inLength) * radius, y + (inY / inLength) * radius)
  context.quadraticCurveTo(x, y, x + (outX / outLength) * radius, y + (outY / outLength) * radius)
}

/** Fills `scratch`; returns how many points there are. */
function readPoints({ placed, motion, left }: Frame, edge: number): number {
  const { pointStart, points, scene } = placed
  const from = pointStart[edge] * 2
  const count = pointStart[edge + 1] - pointStart[edge]
  if (scratch.length < count * 2) scratch = new Float32Array(count * 4)
  if (!motion || left === 0) {
    for (let i = 0; i < count * 2; i++) scratch[i] = points[from + i]
    return count
  }
  const source = scene.source[edge]
  const target = scene.target[edge]
  const startX = motion.isNew[source] ? 0 : motion.dx[source] * left
  const startY = motion.isNew[source] ? 0 : motion.dy[source] * left
  const endX = motion.isNew[target] ? 0 : motion.dx[target] * left
  const endY = motion.isNew[target] ? 0 : motion.dy[target] * left
  for (let i = 0; i < count; i++) {
    const t = count === 1 ? 0 : i / (count - 1)
    scratch[i * 2] = points[from + i * 2] + startX + (endX - startX) * t
    scratch[i * 2 + 1] = points[from + i * 2 + 1] + startY + (endY - startY) * t
  }
  return count
}

function arrow(context: Context, { placed, motion, left, camera }: Frame, edge: number): void {
  const last = (placed.pointStart[edge + 1] - 1) * 2
  if (placed.pointStart[edge + 1] - placed.pointStart[edge] < 2) return
  const target = placed.scene.target[edge]
  const x = placed.points[last] + (motion ? motion.dx[target] * left : 0)
  const y = placed.points[last + 1] + (motion ? motion.dy[target] * left : 0)
  const { view } = camera
  if (x < view.left - ARROW_LENGTH || x > view.right + ARROW_LENGTH || y < view.top - ARROW_LENGTH || y > view.bottom + ARROW_LENGTH) return
  context.moveTo(x, y)
  if (placed.scene.direction === 'right') {
    context.lineTo(x - ARROW_LENGTH, y - ARROW_WIDTH)
    context.lineTo(x - ARROW_LENGTH, y + ARROW_WIDTH)
  } else {
    context.lineTo(x - ARROW_WIDTH, y - ARROW_LENGTH)
    context.lineTo(x + ARROW_WIDTH, y - ARROW_LENGTH)
  }
  context.closePath()
}

/** on screen: from a selected box to the outside of its ring */
const RING = 4
/** half of the height of a line of text, and as much as it stands clear of a ring */
const HALF_LINE = 7
/** on screen: no label goes farther for a ring */
const MOST_ASIDE = 8

/** How far along the flow the label goes so that it is not on the ring of its selected source, which is as wide at every zoom. */
function outOfRing({ placed, camera, marks }: Frame, edge: number): number {
  const { scene, x, y, labelX, labelY } = placed
  const source = scene.source[edge]
  if (!marks.selectedItems.has(source)) return 0
  const far = scene.direction === 'right' ? x[source] + scene.width[source] + 2 - labelX[edge] : y[source] + scene.height[source] + HALF_LINE - labelY[edge]
  return Math.max(0, Math.min(MOST_ASIDE / camera.zoom, far + RING / camera.zoom))
}

/** Types beside the wires; those of what is selected in the accent. */
export function paintLabels(frame: Frame, view: InView): void {
  const { context, placed, theme, marks, motion, left } = frame
  const { scene, labelX, labelY } = placed
  const { left: viewLeft, right, top, bottom } = frame.camera.view
  context.font = FONTS.row
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  let colour = ''
  for (let i = 0; i < view.edgeCount; i++) {
    const edge = view.edges[i]
    const label = scene.labels[edge]
    if (!label || Number.isNaN(labelX[edge])) continue
    const source = scene.source[edge]
    const aside = outOfRing(frame, edge)
    const x = labelX[edge] + (motion ? motion.dx[source] * left : 0) + (scene.direction === 'right' ? aside : 0)
    const y = labelY[edge] + (motion ? motion.dy[source] * left : 0) + (scene.direction === 'right' ? 0 : aside)
    if (x > right || x + label.width < viewLeft || y + 8 < top || y - 8 > bottom) continue
    const accent = marks.accentEdges.has(edge) || scene.value[edge] === marks.hoverValue
    const wanted = accent ? theme.accentText : label.inferred ? theme.inferred : theme.declared
    if (wanted !== colour) {
      context.fillStyle = wanted
      colour = wanted
    }
    context.fillText(label.text, x, y + 0.5)
  }
}
