/** Draws scopes: the tinted grounds of open ones with their names and a minus, and the cards of closed ones. */
import { SCOPE_BAR, SCOPE_CARD_TITLE, SCOPE_LINE } from '../scene/scope-card'
import { FONT_FAMILY, FONTS } from '../scene/measure'
import type { Bounds, PlacedScene } from '../scene/placed'
import { FAMILY_COLOURS, groundAt, type Theme } from '../theme'
import type { Context, Frame } from './frame'
import { TITLES_FROM } from './lod'
import { stuckTitles } from './stuck-titles'

export const SCOPE_CORNER = 10
const CARD_CORNER = 8
/** how far the card behind a stacked one looks out */
const STACK = 4
const TITLE_LEFT = 14
const TITLE_MIDDLE = 14
/** middle of the minus from the right side, and of the plus on a card */
export const CLOSER = 18
export const OPENER = 16
const SIDE = 12

/** A ground as it is drawn now: on its way from what it was, or to the card it becomes. */
interface Ground { box: Bounds; depth: number; container: number; alpha: number }

function groundsOf({ placed, motion, left, camera }: Frame): Ground[] {
  const nest = placed.scene.nesting?.nest
  const found: Ground[] = []
  if (!nest) return found
  const { view } = camera
  const { x, y, width, height } = placed.nest!
  const glides = motion !== null && left > 0
  const { keys } = nest
  for (let container = 0; container < nest.count; container++) {
    const from = glides ? motion.grounds.get(keys[container]) : undefined
    const right = x[container] + width[container]
    const bottom = y[container] + height[container]
    // what is on its way is between the two boxes
    const isOut = from
      ? Math.min(x[container], from.left) >= view.right || Math.min(y[container], from.top) >= view.bottom || Math.max(right, from.right) <= view.left || Math.max(bottom, from.bottom) <= view.top
      : x[container] >= view.right || y[container] >= view.bottom || right <= view.left || bottom <= view.top
    if (isOut) continue
    const to = placed.boxOfContainer(container)
    const box = from ? between(to, from, left) : to
    if (inSight(box, view)) found.push({ box, depth: nest.depth[container], container, alpha: glides && motion.fresh.has(keys[container]) ? 1 - left : 1 })
  }
  return found
}

/** Grounds of scopes that were closed just now. */
function closing({ motion, left, camera }: Frame): Ground[] {
  if (!motion || left === 0) return []
  return motion.closing.map(({ from, to, depth }) => ({ box: between(to, from, left), depth, container: -1, alpha: left })).filter(({ box }) => inSight(box, camera.view))
}

function between(to: Bounds, from: Bounds, left: number): Bounds {
  const at = (end: number, start: number): number => end + (start - end) * left
  return { left: at(to.left, from.left), top: at(to.top, from.top), right: at(to.right, from.right), bottom: at(to.bottom, from.bottom) }
}

function inSight(box: Bounds, view: Bounds): boolean {
  return box.left < view.right && box.right > view.left && box.top < view.bottom && box.bottom > view.top
}

/** Before anything else: outer grounds first. */
export function paintGrounds(frame: Frame): void {
  const { context, theme } = frame
  for (const { box, depth, alpha } of [...groundsOf(frame), ...closing(frame)]) {
    context.globalAlpha = alpha
    paintGround(context, theme, box, depth, Math.max(1, 0.75 / frame.camera.zoom))
  }
  context.globalAlpha = 1
}

export function paintGround(context: Context, theme: Theme, box: Bounds, depth: number, line: number): void {
  context.beginPath()
  context.roundRect(box.left, box.top, box.right - box.left, box.bottom - box.top, SCOPE_CORNER)
  context.fillStyle = groundAt(theme, depth)
  context.fill()
  context.strokeStyle = theme.scopeLine
  context.lineWidth = line
  context.stroke()
}

/** Over the wires: the name in the corner on a piece of ground of its own, and the minus. */
export function paintScopeTitles(frame: Frame): void {
  const { context, theme, camera } = frame
  if (camera.zoom < TITLES_FROM) return
  const nest = frame.placed.scene.nesting?.nest
  if (!nest || nest.count === 0) return
  const size = camera.zoom < 0.6 ? 14 : 11
  const grow = size / 11
  context.font = `600 ${size}px ${FONT_FAMILY}`
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  const stuck = new Set(stuckTitles(frame.placed, camera).map((title) => title.container)) // their names stand at the edge
  for (const { box, depth, container, alpha } of groundsOf(frame)) {
    const title = nest.title(container)
    const y = box.top + TITLE_MIDDLE
    const marked = frame.marks.selectedScopes.has(container)
    context.globalAlpha = alpha
    context.fillStyle = groundAt(theme, depth)
    if (!stuck.has(container)) context.fillRect(box.left + TITLE_LEFT - 4, y - 9, Math.min(title.width * grow + 8, box.right - box.left - 2 * TITLE_LEFT), 18)
    if (!frame.still) context.fillRect(box.right - CLOSER - 9, y - 9, 18, 18)
    context.fillStyle = marked ? theme.accentText : theme.secondary
    if (!stuck.has(container)) context.fillText(title.text, box.left + TITLE_LEFT, y + 0.5)
    if (frame.still) continue
    const over = frame.marks.hoverScope === container
    if (over) disc(context, theme, box.right - CLOSER, y)
    context.fillStyle = over ? theme.text : theme.secondary
    context.fillRect(box.right - CLOSER - 4.5, y - 0.75, 9, 1.5)
  }
  context.globalAlpha = 1
}

