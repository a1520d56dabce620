/** One open model as the page works with it: loads it, keeps it in step with the server, and does what the user asks. */
import { batch } from '@preact/signals'
import type { Api } from '../connection/api'
import { AppFailure, errorData } from '../connection/errors'
import { shownName } from '../connection/identity'
import type { LinkEvents, Presence, SessionLink } from '../connection/link'
import { RevisionOrder } from '../connection/revisions'
import { noChanges } from '../document/changes'
import type { EditAnswer, EditData, NodeView, RevisionMessage, SessionSummary, TypesMessage, ValueView } from '../protocol/types'
import { type EditorState, MAIN_GRAPH } from '../state'
import { hasInferredTypes, namesInterface, ownerOf } from './graphs'
import { addRevision } from './history'
import type { CanvasPort, DocumentPort } from './ports'

export type Decode = (buffer: ArrayBuffer) => DocumentPort

export class Editor {
  document: DocumentPort | null = null
  canvas: CanvasPort | null = null
  readonly state: EditorState
  readonly api: Api
  private readonly decode: Decode
  private readonly order: RevisionOrder
  private link: SessionLink | null = null
  private cursor: [number, number] | null = null
  /** client-side: edits this page made, so that what they created is selected when it appears */
  private readonly toSelect = new Set<string>()

  constructor(state: EditorState, api: Api, decode: Decode) {
    this.state = state
    this.api = api
    this.decode = decode
    this.order = new RevisionOrder(
      { current: () => this.state.revision.peek(), apply: (message) => this.applyRevision(message), reload: () => this.loadSnapshot() },
      (revision) => this.api.since(this.state.session.peek(), revision),
    )
  }

  get session(): string {
    return this.state.session.peek()
  }

  // ---- loading and keeping in step ----

  async open(connect: (since: () => number, events: LinkEvents) => SessionLink): Promise<void> {
    try {
      const [, types] = await Promise.all([this.loadSnapshot(), this.api.editTypes()])
      this.state.editTypes.value = types
    } catch (thrown) {
      const error = errorData(thrown)
      batch(() => { this.state.loading.value = 'failed'; this.state.loadError.value = error })
      return
    }
    this.link = connect(() => this.state.revision.peek(), this.linkEvents())
    this.link.start()
    await this.loadOperators()
  }

  async loadSnapshot(): Promise<void> {
    const document = this.decode(await this.api.snapshot(this.session))
    this.document = document
    const graph = document.graph(this.state.graph.peek()) ? this.state.graph.peek() : MAIN_GRAPH
    const first = this.state.loading.peek() !== 'ready'
    batch(() => {
      this.state.graph.value = graph
      this.state.revision.value = document.revision
      this.state.loading.value = 'ready'
      this.state.version.value += 1
      this.dropVanished()
    })
    if (this.canvas) await this.paint(this.canvas, document, first ? 'fit' : 'keep')
  }

  /** Gives the canvas this document once it exists on the page. */
  async attach(canvas: CanvasPort): Promise<void> {
    this.canvas = canvas
    if (this.document) await this.paint(canvas, this.document, 'fit')
    canvas.setDiagnostics(this.state.diagnostics.peek())
    canvas.setSelection(this.state.selection.peek())
    canvas.setPeers(this.peers())
  }

  /** The picture first; lists and what the first edit needs afterwards. */
  private async paint(canvas: CanvasPort, document: DocumentPort, how: 'fit' | 'keep'): Promise<void> {
    await canvas.show(document, this.state.graph.peek(), how)
    this.state.listed.value += 1
    document.prepare()
  }

  private async loadOperators(): Promise<void> {
    try {
      this.state.operators.value = await this.api.operators(this.session)
    } catch (thrown) {
      this.toast(errorData(thrown).message, 'error')
    }
  }

