/** Notes on the canvas, as elements over it that move with the view: read, written, moved and removed with pointer or keys. */
import type { NoteView } from '../protocol/types'
import type { Direction, Spot } from '../scene/flow'
import type { Bounds } from '../scene/placed'
import type { Size } from './free-ground'
import { grow, noteField } from './note-editor'
import type { Stage } from './stage'

/** A place measured from a node; without one, from the graph's first. */
export interface NotePlace { x: number; y: number; near?: string; /** the same from other things, by their ids */ beside?: Record<string, [number, number]>; /** in which the graph runs */ direction?: Direction }
/** What places of notes are measured from. */
export interface NoteOrigins {
  /**
   * where a note is shown; `gathered`: the closed scope beside which it stands with the others about what is in it; `unknown`: it was put
   * there while the graph ran the other way
   */
  standing(note: NoteView): Spot & { gathered?: number; unknown?: true }
  /** where such a note of this size stands, clear of other notes */
  turned(note: NoteView, size: Size, notes: () => readonly Bounds[]): Spot
  /** `about`: the item that the note is about; without one, the nearest */
  measured(at: Spot, about?: number): NotePlace
  /** the place nearest to this one where a note of this size hides nothing, and is in view if there is one there */
  free(at: Spot, size: Size, notes: readonly Bounds[], view: Bounds): Spot
}

export interface NoteHost {
  /** resolve to whether it is done; without them notes are only read */
  onAddNote?(text: string, at: NotePlace): Promise<boolean>
  onSetNote?(note: string, change: Partial<NotePlace> & { text?: string }): Promise<boolean>
  onRemoveNote?(note: string): void
  onNoteMenu?(note: string, clientX: number, clientY: number): void
}

const STEP = 8
const REST_MS = 400
const DRAG_FROM = 4
const ARROWS: Readonly<Record<string, [number, number]>> = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }
/** before the number of a note that nobody else knows yet */
const DRAFT = 'draft:'
/** CSS pixels between a note that is being written and the edge of the canvas */
const INSIDE = 8
/** between notes that stand under each other */
const GAP = 8
/** what a note of a few words takes: it stays where it is begun if it is one */
const SHORT: Size = { width: 120, height: 36 }

export class NoteLayer {
  readonly element = document.createElement('div')
  private readonly board = document.createElement('div')
  private readonly cards = new Map<string, HTMLElement>()
  private notes: readonly NoteView[] = []
  /** where in the graph notes are shown that were moved just now */
  private readonly moved = new Map<string, { x: number; y: number }>()
  /** where notes shall be that are being written or on their way */
  private readonly drafts = new Map<string, NotePlace>()
  /** drafts that were sent, with what they say */
  private readonly sent = new Map<string, { text: string; place: NotePlace; /** it is known to be kept */ kept?: true }>()
  private written = 0
  private timer = 0
  private origins: NoteOrigins = { standing: ({ x, y }) => ({ x, y }), turned: ({ x, y }) => ({ x, y }), measured: ({ x, y }) => ({ x, y }), free: (at) => at }

  constructor(private readonly stage: Stage, private readonly host: NoteHost) {
    this.element.className = 'canvas-notes'
    this.board.className = 'canvas-notes-board'
    this.element.append(this.board)
    this.element.addEventListener('wheel', (event) => { event.preventDefault(); stage.canvas.dispatchEvent(new WheelEvent('wheel', event)) }, { passive: false })
  }

  show(notes: readonly NoteView[], origins: NoteOrigins): void {
    this.notes = notes
    this.origins = origins
    this.dropSent(notes)
    const kept = new Set(notes.map((note) => note.id))
    for (const [id, card] of this.cards) if (!kept.has(id) && !this.drafts.has(id)) { card.remove(); this.cards.delete(id) }
    const taken = new Map<number, number>() // how far down notes reach beside a closed scope
    for (const [id, place] of this.drafts) this.put({ id, graph: '', ...place, text: this.cards.get(id)?.textContent ?? '' })
    const unknown = (note: NoteView): number => Number(this.origins.standing(note).unknown ?? false)
    for (const note of [...notes].sort((one, other) => unknown(one) - unknown(other))) {
      const { gathered } = this.origins.standing(note)
      const below = gathered === undefined ? 0 : taken.get(gathered) ?? 0
      const card = this.put(note, below)
      if (gathered !== undefined) taken.set(gathered, below + card.offsetHeight + GAP)
    }
  }

  viewChanged(): void {
    const { x, y, zoom } = this.stage.camera
    this.board.style.transform = `scale(${zoom}) translate(${-x}px, ${-y}px)`
    this.board.style.setProperty('--readable', String(Math.max(1, 1 / zoom)))
  }

