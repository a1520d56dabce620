/** The HTTP side of the server: every route the page uses, with failures as AppFailure. */
import type { MoreRows, AppErrorData, EditAnswer, EditData, EditType, JobMessage, OpeningProgress, OperatorView, RevisionMessage, SessionSummary, Shape, AttributeView, Replayed, ViewedFile } from '../protocol/types'
import type { ModelReport } from '../protocol/report'
import { failure, failureOf } from './errors'
import { received } from './received'

export interface SampleView { name: string; file: string; title: string; shows: string; nodes: number; bytes: number }
export interface FileEntry { name: string; path: string; folder: boolean; bytes: number }
export interface RecentModel { name: string; path: string; at: string; bytes: number }
export interface OpenedSession { session: string; name: string; /** it was open, here or to somebody else, and is joined */ already_open?: boolean }
/** What opening gives: a session, or a file of another format that can only be looked at. */
export type Opened = OpenedSession | ViewedFile
export interface OpenSession { session: string; name: string; /** '' for an upload or a sample */ path?: string; unsaved?: boolean }
export type TypeTable = Record<string, { dtype: string; shape: Shape } | null>
export type SaveAnswer = { unsaved?: boolean; path?: string; saved_path?: string; paths?: string[] }

type Fetcher = (input: string, init?: RequestInit) => Promise<Response>

export class Api {
  private readonly fetcher: Fetcher

  constructor(fetcher: Fetcher = (input, init) => fetch(input, init)) {
    this.fetcher = fetcher
  }

  samples = async (): Promise<SampleView[]> => (await this.json<{ samples: SampleView[] }>('/api/samples')).samples
  recent = async (): Promise<RecentModel[]> => (await this.json<{ recent: RecentModel[] }>('/api/recent')).recent
  files = (path: string, signal?: AbortSignal): Promise<{ path: string; entries: FileEntry[] }> =>
    this.json(`/api/files?path=${encodeURIComponent(path)}`, { signal })

  sessions = async (): Promise<OpenSession[]> => {
    const answer = await this.json<OpenSession[] | { sessions: OpenSession[] }>('/api/sessions')
    return Array.isArray(answer) ? answer : answer.sessions
  }
  /** `mine`: the sessions of this browser's tabs; one of them on the same file is joined */
  open = (what: ({ path: string; mine?: readonly string[]; again?: boolean } | { sample: string } | { upload: string; model: string }) & { opening?: string }, signal?: AbortSignal): Promise<Opened> =>
    this.json('/api/sessions', { ...this.post({ view: true, ...what }), signal })
  /** how far an opening is, by the id that its request chose */
  opening = (id: string): Promise<OpeningProgress> => this.json(`/api/openings/${id}`)
  giveUp = (id: string): Promise<unknown> => this.json(`/api/openings/${id}`, { method: 'DELETE' })
  /** which of these pages the server still has, `/s/…` and `/v/…` */
  still = async (ids: readonly string[]): Promise<string[]> => (await this.json<{ ids: string[] }>('/api/sessions/still', this.post({ ids }))).ids
  viewed = (view: string): Promise<ViewedFile> => this.json(`/api/views/${view}`)
  closeView = (view: string): Promise<unknown> => this.json(`/api/views/${view}`, { method: 'DELETE' })
  original = async (session: string): Promise<ArrayBuffer> => (await this.request(`/api/sessions/${session}/original`)).arrayBuffer()
  reload = (session: string, replay: boolean): Promise<Replayed> => this.json(`/api/sessions/${session}/reload`, this.post({ replay }))
  applyRecipe = (session: string, recipe: unknown, participant: string): Promise<Replayed> => {
    const request = this.post(recipe)
    return this.json(`/api/sessions/${session}/recipe`, { ...request, headers: { ...request.headers, 'X-Scalpel-Participant': participant } })
  }
  summary = (session: string): Promise<SessionSummary> => this.json(`/api/sessions/${session}`)
  close = (session: string): Promise<unknown> => this.json(`/api/sessions/${session}`, { method: 'DELETE' })

