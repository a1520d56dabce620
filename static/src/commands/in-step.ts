/** Keeps the page's document in step with the server: snapshot, revisions, types and findings, and what was missed while away. */
import { batch } from '@preact/signals'
import type { View } from '../canvas/reader-view'
import type { Api } from '../connection/api'
import { errorData } from '../connection/errors'
import type { LinkEvents } from '../connection/link'
import { RevisionOrder } from '../connection/revisions'
import { type ChangeSet, noChanges } from '../document/changes'
import type { JobMessage, Participant, RevisionMessage, SessionSummary, TypesMessage } from '../protocol/types'
import { type EditorState, MAIN_GRAPH } from '../state'
import { hasInferredTypes, namesInterface } from './graphs'
import { addRevision } from './history'
import type { CanvasPort, DocumentPort } from './ports'
import { takeMissing } from './report'

const PICTURE_FIRST_MS = 1000

export type Decode = (buffer: ArrayBuffer) => DocumentPort

/** Who is told of what came. */
export interface Follower {
  canvas(): CanvasPort | null
  /** where the reader was when this model was shown last; goes back to that graph */
  place(): View | null
  /** the other participants, as the canvas shows them */
  peers(): readonly Participant[]
  joined(): void
  /** another document stands in the place of the former one */
  replaced(): void
  /** the document has changed */
  changed(changes: ChangeSet): void
  revised(message: RevisionMessage): void
  /** the canvas shows the revision */
  painted(message: RevisionMessage): void
  /** about any job of this model */
  job(message: JobMessage): void
  failed(text: string): void
}

export class InStep {
  document: DocumentPort | null = null
  private readonly state: EditorState
  private readonly api: Api
  private readonly decode: Decode
  private readonly follower: Follower
  private readonly order: RevisionOrder
  /** resolves once the server has told of the model, what it lacks included, or nothing more is to be heard of it */
  readonly told: Promise<void>
  endOfWaiting!: () => void
  private heard = false
  private joins = 0
  /** the reader was led to where they were once */
  private placed = false
  /** the newest revision that a finished check was heard of */
  private checked = -1

  constructor(state: EditorState, api: Api, decode: Decode, follower: Follower) {
    this.state = state
    this.api = api
    this.decode = decode
    this.follower = follower
    this.told = new Promise((resolve) => { this.endOfWaiting = resolve })
    this.order = new RevisionOrder(
      { current: () => this.state.revision.peek(), apply: (message) => this.apply(message), reload: () => this.load() },
      (revision) => this.api.since(this.state.session.peek(), revision),
    )
  }

  async load(): Promise<void> {
    const { opening } = this.state
    const document = this.decode(await this.api.snapshot(this.state.session.peek(), (done, of) => { opening.value = { step: 'loading', done, of } }))
    this.document = document
    const graph = document.graph(this.state.graph.peek()) ? this.state.graph.peek() : MAIN_GRAPH
    const first = this.state.loading.peek() !== 'ready'
    const ready = (): void => batch(() => {
      this.state.loading.value = 'ready'
      this.state.version.value += 1
    })
    const of = document.nodesOf(graph).length
    batch(() => {
      opening.value = { step: 'layout', done: 0, of }
      this.state.graph.value = graph
      this.state.revision.value = document.revision
      if (!first) ready()
      this.follower.replaced()
    })
    const painted = this.paint(first ? 'fit' : 'keep')
    if (first) { // what the panels show of it can wait for the picture, unless that takes long
      await Promise.race([painted, new Promise((resolve) => setTimeout(resolve, PICTURE_FIRST_MS))])
      ready()
    }
    await painted
  }

  /** Once there are a document and a canvas: the picture first; lists and what the first edit needs afterwards. */
  async paint(how: 'fit' | 'keep'): Promise<void> {
    const { document } = this
    const canvas = this.follower.canvas()
    if (!document || !canvas) return
    if (!this.placed) canvas.openAt(this.follower.place())
    this.placed = true
    await canvas.show(document, this.state.graph.peek(), how)
    this.state.listed.value += 1
    document.prepare()
  }

  async loadOperators(): Promise<void> {
    try {
      this.state.operators.value = await this.api.operators(this.state.session.peek())
    } catch (thrown) {
      this.follower.failed(errorData(thrown).message)
    }
  }

