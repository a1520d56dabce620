/** Mouse, touch, pen, wheel and keys on the canvas, told as what the reader means by them. */
/** Coordinates are CSS pixels from the canvas's left upper corner. */
export interface Gestures {
  pan(dx: number, dy: number): void
  zoom(factor: number, x: number, y: number): void
  press(x: number, y: number, toggle: boolean): void
  open(x: number, y: number, clientX: number, clientY: number): void
  menu(x: number, y: number, clientX: number, clientY: number): void
  /** null: the pointer left */
  hover(at: { x: number; y: number } | null): void
  marquee(area: { x: number; y: number; width: number; height: number } | null): void
  marqueeEnd(area: { x: number; y: number; width: number; height: number }, toggle: boolean): void
  /** what a drag from here takes, instead of moving the view: the end of a wire, or nodes */
  canGrab(x: number, y: number): 'wire' | 'node' | null
  grab(x: number, y: number): void
  pull(x: number, y: number): void
  letGo(clientX: number, clientY: number): void
  /** Esc, or the pointer was lost: nothing happens */
  giveUp(): void
  menuOfSelected(): void
}

const DRAG_FROM = 4
/** a finger trembles more than a mouse */
const FINGER_DRAG_FROM = 10
const LONG_PRESS_MS = 500
/** a mouse wheel's notch gives at least this many pixels; a trackpad's swipe gives less, fractions, or both directions at once */
const NOTCH = 40

interface Point { x: number; y: number }
type Drag = { how: 'maybe' | 'pan' | 'marquee' | 'connect'; start: Point; last: Point; toggle: boolean; shift: boolean; button: number }

/**
 * Drag pans (left button, middle button, or anything with space held), from a port it draws a wire; shift-drag marks a rectangle. A wheel notch, a pinch and
 * the wheel with ctrl or cmd zoom at the pointer; a two-finger swipe pans. A finger pans, two zoom, a tap selects, a long press opens the menu.
 */
export class CanvasInput {
  private readonly stop = new AbortController()
  private readonly pointers = new Map<number, Point>()
  private drag: Drag | null = null
  private space = false
  /** a finger rests: its timer, and when the menu was opened by one */
  private resting = 0
  private rested = -Infinity
  private lastWheel = { at: 0, zooms: false }

  constructor(private readonly canvas: HTMLCanvasElement, private readonly gestures: Gestures) {
    const on = <K extends keyof HTMLElementEventMap>(kind: K, listener: (event: HTMLElementEventMap[K]) => void, passive = true): void =>
      canvas.addEventListener(kind, listener, { signal: this.stop.signal, passive })
    on('pointerdown', (event) => this.down(event), false)
    on('pointermove', (event) => this.move(event))
    on('pointerup', (event) => this.up(event))
    on('pointercancel', (event) => this.cancel(event))
    on('pointerleave', () => { if (!this.drag) gestures.hover(null) })
    on('dblclick', (event) => gestures.open(event.offsetX, event.offsetY, event.clientX, event.clientY))
    on('wheel', (event) => this.wheel(event), false)
    on('contextmenu', (event) => { event.preventDefault(); this.menu(event) }, false)
    on('keydown', (event) => this.key(event), false)
    on('keyup', (event) => { if (event.key === ' ') this.setSpace(false) })
    on('blur', () => this.setSpace(false))
  }

  destroy(): void {
    clearTimeout(this.resting)
    this.stop.abort()
  }

  private down(event: PointerEvent): void {
    const at = { x: event.offsetX, y: event.offsetY }
    this.canvas.focus({ preventScroll: true })
    if (event.button === 2) return
    this.pointers.set(event.pointerId, at)
    if (event.button === 1) event.preventDefault()
    this.canvas.setPointerCapture(event.pointerId)
    clearTimeout(this.resting)
    if (this.pointers.size > 1) {
      this.stopDrag()
      return
    }
    const pans = event.button === 1 || this.space
    this.drag = { how: pans ? 'pan' : 'maybe', start: at, last: at, toggle: event.ctrlKey || event.metaKey || event.shiftKey, shift: event.shiftKey, button: event.button }
    if (pans) this.canvas.style.cursor = 'grabbing'
    if (event.pointerType === 'touch') this.resting = window.setTimeout(() => this.longPress(at, event.clientX, event.clientY), LONG_PRESS_MS)
  }

  private move(event: PointerEvent): void {
    const at = { x: event.offsetX, y: event.offsetY }
    if (this.pointers.has(event.pointerId) && this.pointers.size === 2) {
      this.pinch(event.pointerId, at)
      return
    }
    this.pointers.set(event.pointerId, at)
    if (event.buttons === 0) this.pointers.delete(event.pointerId)
    const drag = this.drag
    if (!drag) {
      this.gestures.hover(at)
      return
    }
    const far = event.pointerType === 'touch' ? FINGER_DRAG_FROM : DRAG_FROM
    if (drag.how === 'maybe' && Math.hypot(at.x - drag.start.x, at.y - drag.start.y) >= far) {
      clearTimeout(this.resting)
      const taken = drag.shift || drag.button !== 0 ? null : this.gestures.canGrab(drag.start.x, drag.start.y)
      drag.how = drag.shift ? 'marquee' : taken ? 'connect' : 'pan'
      if (drag.how === 'connect') this.gestures.grab(drag.start.x, drag.start.y)
      this.gestures.hover(null)
      this.canvas.style.cursor = drag.how === 'pan' || taken === 'node' ? 'grabbing' : 'crosshair'
    }
    if (drag.how === 'connect') this.gestures.pull(at.x, at.y)
    if (drag.how === 'pan') this.gestures.pan(at.x - drag.last.x, at.y - drag.last.y)
    if (drag.how === 'marquee') this.gestures.marquee(rectangle(drag.start, at))
    drag.last = at
  }

