/** What is under a point or inside a rectangle. Boxes are tried one after another: at 50,000 nodes that takes about half a millisecond, so no index is kept. */
import type { Bounds, PlacedScene } from '../scene/placed'
import { ROW_HEIGHT, ROWS_PADDING, TITLE_HEIGHT as TITLE_HEIGHT_OF_CARD } from '../scene/card'
import { NODE, SCOPE } from '../scene/scene'
import { SCOPE_CARD_TITLE } from '../scene/scope-card'

/** `scope`: the title of an open one, `stuck`: at the edge of the view; `fold`: the sign that opens or closes a scope */
export type Hit = { item: number; fold?: true } | { edge: number } | { scope: number; fold?: true; stuck?: true } | null

const EDGE_REACH = 6
const ITEM_REACH = 2

/** `zoom` decides how near in the graph is near on screen. */
export function hitAt(placed: PlacedScene, x: number, y: number, zoom: number, labels: boolean): Hit {
  const item = itemAt(placed, x, y, ITEM_REACH / zoom)
  if (item >= 0) return onOpener(placed, item, x, y) || onBody(placed, item, x, y, labels) ? { item, fold: true } : { item }
  const title = titleAt(placed, x, y)
  if (title) return title
  if (labels) {
    const edge = labelAt(placed, x, y)
    if (edge >= 0) return { edge }
  }
  const edge = edgeAt(placed, x, y, EDGE_REACH / zoom)
  return edge >= 0 ? { edge } : null
}

export function itemAt({ scene, x: left, y: top }: PlacedScene, x: number, y: number, reach: number): number {
  for (let item = scene.count - 1; item >= 0; item--) {
    if (x >= left[item] - reach && y >= top[item] - reach && x <= left[item] + scene.width[item] + reach && y <= top[item] + scene.height[item] + reach) return item
  }
  return -1
}

/** From here on titles of scopes are drawn, in units of the graph. */
const TITLE_HEIGHT = 26
const SIGN_REACH = 11
const SIGN_INSET = 18

function onOpener({ scene, x: left, y: top }: PlacedScene, item: number, x: number, y: number): boolean {
  return scene.kind[item] === SCOPE && y <= top[item] + SCOPE_CARD_TITLE + 2 && x >= left[item] + scene.width[item] - 2 * SIGN_REACH - 5
}

/** The triangle of a row that holds a body. */
function onBody({ scene, x: left, y: top }: PlacedScene, item: number, x: number, y: number, rows: boolean): boolean {
  if (!rows || scene.kind[item] !== NODE || x < left[item] + scene.width[item] - 2 * SIGN_REACH) return false
  return scene.cards[item].rows[Math.floor((y - top[item] - TITLE_HEIGHT_OF_CARD - ROWS_PADDING) / ROW_HEIGHT)]?.opens ?? false
}

/** The title strip of the innermost open scope there: its name, or its minus; what is between them is ground. */
function titleAt(placed: PlacedScene, x: number, y: number): Hit {
  const nest = placed.scene.nesting?.nest
  for (let scope = (nest?.count ?? 0) - 1; scope >= 0; scope--) {
    const { left, top, right, bottom } = placed.boxOfContainer(scope)
    if (x < left || x > right || y < top || y > bottom) continue
    if (y > top + TITLE_HEIGHT) return null // what is around it has no title here either
    if (Math.abs(x - right + SIGN_INSET) <= SIGN_REACH) return { scope, fold: true }
    return x <= left + 14 + nest!.title(scope).width + 8 ? { scope } : null
  }
  return null
}

/** The innermost open scope around a point; -1 for none. */
export function scopeAt(placed: PlacedScene, x: number, y: number): number {
  for (let scope = (placed.scene.nesting?.nest.count ?? 0) - 1; scope >= 0; scope--) {
    const { left, top, right, bottom } = placed.boxOfContainer(scope)
    if (x >= left && x <= right && y >= top && y <= bottom) return scope
  }
  return -1
}

function labelAt({ scene, labelX, labelY }: PlacedScene, x: number, y: number): number {
  for (let edge = 0; edge < scene.edgeCount; edge++) {
    const label = scene.labels[edge]
    if (label && Math.abs(y - labelY[edge]) <= 7 && x >= labelX[edge] - 2 && x <= labelX[edge] + label.width + 2) return edge
  }
  return -1
}

/** The wire within reach of a point, whatever lies over it; -1 for none. */
export function edgeAt(placed: PlacedScene, x: number, y: number, reach: number): number {
  const { edgeBoxes } = placed
  let best = reach
  let found = -1
  for (let edge = 0, at = 0; at < edgeBoxes.length; edge++, at += 4) {
    if (x < edgeBoxes[at] - reach || y < edgeBoxes[at + 1] - reach || x > edgeBoxes[at + 2] + reach || y > edgeBoxes[at + 3] + reach) continue
    const distance = edgeDistance(placed, edge, x, y)
    if (distance < best) {
      best = distance
      found = edge
    }
  }
  return found
}

/** How far the point is from the wire, in the graph's units. */
export function edgeDistance({ pointStart, points }: PlacedScene, edge: number, x: number, y: number): number {
  let best = Infinity
  const end = (pointStart[edge + 1] - 1) * 2
  for (let p = pointStart[edge] * 2; p < end; p += 2) {
    const dx = points[p + 2] - points[p]
    const dy = points[p + 3] - points[p + 1]
    const length = dx * dx + dy * dy
    const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - points[p]) * dx + (y - points[p + 1]) * dy) / length))
    best = Math.min(best, Math.hypot(x - points[p] - t * dx, y - points[p + 1] - t * dy))
  }
  return best
}

/** Items that touch the rectangle. */
export function itemsIn({ scene, x, y }: PlacedScene, area: Bounds): number[] {
  const found: number[] = []
  for (let item = 0; item < scene.count; item++) {
    if (x[item] <= area.right && y[item] <= area.bottom && x[item] + scene.width[item] >= area.left && y[item] + scene.height[item] >= area.top) found.push(item)
  }
  return found
}
