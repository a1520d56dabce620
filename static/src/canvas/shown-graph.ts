/** The graph that is shown: from the document through scene and layout onto the stage, again after every change. */
import { mergeChanges, noChanges, type ChangeSet } from '../document/changes'
import type { ModelDocument } from '../document/model'
import { drawnWith } from '../document/row-constants'
import { LayoutSuperseded } from '../layout/client'
import { PUT, type LayoutInput, type LayoutMemory, type LayoutResult } from '../layout/types'
import { arrange, cornerFrom } from '../scene/arrange'
import { buildScene, sceneParts, touchScene } from '../scene/build'
import type { Direction } from '../scene/flow'
import { patchedScene } from '../scene/patched'
import { fontsCame } from '../scene/measure'
import { PlacedScene } from '../scene/placed'
import { keyOf, NODE, type Scene, type SceneParts } from '../scene/scene'
import type { Place } from './camera'
import { Folding, type FoldDeed } from './folding'
import type { MarkBook } from './marks'
import { anchorShift, foldShift, Motion, nearestOutside, reducedMotion } from './motion'
import { openingPlace } from './opening'
import { placeOf, viewOf, type View } from './reader-view'
import type { Stage } from './stage'
import { turnedView } from './turned-view'

export interface Layouts { layout(input: LayoutInput, memory?: LayoutMemory): Promise<LayoutResult> }

/** A `show` whose first picture is still to come; whichever layout is done first gives it. */
interface Opening { how: 'fit' | 'keep'; promise: Promise<void>; resolve(): void; reject(reason: unknown): void }

const NOTE_AFTER_MS = 300
const MOST_ANCHORS = 50
const MANY = 5000 // boxes: to lay them out takes longer than to make the tables of all ids

/** How many scopes the graph has, and whether the reader wants none; `changes` grows with every opening and closing. */
export interface FoldState { scopes: number; flat: boolean; changes: number }

export class ShownGraph {
  private readonly memories = new Map<string, { layout: PlacedScene; place: Place }>()
  private readonly folding = new Folding()
  /** which way graphs run */
  private direction: Direction = 'down'
  private document: ModelDocument | null = null
  private graph = ''
  private parts: SceneParts | null = null
  /** the newest scene, on the stage or on its way there */
  newest: Scene | null = null
  private pending: ChangeSet | null = null
  private updating: Promise<void> | null = null
  private opening: Opening | null = null
  /** grows with every `show`: what was begun before it is dropped */
  private epoch = 0
  /** where this graph was opened: as long as nobody moved, later layouts are looked at from their opening place too */
  private opened: Place | null = null
  /** what the reader shall find again when the next graph is shown */
  private wanted: View | null = null
  /** where a new node without wires shall stand */
  /** the places of the last arranged scene */
  private arrangedAs = ''
  private expected: { x: number; y: number } | null = null
  /** nodes that are being moved, and those whose move the server has not told of yet */
  private moving: ReadonlyMap<string, { x: number; y: number }> | null = null

  constructor(private readonly stage: Stage, private readonly marks: MarkBook, private readonly layouts: Layouts, private readonly changed: () => void) {
    void this.awaitFonts()
  }

  async show(document: ModelDocument, graph: string, how: 'fit' | 'keep'): Promise<void> {
    const epoch = ++this.epoch
    if (document !== this.document) {
      this.memories.clear()
      this.parts = null
    } else {
      this.remember()
    }
    this.document = document
    this.graph = graph
    this.pending = null
    if (this.wanted) this.folding.comeBack(graph, this.wanted, document)
    this.opening?.resolve()
    const opening = openingOf(how)
    this.opening = opening
    await Promise.all([opening.promise, this.layOut(this.build(), [])])
    if (epoch === this.epoch) await this.stage.painted()
  }

  /** Changes that come while others are laid out are taken together afterwards. */
  update(changes: ChangeSet): Promise<void> {
    this.pending = mergeChanges(this.pending ? [this.pending, changes] : [changes])
    this.updating ??= this.takeUpdates().finally(() => {
      this.updating = null
      if (this.pending && this.document) void this.update(noChanges())
    })
    return this.updating
  }

  expectAt(place: { x: number; y: number }): void {
    this.expected = place
  }

  /** Opens and closes scopes. */
  async fold(deed: FoldDeed): Promise<void> {
    const { document } = this
    if (!document && deed.what === 'flat') this.folding.flat = deed.flat
    if (!document || !this.folding.apply(deed, document, this.graph)) return
    if ('paths' in deed || 'nodes' in deed) this.opened = null
    const path = 'paths' in deed && deed.paths.length === 1 ? deed.paths[0]! : null
    const holders = 'nodes' in deed ? deed.nodes.map((id) => document.nodeIndex(id)).filter((node) => node >= 0).map((node) => keyOf(NODE, node)) : []
    await this.layOut(this.build(), holders, false, path === null ? null : this.folding.keyOf(path))
    await this.stage.painted()
  }