  snapshot = async (session: string, told: (done: number, of: number) => void = () => undefined): Promise<ArrayBuffer> =>
    received(await this.request(`/api/sessions/${session}/snapshot`), told)
  editTypes = (): Promise<EditType[]> => this.json('/api/edits')
  operators = async (session: string): Promise<OperatorView[]> => {
    const answer = await this.json<OperatorView[] | { operators: OperatorView[] }>(`/api/sessions/${session}/operators`)
    return Array.isArray(answer) ? answer : answer.operators
  }
  types = async (session: string): Promise<TypeTable> => {
    const answer = await this.json<TypeTable | { types: TypeTable }>(`/api/sessions/${session}/types`)
    return (answer as { types?: TypeTable }).types ?? (answer as TypeTable)
  }
  since = async (session: string, revision: number): Promise<RevisionMessage[]> =>
    (await this.json<{ revisions: RevisionMessage[] }>(`/api/sessions/${session}/revisions?since=${revision}`)).revisions
  // ids go into bodies: they hold names, and those may be longer than any address
  attribute = (session: string, node: string, name: string): Promise<AttributeView> =>
    this.json(`/api/sessions/${session}/attribute`, this.post({ node, attribute: name }))
  report = (session: string): Promise<ModelReport> => this.json(`/api/sessions/${session}/report`)
  metadata = async (session: string, subject: string): Promise<{ key: string; value: string }[]> =>
    (await this.json<{ metadata: { key: string; value: string }[] }>(`/api/sessions/${session}/metadata`, this.post({ subject }))).metadata

  /** what the file says of the model, a graph, a node or a value that nothing else tells */
  more = (session: string, subject: string, start: number, count: number, whole: boolean): Promise<MoreRows> =>
    this.json(`/api/sessions/${session}/more`, this.post({ subject, start, count, whole: whole ? 'yes' : 'no' }))

  /** values and statistics of an initializer, or of a tensor in an attribute; with `wait: 'no'` the id of a job */
  tensor = <T>(session: string, of: { value: string } | { node: string; attribute: string }, query: Record<string, string | number>, signal: AbortSignal): Promise<T> =>
    this.json(`/api/sessions/${session}/tensor`, { ...this.post({ ...of, ...query }), signal })

  /** one edit over HTTP, which carries what is too large for a socket message; `client` as on the socket */
  edit = (session: string, edit: EditData, participant: string, client: string): Promise<EditAnswer> => {
    const request = this.post(edit)
    return this.json(`/api/sessions/${session}/edits`, { ...request, headers: { ...request.headers, 'X-Scalpel-Participant': participant, 'X-Scalpel-Edit': client } })
  }

  /** nodes of one graph with all that they need elsewhere: what `paste-nodes` takes */
  fragment = (session: string, nodes: readonly string[]): Promise<Record<string, unknown>> => this.json(`/api/sessions/${session}/fragment`, this.post({ nodes }))

  run = (session: string, request: { seed?: number; dims?: Record<string, number> }): Promise<{ job: string }> =>
    this.json(`/api/sessions/${session}/run`, this.post(request))
  /** works an edit out without applying it; the job's result is a PreviewResult */
  preview = (session: string, edit: EditData): Promise<{ job: string }> => this.json(`/api/sessions/${session}/preview`, this.post(edit))
  check = (session: string): Promise<{ job: string }> => this.json(`/api/sessions/${session}/check`, this.post({}))
  job = (job: string): Promise<JobMessage> => this.json(`/api/jobs/${job}`)
  cancelJob = (job: string): Promise<unknown> => this.json(`/api/jobs/${job}`, { method: 'DELETE' })
  /** without a path: to the session's own file; `anyway`: also when another program changed it; `participant` hears of the job */
  save = (session: string, path: string | null, overwrite: boolean, anyway = false, weights: Record<string, unknown> = {}, participant = ''): Promise<SaveAnswer> =>
    this.json(`/api/sessions/${session}/save`, this.postAs(participant, { ...(path === null ? {} : { path }), overwrite, anyway, ...weights }))
  /** has the model written; `download` is where it then can be had, once */
  prepareDownload = (session: string, wish: Record<string, unknown>, participant: string): Promise<{ download: string; name: string; bytes: number }> =>
    this.json(`/api/sessions/${session}/model`, this.postAs(participant, wish))

  private postAs(participant: string, body: unknown): RequestInit {
    const request = this.post(body)
    return { ...request, headers: { ...request.headers, 'X-Scalpel-Participant': participant } }
  }

  private post(body: unknown): RequestInit {
    return { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
  }

  private async json<T>(path: string, init?: RequestInit): Promise<T> {
    const answer = await this.request(path, init)
    if (answer.status === 204) return undefined as T
    return (await answer.json()) as T
  }

  private async request(path: string, init?: RequestInit): Promise<Response> {
    let answer: Response
    try {
      answer = await this.fetcher(path, { credentials: 'same-origin', ...init })
    } catch (thrown) {
      if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown
      throw failure('offline', 'The server does not answer.', 'See whether it is still running.')
    }
    if (answer.ok) return answer
    throw failureOf(answer.status, await bodyOf(answer))
  }
}

async function bodyOf(answer: Response): Promise<{ error?: AppErrorData } | null> {
  const text = await answer.text()
  try {
    return JSON.parse(text) as { error?: AppErrorData }
  } catch {
    return null // a proxy's HTML page says nothing that belongs in front of a user
  }
}
