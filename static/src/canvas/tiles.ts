/** Pictures of the graph for far out, where shapes are too many to draw in every frame: square tiles per power of two of the zoom. */
import type { PlacedScene } from '../scene/placed'
import { SCOPE } from '../scene/scene'
import { FAMILY_COLOURS, type Theme } from '../theme'
import { edgesTouching, itemsTouching } from './bands'
import type { Camera } from './camera'
import { Crowd } from './crowd'
import type { Context, ScreenContext } from './frame'
import type { LitItems } from './lit'
import { paintGround, paintScopeSpeck } from './paint-scopes'

/** in device pixels */
const SIDE = 512
/** a tile is a megabyte: so many are kept beside those in view, to stand in when the view moves */
const SPARE_TILES = 20
/** pictures of tiles that were forgotten: used again, because making a canvas takes longer than drawing on it */
const SPARE_PICTURES = 6
/** device pixels that a box has at least, across and along */
const SPECK = 2
const BUDGET_MS = 3

interface Tile { picture: OffscreenCanvas; generation: number; used: number }

export class OverviewTiles {
  private readonly tiles = new Map<string, Tile>()
  private readonly pictures: OffscreenCanvas[] = []
  private generation = 0
  private clock = 0
  private lit: LitItems | null = null

  /** What is drawn has changed: tiles are shown until they are made again. */
  invalidate(): void {
    this.generation++
  }

  clear(): void {
    for (const { picture } of this.tiles.values()) free(picture)
    this.tiles.clear()
  }

  /**
   * Draws the view; the context's transform is the screen's (CSS pixels). Makes missing tiles for a few milliseconds, or all of
   * them when `whole`. With `lit`, only what stands out is in them. Returns true when nothing is missing.
   */
  paint(context: ScreenContext, placed: PlacedScene, camera: Camera, theme: Theme, ratio: number, whole: boolean, lit: LitItems | null = null): boolean {
    if (lit !== this.lit) this.invalidate()
    this.lit = lit
    const level = Math.ceil(Math.log2(camera.zoom * ratio))
    const span = SIDE / 2 ** level
    const view = camera.view
    const columns = [Math.floor(Math.max(view.left, placed.bounds.left) / span), Math.floor(Math.min(view.right, placed.bounds.right) / span)]
    const rows = [Math.floor(Math.max(view.top, placed.bounds.top) / span), Math.floor(Math.min(view.bottom, placed.bounds.bottom) / span)]
    const start = performance.now()
    let complete = true
    this.clock++
    for (let row = rows[0]; row <= rows[1]; row++) {
      for (let column = columns[0]; column <= columns[1]; column++) {
        const key = `${level}:${column}:${row}`
        let tile = this.tiles.get(key)
        if (!tile || tile.generation !== this.generation) {
          if (whole || performance.now() - start < BUDGET_MS) tile = this.make(key, placed, theme, level, column, row, tile)
          else complete = false
        }
        if (tile) {
          tile.used = this.clock
          drawTile(context, camera, tile.picture, column, row, span, ratio)
        } else {
          this.paintCoarser(context, camera, level, column, row)
        }
      }
    }
    this.forget()
    return complete
  }

  /** Stands in for a missing tile: the part of a coarser one. */
  private paintCoarser(context: ScreenContext, camera: Camera, level: number, column: number, row: number): void {
    for (let up = 1; up <= 5; up++) {
      const size = 2 ** up
      const tile = this.tiles.get(`${level - up}:${Math.floor(column / size)}:${Math.floor(row / size)}`)
      if (!tile) continue
      tile.used = this.clock
      const part = SIDE / size
      const fromX = (((column % size) + size) % size) * part
      const fromY = (((row % size) + size) % size) * part
      const span = SIDE / 2 ** level
      context.drawImage(tile.picture, fromX, fromY, part, part, camera.screenX(column * span), camera.screenY(row * span), span * camera.zoom, span * camera.zoom)
      return
    }
  }