  /** Lets graphs run the other way; what is selected, or else what is in the middle, stays where it is on screen. */
  async turn(direction: Direction): Promise<void> {
    if (direction === this.direction) return
    this.direction = direction
    this.memories.clear()
    if (!this.document) return
    const { placed } = this.stage
    const selected = placed ? [...this.marks.of(placed).selectedItems].slice(0, MOST_ANCHORS) : []
    await this.layOut(this.build(), selected.map((item) => placed!.scene.key[item]))
    await this.stage.painted()
  }

  foldState(): FoldState {
    return { scopes: this.document ? this.folding.count(this.document, this.graph) : 0, flat: this.folding.flat, changes: this.folding.changes }
  }

  async tidy(): Promise<void> {
    if (!this.document) return
    await this.layOut(this.build(), [], true)
    await this.stage.painted()
  }

  destroy(): void {
    this.epoch++
    this.opening?.resolve()
    this.document = null
  }

  private async takeUpdates(): Promise<void> {
    while (this.pending && this.document) {
      const changes = this.pending
      this.pending = null
      this.dropCards(changes)
      await this.layOut(this.build(changes), this.anchors(changes))
      // what comes while the last is being painted is taken too
      if (!this.pending) await this.stage.painted()
    }
  }

  /** Lays the scene out and puts it on the stage. `cold`: without regard to where things stood. */
  private async layOut(scene: Scene, anchors: number[], cold = false, folded?: number | null): Promise<void> {
    const { epoch } = this
    const { revision } = this.document!
    let next: PlacedScene | null
    try {
      next = await this.place(scene, cold ? undefined : this.before(), folded !== undefined)
    } catch (error) {
      if (epoch === this.epoch) this.opening?.reject(error)
      throw error
    }
    if (!next || epoch !== this.epoch) return
    this.stage.note = next.scene.count === 0 ? 'This graph has no nodes' : ''
    if (this.opening) this.open(next, revision, this.opening)
    else this.exchange(next, revision, anchors, folded ?? null)
    this.changed()
  }

  /** The scene as the document is now; `changes` are all that happened since the last one, where that is known. */
  private build(changes?: ChangeSet): Scene {
    const document = this.document!
    const parts = (this.parts ??= sceneParts(document, this.stage.measure))
    const scene = this.newest
    if (changes) this.folding.changed(changes)
    const fold = this.folding.of(document, this.graph)
    const sameFold = (scene?.nesting?.nest.fold ?? null) === fold
    const known = changes && scene?.document === document && scene.graph === this.graph && scene.direction === this.direction ? scene : null
    if (known && changes && !changes.structural && sameFold) {
      const indexes = (ids: Set<string>, index: (id: string) => number): number[] => Array.from(ids, index).filter((found) => found >= 0)
      this.newest = touchScene(known, indexes(changes.nodes, (id) => document.nodeIndex(id)), indexes(changes.values, (id) => document.valueIndex(id)), parts)
    } else {
      this.newest = (known && changes && patchedScene(known, changes, parts, fold)) ?? buildScene(document, this.graph, parts, fold, this.direction)
    }
    performance.mark('scalpel:scene')
    return this.newest
  }

  /** The layout that a new one continues. */
  private before(): PlacedScene | undefined {
    const { placed } = this.stage
    const isThis = placed?.scene.document === this.document && placed?.scene.graph === this.graph
    return isThis ? placed! : this.memories.get(this.graph)?.layout
  }

  /** null: a newer layout was asked for meanwhile, which shows this one's changes too. */
  private async place(scene: Scene, before: PlacedScene | undefined, afresh: boolean): Promise<PlacedScene | null> {
    if (before && scene.fits(before.scene)) {
      scene.settleIn(before.scene)
      return this.arranged(scene, before.base, before)
    }
    if (scene.count === 0) return new PlacedScene(scene, NO_LAYOUT)
    const note = `Laying out ${scene.count.toLocaleString('en')} nodes…`
    const timer = setTimeout(() => { this.stage.note = note; this.stage.invalidate() }, NOTE_AFTER_MS)
    try {
      if (scene.count >= MANY) queueMicrotask(() => scene.document.prepare()) // while the worker is at it
      const layout = await this.layouts.layout(scene.layoutInput(), before && this.memory(scene, before, afresh))
      performance.mark('scalpel:laid-out')
      return this.arranged(scene, layout, before)
    } catch (error) {
      if (error instanceof LayoutSuperseded) return null
      throw error
    } finally {
      clearTimeout(timer)
      if (this.stage.note === note) this.stage.note = ''
    }
  }

