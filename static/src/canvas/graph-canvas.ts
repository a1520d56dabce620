/** The graph on screen: shows a document's graph, follows its changes, and tells what the reader points at. */
import type { ChangeSet } from '../document/changes'
import type { ModelDocument } from '../document/model'
import { LayoutWorker } from '../layout/client'
import type { Diagnostic, OperatorView, Participant } from '../protocol/types'
import type { Direction } from '../scene/flow'
import { union, type Bounds } from '../scene/placed'
import { theme, type ThemeName } from '../theme'
import type { Place } from './camera'
import { placeClearOf } from './clear-of'
import { Connecting } from './connecting'
import { Dropping, type DropPlace, type Refuses } from './dropping'
import { CanvasInput } from './input'
import { ItemTree } from './item-tree'
import type { FoldDeed } from './folding'
import { detailAt } from './lod'
import type { Lit } from './lit'
import { itemsFor, MarkBook } from './marks'
import { openedBox, placeToSee } from './opened-view'
import { BARS } from './opening'
import { reducedMotion } from './motion'
import { paintConnection, paintHeld, paintPorts } from './paint-ports'
import { Pictures } from './pictures'
import type { Expected } from './placing'
import { Pointing, type PointingHost } from './pointing'
import { Moving, type Moved } from './moving'
import { NoteLayer, type NoteHost } from './note-layer'
import { NOTE_ASIDE, noteOrigins } from './note-origins'
import { Minimap } from './minimap'
import { PortBook } from './port-book'
import { PortList } from './port-list'
import { graphAt, graphsInSight, hiding, NOWHERE, showsIn, scopesAround, type Around } from './hidden'
import type { View } from './reader-view'
import { Revealing } from './revealing'
import { ShownGraph, type FoldState, type Layouts } from './shown-graph'
import { Stage, type FrameInfo } from './stage'
import { themeOnPage } from './theme-on-page'
import type { Step } from './walk'

export type { PaletteAsked, SlotOfNode } from './palette-asked'
export type { CanvasTarget } from './pointing'
export type { FrameInfo } from './stage'

export interface CanvasHost extends PointingHost, NoteHost {
  onViewChange?(zoom: number): void
  /** another graph is shown, or it has other scopes, or is folded otherwise */
  onFold?(now: FoldState): void
  onFrame?(info: FrameInfo): void
}

/** below this, going to a node also goes nearer */
const READABLE = 0.7

export class GraphCanvas {
  private readonly stage: Stage
  private readonly marks = new MarkBook()
  private readonly graph: ShownGraph
  private readonly tree: ItemTree
  private readonly ports = new PortBook()
  private readonly portList: PortList
  private readonly connecting: Connecting
  private readonly dropping: Dropping
  private readonly moving: Moving
  private readonly notes: NoteLayer
  private readonly map: Minimap
  readonly pictures: Pictures
  private readonly revealing: Revealing
  private readonly input: CanvasInput
  private readonly pointing: Pointing

  constructor(container: HTMLElement, private readonly host: CanvasHost, layouts: Layouts = new LayoutWorker()) {
    this.stage = new Stage(container, {
      marks: (placed) => this.marks.of(placed),
      onView: () => this.viewChanged(),
      onFrame: (info) => this.host.onFrame?.(info),
      overlay: (frame, view, ratio) => {
        const { current } = this.connecting
        if (current) paintConnection(frame, this.ports, current, view, ratio)
        else paintPorts(frame, this.ports, this.pointing.port)
        if (this.connecting.held) paintHeld(frame, this.connecting.held)
        this.dropping.paint(frame)
      },
    }, theme(themeOnPage()))
    this.connecting = new Connecting(this.stage, this.ports, () => this.stage.placed && this.marks.of(this.stage.placed), host)
    this.dropping = new Dropping(this.stage)
    this.pictures = new Pictures(() => this.stage.placed, this.marks, this.stage.uses)
    this.revealing = new Revealing(this.stage, (ids) => void this.unfold(ids), (place) => this.goTo(place), () => this.host.covers?.() ?? [])
    this.map = new Minimap(this.stage, (placed) => this.marks.of(placed))
    this.graph = new ShownGraph(this.stage, this.marks, layouts, (isProvisional) => {
      this.pointing.lookAgain()
      this.contentChanged()
      if (!isProvisional) this.host.onFold?.(this.graph.foldState())
    })
    this.moving = new Moving(this.stage, this.marks, this.graph, this.dropping, this.ports, host)
    this.pointing = new Pointing(this.stage, this.marks, this.connecting, this.moving, host, (place) => this.goTo(place), () => this.portList.changed(), (path, open) => void this.fold({ what: open ? 'open' : 'close', paths: [path] }), (node, open) => void this.fold({ what: 'body', nodes: [node], open }))
    this.portList = new PortList(this.stage, this.marks, this.connecting)
    this.tree = new ItemTree(this.stage.canvas, () => this.stage.placed && {
      placed: this.stage.placed, camera: this.stage.camera, selection: this.marks.selection, selectedItems: this.marks.of(this.stage.placed).selectedItems, labels: detailAt(this.zoom).labels, current: this.pointing.current(),
      badges: this.marks.of(this.stage.placed).badges,
    })
    this.notes = new NoteLayer(this.stage, host)
    container.append(this.notes.element, this.tree.element, this.portList.element)
    this.input = new CanvasInput(this.stage.canvas, this.pointing.gestures())
  }

