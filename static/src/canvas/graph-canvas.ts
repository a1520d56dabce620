/** The graph on screen: shows a document's graph, follows its changes, and tells what the reader points at. */
import { mergeChanges, type ChangeSet } from '../document/changes'
import type { ModelDocument } from '../document/model'
import { LayoutSuperseded, LayoutWorker } from '../layout/client'
import type { LayoutInput, LayoutMemory, LayoutResult } from '../layout/types'
import type { Diagnostic, Participant } from '../protocol/types'
import { buildScene } from '../scene/build'
import { Cards } from '../scene/card'
import { FONTS } from '../scene/measure'
import { PlacedScene, union, type Bounds } from '../scene/placed'
import { keyOf, Labels, NODE, type Scene, type SceneParts } from '../scene/scene'
import { theme, type ThemeName } from '../theme'
import type { Place } from './camera'
import { CanvasInput } from './input'
import { ItemTree } from './item-tree'
import { detailAt } from './lod'
import { itemsFor, MarkBook } from './marks'
import { anchorShift, Motion } from './motion'
import { openingPlace } from './opening'
import { Pointing, type PointingHost } from './pointing'
import { Stage, type FrameInfo } from './stage'

export type { CanvasTarget } from './pointing'
export type { FrameInfo } from './stage'

export interface CanvasHost extends PointingHost {
  onViewChange?(zoom: number): void
  onFrame?(info: FrameInfo): void
}

export interface Layouts { layout(input: LayoutInput, memory?: LayoutMemory): Promise<LayoutResult> }

const NOTE_AFTER_MS = 300
/** below this, going to a node also goes nearer */
const READABLE = 0.7

export class GraphCanvas {
  private readonly stage: Stage
  private readonly marks = new MarkBook()
  private readonly tree: ItemTree
  private readonly input: CanvasInput
  private readonly memories = new Map<string, { layout: PlacedScene; place: Place }>()
  private document: ModelDocument | null = null
  private graph = ''
  private parts: SceneParts | null = null
  private pending: ChangeSet | null = null
  private updating: Promise<void> | null = null
  /** grows with every `show`: what was begun before it is dropped */
  private epoch = 0

  constructor(container: HTMLElement, private readonly host: CanvasHost, private readonly layouts: Layouts = new LayoutWorker()) {
    this.stage = new Stage(container, {
      marks: (placed) => this.marks.of(placed),
      onView: () => this.viewChanged(),
      onFrame: (info) => this.host.onFrame?.(info),
    }, theme(themeOnPage()))
    const pointing = new Pointing(this.stage, this.marks, host, (place) => this.goTo(place))
    this.tree = new ItemTree(this.stage.canvas, () => this.stage.placed && {
      placed: this.stage.placed, camera: this.stage.camera, selection: this.marks.selection, labels: detailAt(this.zoom).labels, current: pointing.current(),
    })
    container.append(this.tree.element)
    this.input = new CanvasInput(this.stage.canvas, pointing.gestures())
    void this.awaitFonts()
  }

  get canvas(): HTMLCanvasElement {
    return this.stage.canvas
  }

  get zoom(): number {
    return this.stage.camera.zoom
  }

  /** Resolves when it is painted. 'fit' starts anew; 'keep' goes back to where this graph was looked at last. */
  async show(document: ModelDocument, graph: string, how: 'fit' | 'keep'): Promise<void> {
    const epoch = ++this.epoch
    const other = document !== this.document
    if (other) this.memories.clear()
    else this.remember()
    if (other) this.parts = null
    this.document = document
    this.graph = graph
    this.pending = null
    const scene = this.build()
    const known = this.memories.get(graph)
    const revision = document.revision
    const placed = await this.place(scene, known?.layout)
    if (!placed || epoch !== this.epoch) return
    this.stage.camera.jump(known && how === 'keep' ? known.place : openingPlace(placed, this.stage.camera))
    this.stage.note = scene.count === 0 ? 'This graph has no nodes' : ''
    this.stage.setScene(placed, revision, null)
    this.contentChanged()
    await this.stage.painted()
  }