  /** The scene with the nodes where hands put them. */
  private arranged(scene: Scene, base: LayoutResult, before?: PlacedScene): PlacedScene {
    const places = new Map<number, { x: number; y: number }>()
    const itemOf = (id: string): number => { const node = scene.document.nodeIndex(id); return node < 0 ? -1 : scene.itemOfNode(node) }
    if (base.targetX) scene.targetAt.set(base.targetX.subarray(0, scene.edgeCount)) // behind them: what holds open bodies beside their nodes
    for (const [id, { graph, [scene.direction]: spot }] of scene.document.arrangement.places) {
      const item = spot ? itemOf(id) : -1
      const corner = item < 0 ? null : cornerFrom(scene, base, item, { graph, within: spot!.within ?? '' })
      if (spot && corner) places.set(item, { x: corner.x + spot.x, y: corner.y + spot.y })
    }
    for (const [id, place] of this.moving ?? []) {
      const item = itemOf(id)
      if (item >= 0) places.set(item, place)
    }
    if (places.size === 0) return new PlacedScene(scene, base, before?.layout === base ? before : undefined)
    const said = [...places].map(([item, { x, y }]) => `${item} ${x} ${y}`).join() + String(this.moving === null)
    const same = before?.base === base && this.arrangedAs === said ? before : undefined
    this.arrangedAs = said
    return same ? new PlacedScene(scene, same.layout, same, base) : new PlacedScene(scene, arrange(scene, base, places, this.moving === null), undefined, base)
  }

  /** Shows nodes elsewhere while they are moved; null: where they are. */
  preview(places: ReadonlyMap<string, { x: number; y: number }> | null): void {
    if (places === null && this.moving === null) return
    this.moving = places
    const { placed } = this.stage
    if (!placed || !this.document || placed.scene.document !== this.document) return
    this.stage.setScene(this.arranged(placed.scene, placed.base, placed), this.document.revision, null)
    this.changed()
  }

  /** What the layout before left, and a place for the node that was asked for at one. */
  private memory(scene: Scene, before: PlacedScene, afresh: boolean): LayoutMemory | undefined {
    const memory = before.memory(scene)
    if (memory) memory.afresh = afresh
    const { expected } = this
    if (!expected || !memory) return memory
    const isNew = (item: number): boolean => scene.kind[item] === NODE && before.itemWithKey(scene.key[item]) < 0
    const item = scene.key.findIndex((_, at) => isNew(at))
    if (item < 0) return memory
    this.expected = null
    if (scene.incoming(item).length + scene.outgoing(item).length > 0) return memory
    const added = <T extends Uint32Array | Float32Array | Int32Array>(all: T, one: number): T => { const longer = new (all.constructor as new (length: number) => T)(all.length + 1); longer.set(all); longer[all.length] = one; return longer }
    return { ...memory, key: added(memory.key, scene.key[item]), x: added(memory.x, expected.x - scene.width[item] / 2), y: added(memory.y, expected.y - scene.height[item] / 2), rank: added(memory.rank, PUT) }
  }

  /** Where the reader is; null before anything is shown. */
  view(): View | null {
    const view = viewOf(this.stage.placed, this.stage.camera)
    return view && { ...view, ...this.folding.leave(this.graph) }
  }

  /** The next graph that is shown opens with the same things at the same places on screen, as far as it has them. */
  openAt(view: View | null): void {
    this.wanted = view
  }

  private open(next: PlacedScene, revision: number, opening: Opening): void {
    this.opening = null
    const wanted = placeOf(this.wanted, next)
    this.wanted = null
    if (wanted) {
      this.opened = null
      this.stage.camera.jump(wanted)
      this.stage.setScene(next, revision, null)
      opening.resolve()
      return
    }
    const { camera, placed } = this.stage
    const known = this.memories.get(this.graph)
    // the same graph of a document that was fetched again: the reader stays where they are
    const stays = known?.place ?? (placed?.scene.graph === this.graph && placed.scene.direction === next.scene.direction ? camera.place : null)
    this.opened = opening.how === 'keep' && stays ? null : openingPlace(next, camera)
    camera.jump(this.opened ?? stays!)
    this.stage.setScene(next, revision, null)
    opening.resolve()
  }

