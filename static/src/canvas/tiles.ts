/** Pictures of the graph for far out, where shapes are too many to draw in every frame: square tiles for each of a few zooms. */
import type { Bounds, PlacedScene } from '../scene/placed'
import { SCOPE } from '../scene/scene'
import { FAMILY_COLOURS, type Theme } from '../theme'
import { edgesTouching, itemsTouching } from './bands'
import { samePlace, type Camera, type Place } from './camera'
import { Crowd } from './crowd'
import type { Context, ScreenContext } from './frame'
import type { LitItems } from './lit'
import { paintGround, paintScopeSpeck } from './paint-scopes'
import { Specks } from './specks'
import { areaOf, cellsIn, common, drawnOf, keyOf, levelFor, scaleOf, SIDE, type Cell } from './tile-cells'

/** of pictures that are kept beside those in view, to stand in when the view moves: 14 MB */
const SPARE_PIXELS = 14 * SIDE * SIDE
/** device pixels around what is drawn */
const RIM = 2
/** zooms whose tiles stand in for those that are missing, from the best on */
const INSTEAD = [-1, 1, -2, 2, -3, 3, -4, 4, -5, -6, -7, -8]
/** device pixels that a box has at least, across and along */
const SPECK = 2
/** for the tiles of one frame: those for which nothing can stand in, while the view moves, or all when it rests */
const BUDGET_MS = 3
/** for the others while the view moves, in the mean of the frames */
const SHARE_MS = 1
/** a view that was not moved for so long rests */
const REST_MS = 80

/** `area`: what the picture shows, less than the cell where the graph ends in it. */
interface Tile { picture: ImageBitmap; area: Bounds; generation: number; used: number }
interface Screen { context: ScreenContext; camera: Camera; ratio: number }

export class OverviewTiles {
  private readonly tiles = new Map<string, Tile>()
  /** on which they are drawn: a canvas of its own for each would keep what was drawn, wire by wire, beside the pixels */
  private readonly board = new OffscreenCanvas(SIDE, SIDE)
  private generation = 0
  private clock = 0
  private lit: LitItems | null = null
  /** from where it is looked at, and since when */
  private place: Place | null = null
  private since = 0
  /** milliseconds that the tiles of moving views may still take; below 0 when one took longer */
  private allowance = BUDGET_MS

  /** What is drawn has changed: tiles are shown until they are made again. */
  invalidate(): void {
    this.generation++
  }

  clear(): void {
    for (const { picture } of this.tiles.values()) picture.close()
    this.tiles.clear()
  }

  /**
   * Draws the view; the context's transform is the screen's (CSS pixels). Makes missing tiles for a few milliseconds, or all of
   * them when `whole`. With `lit`, only what stands out is in them. Returns true when nothing is missing.
   */
  paint(context: ScreenContext, placed: PlacedScene, camera: Camera, theme: Theme, ratio: number, whole: boolean, lit: LitItems | null = null): boolean {
    if (lit !== this.lit) this.invalidate()
    this.lit = lit
    const screen = { context, camera, ratio }
    const level = levelFor(camera.zoom * ratio)
    const cells = cellsIn(common(camera.view, placed.bounds), level)
    const resting = this.isResting(camera.place)
    this.allowance = whole ? Infinity : resting ? BUDGET_MS : Math.min(BUDGET_MS, this.allowance + SHARE_MS)
    let urgent = BUDGET_MS
    let complete = true
    this.clock++
    for (const cell of cells) {
      let tile = this.tiles.get(keyOf(cell))
      const stale = !tile || tile.generation !== this.generation
      const instead = tile ? [] : this.instead(cell)
      if (stale && (this.allowance > 0 || (!tile && instead.length === 0 && urgent > 0))) {
        const start = performance.now()
        tile = this.make(cell, placed, theme, tile)
        const spent = performance.now() - start
        this.allowance -= spent
        urgent -= spent
        if (!resting) this.since = performance.now() // what moves the view was kept waiting
      } else if (stale) {
        complete = false
      }
      if (tile) this.draw(screen, tile, tile.area)
      else for (const other of instead) this.draw(screen, other, common(areaOf(cell), other.area))
    }
    this.forget()
    return complete
  }

  private isResting(place: Place): boolean {
    if (!this.place || !samePlace(this.place, place)) this.since = performance.now()
    this.place = place
    return performance.now() - this.since >= REST_MS
  }

  /** The tiles of another zoom that show all of what a missing one would show, or else some of it. */
  private instead(cell: Cell): Tile[] {
    let best: Tile[] = []
    const area = areaOf(cell)
    for (const away of INSTEAD) {
      const cells = cellsIn(area, cell.level + away)
      const there = cells.map((one) => this.tiles.get(keyOf(one))).filter((one) => one !== undefined)
      if (there.length === cells.length) return there
      if (best.length === 0) best = there
    }
    return best
  }

  /** On whole device pixels, so that no seam shows between tiles. */
  private draw({ context, camera, ratio }: Screen, tile: Tile, part: Bounds): void {
    tile.used = this.clock
    const { area, picture } = tile
    if (part.left >= part.right || part.top >= part.bottom) return
    const scale = picture.width / (area.right - area.left)
    const onScreen = (at: number): number => Math.round(at * ratio) / ratio
    const [left, top] = [onScreen(camera.screenX(part.left)), onScreen(camera.screenY(part.top))]
    const [right, bottom] = [onScreen(camera.screenX(part.right)), onScreen(camera.screenY(part.bottom))]
    context.drawImage(picture, (part.left - area.left) * scale, (part.top - area.top) * scale, (part.right - part.left) * scale, (part.bottom - part.top) * scale, left, top, right - left, bottom - top)
  }

