/** Pictures of the graph: the same scene through the same drawing calls as on screen, as SVG, PNG or DOT, of everything or of a selection. */
import { union, type Bounds, type PlacedScene } from '../scene/placed'
import type { Theme } from '../theme'
import { edgesTouching, itemsTouching } from './bands'
import { Camera } from './camera'
import { dotOf } from './dot'
import { InView, type Frame, type Marks } from './frame'
import { detailAt } from './lod'
import { LAYERS, type Layer } from './paint-graph'
import { SvgDrawing, type Ruler } from './svg-drawing'

/** What a browser draws at most, in pixels. */
export const MOST_SIDE = 16384
export const MOST_PIXELS = 2 ** 27

const MARGIN = 24
const SELECTION_MARGIN = 24
const LABEL_HALF = 7 // of its height
const PORTION = 400 // items or wires between two breaths
const TILE = 2048 // px
const BREATH = 30 // ms

const PLAIN: Marks = {
  selectedItems: new Set(), accentEdges: new Set(), wireEnds: new Set(), tensors: new Set(), preview: [], hoverItem: -1, hoverValue: -1, hits: [], hitEdges: new Set(), badges: [], peers: [], cursors: [], lit: null,
  selectedScopes: new Set(), inside: new Map(), hoverScope: -1,
}

/** Which items and wires a picture shows, and the part of the graph around them. */
export interface Cutting { whole: boolean; items: Int32Array<ArrayBuffer>; edges: Int32Array<ArrayBuffer>; box: { x: number; y: number; width: number; height: number } }

export interface Progress {
  signal: AbortSignal
  /** from 0 to 1 */
  tell(done: number): void
}

export function everything(placed: PlacedScene): Cutting {
  const { bounds, scene } = placed
  return { whole: true, items: Int32Array.from({ length: scene.count }, (_, at) => at), edges: Int32Array.from({ length: scene.edgeCount }, (_, at) => at), box: around(bounds, MARGIN) }
}

/** These items, and the wires that run between them. */
export function cutOut(placed: PlacedScene, wanted: ReadonlySet<number>): Cutting {
  const { scene, edgeBoxes, labelX, labelY } = placed
  const items = Int32Array.from(wanted)
  const edges: number[] = []
  const boxes: Bounds[] = Array.from(items, (item) => placed.boxOf(item))
  for (let edge = 0; edge < scene.edgeCount; edge++) {
    if (!wanted.has(scene.source[edge]) || !wanted.has(scene.target[edge])) continue
    edges.push(edge)
    const at = edge * 4
    boxes.push({ left: edgeBoxes[at], top: edgeBoxes[at + 1], right: edgeBoxes[at + 2], bottom: edgeBoxes[at + 3] })
    const label = scene.labels[edge]
    if (label && !Number.isNaN(labelX[edge])) boxes.push({ left: labelX[edge], top: labelY[edge] - LABEL_HALF, right: labelX[edge] + label.width, bottom: labelY[edge] + LABEL_HALF })
  }
  return { whole: false, items, edges: Int32Array.from(edges), box: around(union(boxes) ?? { left: 0, top: 0, right: 1, bottom: 1 }, SELECTION_MARGIN) }
}

/** A part of all of it, or of a cutting, as it is: what reaches beyond is cut off. */
export function within(placed: PlacedScene, box: Cutting['box'], of: Cutting | null = null): Cutting {
  const area = { left: box.x, top: box.y, right: box.x + box.width, bottom: box.y + box.height }
  const items: number[] = []
  const edges: number[] = []
  itemsTouching(placed, area, 0, (item) => { items.push(item) })
  edgesTouching(placed, area, (edge) => { edges.push(edge) })
  if (!of) return { whole: true, items: Int32Array.from(items).sort(), edges: Int32Array.from(edges).sort(), box }
  const among = { items: new Set(of.items), edges: new Set(of.edges) }
  return { whole: false, items: Int32Array.from(items).filter((item) => among.items.has(item)).sort(), edges: Int32Array.from(edges).filter((edge) => among.edges.has(edge)).sort(), box }
}

function around({ left, top, right, bottom }: Bounds, margin: number): Cutting['box'] {
  return { x: left - margin, y: top - margin, width: right - left + 2 * margin, height: bottom - top + 2 * margin }
}

/** The largest scale at which a PNG can be drawn, in hundredths. */
export function largestScale({ width, height }: { width: number; height: number }): number {
  const most = Math.min(MOST_SIDE / width, MOST_SIDE / height, Math.sqrt(MOST_PIXELS / (width * height)))
  return Math.floor(most * 100) / 100
}

/** Scopes are drawn where all of the graph is. */
function layersOf(whole: boolean): readonly Layer[] {
  return whole ? LAYERS : LAYERS.filter((layer) => !layer.once)
}

function frameOf(placed: PlacedScene, theme: Theme, camera: Camera, context: Frame['context'], detail: Frame['detail']): Frame {
  return { context, placed, camera, theme, detail, marks: PLAIN, motion: null, left: 0, focused: false, still: true }
}

