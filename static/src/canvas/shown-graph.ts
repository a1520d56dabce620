/** The graph that is shown: from the document through scene and layout onto the stage, again after every change. */
import { mergeChanges, type ChangeSet } from '../document/changes'
import type { ModelDocument } from '../document/model'
import { LayoutSuperseded } from '../layout/client'
import type { LayoutInput, LayoutMemory, LayoutResult } from '../layout/types'
import type { Direction, Spot } from '../scene/flow'
import { fontsCame } from '../scene/measure'
import type { Bounds, PlacedScene } from '../scene/placed'
import { keyOf, NODE, type Scene } from '../scene/scene'
import { anchorsOf, heldBy, MOST_ANCHORS } from './anchors'
import type { Place } from './camera'
import { Exchange } from './exchange'
import { FirstPicture } from './first-picture'
import type { FoldDeed } from './folding'
import type { MarkBook } from './marks'
import { openingPlace } from './opening'
import { Outdated } from './outdated'
import { Placing, type Expected } from './placing'
import { placeOf, viewOf, type View } from './reader-view'
import { Recent } from './recent'
import { Scenes } from './scenes'
import type { Stage } from './stage'

export interface Layouts { layout(input: LayoutInput, memory?: LayoutMemory, asker?: object): Promise<LayoutResult> }

const NOTE_AFTER_MS = 300
/** with more boxes than these the layout is asked for once the first picture is out: asking takes milliseconds */
const PICTURE_FIRST = 2000

/** How many scopes the graph has, and whether the reader wants none; `changes` grows with every opening and closing. */
export interface FoldState { scopes: number; flat: boolean; changes: number }

export class ShownGraph {
  private readonly memories = new Map<string, { layout: PlacedScene; place: Place }>()
  private readonly scenes: Scenes
  private readonly placing = new Placing()
  private readonly exchange: Exchange
  private readonly outdated = new Outdated()
  private readonly recent: Recent
  /** scenes that wait for their layout */
  private readonly underWay = new Set<Scene>()
  private document: ModelDocument | null = null
  private graph = ''
  /** the last picture of a layout, which the next one continues; provisional ones come and go on the stage meanwhile */
  private settled: PlacedScene | null = null
  /** the last one of them that was put on the stage */
  private pictured: PlacedScene | null = null
  /** what has not been put into a scene yet */
  private pending: ChangeSet | null = null
  /** what shall stay in place when the newest scene is laid out; null: it is */
  private unsettled: number[] | null = null
  private settling: Promise<void> | null = null
  /** until a provisional picture is out: what comes meanwhile is taken together */
  private held: Promise<void> | null = null
  private opening: FirstPicture | null = null
  /** scopes that are being opened, or another layout that was asked for: what is edited meanwhile goes on from it */
  private deliberate: Promise<void> | null = null
  /** grows with every `show`: what was begun before it is dropped */
  private epoch = 0
  /** what the reader shall find again when the next graph is shown */
  private wanted: View | null = null

  /** `changed`: another picture is on the stage, perhaps a provisional one. */
  constructor(private readonly stage: Stage, private readonly marks: MarkBook, private readonly layouts: Layouts, private readonly changed: (isProvisional: boolean) => void) {
    this.scenes = new Scenes(stage.measure)
    this.exchange = new Exchange(stage.camera)
    this.recent = new Recent(stage.camera)
    void this.awaitFonts()
  }

  /** The newest scene, on the stage or on its way there. */
  get newest(): Scene | null {
    return this.scenes.newest
  }

  async show(document: ModelDocument, graph: string, how: 'fit' | 'keep'): Promise<void> {
    const epoch = ++this.epoch
    if (document !== this.document) {
      this.memories.clear()
      this.scenes.forget()
    } else {
      this.remember()
    }
    this.document = document
    this.graph = graph
    this.pending = this.unsettled = this.placing.asked = null
    if (this.wanted) this.scenes.folding.comeBack(graph, this.wanted, document)
    this.opening?.resolve()
    const opening = new FirstPicture(how)
    this.opening = opening
    await Promise.all([opening.promise, this.layOut(this.build(), [])])
    if (epoch === this.epoch) await this.stage.painted()
  }

