/** Names of open scopes whose own corner is out of view above or to the left: they stay at the edge of the view, inner ones beside outer ones. */
import { FONT_FAMILY } from '../scene/measure'
import type { Nest } from '../scene/nest'
import type { Bounds, PlacedScene } from '../scene/placed'
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

/** Looks at all open scopes in every frame of a moving view: makes nothing for those that have no name at the edge. */
function found(placed: PlacedScene, camera: Camera): StuckTitle[] {
  const nest = placed.scene.nesting?.nest
  const titles: StuckTitle[] = []
  if (!nest || camera.zoom < TITLES_FROM) return titles
  const first = placed.scene.document.graph(placed.scene.graph)?.parent ? FIRST_IN_BODY : FIRST
  const { x, y, width, height } = placed.layout.nest!
  const { view } = camera
  const titled = new Map<number, StuckTitle>()
  for (let container = 0; container < nest.count; container++) {
    const begins = x[container] < view.left || y[container] < view.top // its own corner is out of view
    if (!begins || x[container] >= view.right || y[container] >= view.bottom || x[container] + width[container] <= view.left || y[container] + height[container] <= view.top) continue
    const title = titleAt(nest.title(container), placed.boxOfContainer(container), camera, first, around(nest, container, titled))
    if (!title) continue
    titled.set(container, { container, ...title })
    titles.push(titled.get(container)!)
  }
  return titles
}

/** The name at the edge of the innermost scope around this one that has one. */
function around({ parent }: Nest, container: number, titled: ReadonlyMap<number, StuckTitle>): StuckTitle | undefined {
  for (let at = parent[container]; at >= 0; at = parent[at]) if (titled.has(at)) return titled.get(at)
  return undefined
}

/** null: it finds no room */
function titleAt({ text, width }: { text: string; width: number }, box: Bounds, camera: Camera, first: number, outer: StuckTitle | undefined): Omit<StuckTitle, 'container'> | null {
  const right = Math.min(camera.screenX(box.right), camera.width - SIDE + INSET)
  const bottom = camera.screenY(box.bottom)
  const y = Math.max(camera.screenY(box.top) + INSET * camera.zoom, first)
  const fits = (at: { x: number; y: number }): boolean => at.x + width + INSET <= right && at.y + LEAST_BELOW <= bottom
  const alone = { x: Math.max(camera.screenX(box.left) + INSET, SIDE), y }
  const spots = !outer || y >= outer.y + STEP ? [alone] : [{ x: Math.max(alone.x, outer.x + outer.width + GAP), y: outer.y }, { x: alone.x, y: outer.y + STEP }]
  const spot = spots.find(fits)
  return spot ? { text, ...spot, width } : null
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
