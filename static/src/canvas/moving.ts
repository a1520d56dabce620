/** Moving nodes by hand or by keys: they follow the pointer, and stay where they were let go; one without wires goes onto the wire under it. */
import { cornerOf } from '../scene/arrange'
import type { Direction } from '../scene/flow'
import { accepts, type Port } from '../scene/ports'
import { NODE } from '../scene/scene'
import { shortDtype } from '../scene/text'
import type { Dropping, DropPlace } from './dropping'
import { itemAt } from './hit'
import type { MarkBook } from './marks'
import { PORTS_FROM, type PortBook } from './port-book'
import type { ShownGraph } from './shown-graph'
import type { Stage } from './stage'

/** A node and its left upper corner, measured from that of the open scope it is in ('': the graph), while the graph runs that way. */
export interface Moved { node: string; x: number; y: number; within: string; direction: Direction }
export interface MoveHost {
  onSelect(ids: string[], how: 'replace' | 'toggle'): void
  /** resolves to whether they stand there now; without it nothing can be moved */
  onMove?(moved: Moved[]): Promise<boolean>
  /** a node without wires was let go over one */
  onSplice?(node: string, slot: number, wire: NonNullable<DropPlace['wire']>): Promise<boolean>
}

/** A node without wires, and the slot that a wire would enter it by. */
interface Loose { node: string; input: Port | undefined; makes: boolean }

/** keys that come so soon after each other are one move */
const REST_MS = 400

export class Moving {
  private starts: { node: string; x: number; y: number }[] = []
  private grabbed: { x: number; y: number } | null = null
  private shift = { x: 0, y: 0 }
  private timer = 0
  private loose: Loose | null = null
  private wire: DropPlace['wire'] = null

  constructor(
    private readonly stage: Stage, private readonly marks: MarkBook, private readonly shown: ShownGraph, private readonly dropping: Dropping, private readonly ports: PortBook,
    private readonly host: MoveHost,
  ) {}

  get active(): boolean {
    return this.grabbed !== null
  }

  /** Whether a drag from the point (canvas pixels) moves a node; far out everything moves the view. */
  canGrab(x: number, y: number): boolean {
    return this.host.onMove !== undefined && this.stage.camera.zoom >= PORTS_FROM && this.nodeAt(x, y) !== null
  }

  begin(x: number, y: number): void {
    this.settle()
    const node = this.nodeAt(x, y)
    if (node === null) return
    if (!this.marks.selection.has(node)) this.host.onSelect([node], 'replace')
    this.take(this.marks.selection.has(node) ? this.marks.selection : [node])
    this.grabbed = { x, y }
    this.loose = this.looseNode()
  }

  move(x: number, y: number): void {
    if (!this.grabbed) return
    const { zoom } = this.stage.camera
    this.shift = { x: (x - this.grabbed.x) / zoom, y: (y - this.grabbed.y) / zoom }
    this.show()
    const { loose } = this
    if (loose) this.carry(loose, x, y)
  }

  drop(): void {
    if (!this.grabbed) return
    this.grabbed = null
    const { loose, wire } = this
    this.letGo()
    if (loose && wire) void this.host.onSplice!(loose.node, loose.input!.slot, wire).finally(() => this.cancel())
    else this.commit()
  }

  /** The only node that is moved, when nothing is joined to it. */
  private looseNode(): Loose | null {
    const { placed } = this.stage
    const item = placed && this.starts.length === 1 && this.host.onSplice ? placed.itemOfNode(this.starts[0]!.node) : -1
    if (!placed || item < 0 || placed.scene.incoming(item).length + placed.scene.outgoing(item).length > 0) return null
    const ports = this.ports.of(placed.scene, item)
    return { node: this.starts[0]!.node, input: ports.find(({ side, value }) => side === 'in' && value < 0), makes: ports.some(({ side }) => side === 'out') }
  }

  /** A wire takes the node that runs through the pointer, or through the middle of the node. */
  private carry(loose: Loose, x: number, y: number): void {
    const { placed, camera } = this.stage
    const box = placed!.boxOf(placed!.itemOfNode(loose.node))
    const middle = (box.top + box.bottom) / 2
    this.wire = this.dropping.carry([{ x: camera.graphX(x), y: camera.graphY(y) }, { x: (box.left + box.right) / 2, y: middle }], (value) => this.refusal(loose, value), { x: box.right, y: middle })
  }

  private refusal({ input, makes }: Loose, id: string): string {
    const { document } = this.stage.placed!.scene
    const { dtype } = document.typeAt(document.valueIndex(id))
    if (!input) return 'takes no input'
    if (!makes) return 'makes no output'
    return accepts(input.types, dtype) ? '' : `${input.name} takes no ${shortDtype(dtype)}`
  }

  private letGo(): void {
    if (this.loose) this.dropping.carry([], () => '')
    this.loose = null
    this.wire = null
  }

  cancel(): void {
    this.letGo()
    this.grabbed = null
    this.starts = []
    this.shown.preview(null)
  }

  /** Moves what is selected by so much, in the graph's units; several in a row are one move. */
  nudge(dx: number, dy: number): void {
    if (!this.host.onMove || this.grabbed) return
    if (this.timer === 0) this.take(this.marks.selection)
    clearTimeout(this.timer)
    this.timer = window.setTimeout(() => this.settle(), REST_MS)
    this.shift = { x: this.shift.x + dx, y: this.shift.y + dy }
    this.show()
  }

  /** What keys moved so far is told now. */
  settle(): void {
    if (this.timer === 0) return
    clearTimeout(this.timer)
    this.timer = 0
    this.commit()
  }

  private take(ids: Iterable<string>): void {
    const { placed } = this.stage
    this.shift = { x: 0, y: 0 }
    this.starts = []
    if (!placed) return
    for (const id of ids) {
      const item = placed.itemOfNode(id)
      if (item >= 0) this.starts.push({ node: id, x: placed.x[item], y: placed.y[item] })
    }
  }

  private places(): { node: string; x: number; y: number }[] {
    return this.starts.map(({ node, x, y }) => ({ node, x: Math.round(x + this.shift.x), y: Math.round(y + this.shift.y) }))
  }

  private show(): void {
    this.shown.preview(new Map(this.places().map(({ node, x, y }) => [node, { x, y }])))
  }

  private commit(): void {
    const moved = this.shift.x === 0 && this.shift.y === 0 ? [] : this.places()
    this.starts = []
    if (moved.length === 0) this.shown.preview(null)
    else void this.host.onMove!(moved.map(({ node, x, y }) => this.placeOf(node, x, y))).finally(() => { if (!this.grabbed && this.timer === 0) this.shown.preview(null) })
  }

  /** The place as an edit says it. */
  placeOf(node: string, x: number, y: number): Moved {
    const { placed } = this.stage
    const item = placed ? placed.itemOfNode(node) : -1
    const corner = item < 0 ? { within: '', x: 0, y: 0 } : cornerOf(placed!.scene, placed!.base, item)
    return { node, x: Math.round(x - corner.x), y: Math.round(y - corner.y), within: corner.within, direction: placed?.scene.direction ?? 'down' }
  }

  private nodeAt(x: number, y: number): string | null {
    const { placed, camera } = this.stage
    const item = placed ? itemAt(placed, camera.graphX(x), camera.graphY(y), 0) : -1
    return item >= 0 && placed!.scene.kind[item] === NODE ? placed!.scene.idOf(item) : null
  }
}