  /** Shows what changed at once, where it can, and then at its place. Resolves when that is painted. */
  update(changes: ChangeSet): Promise<void> {
    this.pending = mergeChanges(this.pending ? [this.pending, changes] : [changes])
    if (!this.document) return Promise.resolve()
    if (!this.held) this.take()
    return (this.settling ??= this.settle())
  }

  expectAt(place: Expected): void {
    this.placing.expected = place
  }

  /** Opens and closes scopes. */
  async fold(deed: FoldDeed): Promise<void> {
    const { document, scenes: { folding } } = this
    if (!document && deed.what === 'flat') folding.flat = deed.flat
    if (!document || !folding.apply(deed, document, this.graph)) return
    if ('paths' in deed || 'nodes' in deed) this.exchange.opened = null
    const path = 'paths' in deed && deed.paths.length === 1 ? deed.paths[0]! : null
    const holders = 'nodes' in deed ? deed.nodes.map((id) => document.nodeIndex(id)).filter((node) => node >= 0).map((node) => keyOf(NODE, node)) : []
    const saw = this.selectionInSight() !== null
    await this.anew(holders, false, path === null ? null : folding.keyOf(path))
    if (saw && path === null) this.seeSelection()
  }

  /** Lets graphs run the other way; what is selected, or else what is in the middle, stays where it is on screen. */
  async turn(direction: Direction): Promise<void> {
    if (direction === this.scenes.direction) return
    this.scenes.direction = direction
    this.memories.clear()
    this.recent.clear()
    if (!this.document) return
    await this.anew(this.selected())
  }

  foldState(): FoldState {
    const { folding } = this.scenes
    return { scopes: this.document ? folding.count(this.document, this.graph) : 0, flat: folding.flat, changes: folding.changes }
  }

  async tidy(): Promise<void> {
    this.recent.clear()
    if (this.document) await this.anew(this.selected(), true)
  }

  /** Keys of what is selected and drawn. */
  private selected(): number[] {
    const { placed } = this.stage
    return placed ? Array.from(this.marks.of(placed).selectedItems, (item) => placed.scene.key[item]).slice(0, MOST_ANCHORS) : []
  }

  /** Where what is selected was in sight before, perhaps in a closed scope, the view goes to where it is now. */
  private seeSelection(): void {
    const { placed, camera } = this.stage
    const [first] = placed ? this.marks.of(placed).selectedItems : []
    if (first === undefined || this.selectionInSight()) return
    const box = placed!.boxOf(first)
    camera.jump(camera.centred((box.left + box.right) / 2, (box.top + box.bottom) / 2, camera.zoom))
    this.stage.invalidate()
  }

  /** What is selected, or what it is hidden in, as far as it is in sight. */
  private selectionInSight(): Bounds | null {
    const { placed, camera: { view } } = this.stage
    const boxes = placed ? Array.from(this.marks.of(placed).selectedItems, (item) => placed.boxOf(item)) : []
    return boxes.find((box) => box.left < view.right && box.right > view.left && box.top < view.bottom && box.bottom > view.top) ?? null
  }

  destroy(): void {
    this.epoch++
    this.opening?.resolve()
    this.document = null
  }