/** Draws a portion at each step and gives how much of it is done; returns the text. */
export function* svgSteps(placed: PlacedScene, { whole, items, edges, box }: Cutting, theme: Theme, scale: number, title: string, ruler: Ruler): Generator<number, string> {
  const drawing = new SvgDrawing(ruler)
  const camera = new Camera()
  camera.jump({ x: box.x, y: box.y, zoom: 1 })
  camera.width = box.width
  camera.height = box.height
  const frame = frameOf(placed, theme, camera, drawing, detailAt(1))
  const count = Math.max(items.length, edges.length, 1)
  const view = new InView()
  const layers = layersOf(whole)
  for (const [at, layer] of layers.entries()) {
    for (let from = 0; from < (layer.once ? 1 : count); from += PORTION) {
      view.items = items.subarray(from, from + PORTION)
      view.edges = edges.subarray(from, from + PORTION)
      view.itemCount = view.items.length
      view.edgeCount = view.edges.length
      layer.paint(frame, view)
      yield (at + Math.min(1, (from + PORTION) / count)) / layers.length
    }
  }
  return drawing.finished(box, scale, title, theme.ground)
}

export async function svgOf(placed: PlacedScene, cutting: Cutting, theme: Theme, scale: number, title: string, ruler: Ruler, progress: Progress): Promise<Blob> {
  const steps = svgSteps(placed, cutting, theme, scale, title, ruler)
  const breath = new Breath(progress)
  for (;;) {
    const step = steps.next()
    if (step.done) return new Blob([step.value], { type: 'image/svg+xml' })
    await breath.taken(step.value)
  }
}

export function dotBlob(placed: PlacedScene, { items, edges }: Cutting, title: string): Blob {
  return new Blob([dotOf(placed.scene, items, edges, title)], { type: 'text/vnd.graphviz' })
}

/** Draws square by square, so that the page goes on meanwhile. */
export async function pngOf(placed: PlacedScene, cutting: Cutting, theme: Theme, scale: number, progress: Progress): Promise<Blob> {
  const { box } = cutting
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(box.width * scale)), Math.max(1, Math.round(box.height * scale)))
  const context = canvas.getContext('2d', { alpha: false })!
  const breath = new Breath(progress)
  const columns = Math.ceil(canvas.width / TILE)
  const rows = Math.ceil(canvas.height / TILE)
  const wanted = { whole: cutting.whole, items: new Set(cutting.items), edges: new Set(cutting.edges) }
  for (let tile = 0; tile < columns * rows; tile++) {
    paintTile(context, placed, wanted, theme, box, scale, (tile % columns) * TILE, Math.floor(tile / columns) * TILE)
    await breath.taken((tile + 1) / (columns * rows + 1))
  }
  const blob = await canvas.convertToBlob({ type: 'image/png' })
  progress.signal.throwIfAborted()
  return blob
}

/** The part of a picture at these pixels. */
function paintTile(context: OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D, placed: PlacedScene, wanted: { whole: boolean; items: ReadonlySet<number>; edges: ReadonlySet<number> }, theme: Theme, box: Cutting['box'], scale: number, left: number, top: number): void {
  const camera = new Camera()
  camera.jump({ x: box.x + left / scale, y: box.y + top / scale, zoom: scale })
  camera.width = TILE
  camera.height = TILE
  const frame = frameOf(placed, theme, camera, context, { ...detailAt(scale), tiles: false })
  const view = new InView()
  view.find(frame)
  view.items = view.items.subarray(0, view.itemCount).filter((item) => wanted.items.has(item))
  view.itemCount = view.items.length
  view.edges = view.edges.subarray(0, view.edgeCount).filter((edge) => wanted.edges.has(edge))
  view.edgeCount = view.edges.length
  context.save()
  context.setTransform(1, 0, 0, 1, left, top)
  context.beginPath()
  context.rect(0, 0, TILE, TILE)
  context.clip()
  context.fillStyle = theme.ground
  context.fillRect(0, 0, TILE, TILE)
  context.setTransform(scale, 0, 0, scale, left - camera.x * scale, top - camera.y * scale)
  for (const layer of layersOf(wanted.whole)) layer.paint(frame, view)
  context.restore()
}

/** A canvas with all of the cutting on it, at once and no larger than so many pixels a side: for what cannot wait. */
export function rasterOf(placed: PlacedScene, cutting: Cutting, theme: Theme, side: number): HTMLCanvasElement {
  const { box } = cutting
  const scale = Math.min(2, side / box.width, side / box.height)
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(box.width * scale))
  canvas.height = Math.max(1, Math.round(box.height * scale))
  const wanted = { whole: cutting.whole, items: new Set(cutting.items), edges: new Set(cutting.edges) }
  for (let top = 0; top < canvas.height; top += TILE) for (let left = 0; left < canvas.width; left += TILE) paintTile(canvas.getContext('2d')!, placed, wanted, theme, box, scale, left, top)
  return canvas
}

/** Lets the page go on now and then, and ends the work when it is given up. */
class Breath {
  private last = performance.now()

  constructor(private readonly progress: Progress) {}

  async taken(done: number): Promise<void> {
    if (performance.now() - this.last < BREATH) return
    this.progress.tell(done)
    await new Promise((resolve) => setTimeout(resolve))
    this.progress.signal.throwIfAborted()
    this.last = performance.now()
  }
}
