/** What travels between the server and this page: the JSON of records, revisions, diagnostics and jobs. The twin of what app/document/views.py, app/session/ and app/web/ send. */

export type Dim = number | string | null
/** null: the rank is unknown */
export type Shape = Dim[] | null
/** Operator family: decides the colour of a node's title. */
export type Family =
  | 'matmul' | 'normalisation' | 'activation' | 'pooling' | 'shape' | 'tensor' | 'arithmetic' | 'control' | 'quantisation' | 'custom'
export type ValueKind = 'input' | 'output' | 'initializer' | 'intermediate'

export interface AttributeView {
  /** FLOAT, INT, STRING, TENSOR, GRAPH, FLOATS, INTS, STRINGS … as in onnx.AttributeProto */
  type: string
  /** Scalars and lists as JSON (an integer beyond 2^53 as a string); a tensor, graph or type as a short text; long lists are cut, see `cut` */
  value: unknown
  /** true when `value` is only the beginning; the whole is fetched on demand */
  cut?: boolean
  /** another one when a tensor's data is another; absent for data of the opened file */
  content?: string
  /** the name of the function attribute that this one refers to */
  ref?: string
}

export interface NodeView {
  id: string
  graph: string
  name: string
  op_type: string
  domain: string
  family: Family
  /** value ids by slot; '' is an omitted optional */
  inputs: string[]
  outputs: string[]
  /** slot names from the operator's schema; a variadic slot repeats its name with a number */
  input_names: string[]
  output_names: string[]
  attributes: Record<string, AttributeView>
  /** ids of the graphs that this node's attributes hold (If, Loop, Scan) */
  bodies: string[]
  /** which of several local functions of one name it calls */
  overload?: string
  /** the graph of the local function that it calls */
  function?: string
  doc?: string
}

export interface ValueView {
  id: string
  graph: string
  name: string
  /** 'float32', 'int64' …; '' when unknown; for a sequence, map or optional the whole type as text, as in 'seq(tensor(float32))' */
  dtype: string
  shape: Shape
  kind: ValueKind
  /** true when dtype and shape were inferred, not declared */
  inferred: boolean
  /** true when the value is a graph output, whatever else it is */
  is_output: boolean
  /** bytes of the tensor; 0 when the value has none */
  bytes: number
  /** of a scalar or short list that is at hand: what is in it, with commas between */
  elements?: string
  /** another one when the tensor's data is another; absent for data of the opened file */
  content?: string
  doc?: string
}

export interface GraphView {
  id: string
  name: string
  parent: string | null
  inputs: string[]
  outputs: string[]
  /** of a local function */
  domain?: string
  overload?: string
  doc?: string
}

export interface ModelView {
  name: string
  ir_version: number
  producer: string
  producer_version: string
  domain: string
  model_version: string
  opset_imports: { domain: string; version: number }[]
  metadata: { key: string; value: string }[]
  functions: string[]
  doc: string
  parameters: number
  weight_bytes: number
}

export type Change =
  | { table: 'node'; id: string; after: NodeView | null }
  | { table: 'value'; id: string; after: ValueView | null }
  | { table: 'graph'; id: string; after: GraphView | null }
  | { table: 'model'; id: string; after: ModelView | null }
  | { table: 'uses'; id: string; after: UsesView }
  | { table: 'place'; id: string; after: PlaceView | null }
  | { table: 'note'; id: string; after: NoteView | null }

/** A left upper corner; `within`: the open scope that it is measured from; without one, the graph. */
export interface SpotView { x: number; y: number; within?: string }
/** A node that was put somewhere by hand, for each way in which the graph can run, and a note on a graph's canvas: no part of the model. */
export interface PlaceView { id: string; graph: string; down?: SpotView; right?: SpotView }
export interface NoteView { id: string; graph: string; x: number; y: number; text: string; /** the node that its place is measured from; without one, the graph's first */ near?: string; /** where it stands from other nodes, the nearest first, and from the closed scope that it was put beside */ beside?: Record<string, [number, number]>; /** in which the graph runs where that is its place; without it 'down' */ direction?: 'down' | 'right'; /** where it was put when the graph ran the other way */ turned?: NoteSpot | null }
export interface NoteSpot { x: number; y: number; near?: string; beside?: Record<string, [number, number]> }
export interface ArrangementView { places: PlaceView[]; notes: NoteView[] }