  /** Follows changes of the document. Resolves when they are painted; changes that come meanwhile are taken together. */
  update(changes: ChangeSet): Promise<void> {
    this.pending = mergeChanges(this.pending ? [this.pending, changes] : [changes])
    this.updating ??= this.takeUpdates().finally(() => { this.updating = null })
    return this.updating
  }

  setSelection(ids: ReadonlySet<string>): void {
    this.marks.setSelection(ids)
    this.contentChanged()
  }

  setDiagnostics(list: readonly Diagnostic[]): void {
    this.marks.setDiagnostics(list)
    this.stage.invalidate()
  }

  setHits(ids: Iterable<string>): void {
    this.marks.setHits(ids)
    this.stage.invalidate()
  }

  /** The others: not this page's own participant. */
  setPeers(participants: readonly Participant[]): void {
    this.marks.setPeers(participants)
    this.stage.invalidate()
  }

  /** Without a name: the one that the page has (data-theme on the root element, else what the system prefers). */
  setTheme(name: ThemeName = themeOnPage()): void {
    this.stage.setTheme(theme(name))
  }

  /** All of the graph. */
  fit(): void {
    const { placed, camera } = this.stage
    if (placed && placed.scene.count > 0) this.goTo(camera.fitting(placed.bounds, 40, 1))
  }

  /** Around the middle of the canvas. */
  zoomBy(factor: number): void {
    const { camera } = this.stage
    camera.zoomAt(factor, camera.width / 2, camera.height / 2)
    this.stage.invalidate()
  }

  /** Brings nodes and values into view, large enough to read. */
  zoomTo(ids: Iterable<string>): void {
    const { placed, camera } = this.stage
    if (!placed) return
    const boxes: Bounds[] = []
    for (const id of ids) for (const item of itemsFor(placed.scene, id)) boxes.push(placed.boxOf(item))
    const bounds = union(boxes)
    if (!bounds) return
    const fitting = camera.fitting(bounds, 96, this.zoom < READABLE ? 1 : Math.min(1.2, this.zoom))
    this.goTo(fitting)
  }

  /** Lays everything out anew, without regard to where things stood. */
  async tidy(): Promise<void> {
    const { placed } = this.stage
    if (!placed || !this.document) return
    const epoch = this.epoch
    const { revision } = this.document
    const fresh = await this.place(this.build(), undefined)
    if (!fresh || epoch !== this.epoch) return
    this.exchange(fresh, revision, [])
    await this.stage.painted()
  }

  focus(): void {
    this.stage.canvas.focus()
  }

  destroy(): void {
    this.epoch++
    this.input.destroy()
    this.tree.destroy()
    this.stage.destroy()
  }

  // ---- from the document to the screen

  private build(): Scene {
    const document = this.document!
    this.parts ??= { cards: new Cards(document, this.stage.measure), labels: new Labels(this.stage.measure) }
    performance.mark('scalpel:scene')
    return buildScene(document, this.graph, this.parts)
  }

  /** null: a newer layout was asked for meanwhile, which shows this one's changes too. */
  private async place(scene: Scene, before: PlacedScene | undefined): Promise<PlacedScene | null> {
    if (before && sameInput(scene, before.scene)) return new PlacedScene(scene, before.layout)
    if (scene.count === 0) return new PlacedScene(scene, NO_LAYOUT)
    const note = `Laying out ${scene.count.toLocaleString('en')} nodes…`
    const timer = setTimeout(() => { this.stage.note = note; this.stage.invalidate() }, NOTE_AFTER_MS)
    try {
      const layout = await this.layouts.layout(scene.layoutInput(), before?.memory())
      performance.mark('scalpel:laid-out')
      return new PlacedScene(scene, layout)
    } catch (error) {
      if (error instanceof LayoutSuperseded) return null
      throw error
    } finally {
      clearTimeout(timer)
      if (this.stage.note === note) this.stage.note = ''
    }
  }

