/** What the page knows, as signals: one object per open model, owned by the editor and read by the panels. */
import { computed, signal } from '@preact/signals'
import type { PictureOf } from './canvas/pictures'
import type { ModelReport } from './protocol/report'
import type { SentFile } from './connection/upload'
import type {
  AppErrorData, Diagnostic, EditData, EditType, HistoryEntry, JobMessage, OpeningProgress, MissingFiles, OperatorView, Participant, PreviewResult, Replayed, RunResult,
} from './protocol/types'

export type Theme = 'light' | 'dark' | 'system'
/** 'recovering': the server starts the model's process again; 'offline': no connection, edits wait here. */
export type ConnectionState = 'connecting' | 'online' | 'recovering' | 'offline' | 'closed'

/** A form that floats at a place on the screen, or beside the right panel when no place is given. */
export interface OpenForm {
  kind: string
  /** parameters that are settled and not asked for */
  prefilled: Record<string, unknown>
  /** what the fields hold at first */
  initial?: Record<string, unknown>
  title?: string
  /** `ends`: the form ends at x instead of beginning there */
  at: { x: number; y: number; ends?: boolean } | null
  returnFocus: HTMLElement | null
}
/** The palette of operators, asked for somewhere on the canvas. */
export interface OperatorsAsked {
  /** on screen */
  at: { x: number; y: number }
  /** in the graph's coordinates */
  place: { x: number; y: number }
  graph: string
  /** the wire that the operator shall stand on, and who reads through it; null: all of its readers */
  wire: { value: string; consumers: (string | { node: string; slot: number })[] | null } | null
  /** the value that it shall take */
  from: string | null
  /** the input that shall take what it makes */
  to: { node: string; slot: number } | null
}
/** An edit that takes long, or its preview, while the server works on it. */
export interface Work { what: 'edit' | 'preview'; edit: EditData; /** null until the server has said it */ job: string | null; progress: number | null; text: string }
/** A preview that waits for a decision; `form` is where its edit came from. */
export interface FinishedPreview { job: string; edit: EditData; result: PreviewResult; revision: number; form: OpenForm | null }
/** Edits that were made again: after a reload, or from a recipe of this name. */
export interface ReplayedEdits { result: Replayed; recipe: string | null }
/** An edit that was refused away from any field: its line, and the choices that would answer it. */
export interface Refusal { error: AppErrorData; edit: EditData | null }
export interface FinishedRun { revision: number; result: RunResult }
/** Data files on their way to the server. */
export interface Sending { name: string; fraction: number; cancel(): void }
/** What stands out on the canvas while the rest is dimmed: so many steps around nodes, or a value with the end where the reader is (-1: none). */
export type Highlight = { what: 'reach'; nodes: readonly string[]; way: 'up' | 'down' | 'both'; steps: number } | { what: 'value'; value: string; at: number }
export interface Toast { id: number; text: string; tone: 'plain' | 'error' }
export type Dialog = 'save' | 'consent' | 'changed' | 'open' | 'keys' | 'run' | 'name' | 'commands' | 'picture' | null

const MAIN_GRAPH = 'graph:'

export class EditorState {
  readonly session = signal('')
  readonly name = signal('')
  readonly path = signal('')
  /** another program changed the file since it was opened or saved here */
  readonly changedOnDisk = signal(false)
  /** the reader knows of it and goes on with what is here */
  readonly keptMine = signal(false)
  readonly saving = signal(false)
  /** a save or download of this page that the server is at */
  readonly saveJob = signal<JobMessage | null>(null)
  /** the weights fit into no model file: where they go is asked, and `answered` goes on */
  readonly weightsQuestion = signal<{ error: AppErrorData; answered(data: { weights?: string; threshold?: number }): void } | null>(null)
  /** what came of making edits again here, until it was read */
  readonly replayed = signal<ReplayedEdits | null>(null)
  /** 'on': the model as it was opened is shown, and nothing can be edited */
  readonly original = signal<'off' | 'loading' | 'on'>('off')
  /** the revision that the embedded Netron shows; null: it is closed */
  readonly netron = signal<number | null>(null)
  readonly unsaved = signal(false)
  readonly revision = signal(0)
  /** grows with every change of the document, types included: what a panel subscribes to */
  readonly version = signal(0)
  /** grows when nodes, or what a graph takes and gives, may be listed otherwise; not with types or names of other values */
  readonly listed = signal(0)
  readonly loading = signal<'loading' | 'ready' | 'failed'>('loading')
  /** what this page is at while it loads; null: the server is */
  readonly opening = signal<OpeningProgress | null>(null)
  readonly loadError = signal<AppErrorData | null>(null)
  readonly connection = signal<ConnectionState>('connecting')