  /** Opens an empty note to be written on free ground there, in the graph's coordinates; `about`: the item beside which it is put. */
  write(at: Spot, about?: number): void {
    if (!this.host.onAddNote) return
    const id = `${DRAFT}${++this.written}`
    const place = this.origins.measured(this.free(at, SHORT), about)
    this.drafts.set(id, place)
    this.put({ id, graph: '', ...place, text: '' })
    this.edit(id)
  }

  /** `text`: what was written before it could not be kept. */
  edit(id: string, text?: string): void {
    const card = this.cards.get(id)
    if (!card || card.dataset['editing'] !== undefined || !this.host.onSetNote) return
    const before = this.notes.find((note) => note.id === id)?.text ?? ''
    const field = noteField(before, (text) => this.ended(id, card, text, before))
    card.dataset['editing'] = ''
    card.replaceChildren(field)
    if (text !== undefined) field.value = text
    grow(field)
    this.keepInView(card)
    field.addEventListener('input', () => this.keepInView(card))
    field.focus({ preventScroll: true })
    field.select()
  }

  destroy(): void {
    clearTimeout(this.timer)
    this.element.remove()
  }

  private ended(id: string, card: HTMLElement, text: string, before: string): void {
    delete card.dataset['editing']
    card.textContent = text
    if (this.drafts.has(id)) {
      this.stage.canvas.focus({ preventScroll: true })
      if (text.trim() === '') return this.forget(id)
      const place = this.settled(id, card)
      this.sent.set(id, { text, place })
      void this.host.onAddNote!(text, place).then((done) => this.answered(id, card, text, done))
      return
    }
    card.focus({ preventScroll: true })
    if (text.trim() === '') this.host.onRemoveNote?.(id)
    else if (text !== before) void this.host.onSetNote!(id, { text }).then((done) => { if (!done) card.textContent = before })
  }

  /** A note that is being written has reading size at any zoom, and may need other room than it has where it stands. */
  private keepInView(card: HTMLElement): void {
    const { camera } = this.stage
    const scale = Math.max(1, camera.zoom)
    const shift = (at: number, size: number, room: number): number => Math.max(INSIDE - at, Math.min(0, room - INSIDE - size * scale - at)) / scale
    const at = shownAt(card)
    const x = shift(camera.screenX(at.x), card.offsetWidth, camera.width)
    const y = shift(camera.screenY(at.y), card.offsetHeight, camera.height)
    card.style.setProperty('--inward', `${x}px, ${y}px`)
  }

  /** `below`: so far under where it would stand. */
  private put(note: NoteView, below = 0): HTMLElement {
    let card = this.cards.get(note.id)
    if (!card) {
      card = this.made(note.id)
      this.cards.set(note.id, card)
      this.board.append(card)
    }
    if (card.dataset['editing'] === undefined && card.textContent !== note.text) {
      card.textContent = note.text
      card.setAttribute('aria-label', `Note: ${note.text.slice(0, 200)}`)
    }
    const moved = this.moved.get(note.id)
    const standing = this.origins.standing(note)
    const { x, y } = moved ?? (standing.unknown ? this.origins.turned(note, sizeOf(card), () => this.boxesBut(note.id)) : standing)
    card.style.left = `${x}px`
    card.style.top = `${moved ? y : y + below}px`
    return card
  }

  private made(id: string): HTMLElement {
    const card = document.createElement('div')
    card.className = 'canvas-note'
    card.tabIndex = 0
    card.dataset['note'] = id
    card.setAttribute('role', 'note')
    card.addEventListener('dblclick', () => this.edit(id))
    card.addEventListener('contextmenu', (event) => { event.preventDefault(); event.stopPropagation(); this.host.onNoteMenu?.(id, event.clientX, event.clientY) })
    card.addEventListener('keydown', (event) => this.key(id, event))
    card.addEventListener('pointerdown', (event) => this.press(id, card, event))
    return card
  }

