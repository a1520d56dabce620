/** One open model as the page works with it: what is selected, where the reader is, and the edits that are sent. */
import { batch, computed } from '@preact/signals'
import type { Api } from '../connection/api'
import { AppFailure, errorData } from '../connection/errors'
import { shownName } from '../connection/identity'
import type { LinkEvents, Presence, SessionLink } from '../connection/link'
import type { ChangeSet } from '../document/changes'
import type { EditAnswer, EditData, JobMessage, NodeView, RevisionMessage, ValueView } from '../protocol/types'
import { clip, drawable } from '../scene/text'
import { type EditorState, MAIN_GRAPH } from '../state'
import { recallFlat } from './folding'
import { bodyTitle, ownerOf } from './graphs'
import { highlighted } from './highlight'
import { type Decode, InStep } from './in-step'
import { READ_ONLY } from './original'
import type { Pages } from './pages'
import { findPlace } from './place'
import type { CanvasPort, DocumentPort } from './ports'
import { heardOfSave } from './saving'
import { canBeSeen, SelectionMemory, seesTouched, showTouched } from './selection-memory'
import { heardOfWork } from './work'
import { Workplace } from './workplace'

const COPYING = new Set(['duplicate-nodes', 'paste-nodes'])
const SAID = 300 // characters
const NOTHING_TO_DO = /^nothing-to-(undo|redo)$/

export class Editor {
  canvas: CanvasPort | null = null
  /** the other open models of this page; null where there is only this one */
  pages: Pages | null = null
  readonly state: EditorState
  readonly api: Api
  /** this page's participant id */
  me = ''
  /** set by the run command: follows the job it started */
  onJob: ((message: JobMessage) => void) | null = null
  /** settles when the data files that were chosen or dropped have been sent */
  supplies: Promise<void> = Promise.resolve()
  private readonly listeners = new Set<(changes: ChangeSet) => void>()
  /** those who wait for the end of a job */
  private readonly waiting = new Map<string, () => void>()
  private readonly inStep: InStep
  private readonly decode: Decode
  /** the model as it was opened, while it is shown */
  private original: DocumentPort | null = null
  /** by function: the node through which it was entered last */
  private readonly callers = new Map<string, string>()
  /** what stands out on the canvas */
  readonly highlighted = computed(() => highlighted(this))
  private selectedBefore: ReadonlySet<string> = new Set()
  private link: SessionLink | null = null
  private readonly linked: Promise<SessionLink>
  private whenLinked!: { resolve(link: SessionLink): void; reject(why: unknown): void }
  /** where the reader works */
  readonly workplace = new Workplace(this)
  /** kinds of edits this page made, so that what they created is selected when it appears */
  private readonly toSelect = new Set<string>()
  private readonly selections = new SelectionMemory()
  /** what was undone or redone where the reader looked */
  private readonly wasSeen = new WeakSet<RevisionMessage>()

  constructor(state: EditorState, api: Api, decode: Decode) {
    this.state = state
    this.api = api
    this.decode = decode
    this.linked = new Promise((resolve, reject) => { this.whenLinked = { resolve, reject } })
    this.linked.catch(() => undefined) // the page says why the model cannot be shown, and so do edits that wait
    this.inStep = new InStep(state, api, decode, {
      canvas: () => (this.original ? null : this.canvas),
      place: () => findPlace(this, sessionStorage),
      peers: () => this.peers(),
      joined: () => this.tellPresence(),
      replaced: () => this.dropVanished(),
      changed: (changes) => { for (const hear of this.listeners) hear(changes) },
      revised: (message) => this.revised(message),
      painted: (message) => { if (this.isReturn(message)) showTouched(this, message.delta, this.wasSeen.has(message)) },
      job: (message) => this.heardOfJob(message),
      failed: (text) => this.toast(text, 'error'),
    })
  }

  get session(): string {
    return this.state.session.peek()
  }