/** Many uses of the value `id` became uses of `value`: input `slots[i]` of `nodes[i]` reads it now. Of these nodes nothing else changed. */
export interface UsesView { value: string; nodes: string[]; slots: number[] }

export type Delta = Change[]

/** Broadcast for every edit, undo and redo, to its author too. */
export interface RevisionMessage {
  session: string
  revision: number
  how: 'edit' | 'undo' | 'redo'
  /** the revision that an undo or redo is about */
  target: number | null
  kind: string
  /** a readable sentence: "Renamed input to image" */
  title: string
  author: string
  author_name: string
  client: string | null
  /** ISO 8601, UTC */
  at: string
  delta: Delta
  created: string[]
  /** false when the model is what was last saved or opened */
  unsaved: boolean
}

export type Severity = 'error' | 'warning' | 'info'
export interface EditData { kind: string; [parameter: string]: unknown }
export interface Diagnostic {
  severity: Severity
  code: string
  message: string
  subjects: string[]
  hint?: string
  fix?: EditData | null
  validator?: string
}
/** A data file that the model refers to and that is not there, or too short: `bytes` of `tensors` tensors are in it, the last of which ends at `needed`; `size` null: it is not there. */
export interface MissingFile { location: string; tensors: number; bytes: number; needed: number; size: number | null }
/** All are counted, the first ones listed. */
export interface MissingFiles { count: number; tensors: number; bytes: number; files: MissingFile[] }
/** What came of supplying data files. */
export interface Supplied { taken: { name: string; location: string; bytes: number }[]; left: { name: string; message: string }[]; missing: MissingFiles }
/** state 'checking' comes first and carries the older findings; 'done' replaces them. */
export interface DiagnosticsMessage { session: string; revision: number; state: 'checking' | 'done'; diagnostics: Diagnostic[]; missing: MissingFiles; seconds: number }
/** Inferred types that changed; types null: too many, fetch /api/sessions/<id>/types (same JSON, whole). A value not named keeps what it had; null takes an inferred type away. */
export interface TypesMessage { session: string; revision: number; types: Record<string, { dtype: string; shape: Shape } | null> | null }

export interface AppErrorData {
  code: string
  message: string
  subjects: string[]
  hint: string
  fields?: Record<string, string>
  choices?: { label: string; [parameter: string]: unknown }[]
}

/** `report`: what an edit found beside its effect; a transform says there what it did and how the outputs compare */
export interface EditAnswer { revision: number; delta: Delta; created: string[]; report?: Record<string, unknown> }
export type Answer<T> = T | { error: AppErrorData }

/** The server's steps come first, then this page's: bytes of the file, nodes made, bytes of the snapshot, nodes that are laid out. */
export interface OpeningProgress { step: 'receiving' | 'reading' | 'nodes' | 'loading' | 'layout'; done: number; of: number }

export interface SessionSummary {
  session: string
  name: string
  /** of the file that Save writes to, relative to its root; '' for an upload or a sample */
  path: string
  changed_on_disk: boolean
  revision: number
  unsaved: boolean
  /** edits that stand, newest last; an undone one is marked */
  history: HistoryEntry[]
  diagnostics: Diagnostic[]
  missing: MissingFiles
  checked_revision: number
  nodes: number
  /** 'ready', or 'recovering' while its process is started again */
  state: 'ready' | 'recovering'
}
export interface HistoryEntry { revision: number; title: string; kind: string; author: string; author_name: string; at: string; undone: boolean }

