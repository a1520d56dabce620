/** Names of open scopes whose own corner is out of view above or to the left: they stay at the edge of the view, inner ones beside outer ones. */
import { FONT_FAMILY } from '../scene/measure'
import type { PlacedScene } from '../scene/placed'
import { groundAt } from '../theme'
import type { Camera } from './camera'
import type { Frame } from './frame'
import { TITLES_FROM } from './lod'

/** x, y: left end and middle of the text, in CSS pixels of the canvas. */
export interface StuckTitle { container: number; text: string; x: number; y: number; width: number }

/** beside and below what lies in the upper corners of the stage */
const SIDE = 56
const FIRST = 26
/** in a body, whose breadcrumb lies there */
const FIRST_IN_BODY = 62
const STEP = 22
/** between names in one row */
const GAP = 18
const INSET = 14
const LEAST_BELOW = 40

/** Those of the last view: a frame asks for them more than once, and so does the pointer. */
const last = new WeakMap<PlacedScene, { view: readonly number[]; titles: StuckTitle[] }>()

export function stuckTitles(placed: PlacedScene, camera: Camera): StuckTitle[] {
  const view = [camera.x, camera.y, camera.zoom, camera.width, camera.height]
  const known = last.get(placed)
  if (known?.view.every((at, i) => at === view[i])) return known.titles
  const titles = found(placed, camera)
  last.set(placed, { view, titles })
  return titles
}

function found(placed: PlacedScene, camera: Camera): StuckTitle[] {
  const nest = placed.scene.nesting?.nest
  const titles: StuckTitle[] = []
  if (!nest || camera.zoom < TITLES_FROM) return titles
  const first = placed.scene.document.graph(placed.scene.graph)?.parent ? FIRST_IN_BODY : FIRST
  const innermost: (StuckTitle | undefined)[] = [] // of it and those around it
  for (let container = 0; container < nest.count; container++) {
    const outer = nest.parent[container] < 0 ? undefined : innermost[nest.parent[container]]
    innermost[container] = outer
    const box = placed.boxOfContainer(container)
    const left = camera.screenX(box.left)
    const top = camera.screenY(box.top)
    const right = Math.min(camera.screenX(box.right), camera.width - SIDE + INSET)
    const bottom = camera.screenY(box.bottom)
    if (left >= camera.width || top >= camera.height || right <= 0 || bottom <= 0 || (left >= 0 && top >= 0)) continue
    const { text, width } = nest.title(container)
    const y = Math.max(top + INSET * camera.zoom, first)
    const fits = (at: { x: number; y: number }): boolean => at.x + width + INSET <= right && at.y + LEAST_BELOW <= bottom
    const alone = { x: Math.max(left + INSET, SIDE), y }
    const spots = !outer || y >= outer.y + STEP ? [alone] : [{ x: Math.max(alone.x, outer.x + outer.width + GAP), y: outer.y }, { x: alone.x, y: outer.y + STEP }]
    const spot = spots.find(fits)
    if (!spot) continue
    titles.push((innermost[container] = { container, text, ...spot, width }))
  }
  return titles
}

/** The open scope whose name stands at the edge there, in CSS pixels; -1 for none. */
export function stuckTitleAt(placed: PlacedScene, camera: Camera, x: number, y: number): number {
  return stuckTitles(placed, camera).find((title) => x >= title.x - 6 && x <= title.x + title.width + 6 && Math.abs(y - title.y) <= 10)?.container ?? -1
}

/** Over the graph; the context's transform is the screen's. */
export function paintStuckTitles({ context, theme, placed, camera, marks }: Frame): void {
  const titles = stuckTitles(placed, camera)
  if (titles.length === 0) return
  const { depth } = placed.scene.nesting!.nest
  context.font = `600 11px ${FONT_FAMILY}`
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  context.lineWidth = 1
  context.strokeStyle = theme.scopeLine
  for (const { container, text, x, y, width } of titles) {
    context.beginPath()
    context.roundRect(x - 6, y - 10, width + 12, 20, 5)
    context.fillStyle = groundAt(theme, depth[container])
    context.fill()
    context.stroke()
    context.fillStyle = marks.selectedScopes.has(container) ? theme.accentText : theme.secondary
    context.fillText(text, x, y + 0.5)
  }
}