  private linkEvents(): LinkEvents {
    const { state } = this
    return {
      joined: (summary) => this.joined(summary),
      joinFailed: (failed) => {
        batch(() => { state.connection.value = 'closed'; state.loadError.value = failed.data })
      },
      connection: (now) => { state.connection.value = now },
      revision: (message) => this.order.receive(message),
      diagnostics: (message) => {
        if (message.revision < state.revision.peek() && message.state === 'done') return
        batch(() => { state.checking.value = message.state === 'checking'; state.diagnostics.value = message.diagnostics })
        this.canvas?.setDiagnostics(message.diagnostics)
      },
      types: (message) => { void this.applyTypes(message) },
      job: (message) => {
        if (message.kind !== 'run' || message.job !== state.job.peek()?.job) return
        this.onJob?.(message)
      },
      presence: (message) => { state.participants.value = message.participants; this.canvas?.setPeers(this.peers()) },
      session: (message) => {
        batch(() => {
          state.connection.value = message.state === 'ready' ? 'online' : message.state
          state.unsaved.value = message.unsaved
          if (message.saved_path) { state.path.value = message.saved_path; state.name.value = message.saved_path.split(/[\\/]/).at(-1)! }
        })
        if (message.state === 'ready') void this.order.catchUpTo(message.revision)
      },
      pending: (count) => { state.pending.value = count },
    }
  }

  /** set by the run command: follows the job it started */
  onJob: ((message: Parameters<LinkEvents['job']>[0]) => void) | null = null
  /** this page's participant id */
  me = ''

  private joined(summary: SessionSummary & { participants?: EditorState['participants']['value'] }): void {
    const { state } = this
    batch(() => {
      state.name.value = summary.name
      state.path.value = summary.path
      state.unsaved.value = summary.unsaved
      state.history.value = summary.history
      state.diagnostics.value = summary.diagnostics
      state.checking.value = summary.checked_revision < summary.revision
      state.connection.value = summary.state === 'ready' ? 'online' : 'recovering'
      if (summary.participants) state.participants.value = summary.participants
    })
    this.canvas?.setDiagnostics(summary.diagnostics)
    this.canvas?.setPeers(this.peers())
    this.tellPresence()
    void this.catchUp(summary)
  }

  /** What was said while nobody listened: revisions, and types found between the snapshot and the join. */
  private async catchUp(summary: SessionSummary): Promise<void> {
    await this.order.catchUpTo(summary.revision)
    const checked = summary.checked_revision === summary.revision
    if (checked && this.document && (this.joins > 0 || !hasInferredTypes(this.document))) await this.applyTypes({ session: this.session, revision: summary.revision, types: null })
    this.joins += 1
  }
  private joins = 0

  private applyRevision(message: RevisionMessage): void {
    const document = this.document
    if (!document) return
    const changes = document.apply(message)
    batch(() => {
      this.state.revision.value = message.revision
      this.state.version.value += 1
      if (changes.structural || changes.nodes.size > 0 || namesInterface(changes, document)) this.state.listed.value += 1
      this.state.unsaved.value = message.unsaved
      this.state.checking.value = true
      this.state.history.value = addRevision(this.state.history.peek(), message)
      if (!document.graph(this.state.graph.peek())) this.state.graph.value = MAIN_GRAPH
      if (message.author === this.me && message.client && this.toSelect.delete(message.kind)) this.selectCreated(message.created)
      this.dropVanished()
    })
    if (message.delta.some((change) => change.table === 'model')) void this.loadOperators()
    void this.canvas?.update(changes)
    this.canvas?.setSelection(this.state.selection.peek())
  }

  private async applyTypes(message: TypesMessage): Promise<void> {
    const types = message.types ?? (await this.api.types(this.session))
    if (!this.document) return
    const touched = this.document.applyTypes(types)
    this.state.version.value += 1
    if (touched.size > 0) void this.canvas?.update({ ...noChanges(), values: touched })
  }

  // ---- selection and place ----

  node(id: string): NodeView | undefined {
    return this.document?.node(id)
  }

  value(id: string): ValueView | undefined {
    return this.document?.value(id)
  }