  /** Puts what changed into a scene, and shows it in the places that there are until it has its own. */
  private take(): void {
    if (!this.pending || !this.document) return
    this.stage.invalidate() // asked for now, the frame does not wait for the next beat of the screen when this is done
    const [changes, known] = [this.pending, this.newest]
    this.pending = null
    const { placed } = this.stage
    this.unsettled = [...(this.unsettled ?? []), ...anchorsOf(this.document, placed?.scene.graph === this.graph ? placed.scene : null, this.marks.selection, changes)]
    const scene = this.build(changes)
    const before = this.before()
    const same = before && !this.opening && !this.deliberate ? (scene.fits(before.scene) ? before : this.recent.find(scene)) : undefined
    if (same) {
      // where all stands where it stood, but what a hand moves, the view stays too
      const anchors = same === before ? null : this.unsettled
      this.unsettled = null
      scene.descent = null
      const saw = this.selectionInSight() !== null
      this.put(this.placing.again(scene, same), this.document.revision, anchors, null, same === before ? null : this.recent.placeOf(same))
      if (saw) this.seeSelection()
      return
    }
    const next = !placed || placed.scene !== known || this.opening ? null : this.placing.atOnce(placed, scene)
    scene.descent = null
    if (!next) return
    this.replaced()
    this.stage.setScene(next, this.document.revision, null)
    this.changed(true)
    this.held = this.stage.shown().then(() => { this.held = null; this.take() })
  }

  /** Lays out what is shown in another way. */
  private async anew(anchors: number[], cold = false, folded?: number | null): Promise<void> {
    const work = this.layOut(this.build(), anchors, cold, folded)
    const done = work.catch(() => {}).then(() => { if (this.deliberate === done) this.deliberate = null })
    this.deliberate = done
    await work
    await this.stage.painted()
  }

  /** Lays out the newest scene until nothing newer has come, and all of it is painted. */
  private async settle(): Promise<void> {
    try {
      do {
        while (this.isBehind) await this.step()
        await this.stage.painted()
      } while (this.isBehind)
    } finally {
      this.settling = null
    }
  }

  private get isBehind(): boolean {
    return this.document !== null && (this.pending ?? this.unsettled) !== null
  }

  private async step(): Promise<void> {
    if (this.held && (this.pending ?? this.newest!.count > PICTURE_FIRST)) return this.held
    if (this.pending) return this.take()
    if (this.deliberate && !this.opening) return this.deliberate
    const anchors = this.unsettled!
    this.unsettled = null
    await this.layOut(this.newest!, anchors)
  }

  /** Lays the scene out and puts it on the stage. `cold`: without regard to where things stood. */
  private async layOut(scene: Scene, anchors: number[], cold = false, folded?: number | null): Promise<void> {
    const { epoch } = this
    const { revision } = this.document!
    let next: PlacedScene | null
    this.underWay.add(scene)
    try {
      next = await this.place(scene, cold ? undefined : this.before(), folded !== undefined)
    } catch (error) {
      if (epoch === this.epoch) this.opening?.reject(error)
      throw error
    } finally {
      this.underWay.delete(scene)
      this.outdated.addScene(scene)
    }
    if (!next || epoch !== this.epoch || this.settled?.scene === this.newest) return
    // what is seen may be newer already
    if (scene === this.newest || this.opening || this.stage.placed?.scene !== this.newest) this.put(next, revision, anchors, folded ?? null)
    else {
      this.replaced()
      this.settled = next
      this.unsettled = [...anchors, ...(this.unsettled ?? [])]
    }
  }

  /** Puts it onto the stage; for `anchors`, `folded` and `back` see Staying. What was not laid out before is no anchor, but for what a hand put somewhere. */
  private put(next: PlacedScene, revision: number, anchors: readonly number[] | null, folded: number | null, back: Place | null = null): void {
    const { stage } = this
    const before = this.pictured
    this.replaced()
    if (before) this.recent.leave(before)
    this.settled = this.pictured = next
    this.recent.add(next)
    stage.note = next.scene.count === 0 ? 'This graph has no nodes' : ''
    if (this.opening) this.open(next, revision, this.opening)
    else {
      const known = anchors?.filter((key) => before !== null && before.itemWithKey(key) >= 0) ?? null
      const held = known && heldBy(known, this.placing.asked, before, stage.placed, next)
      stage.setScene(next, revision, this.exchange.to(stage.placed, next, { anchors: held, folded, back }))
    }
    this.recent.arrive()
    this.changed(false)
  }

  /** What is shown, or went before it, will not be for long. */
  private replaced(): void {
    for (const placed of [this.stage.placed, this.settled, this.pictured]) this.outdated.add(placed)
  }