  /** Tells of each change of the document as soon as it is made; returns what ends that. */
  onChanges(hear: (changes: ChangeSet) => void): () => void {
    this.listeners.add(hear)
    return () => this.listeners.delete(hear)
  }

  /** Resolves once this page knows what the model lacks, or that it cannot be had. */
  get told(): Promise<void> {
    return this.inStep.told
  }

  /** Resolves when the model's file and what it lacks are known. Rejects with AppFailure. */
  known(): Promise<void> {
    return this.inStep.known()
  }

  get document(): DocumentPort | null {
    return this.original ?? this.inStep.document
  }

  /** Shows the model as it was opened, at the same place, until `leaveOriginal`. Revisions go on behind it. */
  async showOriginal(columns: ArrayBuffer): Promise<void> {
    this.original = this.decode(columns)
    this.selectedBefore = this.state.selection.peek()
    await this.exchange('on')
  }

  async leaveOriginal(): Promise<void> {
    if (!this.original) return
    this.original = null
    await this.exchange('off')
    this.canvas?.setDiagnostics(this.state.diagnostics.peek())
    this.canvas?.setPeers(this.peers())
  }

  /** Another document takes the place of the shown one, and the reader stays where they are. */
  private async exchange(now: 'on' | 'off'): Promise<void> {
    const { canvas, document, state } = this
    if (!document) return
    const wanted = now === 'off' && state.selection.peek().size === 0 ? this.selectedBefore : state.selection.peek()
    const kept = new Set([...wanted].filter((id) => this.node(id) ?? this.value(id)))
    batch(() => {
      state.original.value = now
      if (!document.graph(state.graph.peek())) state.graph.value = MAIN_GRAPH
      state.form.value = null
      state.palette.value = null
      state.refusal.value = null
      state.selection.value = kept
      state.version.value += 1
      state.listed.value += 1
    })
    if (!canvas) return
    canvas.openAt(canvas.view())
    if (now === 'on') { canvas.setDiagnostics([]); canvas.setPeers([]) }
    const shown = canvas.show(document, state.graph.peek(), 'keep')
    canvas.setSelection(kept)
    await shown
  }

  async open(connect: (since: () => number, events: LinkEvents) => SessionLink): Promise<void> {
    try {
      const types = this.api.editTypes().then((found) => { this.state.editTypes.value = found }) // menus open as soon as the picture is there
      await Promise.all([this.inStep.load(), types])
    } catch (thrown) {
      const error = errorData(thrown)
      batch(() => { this.state.loading.value = 'failed'; this.state.loadError.value = error })
      this.whenLinked.reject(thrown)
      this.inStep.endOfWaiting()
      return
    }
    this.link = connect(() => this.state.revision.peek(), this.inStep.linkEvents())
    this.link.start()
    this.whenLinked.resolve(this.link)
    await this.inStep.loadOperators()
  }

  /** Gives the canvas this document once it exists on the page. */
  async attach(canvas: CanvasPort): Promise<void> {
    const comesBack = this.canvas === canvas
    this.canvas = canvas
    if (!comesBack) recallFlat(this)
    if (!comesBack) void canvas.turn(this.state.direction.peek())
    if (!comesBack) await this.inStep.paint('fit')
    canvas.setDiagnostics(this.state.diagnostics.peek())
    canvas.setSelection(this.state.selection.peek())
    canvas.setPeers(this.peers())
  }

  /** What this page's own edit created is selected, or what its undo brings back; what is gone is selected no longer. */
  private revised(message: RevisionMessage): void {
    const own = message.author === this.me
    if (this.isReturn(message) && seesTouched(this, message.delta)) this.wasSeen.add(message)
    const before = this.state.selection.peek()
    if (own && message.client && this.toSelect.delete(message.kind)) this.selectCreated(message.created, COPYING.has(message.kind))
    const again = own ? [...this.selections.of(message) ?? []].filter((id) => canBeSeen(this, id)) : []
    if (again.length > 0) this.state.selection.value = new Set(again)
    this.dropVanished()
    if (own && message.how === 'edit') this.selections.made(message.revision, before, this.state.selection.peek())
    this.say(message.author === this.me ? message.title : `${message.author_name || 'Somebody'}: ${message.title}`)
  }

