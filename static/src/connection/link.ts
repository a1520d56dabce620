/** The live link to a session: join, edits that survive a lost connection, undo, redo and presence. */
import type {
  Answer, DiagnosticsMessage, EditAnswer, EditData, JobMessage, Participant, PresenceMessage, RevisionMessage, SessionMessage, SessionSummary, TypesMessage,
} from '../protocol/types'
import { AppFailure, failure, isErrorData } from './errors'
import { freshId } from './identity'

/** What is needed of a Socket.IO client; a test passes its own. */
export interface SocketLike {
  readonly connected: boolean
  on(event: string, listener: (...data: never[]) => void): unknown
  emit(event: string, ...data: unknown[]): unknown
  connect(): unknown
  disconnect(): unknown
}

export interface LinkEvents {
  joined(summary: SessionSummary & { participants?: Participant[] }): void
  joinFailed(failed: AppFailure): void
  connection(state: 'online' | 'offline'): void
  revision(message: RevisionMessage): void
  diagnostics(message: DiagnosticsMessage): void
  types(message: TypesMessage): void
  job(message: JobMessage): void
  presence(message: PresenceMessage): void
  session(message: SessionMessage): void
  pending(count: number): void
}

export interface Presence { selection: readonly string[]; cursor: readonly [number, number] | null; graph: string }
export type SendLarge = (edit: EditData, client: string) => Promise<EditAnswer>
interface Waiting { client: string; edit: EditData; resolve(answer: EditAnswer): void; reject(failed: AppFailure): void }

const PRESENCE_INTERVAL = 60 // ms between two cursor messages
const EDIT_LENGTH = 2_000_000 // characters; the server closes a connection that sends more than 8 MiB at once, and one may take four bytes
const LARGE_LENGTH = 64e6 // characters of a request that carries a tensor; they are base64, of one byte each
const PRESENCE_LENGTH = 20_000 // characters of ids; names, and so ids, may be a megabyte long
const ANSWER_PATIENCE = 20_000 // ms before an unanswered edit is sent again, then twice as long: some take minutes, and the server knows its client id

export class SessionLink {
  private readonly outbox = new Map<string, Waiting>()
  private joined = false
  private presenceTimer: ReturnType<typeof setTimeout> | null = null
  private presenceNext: Presence | null = null
  private readonly socket: SocketLike
  private readonly session: string
  private readonly who: { participant: string; name: string }
  private readonly since: () => number
  private readonly events: LinkEvents
  private readonly large: SendLarge | null

  /** `large` sends what no message of the socket can hold */
  constructor(socket: SocketLike, session: string, who: { participant: string; name: string }, since: () => number, events: LinkEvents, large: SendLarge | null = null) {
    this.large = large
    this.socket = socket
    this.session = session
    this.who = who
    this.since = since
    this.events = events
    socket.on('connect', () => this.join())
    socket.on('disconnect', () => this.lost())
    socket.on('connect_error', () => this.lost())
    for (const event of ['revision', 'diagnostics', 'types', 'job', 'presence', 'session'] as const) {
      socket.on(event, (message: { session?: string }) => {
        if (message.session === undefined || message.session === session) (events[event] as (m: unknown) => void)(message)
      })
    }
  }

  start(): void {
    this.socket.connect()
  }

  stop(): void {
    this.socket.disconnect()
  }

  rename(name: string): void {
    this.who.name = name
    if (this.socket.connected) this.join()
  }

  /** Resolves when the server has journalled the edit; rejects with its reason. Without a connection it waits for one. */
  edit(edit: EditData, long = false): Promise<EditAnswer> {
    const length = JSON.stringify(edit).length
    if (long && this.large && this.joined) return this.large(edit, freshId()) // nothing is sent twice
    if (length > EDIT_LENGTH && this.large && length < LARGE_LENGTH) return this.large(edit, freshId())
    if (length > EDIT_LENGTH) return Promise.reject(failure('too-large', 'This edit is too large to be sent from the browser.', 'Make it with `onnx-scalpel apply`, or in smaller pieces.'))
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { client: freshId(), edit, resolve, reject }
      this.outbox.set(waiting.client, waiting)
      this.events.pending(this.outbox.size)
      if (this.joined) this.send(waiting)
    })
  }

  undo = (): Promise<EditAnswer> => this.ask('undo')
  redo = (): Promise<EditAnswer> => this.ask('redo')

  /** Tells the others where this person is; at most every 60 ms, the last state wins. */
  presence(next: Presence): void {
    this.presenceNext = next
    if (this.presenceTimer !== null) return
    this.presenceTimer = setTimeout(() => {
      this.presenceTimer = null
      if (this.joined && this.presenceNext) this.socket.emit('presence', { session: this.session, ...this.presenceNext, selection: fitting(this.presenceNext.selection) })
    }, PRESENCE_INTERVAL)
  }

  private join(): void {
    const message = { session: this.session, ...this.who, since: this.since() }
    this.socket.emit('join', message, (answer: Answer<SessionSummary>) => {
      if (hasError(answer)) {
        this.events.joinFailed(new AppFailure(answer.error))
        return
      }
      this.joined = true
      this.events.connection('online')
      this.events.joined(answer)
      for (const waiting of this.outbox.values()) this.send(waiting)
    })
  }

  private lost(): void {
    this.joined = false
    this.events.connection('offline')
  }

  private send(waiting: Waiting, patience = ANSWER_PATIENCE): void {
    const timer = setTimeout(() => {
      if (this.joined && this.outbox.has(waiting.client)) this.send(waiting, 2 * patience)
    }, patience)
    const message = { session: this.session, edit: waiting.edit, client: waiting.client }
    this.socket.emit('edit', message, (answer: Answer<EditAnswer>) => {
      clearTimeout(timer)
      if (!this.outbox.delete(waiting.client)) return
      this.events.pending(this.outbox.size)
      if (hasError(answer)) waiting.reject(new AppFailure(answer.error))
      else waiting.resolve(answer)
    })
  }

  /** Undo and redo are not sent again by themselves: what they mean depends on what stands. */
  private ask(event: 'undo' | 'redo'): Promise<EditAnswer> {
    if (!this.joined) return Promise.reject(failure('offline', `There is no connection, so nothing can be ${event === 'undo' ? 'undone' : 'redone'}.`))
    return new Promise((resolve, reject) => {
      this.socket.emit(event, { session: this.session }, (answer: Answer<EditAnswer>) => {
        if (hasError(answer)) reject(new AppFailure(answer.error))
        else resolve(answer)
      })
    })
  }
}

/** As many ids, from the first on, as a message may carry. */
function fitting(ids: readonly string[]): string[] {
  let length = 0
  return ids.filter((id) => (length += id.length) <= PRESENCE_LENGTH)
}

function hasError<T>(answer: Answer<T>): answer is { error: NonNullable<AppFailure['data']> } {
  return typeof answer === 'object' && answer !== null && isErrorData((answer as { error?: unknown }).error)
}
