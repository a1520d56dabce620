/** The link to a session on a socket that drops, answers late and answers with refusals. */
import { describe, expect, it, vi } from 'vitest'
import { AppFailure } from './errors'
import { type LinkEvents, type SendLarge, SessionLink, type SocketLike } from './link'

type Ack = (answer: unknown) => void
class FakeSocket implements SocketLike {
  connected = false
  readonly sent: { event: string; data: Record<string, unknown>; ack?: Ack }[] = []
  private readonly listeners = new Map<string, (data?: unknown) => void>()
  on(event: string, listener: (...data: never[]) => void): void { this.listeners.set(event, listener as (data?: unknown) => void) }
  emit(event: string, ...data: unknown[]): void { this.sent.push({ event, data: data[0] as Record<string, unknown>, ack: data[1] as Ack | undefined }) }
  connect(): void { this.connected = true; this.fire('connect') }
  disconnect(): void { this.connected = false; this.fire('disconnect') }
  fire(event: string, data?: unknown): void { this.listeners.get(event)?.(data) }
  of(event: string): typeof this.sent { return this.sent.filter((one) => one.event === event) }
  answerJoin(): void { this.of('join').at(-1)!.ack!({ session: 's', revision: 0 }) }
}

function linked(large: SendLarge | null = null): { socket: FakeSocket; link: SessionLink; events: { [Key in keyof LinkEvents]: ReturnType<typeof vi.fn> } } {
  const socket = new FakeSocket()
  const names = ['joined', 'joinFailed', 'connection', 'revision', 'diagnostics', 'types', 'job', 'presence', 'session', 'pending'] as const
  const events = Object.fromEntries(names.map((name) => [name, vi.fn()])) as unknown as { [Key in keyof LinkEvents]: ReturnType<typeof vi.fn> }
  const link = new SessionLink(socket, 's', { participant: 'me', name: 'Ada' }, () => 7, events as unknown as LinkEvents, large)
  link.start()
  return { socket, link, events }
}
const EDIT = { kind: 'rename-node', node: 'node:a', name: 'b' }

describe('a link', () => {
  it('joins with its revision and says who it is', () => {
    const { socket } = linked()
    expect(socket.of('join')[0]?.data).toEqual({ session: 's', participant: 'me', name: 'Ada', since: 7 })
  })

  it('holds an edit back until it has joined, and sends it once', async () => {
    const { socket, link } = linked()
    const done = link.edit(EDIT)
    expect(socket.of('edit')).toHaveLength(0)
    socket.answerJoin()
    expect(socket.of('edit')).toHaveLength(1)
    socket.of('edit')[0]!.ack!({ revision: 8, delta: [], created: [] })
    await expect(done).resolves.toMatchObject({ revision: 8 })
  })

  it('sends an unanswered edit again after a reconnect, under the same id, and counts what waits', async () => {
    const { socket, link, events } = linked()
    socket.answerJoin()
    const done = link.edit(EDIT)
    socket.disconnect()
    expect(events.connection).toHaveBeenLastCalledWith('offline')
    socket.connect()
    socket.answerJoin()
    const [first, second] = socket.of('edit')
    expect(second?.data['client']).toBe(first?.data['client'])
    second!.ack!({ revision: 8, delta: [], created: [] })
    first!.ack!({ revision: 8, delta: [], created: [] }) // a late answer to the first one changes nothing
    await done
    expect(events.pending.mock.calls.map((call) => call[0] as number)).toEqual([1, 0])
  })

  it('hands a refusal with its fields to whoever asked', async () => {
    const { socket, link } = linked()
    socket.answerJoin()
    const done = link.edit(EDIT)
    socket.of('edit')[0]!.ack!({ error: { code: 'wrong-parameters', message: 'no', subjects: [], hint: '', fields: { name: 'is taken' } } })
    await expect(done).rejects.toSatisfy((thrown) => thrown instanceof AppFailure && thrown.data.fields?.['name'] === 'is taken')
  })

  it('refuses undo without a connection instead of guessing later', async () => {
    const { link } = linked()
    await expect(link.undo()).rejects.toThrow(/no connection/)
  })

  it('ignores what is said of another session', () => {
    const { socket, events } = linked()
    socket.fire('revision', { session: 'other', revision: 1 })
    socket.fire('revision', { session: 's', revision: 1 })
    expect(events.revision).toHaveBeenCalledTimes(1)
  })

  it('sends no more than the server takes: of long ids the first ones, and no edit that would cut the line', async () => {
    vi.useFakeTimers()
    const { socket, link } = linked()
    socket.answerJoin()
    link.presence({ selection: ['node:a', `node:${'x'.repeat(1_000_000)}`, 'node:b'], cursor: null, graph: 'graph:' })
    vi.advanceTimersByTime(100)
    vi.useRealTimers()
    expect(socket.of('presence').at(-1)!.data['selection']).toEqual(['node:a'])
    await expect(link.edit({ ...EDIT, name: 'x'.repeat(3_000_000) })).rejects.toThrow(/too large/)
    expect(socket.of('edit')).toHaveLength(0)
  })

  it('sends a large edit another way where there is one', async () => {
    const large = vi.fn(() => Promise.resolve({ revision: 8, delta: [], created: [] }))
    const { socket, link } = linked(large)
    socket.answerJoin()
    await expect(link.edit({ ...EDIT, name: 'x'.repeat(3_000_000) })).resolves.toMatchObject({ revision: 8 })
    expect([large.mock.calls.length, socket.of('edit').length]).toEqual([1, 0])
  })

  it('sends only the last of many cursor moves', () => {
    vi.useFakeTimers()
    const { socket, link } = linked()
    socket.answerJoin()
    for (let x = 0; x < 20; x++) link.presence({ selection: [], cursor: [x, 0], graph: 'graph:' })
    vi.advanceTimersByTime(100)
    vi.useRealTimers()
    expect(socket.of('presence').map((one) => one.data['cursor'])).toEqual([[19, 0]])
  })
})