  get canvas(): HTMLCanvasElement {
    return this.stage.canvas
  }

  get zoom(): number {
    return this.stage.camera.zoom
  }

  /** Resolves when it is painted. 'fit' starts anew; 'keep' goes back to where this graph was looked at last. */
  show(document: ModelDocument, graph: string, how: 'fit' | 'keep'): Promise<void> {
    this.revealing.forget()
    return this.graph.show(document, graph, how)
  }

  /** Opens and closes scopes and bodies; what was opened or closed stays where it was on screen, but for what opening a body brings into view. Resolves when it is painted. */
  async fold(deed: FoldDeed): Promise<void> {
    await this.graph.fold(deed)
    const { placed, camera } = this.stage
    const opened = deed.what === 'body' && deed.open && placed ? openedBox(placed, deed.nodes) : null
    const place = opened && placeToSee(opened, camera, this.host.covers?.() ?? [])
    if (place) this.goTo(place)
  }

  /** Opens the scopes, bodies and functions that hide nodes, or the nodes that make or take values. Resolves when they are seen; null: none was hidden. */
  unfold(ids: Iterable<string>): Promise<void> | null {
    const hides = this.stage.placed && hiding(this.stage.placed.scene, ids)
    return !hides || hides.paths.length + hides.nodes.length === 0 ? null : this.graph.fold({ what: 'reveal', ...hides })
  }

  /** Whether what is in the graph can be seen here, in place. */
  canShow(graph: string): boolean {
    const { newest } = this.graph // where the reader is going already, if to another graph
    return newest !== null && showsIn(newest, graph)
  }

  /** The graph that is shown, and those that are open in place in it. */
  graphsInSight(): string[] {
    const { newest } = this.graph
    return newest ? graphsInSight(newest) : []
  }

  /** The innermost graph that lies at a place: the shown one, or one that is open in place in it. */
  graphAt(at: { x: number; y: number }): string | undefined {
    return this.stage.placed ? graphAt(this.stage.placed, at) : undefined
  }

  /** A place on screen in the graph's coordinates. */
  spotAt(client: { x: number; y: number }): { x: number; y: number } {
    return this.stage.spotAt(client)
  }

  scopesAround(ids: Iterable<string>): Around {
    return this.stage.placed ? scopesAround(this.stage.placed.scene, ids) : NOWHERE
  }

  /** Where the reader is, to come back to: on this canvas or on another one. */
  view(): View | null {
    return this.graph.view()
  }

  /** The next `show` opens with the same things at the same places on screen, as far as it has them. */
  openAt(view: View | null): void {
    this.graph.openAt(view)
  }

  /** Follows changes of the document. Resolves when they are painted; changes that come meanwhile are taken together. */
  update(changes: ChangeSet): Promise<void> {
    return this.graph.update(changes)
  }

  /** Resolves once the next picture is on its way to the screen. */
  shown(): Promise<void> {
    return this.stage.shown()
  }

  setSelection(ids: ReadonlySet<string>): void {
    this.marks.setSelection(ids)
    this.contentChanged()
  }

  setDiagnostics(list: readonly Diagnostic[]): void {
    this.marks.setDiagnostics(list)
    this.marksChanged()
  }

  setHits(ids: Iterable<string>): void {
    this.marks.setHits(ids)
    this.marksChanged()
  }

  /** What stands out while the rest is dimmed; null: nothing is dimmed. */
  setLit(lit: Lit | null): void {
    this.marks.setLit(lit)
    this.marksChanged()
  }

  /** What nodes can take: their ports follow from it. */
  setOperators(list: readonly OperatorView[]): void {
    this.ports.setOperators(list)
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
    this.map.changed()
  }

  /** All of the graph, beside what lies over the canvas. */
  fit(): void {
    const { placed, camera } = this.stage
    if (placed && placed.scene.count > 0) this.goTo(placeClearOf(this.host.covers?.() ?? [], placed.bounds, camera, 1))
  }

  /** Around the middle of the canvas. */
  zoomBy(factor: number): void {
    this.stage.moveView((camera, least) => camera.zoomAt(factor, camera.width / 2, camera.height / 2, least))
  }

  /** Brings nodes and values into view, large enough to read. */
  zoomTo(ids: Iterable<string>): void {
    const { placed, camera } = this.stage
    if (!placed) return
    const boxes: Bounds[] = []
    for (const id of ids) for (const item of itemsFor(placed.scene, id)) boxes.push(placed.boxOf(item))
    const bounds = union(boxes)
    if (!bounds) return
    const fitting = camera.fitting(bounds, 96, this.zoom < READABLE ? 1 : Math.min(1.2, this.zoom), BARS)
    this.goTo(fitting)
  }