  private make(key: string, placed: PlacedScene, theme: Theme, level: number, column: number, row: number, old: Tile | undefined): Tile {
    const picture = old?.picture ?? this.pictures.pop() ?? new OffscreenCanvas(SIDE, SIDE)
    const context = picture.getContext('2d')!
    const scale = 2 ** level
    const span = SIDE / scale
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.clearRect(0, 0, SIDE, SIDE)
    context.setTransform(scale, 0, 0, scale, -column * SIDE, -row * SIDE)
    paintOverview(context, placed, theme, scale, { left: column * span, top: row * span, right: (column + 1) * span, bottom: (row + 1) * span }, this.lit)
    const tile = { picture, generation: this.generation, used: this.clock }
    this.tiles.set(key, tile)
    return tile
  }

  private forget(): void {
    let inView = 0
    for (const { used } of this.tiles.values()) if (used === this.clock) inView++
    const most = inView + SPARE_TILES
    if (this.tiles.size <= most) return
    const oldest = [...this.tiles.entries()].sort((a, b) => a[1].used - b[1].used)
    for (const [key, { picture }] of oldest.slice(0, this.tiles.size - most)) {
      this.tiles.delete(key)
      if (this.pictures.length < SPARE_PICTURES) this.pictures.push(picture)
      else free(picture)
    }
  }
}

/** At once: the garbage collector knows of a few bytes only, and lets a hundred of them wait. */
function free(picture: OffscreenCanvas): void {
  picture.width = picture.height = 0
}

/** Whether the overview shows the same: boxes and wires in the same places, in the same colours. */
export function alikeFarOut(one: PlacedScene, other: PlacedScene): boolean {
  return one.layout === other.layout && (one.scene.cards === other.scene.cards || one.scene.cards.every((card, item) => card.family === other.scene.cards[item].family))
}

/** On whole device pixels, so that no seam shows between tiles. */
function drawTile(context: ScreenContext, camera: Camera, picture: OffscreenCanvas, column: number, row: number, span: number, ratio: number): void {
  const left = Math.round(camera.screenX(column * span) * ratio) / ratio
  const top = Math.round(camera.screenY(row * span) * ratio) / ratio
  const right = Math.round(camera.screenX((column + 1) * span) * ratio) / ratio
  const bottom = Math.round(camera.screenY((row + 1) * span) * ratio) / ratio
  context.drawImage(picture, left, top, right - left, bottom - top)
}

/** Wires as plain lines, nodes as rectangles, batched by colour. `scale`: device pixels per unit of the graph. */
function paintOverview(context: Context, placed: PlacedScene, theme: Theme, scale: number, area: { left: number; top: number; right: number; bottom: number }, lit: LitItems | null): void {
  const least = 1 / scale
  const margin = 2 * least
  overviewGrounds(context, placed, theme, least, area)
  overviewEdges(context, placed, theme, least, { left: area.left - margin, top: area.top - margin, right: area.right + margin, bottom: area.bottom + margin }, lit?.edges)
  const { scene, x, y } = placed
  const families: number[][] = [...FAMILY_COLOURS.map(() => []), []]
  const scopes: number[] = []
  itemsTouching(placed, area, SPECK * least, (item) => {
    if (lit && lit.items[item] === 0) return
    const family = scene.cards[item].family
    if (scene.kind[item] === SCOPE) scopes.push(item)
    else families[family < 0 ? FAMILY_COLOURS.length : family].push(item)
  })
  families.forEach((items, family) => {
    context.fillStyle = theme.specks[family] ?? theme.pillLine
    for (const item of items) context.fillRect(x[item], y[item], Math.max(scene.width[item], SPECK * least), Math.max(scene.height[item], SPECK * least))
  })
  for (const item of scopes) paintScopeSpeck(context, theme, placed, item, least)
}

function overviewGrounds(context: Context, placed: PlacedScene, theme: Theme, least: number, area: { left: number; top: number; right: number; bottom: number }): void {
  const { nest } = placed
  if (!nest) return
  const { x, y, width, height } = nest
  for (let container = 0; container < x.length; container++) {
    if (x[container] >= area.right || y[container] >= area.bottom || x[container] + width[container] <= area.left || y[container] + height[container] <= area.top) continue
    paintGround(context, theme, placed.boxOfContainer(container), placed.scene.nesting!.nest.depth[container], least)
  }
}

function overviewEdges(context: Context, placed: PlacedScene, theme: Theme, least: number, area: { left: number; top: number; right: number; bottom: number }, only?: Uint8Array): void {
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