  /** Whether this person undid or redid something. */
  private isReturn({ how, author }: RevisionMessage): boolean {
    return how !== 'edit' && author === this.me
  }

  private heardOfJob(message: JobMessage): void {
    if (message.kind === 'run' && message.job === this.state.job.peek()?.job) this.onJob?.(message)
    this.state.work.value = heardOfWork(this.state.work.peek(), message, this.me)
    this.state.saveJob.value = heardOfSave(this.state.saveJob.peek(), message, this.me)
    if (message.state !== 'running') this.waiting.get(message.job)?.()
  }

  /** Resolves when the job's end is heard of, or after so many ms. */
  jobEnds(job: string, patience: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => { clearTimeout(timer); this.waiting.delete(job); resolve() }
      const timer = setTimeout(done, patience)
      this.waiting.set(job, done)
    })
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
    this.workplace.selected(next)
    this.canvas?.setSelection(next)
    this.tellPresence()
  }

  /** The graph that is shown, and those that are open in place in it. */
  graphsInSight(): string[] {
    const graph = this.state.graph.peek()
    const found = this.canvas?.graphsInSight() ?? []
    return found.includes(graph) ? found : [graph] // else another one is still on the canvas
  }

  /** The graph that lies there on the canvas: the shown one, or one that is open in place in it. In the coordinates of the canvas. */
  graphAt(at: { x: number; y: number }): string {
    const shown = this.state.graph.peek()
    const found = this.canvas?.graphAt(at)
    return found !== undefined && this.graphsInSight().includes(found) ? found : shown
  }

  /** Selects something and brings it into view, in whatever graph it is: in place, where the node that holds it is in the graph in sight. */
  async goTo(id: string): Promise<void> {
    const graph = this.node(id)?.graph ?? this.value(id)?.graph
    const entered = graph !== undefined && graph !== this.state.graph.peek() && !this.canvas?.canShow(graph) ? this.enter(graph) : null
    this.select([id]) // keys that are pressed before that graph is painted act on it
    if (entered) await entered
    const opened = this.canvas?.unfold([id])
    if (opened) await opened
    this.canvas?.zoomTo([id])
  }

  async enter(graph: string): Promise<void> {
    if (!this.document?.graph(graph)) return
    const [through] = this.state.selection.peek()
    if (through !== undefined && this.node(through)?.function === graph) this.callers.set(graph, through)
    this.state.graph.value = graph
    this.select([])
    const nodes = this.document.nodeIds(graph).length
    this.say(`${graph === MAIN_GRAPH ? 'Main graph' : bodyTitle(this.document, graph)}, ${nodes.toLocaleString('en')} ${nodes === 1 ? 'node' : 'nodes'}`)
    await this.canvas?.show(this.document, graph, 'fit')
  }

  leave(): Promise<void> {
    const here = this.document?.graph(this.state.graph.peek())
    const caller = here ? this.callerOf(here.id) : undefined
    return caller === undefined ? this.leaveTo(here?.parent ?? MAIN_GRAPH) : this.goTo(caller)
  }

  /** The node through which a function was entered, while it still calls it. */
  private callerOf(graph: string): string | undefined {
    const caller = this.callers.get(graph)
    return caller !== undefined && this.node(caller)?.function === graph ? caller : undefined
  }

  /** Back to a graph around the one that is shown, to the node through which it was entered. */
  async leaveTo(graph: string): Promise<void> {
    let inner = this.document?.graph(this.state.graph.peek())
    while (inner?.parent && inner.parent !== graph) inner = this.document?.graph(inner.parent)
    if (!inner || inner.id === graph) return
    const caller = inner.parent === null ? this.callerOf(inner.id) : undefined
    const owner = inner.parent === graph ? ownerOf(this.document!, inner.id) : this.node(caller ?? '')?.graph === graph ? caller : undefined
    if (owner === undefined) await this.enter(graph)
    else await this.goTo(owner)
  }

  moveCursor(at: [number, number] | null): void {
    this.workplace.point(at)
    this.tellPresence()
  }

  /** What comes next without wires stands where the pointer is, or in the middle of what is in sight. */
  expectNearby(): void {
    const at = this.workplace.cursor ?? this.canvas?.centre()
    if (at) this.canvas?.expectAt({ x: at[0], y: at[1] })
  }

  private tellPresence(): void {
    const presence: Presence = { selection: [...this.state.selection.peek()].slice(0, 200), cursor: this.workplace.cursor, graph: this.state.graph.peek() }
    this.link?.presence(presence)
  }

  private peers(): EditorState['participants']['value'] {
    return this.state.participants.peek().filter((one) => one.id !== this.me).map((one) => ({ ...one, name: shownName(one) }))
  }

  private dropVanished(): void {
    const kept = [...this.state.selection.peek()].filter((id) => this.node(id) ?? this.value(id))
    if (kept.length !== this.state.selection.peek().size) this.state.selection.value = new Set(kept)
  }

  private selectCreated(created: readonly string[], all: boolean): void {
    const inSight = new Set(this.graphsInSight())
    const nodes = created.filter((id) => inSight.has(this.node(id)?.graph ?? ''))
    if (nodes.length === 0) return
    this.state.selection.value = new Set(all ? nodes : nodes.slice(0, 1))
    this.workplace.selected(this.state.selection.value)
    this.canvas?.reveal(nodes[0]!)
  }

  // ---- edits ----

  /** Sends an edit, as soon as the model is here; rejects with AppFailure, for a form or field to show. `long`: the server may be at it for minutes. */
  submit(edit: EditData, selectCreated = false, long = false): Promise<EditAnswer> {
    if (this.original) return Promise.reject(new AppFailure(READ_ONLY))
    if (selectCreated) this.toSelect.add(edit.kind)
    this.state.refusal.value = null
    return this.link ? this.link.edit(edit, long) : this.linked.then((link) => link.edit(edit, long))
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
    await this.tell(() => (this.original ? Promise.reject(new AppFailure(READ_ONLY)) : this.link?.undo()))
  }

  async redo(): Promise<void> {
    await this.tell(() => (this.original ? Promise.reject(new AppFailure(READ_ONLY)) : this.link?.redo()))
  }

  /** Lets go of the server: this model is shown no longer. */
  close(): void {
    this.link?.stop()
    this.canvas?.destroy()
    this.canvas = null
  }

  /** One undo or redo; rejects with AppFailure. */
  async step(how: 'undo' | 'redo'): Promise<void> {
    await (how === 'undo' ? this.link?.undo() : this.link?.redo())
  }

  private async tell(ask: () => Promise<unknown> | undefined): Promise<void> {
    try {
      await ask()
    } catch (thrown) {
      const error = errorData(thrown)
      if (NOTHING_TO_DO.test(error.code)) this.say(error.message) // a key too many is no failure
      else this.state.refusal.value = { error, edit: null }
    }
  }

  rename(name: string): void {
    this.link?.rename(name)
  }

  /** For those who listen: what is seen anyway. */
  say(text: string): void {
    this.state.said.value = { text: clip(drawable(text), SAID), times: this.state.said.peek().times + 1 }
  }

  private toastCount = 0
  /** Only for what has no other place on the page. */
  toast(text: string, tone: 'plain' | 'error' = 'plain'): void {
    const id = (this.toastCount += 1)
    this.state.toasts.value = [...this.state.toasts.peek(), { id, text, tone }]
    setTimeout(() => { this.state.toasts.value = this.state.toasts.peek().filter((toast) => toast.id !== id) }, tone === 'error' ? 8000 : 4000)
  }
}
