/** The map in the corner: a picture that is drawn when the layout changes, marks over it, and a rectangle for the view that is moved by style alone. */
import type { PlacedScene } from '../scene/placed'
import type { Theme } from '../theme'
import type { Marks } from './frame'
import { mapScale, paintMap, type MapScale } from './map-picture'
import { alikeFarOut } from './tiles'
import type { Stage } from './stage'

const REST_MS = 80
const LEAST_VIEW = 10
const DOT = 3
/** more than these are specks without a rim */
const MANY = 60

export class Minimap {
  private element: HTMLElement | null = null
  private picture: HTMLCanvasElement | null = null
  private over: HTMLCanvasElement | null = null
  private view: HTMLElement | null = null
  private scale: MapScale | null = null
  private timer = 0
  private drawn: { placed: PlacedScene; theme: Theme; width: number; height: number } | null = null
  private marked: Pick<Marks, 'hits' | 'hitEdges' | 'badges' | 'selectedItems'> | null = null
  private stop = new AbortController()
  /** the map has another size in another window */
  private readonly resize = new ResizeObserver(() => this.changed())

  constructor(private readonly stage: Stage, private readonly marks: (placed: PlacedScene) => Marks) {}

  /** null: nowhere */
  into(element: HTMLElement | null): void {
    this.destroy()
    if (!element) return
    this.stop = new AbortController()
    this.element = element
    element.setAttribute('role', 'img')
    element.setAttribute('aria-label', 'Map of the whole graph')
    this.picture = element.appendChild(document.createElement('canvas'))
    this.over = element.appendChild(document.createElement('canvas'))
    this.view = element.appendChild(document.createElement('div'))
    this.view.className = 'minimap-view'
    this.listen(element)
    this.resize.observe(element)
    this.changed()
  }

  destroy(): void {
    clearTimeout(this.timer)
    this.timer = 0
    this.stop.abort()
    this.resize.disconnect()
    this.element?.replaceChildren()
    this.element = this.drawn = this.marked = this.scale = null
  }

  /** The layout, the colours or the marks may be others; drawn once the picture rests. */
  changed(): void {
    if (this.element && this.timer === 0) this.timer = window.setTimeout(() => this.update(), REST_MS)
  }