  linkEvents(): LinkEvents {
    const { state } = this
    return {
      joined: (summary) => this.joined(summary),
      joinFailed: (failed) => {
        batch(() => { state.connection.value = 'closed'; state.loadError.value = failed.data })
        this.endOfWaiting()
      },
      connection: (now) => { state.connection.value = now },
      revision: (message) => this.order.receive(message),
      diagnostics: (message) => {
        if (message.state === 'done') this.checked = message.revision
        if (message.revision < state.revision.peek() && message.state === 'done') return
        batch(() => { state.checking.value = message.state === 'checking'; state.diagnostics.value = message.diagnostics; takeMissing(state, message.missing) })
        this.follower.canvas()?.setDiagnostics(message.diagnostics)
      },
      types: (message) => { void this.applyTypes(message) },
      job: (message) => this.follower.job(message),
      presence: (message) => { state.participants.value = message.participants; this.follower.canvas()?.setPeers(this.follower.peers()) },
      session: (message) => {
        batch(() => {
          state.connection.value = message.state === 'ready' ? 'online' : message.state
          state.unsaved.value = message.unsaved
          state.changedOnDisk.value = message.changed_on_disk
          if (!message.changed_on_disk) state.keptMine.value = false
          if (!message.unsaved && message.saved_path) state.savedRevision.value = message.revision
          if (message.saved_path) { state.path.value = message.saved_path; state.name.value = message.saved_path.split(/[\\/]/).at(-1)! }
        })
        if (message.state === 'ready') void this.order.catchUpTo(message.revision)
      },
      pending: (count) => { state.pending.value = count },
    }
  }

  /** Resolves when the model's file and what it lacks are known: heard of, or else asked for. Rejects with AppFailure. */
  async known(): Promise<void> {
    if (this.heard) return
    const summary = await this.api.summary(this.state.session.peek())
    if (!this.heard) batch(() => { this.takeFile(summary); takeMissing(this.state, summary.missing) })
  }

  private takeFile(summary: SessionSummary): void {
    const { state } = this
    state.name.value = summary.name
    state.path.value = summary.path
    state.unsaved.value = summary.unsaved
    state.changedOnDisk.value = summary.changed_on_disk
    if (!summary.unsaved) state.savedRevision.value = summary.revision
  }

  private joined(summary: SessionSummary & { participants?: EditorState['participants']['value'] }): void {
    const { state } = this
    this.heard = true
    batch(() => {
      this.takeFile(summary)
      state.history.value = summary.history
      // a check may have ended while the summary was on its way: what was heard of it then is newer
      const heard = summary.checked_revision < this.checked && this.checked <= summary.revision
      if (!heard) {
        state.diagnostics.value = summary.diagnostics
        takeMissing(state, summary.missing)
      }
      state.checking.value = (heard ? this.checked : summary.checked_revision) < summary.revision
      state.connection.value = summary.state === 'ready' ? 'online' : 'recovering'
      if (summary.participants) state.participants.value = summary.participants
    })
    this.endOfWaiting()
    this.follower.canvas()?.setDiagnostics(state.diagnostics.peek())
    this.follower.canvas()?.setPeers(this.follower.peers())
    this.follower.joined()
    void this.catchUp(summary)
  }

  /** What was said while nobody listened: revisions, and types found between the snapshot and the join. */
  private async catchUp(summary: SessionSummary): Promise<void> {
    await this.order.catchUpTo(summary.revision)
    const checked = summary.checked_revision === summary.revision
    if (checked && this.document && (this.joins > 0 || !hasInferredTypes(this.document))) await this.applyTypes({ session: this.state.session.peek(), revision: summary.revision, types: null })
    this.joins += 1
  }

  private apply(message: RevisionMessage): void {
    const document = this.document
    if (!document) return
    const changes = document.apply(message)
    this.follower.changed(changes)
    const lost = !document.graph(this.state.graph.peek()) // somebody deleted the node whose body is in sight
    batch(() => {
      this.state.revision.value = message.revision
      this.state.version.value += 1
      if (changes.structural || changes.nodes.size > 0 || namesInterface(changes, document)) this.state.listed.value += 1
      this.state.unsaved.value = message.unsaved
      this.state.checking.value = true
      this.state.history.value = addRevision(this.state.history.peek(), message)
      if (lost) this.state.graph.value = MAIN_GRAPH
      this.follower.revised(message)
    })
    if (message.delta.some((change) => change.table === 'model')) void this.loadOperators()
    void (lost ? this.paint('keep') : this.follower.canvas()?.update(changes))?.then(() => this.follower.painted(message))
    this.follower.canvas()?.setSelection(this.state.selection.peek())
  }

  private async applyTypes(message: TypesMessage): Promise<void> {
    const types = message.types ?? (await this.api.types(this.state.session.peek()))
    if (!this.document) return
    const changes = { ...noChanges(), values: this.document.applyTypes(types) }
    this.follower.changed(changes)
    this.state.version.value += 1
    if (changes.values.size > 0) void this.follower.canvas()?.update(changes)
  }
}