  private build(changes?: ChangeSet): Scene {
    const { stage, settled, pictured, newest } = this
    const pictures = [stage.placed, settled, pictured, ...this.recent.pictures].filter((one) => one !== null)
    const remembered = Array.from(this.memories.values(), ({ layout }) => layout)
    this.outdated.sweep([...pictures, ...remembered, ...stage.inUse()], newest ? [newest, ...this.underWay] : [...this.underWay])
    return this.scenes.build(this.document!, this.graph, changes)
  }

  /** The layout that a new one continues. */
  private before(): PlacedScene | undefined {
    const { settled } = this
    const isThis = settled?.scene.document === this.document && settled?.scene.graph === this.graph
    return isThis ? settled! : this.memories.get(this.graph)?.layout
  }

  /** null: a newer layout was asked for meanwhile, which shows this one's changes too. */
  private async place(scene: Scene, before: PlacedScene | undefined, afresh: boolean): Promise<PlacedScene | null> {
    if (before && scene.fits(before.scene)) return this.placing.again(scene, before)
    if (scene.count === 0) return this.placing.empty(scene)
    const note = `Laying out ${scene.count.toLocaleString('en')} nodes…`
    const timer = setTimeout(() => { this.stage.note = note; this.stage.invalidate() }, NOTE_AFTER_MS)
    try {
      const layout = await this.layouts.layout(scene.layoutInput(), before && this.placing.memory(scene, before, afresh), this)
      performance.mark('scalpel:laid-out')
      this.placing.arrived()
      return this.placing.arranged(scene, layout, before)
    } catch (error) {
      if (error instanceof LayoutSuperseded) return null
      throw error
    } finally {
      clearTimeout(timer)
      if (this.stage.note === note) this.stage.note = ''
    }
  }

  /** Shows nodes elsewhere while they are moved; null: where they are. */
  preview(places: ReadonlyMap<string, Spot> | null): void {
    if (places === null && this.placing.moving === null) return
    this.placing.moving = places
    const { placed } = this.stage
    if (!placed || !this.document || placed.scene.document !== this.document) return
    const next = this.placing.arranged(placed.scene, placed.base, placed, placed.provisional)
    this.replaced()
    if (this.settled === placed) this.settled = next
    this.stage.setScene(next, this.document.revision, null)
    this.changed(placed.provisional)
  }

  /** Where the reader is; null before anything is shown. */
  view(): View | null {
    const view = viewOf(this.stage.placed, this.stage.camera)
    return view && { ...view, ...this.scenes.folding.leave(this.graph), asOpened: this.exchange.asOpened }
  }

  /** The next graph that is shown opens with the same things at the same places on screen, as far as it has them. */
  openAt(view: View | null): void {
    this.wanted = view
  }

  private open(next: PlacedScene, revision: number, opening: FirstPicture): void {
    this.opening = null
    const { camera, placed } = this.stage
    const wanted = placeOf(this.wanted, next)
    this.wanted = null
    const known = this.memories.get(this.graph)
    // the same graph of a document that was fetched again: the reader stays where they are
    const stays = known?.place ?? (placed?.scene.graph === this.graph && placed.scene.direction === next.scene.direction ? camera.place : null)
    this.exchange.opened = wanted || (opening.how === 'keep' && stays) ? null : openingPlace(next, camera)
    camera.jump(wanted ?? this.exchange.opened ?? stays!)
    this.stage.setScene(next, revision, null)
    opening.resolve()
  }

  private remember(): void {
    const { settled } = this
    if (settled) this.memories.set(settled.scene.graph, { layout: settled, place: this.stage.camera.place })
  }

  /** Text measured before the font came is measured again. */
  private async awaitFonts(): Promise<void> {
    if (!await fontsCame()) return
    this.stage.measure.clear()
    this.scenes.newest = null
    if (this.scenes.forget() && this.document) await this.layOut(this.build(), [])
  }
}