  select(ids: Iterable<string>, how: 'replace' | 'toggle' = 'replace'): void {
    const next = new Set(how === 'replace' ? [] : this.state.selection.peek())
    for (const id of ids) {
      if (how === 'toggle' && next.has(id)) next.delete(id)
      else next.add(id)
    }
    batch(() => {
      this.state.selection.value = next
      this.state.refusal.value = null
      if (next.size > 0) this.state.rightView.value = 'inspector'
    })
    this.canvas?.setSelection(next)
    this.tellPresence()
  }

  /** Selects something and brings it into view, in whatever graph it is. */
  async goTo(id: string): Promise<void> {
    const graph = this.node(id)?.graph ?? this.value(id)?.graph
    if (graph !== undefined && graph !== this.state.graph.peek()) await this.enter(graph)
    this.select([id])
    this.canvas?.zoomTo([id])
  }

  async enter(graph: string): Promise<void> {
    if (!this.document?.graph(graph)) return
    this.state.graph.value = graph
    this.select([])
    await this.canvas?.show(this.document, graph, 'fit')
  }

  async leave(): Promise<void> {
    const here = this.document?.graph(this.state.graph.peek())
    if (!here || here.id === MAIN_GRAPH) return
    const owner = ownerOf(this.document!, here.id)
    await this.enter(here.parent ?? MAIN_GRAPH)
    if (owner) this.select([owner])
  }

  moveCursor(at: [number, number] | null): void {
    this.cursor = at
    this.tellPresence()
  }

  private tellPresence(): void {
    const presence: Presence = { selection: [...this.state.selection.peek()].slice(0, 200), cursor: this.cursor, graph: this.state.graph.peek() }
    this.link?.presence(presence)
  }

  private peers(): EditorState['participants']['value'] {
    return this.state.participants.peek().filter((one) => one.id !== this.me).map((one) => ({ ...one, name: shownName(one) }))
  }

  private dropVanished(): void {
    const kept = [...this.state.selection.peek()].filter((id) => this.node(id) ?? this.value(id))
    if (kept.length !== this.state.selection.peek().size) this.state.selection.value = new Set(kept)
  }

  private selectCreated(created: readonly string[]): void {
    const node = created.find((id) => this.node(id))
    if (node) this.state.selection.value = new Set([node])
  }

  // ---- edits ----

  /** Sends an edit; rejects with AppFailure, for a form or field to show. */
  submit(edit: EditData, selectCreated = false): Promise<EditAnswer> {
    if (!this.link) return Promise.reject(new AppFailure({ code: 'offline', message: 'There is no connection yet.', hint: '', subjects: [] }))
    if (selectCreated) this.toSelect.add(edit.kind)
    this.state.refusal.value = null
    return this.link.edit(edit)
  }

  /** Sends an edit that no form stands behind; a refusal is shown with its hint and choices. */
  async perform(edit: EditData): Promise<boolean> {
    try {
      await this.submit(edit)
      return true
    } catch (thrown) {
      this.state.refusal.value = { error: errorData(thrown), edit }
      return false
    }
  }

  async undo(): Promise<void> {
    await this.tell(() => this.link?.undo())
  }

  async redo(): Promise<void> {
    await this.tell(() => this.link?.redo())
  }

  private async tell(ask: () => Promise<unknown> | undefined): Promise<void> {
    try {
      await ask()
    } catch (thrown) {
      this.state.refusal.value = { error: errorData(thrown), edit: null }
    }
  }

  rename(name: string): void {
    this.link?.rename(name)
  }

  private toastCount = 0
  /** Only for what has no other place on the page. */
  toast(text: string, tone: 'plain' | 'error' = 'plain'): void {
    const id = (this.toastCount += 1)
    this.state.toasts.value = [...this.state.toasts.peek(), { id, text, tone }]
    setTimeout(() => { this.state.toasts.value = this.state.toasts.peek().filter((toast) => toast.id !== id) }, tone === 'error' ? 8000 : 4000)
  }
}