  readonly graph = signal(MAIN_GRAPH)
  readonly selection = signal<ReadonlySet<string>>(new Set())
  readonly diagnostics = signal<readonly Diagnostic[]>([])
  /** data files that the model refers to and that are not there */
  readonly missing = signal<MissingFiles>({ count: 0, tensors: 0, bytes: 0, files: [] })
  readonly supplying = signal<Sending | null>(null)
  /** dropped files that are to be opened beside this model */
  readonly toOpen = signal<readonly SentFile[]>([])
  readonly checking = signal(true)
  readonly history = signal<readonly HistoryEntry[]>([])
  readonly participants = signal<readonly Participant[]>([])
  /** edits that were sent and not answered yet */
  readonly pending = signal(0)

  readonly job = signal<JobMessage | null>(null)
  readonly run = signal<FinishedRun | null>(null)
  readonly runError = signal<AppErrorData | null>(null)

  readonly work = signal<Work | null>(null)
  readonly preview = signal<FinishedPreview | null>(null)
  /** the revision that was opened or last saved, as far as this page has seen it */
  readonly savedRevision = signal(0)

  /** sizes of symbolic dimensions, as they were last given for a run */
  readonly dims = signal<Record<string, number>>({})

  /** what the model is made of, of the revision it names */
  readonly report = signal<ModelReport | null>(null)
  readonly reportError = signal<AppErrorData | null>(null)
  /** the revision whose report is on its way */
  readonly reportAsked = signal<number | null>(null)

  readonly operators = signal<readonly OperatorView[]>([])
  readonly editTypes = signal<readonly EditType[]>([])

  readonly zoom = signal(1)
  readonly form = signal<OpenForm | null>(null)
  readonly palette = signal<OperatorsAsked | null>(null)
  readonly refusal = signal<Refusal | null>(null)
  /** what the printer gets next */
  readonly toPrint = signal<PictureOf>('all')
  readonly dialog = signal<Dialog>(null)
  /** what a screen reader says next; `times`: how often something was said */
  readonly said = signal({ text: '', times: 0 })
  readonly toasts = signal<readonly Toast[]>([])
  readonly problemsOpen = signal(false)
  /** 'run' shows the last run in the right panel until something is selected */
  readonly rightView = signal<'inspector' | 'run'>('inspector')
  readonly highlight = signal<Highlight | null>(null)
  readonly hits = signal<readonly string[]>([])
  /** nodes that kept the place they were given by hand when the graph was laid out anew; 0: nothing is to be said of it */
  readonly keptPlaces = signal(0)
  /** asks the find panel for the next hit (1), the one before (-1), or to select all; each object is one asking */
  readonly findStep = signal<{ by: 1 | -1 | 'all' } | null>(null)
  /** how many scopes the shown graph has, and whether they are off */
  readonly scopes = signal<{ count: number; flat: boolean; changes: number }>({ count: 0, flat: false, changes: 0 })
  /** which way graphs run on the canvas */
  readonly direction = signal<'down' | 'right'>('down')
  /** whether the map of the graph is open */
  readonly map = signal(true)

  readonly selectedId = computed(() => (this.selection.value.size === 1 ? [...this.selection.value][0]! : null))
  readonly errors = computed(() => this.diagnostics.value.filter((d) => d.severity === 'error').length)
  readonly warnings = computed(() => this.diagnostics.value.filter((d) => d.severity === 'warning').length)
}

export { MAIN_GRAPH }
