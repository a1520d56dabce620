/** Dragging one end of a wire: from an output, a pill or an initializer to an input, or from an input to an output. */
import type { Port } from '../scene/ports'
import { NODE, SCOPE } from '../scene/scene'
import type { Marks } from './frame'
import { Fitting, seeksOutput, type LooseEnd } from './fitting'
import { itemAt } from './hit'
import { carried, grabReach, itemsInView, itemsWithPorts, nearestPort, portPlace, PORTS_FROM, rowMiddle, type PortBook } from './port-book'
import type { Stage } from './stage'
import type { PaletteAsked, SlotOfNode } from './palette-asked'
import { wireEndAt } from './wire-ends'

export interface ConnectHost {
  /** `moved`: the input that gives its wire up for it */
  onConnect?(value: string, to: SlotOfNode, moved: SlotOfNode | null): void
  onDisconnect?(from: SlotOfNode): void
  /** several wires get another source; `consumers` null: all that read the value */
  onMoveUses?(value: string, to: string, consumers: (string | SlotOfNode)[] | null): void
  /** an end was dropped on empty ground: what could stand there? */
  onPalette?(asked: PaletteAsked): void
}

/** What is under way, for the painter. */
export interface Connection {
  end: LooseEnd
  fitting: Fitting
  /** where the pointer is, in the graph's coordinates */
  pointer: { x: number; y: number }
  target: Port | null
  /** what letting go here would do, or why nothing; '' when nothing is to be said */
  hint: string
  /** whether the hint is a refusal */
  refused: boolean
}

/** Where something was asked for, and the end of the wire that was dropped there. */
export interface Held { end: LooseEnd | null; at: { x: number; y: number } }

/** on screen: from here a port pulls the wire to itself; one that is taken has to be meant */
const SNAP = 22
const SNAP_TAKEN = 11
/** on screen: an end that was hardly moved is not dropped */
const LEAST_PULL = 28
const EDGE = 36
const PAN_STEP = 9

export class Connecting {
  current: Connection | null = null
  held: Held | null = null
  private pointer = { x: 0, y: 0 }
  private panning = 0

  constructor(private readonly stage: Stage, readonly book: PortBook, private readonly marks: () => Marks | null, private readonly host: ConnectHost) {}

  /** The port that is shown under the point (canvas pixels). */
  portAt(x: number, y: number): Port | null {
    const { placed, camera } = this.stage
    const marks = this.marks()
    if (!placed || !marks || camera.zoom < PORTS_FROM) return null
    const ports = itemsWithPorts(placed, camera, marks).flatMap((item) => this.book.of(placed.scene, item))
    const at = { x: camera.graphX(x), y: camera.graphY(y) }
    return nearestPort(placed, ports, at, grabReach(placed, at, camera.zoom))
  }

  /** Whether a drag from the point (canvas pixels) moves the end of a wire. */
  canGrab(x: number, y: number): boolean {
    return this.endAt(x, y) !== null
  }

  begin(x: number, y: number): void {
    const { placed } = this.stage
    const end = this.endAt(x, y)
    if (!placed || !end) return
    this.current = { end, fitting: new Fitting(placed, end), pointer: end.at, target: null, hint: '', refused: false }
    this.move(x, y)
  }

  move(x: number, y: number): void {
    this.pointer = { x, y }
    this.look()
    const { width, height } = this.stage.camera
    const near = x < EDGE || y < EDGE || x > width - EDGE || y > height - EDGE
    if (near && this.panning === 0) this.panning = window.setInterval(() => this.pan(), 16)
    else if (!near) this.stopPanning()
  }

  drop(clientX: number, clientY: number): void {
    const { placed, camera } = this.stage
    const done = this.current
    this.cancel()
    if (!placed || !done) return
    const { document } = placed.scene
    const { end, target, pointer } = done
    const slotOf = (port: Port): SlotOfNode => ({ node: placed.scene.idOf(port.item), slot: port.slot })
    const pulled = Math.hypot(pointer.x - end.at.x, pointer.y - end.at.y) * camera.zoom
    if (end.uses) {
      if (target) this.host.onMoveUses?.(document.valueIdAt(end.uses.value), document.valueIdAt(target.value), end.uses.consumers)
    } else if (target) {
      if (target.side === 'in') this.host.onConnect?.(document.valueIdAt(end.value), slotOf(target), end.input && slotOf(end.input))
      else this.host.onConnect?.(document.valueIdAt(target.value), slotOf(end.input!), null)
    } else if (pulled >= LEAST_PULL && itemAt(placed, pointer.x, pointer.y, 0) < 0) {
      if (end.input && end.value >= 0) this.host.onDisconnect?.(slotOf(end.input))
      else this.ask({ clientX, clientY, at: pointer, wire: null, from: end.input ? null : document.valueIdAt(end.value), to: end.input && slotOf(end.input), pointed: true }, end)
    }
  }

  /** Opens the palette; what was dropped stays in sight until `release`. */
  ask(asked: PaletteAsked, end: LooseEnd | null = null): void {
    this.held = { end, at: asked.at }
    this.stage.invalidate()
    this.host.onPalette?.(asked)
  }

  release(): void {
    if (!this.held) return
    this.held = null
    this.stage.invalidate()
  }

  cancel(): void {
    this.stopPanning()
    this.current = null
    this.stage.invalidate()
  }