export interface RunValue {
  value: string
  name: string
  dtype: string
  shape: number[]
  minimum: number | null
  maximum: number | null
  mean: number | null
  nans: number
  infinities: number
  /** largest absolute difference from the opened model's output on the same inputs; null: not comparable (why in `note`) */
  difference: number | null
  equal: boolean | null
  note: string
}
export interface RunResult { outputs: RunValue[]; milliseconds: number; load_milliseconds: number; original_milliseconds: number | null; seed: number; dims: Record<string, number>; inputs: { name: string; dtype: string; shape: number[]; how: string }[] }
export interface JobMessage {
  session: string
  job: string
  kind: 'check' | 'run' | 'edit' | 'preview' | 'save'
  revision: number
  state: 'running' | 'done' | 'failed' | 'cancelled'
  /** 0 to 1, null when unknown */
  progress: number | null
  text: string
  /** of a run; a preview's is a PreviewResult, which only the job itself carries */
  result: RunResult | null
  error: AppErrorData | null
  /** the participant whose edit it works out; '' for other jobs */
  author?: string
}

/** What an edit would do, worked out on a copy. */
export interface PreviewResult {
  edit: EditData
  title: string
  /** what the edit found and mended; each edit has its own words for it */
  report: Record<string, unknown>
  changes: Record<'nodes' | 'values', { added: number; removed: number; changed: number }>
  /** only the operators whose number differs */
  operators: { op_type: string; domain: string; before: number; after: number }[]
  totals?: Partial<Record<'nodes' | 'weight_bytes' | 'parameters', { before: number; after: number }>>
  /** null: not runnable, and `outputs_note` says why */
  outputs: { name: string; difference: number | null; equal: boolean | null; note: string }[] | null
  outputs_note?: string
  /** null when it is too large to be shown */
  delta: Delta | null
}

export interface Participant { id: string; name: string; colour: number; selection: string[]; cursor: [number, number] | null; graph: string }
export interface PresenceMessage { session: string; participants: Participant[] }
export interface SessionMessage { session: string; state: 'ready' | 'recovering' | 'closed'; unsaved: boolean; saved_path: string | null; revision: number; /** another program changed the session's file since it was opened or saved */ changed_on_disk: boolean }
/** What came of making edits again on another model. */
export interface Replayed { session: string; applied: number; failed: { index: number; title: string; message: string; hint: string }[] }
/** A file of another format that is only looked at. */
export interface ViewedFile { view: string; name: string; path: string; format: string; page: string }

/** One entry of GET /api/edits: the form of an edit is made from its JSON schema; `x-widget` on a property names the widget. */
export interface EditType { kind: string; title: string; acts_on: string; /** applied in a job: it takes a while and can be previewed */ in_job: boolean; schema: JsonSchema; description: string }
export interface JsonSchema {
  type?: string; title?: string; description?: string; default?: unknown; enum?: unknown[]; const?: unknown
  properties?: Record<string, JsonSchema>; required?: string[]; items?: JsonSchema; anyOf?: JsonSchema[]
  $ref?: string; $defs?: Record<string, JsonSchema>
  'x-widget'?: string
}

/** One operator's schema, from GET /api/sessions/<id>/operators: a list, for the opsets that the model imports. */
export interface OperatorView {
  op_type: string
  domain: string
  since: number
  family: Family
  doc: string
  deprecated: boolean
  inputs: SlotView[]
  outputs: SlotView[]
  attributes: { name: string; type: string; required: boolean; default: unknown; doc: string }[]
}
/** slots with the same `parameter` ('T') are of one type; none where each may be of its own */
export interface SlotView { name: string; doc: string; optional: boolean; variadic: boolean; types: string[]; parameter?: string }

/** One line about the file; `cut`: the whole is longer. */
export interface MoreRow { depth: number; name: string; text: string; cut?: boolean }
/** Rows of what nothing else shows of a subject; `next`: where the rest begins, null when there is none. */
export interface MoreRows { revision: number; rows: MoreRow[]; next: number | null }
