/** The canvas element and its frames: paints when something changed, and only then. */
import { CanvasMeasure, FONTS } from '../scene/measure'
import type { PlacedScene } from '../scene/placed'
import type { Theme } from '../theme'
import { Camera } from './camera'
import { InView, type Frame, type ItemList, type Marks, type ScreenFrame } from './frame'
import { detailAt } from './lod'
import type { Motion } from './motion'
import { paintGraph } from './paint-graph'
import { paintMarks, paintMarquee } from './paint-marks'
import { paintStuckTitles } from './stuck-titles'
import { paintLit, paintVeil } from './paint-lit'
import { alikeFarOut, OverviewTiles } from './tiles'

export interface FrameInfo {
  /** of script, for this frame */
  milliseconds: number
  items: number
  edges: number
  zoom: number
  moving: boolean
}

export interface StageHost {
  marks(placed: PlacedScene): Marks
  /** the view moved, or what is in it */
  onView(): void
  onFrame(info: FrameInfo): void
  /** what lies over the graph and its marks; the context's transform is the screen's (CSS pixels) */
  overlay(frame: ScreenFrame, view: ItemList, ratio: number): void
}

/** a graph that is seen whole at more than this can still be looked at from here */
const FAR_OUT = 0.1
const NOTHING: ItemList = { items: new Int32Array(), itemCount: 0 }

export class Stage {
  readonly canvas: HTMLCanvasElement
  readonly camera = new Camera()
  readonly measure: CanvasMeasure
  placed: PlacedScene | null = null
  theme: Theme
  /** a quiet line in the middle: laying out, or nothing to show */
  note = ''
  marquee: { x: number; y: number; width: number; height: number } | null = null
  /** pictures that are being made of a scene, however long that takes */
  readonly uses = new Set<{ placed: PlacedScene }>()
  private motion: Motion | null = null
  private revision = -1
  private shownRevision = -1
  private paintedRevision = -1
  private readonly context: CanvasRenderingContext2D
  private readonly tiles = new OverviewTiles()
  private readonly litTiles = new OverviewTiles()
  private readonly inView = new InView()
  private readonly resize: ResizeObserver
  private waiting: (() => void)[] = []
  private waitingForFrame: (() => void)[] = []
  private request = 0
  private ratio = 1
  private lastView = ''

  constructor(private readonly container: HTMLElement, private readonly host: StageHost, theme: Theme) {
    this.theme = theme
    this.canvas = document.createElement('canvas')
    this.canvas.tabIndex = 0
    this.canvas.setAttribute('role', 'application')
    this.canvas.setAttribute('aria-label', 'Graph: arrow keys walk from node to node')
    Object.assign(this.canvas.style, { display: 'block', position: 'absolute', inset: '0', width: '100%', height: '100%', touchAction: 'none', outline: 'none' })
    this.context = this.canvas.getContext('2d', { alpha: false })!
    this.measure = new CanvasMeasure(document.createElement('canvas').getContext('2d')!)
    container.append(this.canvas)
    this.resize = new ResizeObserver(() => this.fitToContainer())
    this.resize.observe(container)
    this.measureContainer()
  }

  destroy(): void {
    cancelAnimationFrame(this.request)
    this.resize.disconnect()
    this.canvas.remove()
    for (const tiles of [this.tiles, this.litTiles]) tiles.clear()
  }

  /** What a picture glides from, or is made of somewhere else. */
  inUse(): PlacedScene[] {
    return [...(this.motion ? [this.motion.before] : []), ...[...this.uses].map(({ placed }) => placed)]
  }

  /** Shows another scene, or the same in other places. */
  setScene(placed: PlacedScene | null, revision: number, motion: Motion | null): void {
    if (!placed || !this.placed || !alikeFarOut(placed, this.placed)) this.tiles.invalidate()
    if (placed?.scene.graph !== this.placed?.scene.graph) for (const tiles of [this.tiles, this.litTiles]) tiles.clear()
    this.placed = placed
    if (motion !== this.motion) this.motion?.release()
    this.motion = motion
    this.revision = revision
    this.invalidate()
  }

  setTheme(theme: Theme): void {
    this.theme = theme
    for (const tiles of [this.tiles, this.litTiles]) { tiles.clear(); tiles.invalidate() }
    this.invalidate()
  }