  private async takeUpdates(): Promise<void> {
    while (this.pending && this.document) {
      const changes = this.pending
      this.pending = null
      const epoch = this.epoch
      const { placed } = this.stage
      this.dropCards(changes)
      if (!placed || placed.scene.graph !== this.graph) continue
      const revision = this.document.revision
      const next = await this.place(this.build(), placed)
      if (!next || epoch !== this.epoch) continue
      this.stage.note = next.scene.count === 0 ? 'This graph has no nodes' : ''
      this.exchange(next, revision, this.anchors(changes))
    }
    await this.stage.painted()
  }

  /** What a change shows in: the nodes themselves, and those that have a row for a changed value. */
  private dropCards(changes: ChangeSet): void {
    const document = this.document!
    const cards = this.parts?.cards
    if (!cards) return
    for (const id of changes.nodes) cards.drop(document.nodeIndex(id))
    for (const id of changes.values) {
      const value = document.valueIndex(id)
      if (value >= 0 && document.producerOf(value) < 0) for (const use of document.usesAt(value)) cards.drop(use.node)
    }
  }

  /** Keys of what should stay in place: what is selected, then what was edited. */
  private anchors(changes: ChangeSet): number[] {
    const document = this.document!
    const nodes = [...this.marks.selection, ...changes.nodes].map((id) => document.nodeIndex(id)).filter((index) => index >= 0)
    return nodes.slice(0, 50).map((index) => keyOf(NODE, index))
  }

  private exchange(next: PlacedScene, revision: number, anchors: number[]): void {
    const before = this.stage.placed
    let motion: Motion | null = null
    if (before && before.layout !== next.layout) {
      const { camera } = this.stage
      const shift = anchorShift(before, next, anchors, camera.view)
      camera.jump({ x: camera.x + shift.x, y: camera.y + shift.y, zoom: camera.zoom })
      if (!reducedMotion()) {
        const made = new Motion(before, next, shift.x, shift.y)
        if (made.any) motion = made
      }
    }
    this.stage.setScene(next, revision, motion)
    this.contentChanged()
  }

  private remember(): void {
    const { placed, camera } = this.stage
    if (placed) this.memories.set(placed.scene.graph, { layout: placed, place: camera.place })
  }

  /** Text measured before the font came is measured again. */
  private async awaitFonts(): Promise<void> {
    const loaded = await Promise.all(Object.values(FONTS).map((font) => document.fonts.load(font, 'A×')))
    if (!loaded.some((faces) => faces.length > 0)) return
    const measured = this.parts !== null
    this.stage.measure.clear()
    this.parts = null
    if (!measured || !this.document) return
    const epoch = this.epoch
    const { revision } = this.document
    const next = await this.place(this.build(), this.stage.placed ?? undefined)
    if (next && epoch === this.epoch && this.stage.placed) this.exchange(next, revision, [])
  }

  private contentChanged(): void {
    this.stage.invalidate()
    this.tree.changed()
  }

  private viewChanged(): void {
    this.tree.changed()
    this.host.onViewChange?.(this.zoom)
  }

  private goTo(place: Place): void {
    if (reducedMotion()) this.stage.camera.jump(place)
    else this.stage.camera.glideTo(place, performance.now())
    this.stage.invalidate()
  }
}

const NO_LAYOUT: LayoutResult = {
  x: new Float32Array(), y: new Float32Array(), pointStart: new Uint32Array(1), points: new Float32Array(), labelX: new Float32Array(), labelY: new Float32Array(),
  bounds: { left: 0, top: 0, right: 1, bottom: 1 }, rank: new Int32Array(), milliseconds: 0,
}

/** Whether the layout would be asked for the same thing again. */
function sameInput(a: Scene, b: Scene): boolean {
  const same = (one: ArrayLike<number>, other: ArrayLike<number>): boolean => {
    if (one.length !== other.length) return false
    for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false
    return true
  }
  return a.graph === b.graph && same(a.key, b.key) && same(a.width, b.width) && same(a.height, b.height) && same(a.source, b.source)
    && same(a.target, b.target) && same(a.value, b.value) && a.labels.every((label, edge) => (label?.width ?? 0) === (b.labels[edge]?.width ?? 0))
}

function reducedMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches
}

function themeOnPage(): ThemeName {
  const named = document.documentElement.dataset.theme
  if (named === 'light' || named === 'dark') return named
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}
