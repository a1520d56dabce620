/** Puts revisions in order: each is applied once, in sequence; a gap fetches what is missing, a gap too old asks for a snapshot. */
import type { RevisionMessage } from '../protocol/types'
import { AppFailure } from './errors'

export interface RevisionSink {
  /** the revision that the document is at */
  current(): number
  apply(message: RevisionMessage): void
  /** loads the whole document anew; resolves when `current()` is the new revision */
  reload(): Promise<void>
}

export class RevisionOrder {
  private readonly waiting = new Map<number, RevisionMessage>()
  private mending: Promise<void> | null = null
  private readonly sink: RevisionSink
  private readonly fetchSince: (revision: number) => Promise<RevisionMessage[]>

  constructor(sink: RevisionSink, fetchSince: (revision: number) => Promise<RevisionMessage[]>) {
    this.sink = sink
    this.fetchSince = fetchSince
  }

  receive(message: RevisionMessage): void {
    if (message.revision <= this.sink.current()) return
    this.waiting.set(message.revision, message)
    this.drain()
    if (this.waiting.size > 0) void this.catchUp()
  }

  /** Asks for everything after the current revision when the server is known to be at `known`. */
  async catchUpTo(known: number): Promise<void> {
    if (known > this.sink.current()) await this.catchUp()
  }

  private catchUp(): Promise<void> {
    this.mending ??= this.mend().finally(() => { this.mending = null })
    return this.mending
  }

  private async mend(): Promise<void> {
    try {
      for (const message of await this.fetchSince(this.sink.current())) {
        if (message.revision > this.sink.current()) this.waiting.set(message.revision, message)
      }
    } catch (thrown) {
      if (!(thrown instanceof AppFailure)) throw thrown
      if (thrown.data.code === 'offline') return // the join after the reconnect catches up
      await this.sink.reload()
    }
    this.drain()
    if (this.waiting.size > 0) {
      await this.sink.reload()
      this.drain()
    }
  }

  private drain(): void {
    for (const revision of [...this.waiting.keys()]) if (revision <= this.sink.current()) this.waiting.delete(revision)
    for (;;) {
      const next = this.waiting.get(this.sink.current() + 1)
      if (!next) return
      this.waiting.delete(next.revision)
      this.sink.apply(next)
      if (this.sink.current() < next.revision) throw new Error(`revision ${next.revision} was not applied`)
    }
  }
}