function disc(context: Context, theme: Theme, x: number, y: number): void {
  context.beginPath()
  context.arc(x, y, 9, 0, Math.PI * 2)
  context.fillStyle = theme.scopeLine
  context.fill()
}

/** Cards of closed scopes; `x`, `y`: where an item is drawn now. */
export function paintScopeCards(frame: Frame, scene: PlacedScene['scene'], items: readonly number[], x: (item: number) => number, y: (item: number) => number): void {
  if (items.length === 0) return
  const { context, theme, detail, camera } = frame
  context.lineWidth = Math.max(1, 0.75 / camera.zoom)
  context.strokeStyle = theme.cardLine
  context.fillStyle = theme.card
  for (const item of items) {
    const { width, height, scope } = scene.cards[item]
    if (scope!.times) { outline(context, x(item) + STACK, y(item) + STACK, width, height); context.fill(); context.stroke() }
    outline(context, x(item), y(item), width, height)
    context.fill()
    context.stroke()
  }
  for (const item of items) paintShares(context, scene, item, x(item), y(item), detail.rows ? SCOPE_BAR : SCOPE_BAR * 2)
  if (detail.rows) for (const item of items) paintText(frame, scene, item, x(item), y(item))
  else if (detail.names) paintNames(frame, scene, items, x, y)
}

function outline(context: Context, x: number, y: number, width: number, height: number): void {
  context.beginPath()
  context.roundRect(x, y, width, height, CARD_CORNER)
}

/** A bar at the foot of the card: which operator families it holds, by number of nodes. */
function paintShares(context: Context, scene: PlacedScene['scene'], item: number, x: number, y: number, thick: number): void {
  const { width, height, scope } = scene.cards[item]
  const long = width - 2 * SIDE
  let at = x + SIDE
  for (const { family, share } of scope!.shares) {
    context.fillStyle = FAMILY_COLOURS[family]
    context.fillRect(at, y + height - 6 - thick, Math.max(1, share * long - 1), thick)
    at += share * long
  }
}

function paintText(frame: Frame, scene: PlacedScene['scene'], item: number, x: number, y: number): void {
  const { context, theme, marks } = frame
  const { title, scope, width } = scene.cards[item]
  const middle = y + SCOPE_CARD_TITLE / 2 + 1.5
  context.textBaseline = 'middle'
  context.textAlign = 'left'
  context.font = FONTS.title
  context.fillStyle = theme.text
  context.fillText(title, x + SIDE, middle)
  const over = marks.hoverItem === item
  if (over) disc(context, theme, x + width - OPENER, middle - 0.5)
  context.fillStyle = over ? theme.text : theme.secondary
  context.fillRect(x + width - OPENER - 4.5, middle - 1.25, 9, 1.5)
  context.fillRect(x + width - OPENER - 0.75, middle - 5, 1.5, 9)
  context.font = FONTS.row
  context.fillStyle = theme.secondary
  scope!.lines.forEach((line, i) => context.fillText(line, x + SIDE, y + SCOPE_CARD_TITLE + SCOPE_LINE * (i + 0.5)))
  if (!scope!.times) return
  context.font = FONTS.name
  context.fillStyle = theme.accentText
  context.textAlign = 'right'
  context.fillText(scope!.times, x + width - OPENER - 14, middle)
}

/** Farther out: the name alone, as large as fits. */
function paintNames(frame: Frame, scene: PlacedScene['scene'], items: readonly number[], x: (item: number) => number, y: (item: number) => number): void {
  const { context, theme } = frame
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.fillStyle = theme.text
  for (const item of items) {
    const { title, titleWidth, scope, width, height } = scene.cards[item]
    const text = scope!.times ? `${title} ${scope!.times}` : title
    const long = titleWidth + (scope!.times ? scope!.timesWidth + 4 : 0)
    const size = Math.max(10, Math.floor(Math.min((12 * (width - 16)) / long, 22) / 2) * 2)
    context.font = `600 ${size}px ${FONT_FAMILY}`
    context.fillText(text, x(item) + width / 2, y(item) + height / 2 - 3)
  }
}

/** For the overview: a pale box with its bar. */
export function paintScopeSpeck(context: Context, theme: Theme, { scene, x, y }: PlacedScene, item: number, least: number): void {
  const { width, height } = scene.cards[item]
  context.fillStyle = theme.card
  context.strokeStyle = theme.pillLine
  context.lineWidth = least
  context.fillRect(x[item], y[item], Math.max(width, least), Math.max(height, least))
  context.strokeRect(x[item], y[item], width, height)
  paintShares(context, scene, item, x[item], y[item], height / 4)
}