  /** Resolves when everything asked for until now has been painted. */
  painted(): Promise<void> {
    this.invalidate()
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  /** Resolves once the next frame is on its way to the screen: what is done then does not hold it up. */
  shown(): Promise<void> {
    this.invalidate()
    return new Promise((resolve) => this.waitingForFrame.push(resolve))
  }

  /** A place on screen in the graph's coordinates. */
  spotAt(client: { x: number; y: number }): { x: number; y: number } {
    const box = this.canvas.getBoundingClientRect()
    return { x: this.camera.graphX(client.x - box.left), y: this.camera.graphY(client.y - box.top) }
  }

  invalidate(): void {
    if (this.request === 0) this.request = requestAnimationFrame((now) => this.frame(now))
  }

  /** The reader moves the view; some of the graph stays in it. `least`: far enough out to see several times as much as there is. */
  moveView(move: (camera: Camera, least: number) => void): void {
    const { camera, placed } = this
    move(camera, placed ? Math.min(FAR_OUT, camera.fitting(placed.bounds, 0, 1).zoom / 4) : FAR_OUT)
    if (placed) camera.hold(placed.bounds)
    this.invalidate()
  }

  private fitToContainer(): void {
    if (!this.measureContainer()) return
    // painted at once: a resized canvas is empty until then
    cancelAnimationFrame(this.request)
    this.frame(performance.now())
  }

  /** Returns whether the canvas has another size now. */
  private measureContainer(): boolean {
    const { clientWidth, clientHeight } = this.container
    if (clientWidth === 0 && this.placed) return false // not on the page just now: what was seen is kept
    const before = { width: this.camera.width, height: this.camera.height }
    this.ratio = window.devicePixelRatio || 1
    this.camera.width = Math.max(1, clientWidth)
    this.camera.height = Math.max(1, clientHeight)
    const width = Math.max(1, Math.round(clientWidth * this.ratio))
    const height = Math.max(1, Math.round(clientHeight * this.ratio))
    if (this.canvas.width === width && this.canvas.height === height) return false
    if (this.placed) this.camera.panBy((clientWidth - before.width) / 2, (clientHeight - before.height) / 2) // the middle stays in the middle
    this.canvas.width = width
    this.canvas.height = height
    return true
  }

  private frame(now: number): void {
    this.request = 0
    if (this.ratio !== (window.devicePixelRatio || 1)) this.measureContainer()
    const start = performance.now()
    const moving = this.camera.step(now)
    const left = this.motion?.left(now) ?? 0
    if (this.motion && left === 0) {
      this.motion.release()
      this.motion = null
    }
    const complete = this.paint(left)
    const { x, y, zoom, width, height } = this.camera
    const view = `${x} ${y} ${zoom} ${width} ${height} ${left > 0 ? left : this.revision}`
    if (view !== this.lastView) {
      this.lastView = view
      this.canvas.dataset.zoom = String(Math.round(zoom * 10000) / 10000)
      this.host.onView()
    }
    if (complete) this.report()
    this.tellShown()
    this.host.onFrame({ milliseconds: performance.now() - start, items: this.inView.itemCount, edges: this.inView.edgeCount, zoom, moving: moving || left > 0 })
    if (moving || left > 0 || !complete) this.invalidate()
  }

  private tellShown(): void {
    const waiting = this.waitingForFrame
    if (waiting.length === 0) return
    this.waitingForFrame = []
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => { port1.close(); for (const resolve of waiting) resolve() }
    port2.postMessage(0)
  }

  private report(): void {
    if (this.placed && this.revision !== this.shownRevision) {
      this.shownRevision = this.revision
      this.canvas.dataset.shownRevision = String(this.revision)
      performance.mark(`scalpel:shown:${this.revision}`)
    }
    if (this.placed && !this.placed.provisional && this.revision !== this.paintedRevision) {
      this.paintedRevision = this.revision
      this.canvas.dataset.paintedRevision = String(this.revision)
      this.canvas.dataset.nodesLaidOut = String(this.placed.scene.document.nodesOf(this.placed.scene.graph).length)
      this.canvas.dataset.state = 'ready'
      performance.mark(`scalpel:painted:${this.revision}`)
    }
    const { waiting } = this
    if (waiting.length === 0) return
    this.waiting = []
    setTimeout(() => { for (const resolve of waiting) resolve() }) // once the frame is out: what they do then does not keep it back
  }

  /** Returns false when the overview is not whole yet. */
  private paint(left: number): boolean {
    const { context, camera, ratio, theme, placed } = this
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.fillStyle = theme.ground
    context.fillRect(0, 0, camera.width, camera.height)
    let complete = true
    if (placed && placed.scene.count > 0) {
      const frame: ScreenFrame = { context, placed, camera, theme, detail: detailAt(camera.zoom), marks: this.host.marks(placed), motion: this.motion, left, focused: document.activeElement === this.canvas }
      complete = this.paintGraph(frame)
      context.setTransform(ratio, 0, 0, ratio, 0, 0)
      paintStuckTitles(frame)
      paintMarks(frame)
      this.host.overlay(frame, frame.detail.tiles ? NOTHING : this.inView, ratio)
      if (this.marquee) paintMarquee(context, theme, this.marquee)
    }
    if (this.note) this.paintNote(this.note)
    return complete
  }

  private paintGraph(frame: Frame): boolean {
    const { context, camera, ratio } = this
    if (frame.detail.tiles) return this.paintFarOut(frame)
    const scale = ratio * camera.zoom
    context.setTransform(scale, 0, 0, scale, -camera.x * scale, -camera.y * scale)
    this.inView.find(frame)
    paintGraph(frame, this.inView)
    paintLit(frame, this.inView)
    return true
  }

  private paintFarOut(frame: Frame): boolean {
    const { camera, ratio, theme, context } = this
    const { lit } = frame.marks
    const complete = this.tiles.paint(context, frame.placed, camera, theme, ratio, false)
    if (!lit) return complete
    paintVeil(frame, 0, 0, camera.width, camera.height)
    return this.litTiles.paint(context, frame.placed, camera, theme, ratio, false, lit) && complete
  }

  private paintNote(text: string): void {
    const { context, camera, theme } = this
    context.font = FONTS.title
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    const width = this.measure.width(text, 'title') + 32
    const y = this.placed && this.placed.scene.count > 0 ? 32 : camera.height / 2
    context.beginPath()
    context.roundRect(camera.width / 2 - width / 2, y - 16, width, 32, 16)
    context.fillStyle = theme.panel
    context.fill()
    context.strokeStyle = theme.line
    context.lineWidth = 1
    context.stroke()
    context.fillStyle = theme.secondary
    context.fillText(text, camera.width / 2, y + 0.5)
  }
}