  reveal(id: string): void {
    this.revealing.reveal(id)
  }

  sees(ids: Iterable<string>): boolean {
    return this.revealing.sees(ids)
  }

  /** Where the next new node shall stand, in the graph's coordinates. */
  expectAt(place: Expected): void {
    this.graph.expectAt(place)
  }

  /** Moves what is selected, in the graph's units. */
  nudge(dx: number, dy: number): void {
    this.moving.nudge(dx, dy)
  }

  walk(way: Step, extend: boolean): void {
    this.pointing.walk(way, extend)
  }

  /** Moves what is seen, in CSS pixels. */
  panBy(dx: number, dy: number): void {
    this.stage.moveView((camera) => camera.panBy(dx, dy))
  }

  openSelected(): void {
    this.pointing.openSelected()
  }

  /** Where a node stands: its left upper corner; null when it is not shown. */
  placeOf(node: string): Moved | null {
    const { placed } = this.stage
    const item = placed ? placed.itemOfNode(node) : -1
    return item < 0 ? null : this.moving.placeOf(node, placed!.x[item], placed!.y[item])
  }

  /** Opens an empty note at a place on screen, beside the selected node, or in the middle. */
  writeNote(client: { x: number; y: number } | null): void {
    const { camera, placed } = this.stage
    const [node] = placed && this.marks.selection.size === 1 ? itemsFor(placed.scene, [...this.marks.selection][0]!) : []
    const about = !client && node !== undefined ? placed!.boxOf(node) : null
    if (about && about.bottom > camera.view.top && about.top < camera.view.bottom) {
      const aside = placed!.scene.direction === 'right' ? { x: about.left, y: about.bottom + NOTE_ASIDE } : { x: about.right + NOTE_ASIDE, y: about.top }
      this.notes.write(aside, node)
      return
    }
    const at = client ? this.spotAt(client) : { x: camera.graphX(camera.width / 2 - 80), y: camera.graphY(camera.height / 3) }
    this.notes.write(at)
  }

  editNote(note: string): void {
    this.notes.edit(note)
  }

  /** Moves the view to the upper end of an open scope or body. */
  toStartOf(path: string): void {
    const nest = this.stage.placed?.scene.nesting?.nest
    for (let container = 0; nest && container < nest.count; container++) if (nest.path(container) === path) this.pointing.toStart(container)
  }

  centre(): [number, number] | null {
    const { placed, camera } = this.stage
    return placed && [camera.graphX(camera.width / 2), camera.graphY(camera.height / 2)]
  }

  /** The map of the whole graph in this element; null: nowhere. */
  mapInto(element: HTMLElement | null): void {
    this.map.into(element)
  }

  /** The palette is closed: what was dropped for it goes. */
  release(): void {
    this.connecting.release()
  }

  /** Lays everything out anew, without regard to where things stood. */
  tidy(): Promise<void> {
    return this.graph.tidy()
  }

  /** Which way graphs run from now on. Resolves when it is painted. */
  turn(direction: Direction): Promise<void> {
    return this.graph.turn(direction)
  }

  focus(): void {
    this.stage.canvas.focus({ preventScroll: true })
  }

  /** Opens the palette of operators at a place on screen; null: on what is selected, or in the middle. */
  openPalette(client: { x: number; y: number } | null): void {
    this.pointing.openPalette(client)
  }

  /** An operator is dragged over the canvas; null ends it. Returns where it would be dropped, null where it may not. */
  dropAt(client: { x: number; y: number } | null, refuses: Refuses): DropPlace | null {
    return this.dropping.move(client, refuses)
  }

  /** Asks the host for the menu of what is selected. */
  openMenu(): void {
    this.pointing.menuOfSelected()
  }

  destroy(): void {
    this.graph.destroy()
    this.input.destroy()
    this.connecting.cancel()
    this.map.destroy()
    this.tree.destroy()
    this.portList.destroy()
    this.notes.destroy()
    this.stage.destroy()
  }

  private contentChanged(): void {
    const { placed } = this.stage
    if (placed) this.notes.show(placed.scene.document.arrangement.notesOf(placed.scene.graph), noteOrigins(placed))
    this.stage.invalidate()
    this.tree.changed()
    this.portList.changed()
    this.map.changed()
    this.revealing.pictured()
  }

  private marksChanged(): void {
    this.stage.invalidate()
    this.map.changed()
  }

  private viewChanged(): void {
    this.notes.viewChanged()
    this.map.viewChanged()
    this.tree.changed()
    this.portList.changed()
    this.host.onViewChange?.(this.zoom)
  }

  private goTo(place: Place): void {
    if (reducedMotion()) this.stage.camera.jump(place)
    else this.stage.camera.glideTo(place, performance.now())
    this.stage.invalidate()
  }
}