  private key(id: string, event: KeyboardEvent): void {
    if (event.target !== this.cards.get(id) || event.ctrlKey || event.metaKey || event.altKey) return
    const arrow = ARROWS[event.key]
    if (event.key === 'Enter' || event.key === 'F2') this.edit(id)
    else if (event.key === 'Delete' || event.key === 'Backspace') { this.host.onRemoveNote?.(id); this.stage.canvas.focus({ preventScroll: true }) }
    else if (event.key === 'Escape') this.stage.canvas.focus({ preventScroll: true })
    else if (arrow) this.shift(id, arrow[0], arrow[1])
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  private press(id: string, card: HTMLElement, event: PointerEvent): void {
    if (event.button !== 0 || card.dataset['editing'] !== undefined || !this.host.onSetNote) return
    const from = { x: event.clientX, y: event.clientY }
    const start = this.placeOf(id)
    let dragged = false
    card.setPointerCapture(event.pointerId)
    const move = (now: PointerEvent): void => {
      const { zoom } = this.stage.camera
      dragged ||= Math.hypot(now.clientX - from.x, now.clientY - from.y) >= DRAG_FROM
      if (dragged) this.place(id, start.x + (now.clientX - from.x) / zoom, start.y + (now.clientY - from.y) / zoom)
    }
    const up = (): void => {
      card.removeEventListener('pointermove', move)
      if (dragged) this.tell(id)
    }
    card.addEventListener('pointermove', move)
    card.addEventListener('pointerup', up, { once: true })
    card.addEventListener('lostpointercapture', () => card.removeEventListener('pointermove', move), { once: true })
  }

  /** Where in the graph it is shown. */
  private placeOf(id: string): Spot {
    const card = this.cards.get(id)
    return this.moved.get(id) ?? (card ? shownAt(card) : { x: 0, y: 0 })
  }

  /** Where a new note goes: one that became larger than there is room for makes way. */
  private settled(id: string, card: HTMLElement): NotePlace {
    const place = this.drafts.get(id)!
    const at = shownAt(card)
    const free = this.free(at, sizeOf(card), id)
    if (free.x === at.x && free.y === at.y) return place
    const settled = shifted(place, free.x - at.x, free.y - at.y)
    this.drafts.set(id, settled)
    Object.assign(card.style, { left: `${free.x}px`, top: `${free.y}px` })
    return settled
  }

  /** A draft stands until the note itself does: never both, never neither. */
  private dropSent(notes: readonly NoteView[]): void {
    const come = notes.filter((note) => !this.cards.has(note.id))
    for (const [draft, { text, place, kept }] of this.sent) {
      const at = come.findIndex((note) => note.text === text && note.x === place.x && note.y === place.y)
      if (at >= 0) come.splice(at, 1)
      if (kept || at >= 0) this.forget(draft)
    }
  }

  private answered(draft: string, card: HTMLElement, text: string, done: boolean): void {
    const sent = this.sent.get(draft)
    if (!sent) return
    if (done) sent.kept = true
    else {
      this.sent.delete(draft)
      this.again(draft, card, text)
    }
  }

  private forget(draft: string): void {
    this.drafts.delete(draft)
    this.sent.delete(draft)
    this.cards.get(draft)?.remove()
    this.cards.delete(draft)
  }

  private free(at: Spot, size: Size, own = ''): Spot {
    const { x, y } = this.origins.free(at, size, this.boxesBut(own), this.stage.camera.view)
    return { x: Math.round(x), y: Math.round(y) }
  }

  private boxesBut(own: string): Bounds[] {
    return [...this.cards].filter(([id]) => id !== own).map(([, card]) => {
      const [{ x, y }, { width, height }] = [shownAt(card), sizeOf(card)]
      return { left: x, top: y, right: x + width, bottom: y + height }
    })
  }

  /** What could not be put there goes on being written, beside what is there now. */
  private again(id: string, card: HTMLElement, text: string): void {
    if (!this.drafts.has(id)) return
    this.drafts.set(id, this.origins.measured(shownAt(card)))
    this.edit(id, text)
  }

  private shift(id: string, dx: number, dy: number): void {
    if (!this.host.onSetNote) return
    const { x, y } = this.placeOf(id)
    this.place(id, x + dx, y + dy)
    clearTimeout(this.timer)
    this.timer = window.setTimeout(() => this.tell(id), REST_MS)
  }

  private place(id: string, x: number, y: number): void {
    this.moved.set(id, { x: Math.round(x), y: Math.round(y) })
    const note = this.notes.find((one) => one.id === id)
    if (note) this.put(note)
  }

  private tell(id: string): void {
    const at = this.moved.get(id)
    if (!at) return
    void this.host.onSetNote!(id, this.origins.measured(at)).finally(() => {
      if (this.moved.get(id) === at) this.moved.delete(id)
      this.show(this.notes, this.origins)
    })
  }
}

/** The left upper corner of a note, in the graph's coordinates. */
function shownAt(card: HTMLElement): Spot {
  return { x: Number.parseFloat(card.style.left), y: Number.parseFloat(card.style.top) }
}

function sizeOf(card: HTMLElement): Size {
  return { width: card.offsetWidth, height: card.offsetHeight }
}

function shifted({ x, y, near, beside = {}, direction }: NotePlace, dx: number, dy: number): NotePlace {
  return { direction, x: x + dx, y: y + dy, near, beside: Object.fromEntries(Object.entries(beside).map(([id, [fromX, fromY]]) => [id, [fromX + dx, fromY + dy]])) }
}