  /** `folded`: the key of a scope that was opened or closed. */
  private exchange(next: PlacedScene, revision: number, anchors: number[], folded: number | null): void {
    const before = this.stage.placed
    let motion: Motion | null = null
    if (before && before.scene.direction !== next.scene.direction) motion = this.exchangeTurned(before, next, anchors)
    else if (before && before.layout !== next.layout && anchors.length === 0 && this.opened && samePlace(this.opened, this.stage.camera.place)) {
      this.opened = openingPlace(next, this.stage.camera)
      this.stage.camera.jump(this.opened)
    } else if (before && before.layout !== next.layout) {
      const { camera } = this.stage
      const saw = nearestOutside(before, camera.view) === null
      const shift = (folded === null ? null : foldShift(before, next, folded, camera.view)) ?? anchorShift(before, next, anchors, camera.view)
      camera.jump({ x: camera.x + shift.x, y: camera.y + shift.y, zoom: camera.zoom })
      const nearest = saw ? nearestOutside(next, camera.view) : null // all that was in sight is gone
      if (nearest) camera.jump(camera.centred((nearest.left + nearest.right) / 2, (nearest.top + nearest.bottom) / 2, camera.zoom))
      if (!reducedMotion()) {
        const made = new Motion(before, next, shift.x, shift.y)
        if (made.any) motion = made
      }
    }
    this.stage.setScene(next, revision, motion)
  }

  private exchangeTurned(before: PlacedScene, next: PlacedScene, anchors: number[]): Motion | null {
    const { camera } = this.stage
    const fresh = this.opened !== null && samePlace(this.opened, camera.place)
    const { shift, target } = turnedView(before, next, anchors, camera, fresh)
    if (fresh) this.opened = target
    camera.jump({ x: camera.x + shift.x, y: camera.y + shift.y, zoom: camera.zoom })
    if (target && reducedMotion()) camera.jump(target)
    else if (target) camera.glideTo(target, performance.now())
    return reducedMotion() ? null : new Motion(before, next, shift.x, shift.y)
  }

  /** What a change shows in: the nodes themselves, and those that have a row for a changed value. */
  private dropCards(changes: ChangeSet): void {
    const document = this.document!
    const { parts } = this
    if (!parts) return
    const tree = this.newest?.nesting?.nest.fold.tree
    const dropped = (node: number): void => {
      parts.cards.drop(node)
      if (tree && node >= 0) parts.closed.drop(tree, tree.scopeOf(node))
    }
    for (const id of changes.nodes) {
      const node = document.nodeIndexEver(id)
      dropped(node)
      dropped(drawnWith(document, node))
      // a new node is in the scope of a neighbour
      if (tree && changes.structural && node >= 0 && tree.scopeOf(node) < 0) for (const value of [...Array.from(document.inputsAt(node)), ...Array.from(document.outputsAt(node))]) this.touched(value, dropped)
    }
    for (const id of changes.values) this.touched(document.valueIndex(id), dropped)
  }

  /** The nodes that make or take a value. */
  private touched(value: number, node: (index: number) => void): void {
    if (value < 0) return
    const producer = this.document!.producerOf(value)
    if (producer >= 0) node(producer)
    for (const use of this.document!.usesAt(value)) node(use.node)
  }

  /** Keys of what should stay in place: what is selected, then what was edited. */
  private anchors(changes: ChangeSet): number[] {
    const document = this.document!
    const nodes = [...this.marks.selection, ...changes.nodes].map((id) => document.nodeIndex(id)).filter((index) => index >= 0).slice(0, 50)
    const scene = this.stage.placed?.scene
    const wasAlone = (index: number): boolean => {
      const item = scene?.graph === this.graph ? scene.itemOfNode(index) : -1
      return item >= 0 && scene!.incoming(item).length + scene!.outgoing(item).length === 0
    }
    // a node that gets its first wire goes to where the wire comes from, not the other way round
    const makers = nodes.filter(wasAlone).flatMap((index) => Array.from(document.inputsAt(index), (value) => (value < 0 ? -1 : document.producerOf(value)))).filter((index) => index >= 0)
    return [...nodes.filter((index) => !wasAlone(index)), ...makers].map((index) => keyOf(NODE, index))
  }

  private remember(): void {
    const { placed, camera } = this.stage
    if (placed) this.memories.set(placed.scene.graph, { layout: placed, place: camera.place })
  }

  /** Text measured before the font came is measured again. */
  private async awaitFonts(): Promise<void> {
    if (!await fontsCame()) return
    const measured = this.parts !== null
    this.stage.measure.clear()
    this.parts = null
    this.newest = null
    if (measured && this.document) await this.layOut(this.build(), [])
  }
}

function openingOf(how: 'fit' | 'keep'): Opening {
  let resolve!: () => void
  let reject!: (reason: unknown) => void
  const promise = new Promise<void>((done, failed) => { resolve = done; reject = failed })
  return { how, promise, resolve, reject }
}

function samePlace(one: Place, other: Place): boolean {
  return one.x === other.x && one.y === other.y && one.zoom === other.zoom
}

const NO_LAYOUT: LayoutResult = {
  x: new Float32Array(), y: new Float32Array(), pointStart: new Uint32Array(1), points: new Float32Array(), labelX: new Float32Array(), labelY: new Float32Array(),
  bounds: { left: 0, top: 0, right: 1, bottom: 1 }, rank: new Int32Array(), milliseconds: 0,
}