  private up(event: PointerEvent): void {
    clearTimeout(this.resting)
    this.pointers.delete(event.pointerId)
    const drag = this.drag
    this.drag = null
    if (!drag) return
    const at = { x: event.offsetX, y: event.offsetY }
    this.canvas.style.cursor = this.space ? 'grab' : ''
    if (drag.how === 'marquee') {
      this.gestures.marquee(null)
      this.gestures.marqueeEnd(rectangle(drag.start, at), event.ctrlKey || event.metaKey)
    } else if (drag.how === 'connect') {
      this.gestures.letGo(event.clientX, event.clientY)
    } else if (drag.how === 'maybe' && drag.button === 0) {
      this.gestures.press(at.x, at.y, drag.toggle)
    }
    this.gestures.hover(event.pointerType === 'touch' ? null : at)
  }

  private cancel(event: PointerEvent): void {
    clearTimeout(this.resting)
    this.pointers.delete(event.pointerId)
    this.stopDrag()
  }

  /** What was begun with the pointer does not happen; true when there was something. */
  private stopDrag(): boolean {
    const stopped = this.drag !== null && this.drag.how !== 'maybe'
    if (this.drag?.how === 'connect') this.gestures.giveUp()
    if (this.drag?.how === 'marquee') this.gestures.marquee(null)
    this.drag = null
    this.canvas.style.cursor = ''
    return stopped
  }

  private pinch(id: number, at: Point): void {
    const before = this.pointers.get(id)!
    const other = [...this.pointers].find(([pointer]) => pointer !== id)![1]
    const was = Math.hypot(before.x - other.x, before.y - other.y)
    const is = Math.hypot(at.x - other.x, at.y - other.y)
    this.gestures.pan((at.x - before.x) / 2, (at.y - before.y) / 2)
    if (was > 0 && is > 0) this.gestures.zoom(is / was, (at.x + other.x) / 2, (at.y + other.y) / 2)
    this.pointers.set(id, at)
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault()
    const unit = event.deltaMode === 1 ? 20 : event.deltaMode === 2 ? this.canvas.clientHeight : 1
    const dx = event.deltaX * unit
    const dy = event.deltaY * unit
    if (event.ctrlKey || event.metaKey) {
      // a pinch gives small steps, a notch large ones
      this.gestures.zoom(Math.exp(-Math.max(-60, Math.min(60, dy)) * (Math.abs(dy) < NOTCH ? 0.01 : 0.004)), event.offsetX, event.offsetY)
    } else if (this.isNotch(event, dx, dy)) {
      if (event.shiftKey) this.gestures.pan(-(dx || dy), 0)
      else this.gestures.zoom(Math.exp(-Math.max(-240, Math.min(240, dy)) * 0.0018), event.offsetX, event.offsetY)
    } else {
      this.gestures.pan(-dx, -dy)
    }
  }

  /** Decided by the first event of a turn, so that a fast swipe does not begin to zoom half-way. */
  private isNotch(event: WheelEvent, dx: number, dy: number): boolean {
    const goesOn = event.timeStamp - this.lastWheel.at < 160
    const notch = event.deltaMode !== 0 || (event.shiftKey ? Math.abs(dx || dy) >= NOTCH : dx === 0 && Math.abs(dy) >= NOTCH && Number.isInteger(event.deltaY))
    this.lastWheel = { at: event.timeStamp, zooms: goesOn ? this.lastWheel.zooms : notch }
    return this.lastWheel.zooms
  }

  private longPress(at: Point, clientX: number, clientY: number): void {
    if (this.drag?.how !== 'maybe') return
    this.rested = performance.now()
    this.stopDrag()
    this.pointers.clear()
    this.gestures.menu(at.x, at.y, clientX, clientY)
  }

  private menu(event: MouseEvent): void {
    clearTimeout(this.resting)
    if (performance.now() - this.rested < 2 * LONG_PRESS_MS) return // the browser's own long press: the menu is open
    this.stopDrag()
    this.pointers.clear()
    // the menu key gives no place
    if (event.button !== 2 && event.clientX === 0 && event.clientY === 0) this.gestures.menuOfSelected()
    else this.gestures.menu(event.offsetX, event.offsetY, event.clientX, event.clientY)
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) this.gestures.menuOfSelected()
    else if (event.key === ' ') this.setSpace(true)
    else if (event.key !== 'Escape' || !this.stopDrag()) return
    event.preventDefault()
  }

  private setSpace(held: boolean): void {
    if (this.space === held) return
    this.space = held
    if (!this.drag) this.canvas.style.cursor = held ? 'grab' : ''
  }
}

function rectangle(a: Point, b: Point): { x: number; y: number; width: number; height: number } {
  return { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) }
}
