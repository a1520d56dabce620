/** What the commands and panels need of the document and the canvas; main.ts passes the real ones. */
import type { Diagnostic, OperatorView, Participant } from '../protocol/types'
import type { Lit } from '../canvas/lit'
import type { FoldDeed } from '../canvas/folding'
import type { Around } from '../canvas/hidden'
import type { Moved } from '../canvas/moving'
import type { View } from '../canvas/reader-view'
import type { Step } from '../canvas/walk'
import type { Pictures } from '../canvas/pictures'
import type { ChangeSet } from '../document/changes'
import type { ModelDocument } from '../document/model'
import type { Direction } from '../scene/flow'

export interface Use { node: string; slot: number }

export interface NodeTitle { id: string; name: string; op_type: string; domain: string }

/** the document of the open model */
export type DocumentPort = ModelDocument

export type { Lit }

export interface CanvasPort {
  show(document: DocumentPort, graphId: string, how: 'fit' | 'keep'): Promise<void>
  /** where the reader is */
  view(): View | null
  /** the next `show` opens there */
  openAt(view: View | null): void
  update(changes: ChangeSet): Promise<void>
  setSelection(ids: ReadonlySet<string>): void
  setDiagnostics(list: readonly Diagnostic[]): void
  setHits(ids: readonly string[]): void
  /** what stands out while the rest is dimmed; null: nothing is dimmed */
  setLit(lit: Lit | null): void
  setPeers(participants: readonly Participant[]): void
  /** what nodes can take: their ports follow from it */
  setOperators(list: readonly OperatorView[]): void
  setTheme(theme: 'light' | 'dark'): void
  fit(): void
  zoomBy(factor: number): void
  zoomTo(ids: readonly string[]): void
  /** opens and closes scopes in place */
  fold(deed: FoldDeed): Promise<void>
  /** whether what is in the graph can be seen where the reader is, in place */
  canShow(graph: string): boolean
  /** the graph that is shown, and those that are open in place in it */
  graphsInSight(): string[]
  /** the graph that lies at a place in the canvas's coordinates: the shown one, or one that is open in place */
  graphAt(at: { x: number; y: number }): string | undefined
  /** a place on screen in the canvas's coordinates */
  spotAt(client: { x: number; y: number }): { x: number; y: number }
  /** opens the scopes and bodies that hide nodes; null: none did */
  unfold(ids: readonly string[]): Promise<void> | null
  /** moves the view to the upper end of an open scope or body */
  toStartOf(path: string): void
  scopesAround(ids: Iterable<string>): Around
  /** moves the view just so far that the node, or what makes the value, is seen, as soon as it is laid out */
  reveal(id: string): void
  /** whether any of these is in view, and not inside a card: nodes, also such as were just taken away, and what makes or takes values */
  sees(ids: Iterable<string>): boolean
  /** the middle of what is in sight, in the graph's coordinates */
  centre(): [number, number] | null
  /** opens the palette of operators at a place on screen; null: on what is selected, or in the middle */
  openPalette(client: { x: number; y: number } | null): void
  /** an operator is dragged over the canvas: where it would be dropped; null: nowhere, or it is refused. `client` null ends it */
  dropAt(client: { x: number; y: number } | null, refuses: (value: string) => string): { at: { x: number; y: number }; wire: { value: string; consumers: (string | Use)[] | null } | null } | null
  /** moves what is selected, in the graph's units */
  nudge(dx: number, dy: number): void
  /** selects what lies that way from the selected thing; `extend`: what is selected stays so */
  walk(way: Step, extend: boolean): void
  /** moves what is seen, in CSS pixels */
  panBy(dx: number, dy: number): void
  /** opens the body, function or scope that is selected, or the name of a value */
  openSelected(): void
  /** a node's left upper corner; null when it is not shown */
  placeOf(node: string): Moved | null
  /** opens an empty note at a place on screen; null: in the middle */
  writeNote(client: { x: number; y: number } | null): void
  editNote(note: string): void
  /** where a new node shall stand, in the graph's coordinates; `wired`: also one with wires, as near as its rows allow */
  expectAt(place: { x: number; y: number; wired?: true }): void
  /** the palette is closed: what was dropped for it on the canvas goes */
  release(): void
  /** draws the map of the whole graph into an element; null: nowhere */
  mapInto(element: HTMLElement | null): void
  tidy(): Promise<void>
  /** which way graphs run */
  turn(direction: Direction): Promise<void>
  focus(): void
  readonly pictures: Pick<Pictures, 'size' | 'make' | 'printed'>
  /** the menu of what is selected */
  openMenu(): void
  destroy(): void
}

export interface MenuTarget { node?: string; value?: string; note?: string; empty?: true; body?: string; scope?: { path: string; name: string; open: boolean } }