  private make(cell: Cell, placed: PlacedScene, theme: Theme, old: Tile | undefined): Tile {
    const scale = scaleOf(cell.level)
    const { area, width, height } = drawnOf(cell, placed.bounds, RIM)
    const { board } = this
    if (board.width !== width) board.width = width
    if (board.height !== height) board.height = height
    const context = board.getContext('2d')!
    context.setTransform(scale, 0, 0, scale, -area.left * scale, -area.top * scale)
    paintOverview(context, placed, theme, scale, area, this.lit)
    context.beginPath() // the last path, perhaps of all wires, is not kept either
    old?.picture.close()
    const tile = { picture: board.transferToImageBitmap(), area, generation: this.generation, used: this.clock }
    this.tiles.set(keyOf(cell), tile)
    return tile
  }

  private forget(): void {
    let spare = 0
    const newestFirst = [...this.tiles].filter(([, { used }]) => used < this.clock).sort(([, a], [, b]) => b.used - a.used)
    for (const [key, { picture }] of newestFirst) {
      spare += picture.width * picture.height
      if (spare <= SPARE_PIXELS) continue
      this.tiles.delete(key)
      picture.close()
    }
  }
}

/** Whether the overview shows the same: boxes and wires in the same places, in the same colours. */
export function alikeFarOut(one: PlacedScene, other: PlacedScene): boolean {
  return one.layout === other.layout && (one.scene.cards === other.scene.cards || one.scene.cards.every((card, item) => card.family === other.scene.cards[item].family))
}

/** Wires as plain lines, nodes as rectangles, batched by colour. `scale`: device pixels per unit of the graph. */
function paintOverview(context: Context, placed: PlacedScene, theme: Theme, scale: number, area: Bounds, lit: LitItems | null): void {
  const least = 1 / scale
  const margin = 2 * least
  overviewGrounds(context, placed, theme, least, area)
  overviewEdges(context, placed, theme, least, { left: area.left - margin, top: area.top - margin, right: area.right + margin, bottom: area.bottom + margin }, lit?.edges)
  const { scene, x, y } = placed
  const families: number[][] = [...FAMILY_COLOURS.map(() => []), []]
  const specks = new Specks(area, scale, SPECK)
  const scopes: number[] = []
  itemsTouching(placed, area, SPECK * least, (item) => {
    if (lit && lit.items[item] === 0) return
    const family = scene.cards[item].family < 0 ? FAMILY_COLOURS.length : scene.cards[item].family
    if (scene.kind[item] === SCOPE) scopes.push(item)
    else if (specks.isSpeck(scene.width[item], scene.height[item])) specks.add(x[item], y[item], family)
    else families[family].push(item)
  })
  const colourOf = (family: number): string => theme.specks[family] ?? theme.pillLine
  specks.visit((left, top, family) => {
    context.fillStyle = colourOf(family)
    context.fillRect(left, top, SPECK * least, SPECK * least)
  })
  families.forEach((items, family) => {
    context.fillStyle = colourOf(family)
    for (const item of items) context.fillRect(x[item], y[item], Math.max(scene.width[item], SPECK * least), Math.max(scene.height[item], SPECK * least))
  })
  for (const item of scopes) paintScopeSpeck(context, theme, placed, item, least)
}

function overviewGrounds(context: Context, placed: PlacedScene, theme: Theme, least: number, area: Bounds): void {
  const { nest } = placed
  if (!nest) return
  const { x, y, width, height } = nest
  for (let container = 0; container < x.length; container++) {
    if (Math.max(width[container], height[container]) < SPECK * least) continue // under what is in it
    if (x[container] >= area.right || y[container] >= area.bottom || x[container] + width[container] <= area.left || y[container] + height[container] <= area.top) continue
    paintGround(context, theme, placed.boxOfContainer(container), placed.scene.nesting!.nest.depth[container], least)
  }
}

function overviewEdges(context: Context, placed: PlacedScene, theme: Theme, least: number, area: Bounds, only?: Uint8Array): void {
  const { edgeBoxes, pointStart, points } = placed
  const crowd = new Crowd(area, least, false)
  context.beginPath()
  edgesTouching(placed, area, (edge) => {
    const at = edge * 4
    if (only?.[edge] === 0) return
    // shorter than a pixel and a half: lost between its nodes
    if (edgeBoxes[at + 2] - edgeBoxes[at] + edgeBoxes[at + 3] - edgeBoxes[at + 1] < 1.5 * least) return
    if (!crowd.shows(points, pointStart[edge] * 2, pointStart[edge + 1] - pointStart[edge])) return
    let lastX = points[pointStart[edge] * 2]
    let lastY = points[pointStart[edge] * 2 + 1]
    context.moveTo(lastX, lastY)
    const end = pointStart[edge + 1] * 2
    for (let p = pointStart[edge] * 2 + 2; p < end; p += 2) {
      if (p < end - 2 && Math.abs(points[p] - lastX) + Math.abs(points[p + 1] - lastY) < least) continue
      lastX = points[p]
      lastY = points[p + 1]
      context.lineTo(lastX, lastY)
    }
  })
  context.strokeStyle = theme.edge
  context.globalAlpha = 0.7
  context.lineWidth = least
  context.stroke()
  context.globalAlpha = 1
}