  private endAt(x: number, y: number): LooseEnd | null {
    const { placed, camera } = this.stage
    if (!placed) return null
    const port = this.portAt(x, y)
    if (port) return this.endOfPort(port)
    const found = carried(placed, { x: camera.graphX(x), y: camera.graphY(y) }, camera.zoom)
    if (!found) return wireEndAt(placed, this.book, { x: camera.graphX(x), y: camera.graphY(y) }, camera.zoom)
    const { scene } = placed
    if (found.row < 0) return this.endOfPort(this.book.of(scene, found.item)[0])
    return { value: found.value, origin: -1, input: null, at: { x: placed.x[found.item] + scene.width[found.item], y: placed.y[found.item] + rowMiddle(found.row), side: 'row' } }
  }

  private endOfPort(port: Port): LooseEnd {
    const placed = this.stage.placed!
    const { scene } = placed
    const place = portPlace(placed, port)
    if (port.side === 'out') return { value: port.value, origin: port.item, input: null, at: { ...place, side: 'out' } }
    if (port.value < 0) return { value: -1, origin: -1, input: port, at: { ...place, side: 'in' } }
    // the wire is taken off at this end and stays where it comes from
    const wire = Array.from(scene.incoming(port.item)).find((edge) => scene.slot[edge] === port.slot)
    if (wire === undefined) return { value: port.value, origin: -1, input: port, at: { ...place, side: 'in' } }
    const source = scene.source[wire]
    return { value: port.value, origin: source, input: port, at: { ...placed.endOn(source, 'out', scene.sourceAt[wire]), side: 'out' } }
  }

  /** What is under the pointer now. */
  private look(): void {
    const { placed, camera } = this.stage
    const { current } = this
    if (!placed || !current) return
    const pointer = { x: camera.graphX(this.pointer.x), y: camera.graphY(this.pointer.y) }
    const over = itemAt(placed, pointer.x, pointer.y, 0)
    const target = this.targetAt(current, pointer, over)
    this.current = { ...current, pointer, target, ...this.hintOf(current, pointer, target, over) }
    this.stage.invalidate()
  }

  private targetAt({ fitting }: Connection, pointer: { x: number; y: number }, over: number): Port | null {
    const placed = this.stage.placed!
    const { camera } = this.stage
    const inView = new Set<number>()
    itemsInView(placed, camera, inView)
    const near: Port[] = []
    const snap = SNAP / camera.zoom
    for (const item of inView) {
      const middle = { x: placed.x[item], y: placed.y[item] }
      if (pointer.x < middle.x - snap || pointer.x > middle.x + placed.scene.width[item] + snap || pointer.y < middle.y - snap || pointer.y > middle.y + placed.scene.height[item] + snap) continue
      near.push(...this.book.of(placed.scene, item).filter((port) => fitting.fits(port)))
    }
    const isTaken = (port: Port): boolean => port.side === 'in' && port.value >= 0
    const exact = nearestPort(placed, near, pointer, SNAP_TAKEN / camera.zoom) ?? nearestPort(placed, near.filter((port) => !isTaken(port)), pointer, snap)
    if (exact || over < 0) return exact
    // on the node itself: the first slot that still needs something; what is taken is given up only where it is hit
    const own = near.filter((port) => port.item === over && !isTaken(port))
    return own.find((port) => port.filling === 'missing') ?? own.find((port) => port.filling === 'omitted' || port.filling === 'next') ?? nearestPort(placed, own, pointer, Infinity)
  }

  private hintOf({ end, fitting }: Connection, pointer: { x: number; y: number }, target: Port | null, over: number): { hint: string; refused: boolean } {
    const { scene } = this.stage.placed!
    if (target) {
      const what = scene.kind[target.item] === NODE ? scene.cards[target.item].title : scene.cards[target.item].title
      const many = end.uses ? `${end.uses.items.length} wires to ${what}` : what
      return { hint: target.side === 'in' ? `${what} · ${target.name}${target.value >= 0 ? ' (replaces)' : ''}` : many, refused: false }
    }
    if (over >= 0) {
      const tried = this.book.of(scene, over).filter((port) => port.side === (seeksOutput(end) ? 'out' : 'in'))
      if (scene.kind[over] === SCOPE) return { hint: 'open the scope to connect', refused: true }
      const own = end.input?.item === over || (over === end.origin && !end.input)
      if (tried.some((port) => port.value >= 0 && fitting.fits(port))) return { hint: 'all inputs are taken: drop it on the one to replace', refused: true }
      return { hint: own ? '' : tried.map((port) => fitting.refusal(port)).find((line) => line !== '') ?? (seeksOutput(end) ? 'makes no output' : 'takes no input'), refused: true }
    }
    if (Math.hypot(pointer.x - end.at.x, pointer.y - end.at.y) * this.stage.camera.zoom < LEAST_PULL) return { hint: '', refused: false }
    if (end.uses) return { hint: `${end.uses.items.length} wires: drop them on an output`, refused: false }
    return { hint: end.input && end.value >= 0 ? 'Disconnect' : 'Add operator…', refused: false }
  }

  private pan(): void {
    const { camera } = this.stage
    const push = (at: number, size: number): number => (at < EDGE ? PAN_STEP : at > size - EDGE ? -PAN_STEP : 0)
    camera.panBy(push(this.pointer.x, camera.width), push(this.pointer.y, camera.height))
    this.look()
  }

  private stopPanning(): void {
    clearInterval(this.panning)
    this.panning = 0
  }
}