  /** The camera moved: only the rectangle follows. */
  viewChanged(): void {
    const { view, scale, element } = this
    if (!view || !scale || !element) return
    const { left, top, right, bottom } = this.stage.camera.view
    const span = (from: number, to: number, room: number): [number, number] => {
      const middle = Math.max(0, Math.min(room, (from + to) / 2))
      const length = Math.max(LEAST_VIEW, Math.min(to, room) - Math.max(from, 0))
      const start = to - from < LEAST_VIEW || length === LEAST_VIEW ? middle - length / 2 : Math.max(0, from)
      return [Math.max(-1, Math.min(start, room - length + 1)), length]
    }
    const [x, width] = span(scale.left + left * scale.x, scale.left + right * scale.x, element.clientWidth)
    const [y, height] = span(scale.top + top * scale.y, scale.top + bottom * scale.y, element.clientHeight)
    view.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`
    view.style.width = `${width.toFixed(1)}px`
    view.style.height = `${height.toFixed(1)}px`
  }

  private update(): void {
    this.timer = 0
    const { placed, theme } = this.stage
    if (!placed || !this.element) return
    const { drawn } = this
    const { clientWidth: width, clientHeight: height } = this.element
    if (!drawn || drawn.theme !== theme || drawn.width !== width || drawn.height !== height || !alikeFarOut(placed, drawn.placed)) this.draw(placed, theme)
    this.mark(placed, theme)
    this.viewChanged()
  }

  private draw(placed: PlacedScene, theme: Theme): void {
    const ratio = window.devicePixelRatio || 1
    const width = this.sized(this.picture!, ratio)
    const height = this.picture!.height
    this.sized(this.over!, ratio)
    this.scale = mapScale(placed, this.element!.clientWidth, this.element!.clientHeight)
    const image = new ImageData(width, height)
    paintMap(new Uint32Array(image.data.buffer), width, height, placed, this.scale, ratio, theme)
    this.picture!.getContext('2d')!.putImageData(image, 0, 0)
    this.drawn = { placed, theme, width: this.element!.clientWidth, height: this.element!.clientHeight }
    this.marked = null
  }

  private sized(canvas: HTMLCanvasElement, ratio: number): number {
    canvas.width = Math.max(1, Math.round(this.element!.clientWidth * ratio))
    canvas.height = Math.max(1, Math.round(this.element!.clientHeight * ratio))
    return canvas.width
  }

  private mark(placed: PlacedScene, theme: Theme): void {
    const marks = this.marks(placed)
    const { marked } = this
    if (marked && marked.hits === marks.hits && marked.badges === marks.badges && marked.selectedItems === marks.selectedItems) return
    const { hits, hitEdges, badges, selectedItems } = marks
    this.marked = { hits, hitEdges, badges, selectedItems }
    const context = this.over!.getContext('2d')!
    const ratio = window.devicePixelRatio || 1
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.clearRect(0, 0, this.over!.width, this.over!.height)
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    const found = [...hits, ...Array.from(hitEdges, (edge) => placed.scene.source[edge])]
    this.dots(context, placed, [...new Set([...found, ...selectedItems])], theme.accent, theme)
    for (const severity of ['warning', 'error'] as const) {
      this.dots(context, placed, badges.filter((badge) => badge.severity === severity).map((badge) => badge.item), theme[severity], theme)
    }
  }

  /** One path per colour, each of a few dots with a rim, so that it stands off what it lies on. */
  private dots(context: CanvasRenderingContext2D, { scene, x, y }: PlacedScene, items: readonly number[], colour: string, theme: Theme): void {
    const { scale } = this
    if (!scale || items.length === 0) return
    const many = items.length > MANY
    const radius = many ? DOT / 2 : DOT
    context.beginPath()
    for (const item of items) {
      const atX = scale.left + (x[item] + scene.width[item] / 2) * scale.x
      const atY = scale.top + (y[item] + scene.height[item] / 2) * scale.y
      if (many) context.rect(atX - radius, atY - radius, 2 * radius, 2 * radius)
      else {
        context.moveTo(atX + radius, atY)
        context.arc(atX, atY, radius, 0, Math.PI * 2)
      }
    }
    context.strokeStyle = theme.panel
    context.lineWidth = 2
    if (!many) context.stroke()
    context.fillStyle = colour
    context.fill()
  }

  private listen(element: HTMLElement): void {
    let hold: { x: number; y: number } | null = null
    const on = <K extends keyof HTMLElementEventMap>(kind: K, listener: (event: HTMLElementEventMap[K]) => void): void =>
      element.addEventListener(kind, listener, { signal: this.stop.signal, passive: false })
    const at = (event: MouseEvent): { x: number; y: number } => {
      const origin = element.getBoundingClientRect()
      return { x: event.clientX - origin.left - element.clientLeft, y: event.clientY - origin.top - element.clientTop }
    }
    on('pointerdown', (event) => {
      if (event.button !== 0 || !this.scale) return
      event.preventDefault()
      element.setPointerCapture(event.pointerId)
      const middle = this.middle()
      const point = at(event)
      const inside = event.target === this.view
      hold = inside ? { x: point.x - middle.x, y: point.y - middle.y } : { x: 0, y: 0 }
      if (!inside) this.lookAt(point.x, point.y)
    })
    on('pointermove', (event) => {
      if (!hold) return
      const point = at(event)
      this.lookAt(point.x - hold.x, point.y - hold.y)
    })
    on('pointerup', () => { hold = null })
    on('pointercancel', () => { hold = null })
    on('wheel', (event) => {
      event.preventDefault()
      const factor = Math.exp(-Math.max(-240, Math.min(240, event.deltaY)) * 0.0018)
      this.stage.moveView((camera, least) => camera.zoomAt(factor, camera.width / 2, camera.height / 2, least))
    })
  }

  /** Where the middle of the view is on the map. */
  private middle(): { x: number; y: number } {
    const { left, top, right, bottom } = this.stage.camera.view
    const scale = this.scale!
    return { x: scale.left + ((left + right) / 2) * scale.x, y: scale.top + ((top + bottom) / 2) * scale.y }
  }

  private lookAt(x: number, y: number): void {
    const { camera, placed } = this.stage
    const { scale } = this
    if (!scale || !placed) return
    const inside = (at: number, from: number, to: number): number => Math.max(from, Math.min(at, to))
    const { bounds } = placed
    camera.jump(camera.centred(inside((x - scale.left) / scale.x, bounds.left, bounds.right), inside((y - scale.top) / scale.y, bounds.top, bounds.bottom), camera.zoom))
    this.stage.invalidate()
  }
}
