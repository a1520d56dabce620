/** The worker's client: one request at work, the newest of the waiting ones next, the others told that they were superseded. */
import { expect, test, vi } from 'vitest'
import { LayoutSuperseded, LayoutWorker, type LayoutAnswer, type LayoutRequest } from './client'
import { layout } from './layout'
import type { LayoutInput } from './types'

/** Runs the real layout when told to, in place of a worker thread. */
class SlowWorker {
  onmessage: ((event: MessageEvent<LayoutAnswer>) => void) | null = null
  onerror: ((event: ErrorEvent) => void) | null = null
  readonly requests: LayoutRequest[] = []
  ended = false

  postMessage(request: LayoutRequest, transfer: ArrayBuffer[]): void {
    this.requests.push(structuredClone(request, { transfer }))
  }

  answer(): void {
    const request = this.requests[this.requests.length - 1]
    this.onmessage?.({ data: { id: request.id, result: layout(request.input, request.memory) } } as MessageEvent<LayoutAnswer>)
  }

  terminate(): void {
    this.ended = true
  }
}

function start(): { client: LayoutWorker; worker: SlowWorker } {
  const worker = new SlowWorker()
  return { client: new LayoutWorker(() => worker as unknown as Worker), worker }
}

function chain(count: number): LayoutInput {
  const edges = count - 1
  return {
    count,
    width: new Float32Array(count).fill(80),
    height: new Float32Array(count).fill(30),
    key: Uint32Array.from({ length: count }, (_, i) => i),
    source: Uint32Array.from({ length: edges }, (_, i) => i),
    target: Uint32Array.from({ length: edges }, (_, i) => i + 1),
    value: Uint32Array.from({ length: edges }, (_, i) => i),
    sourceX: new Float32Array(edges).fill(40),
    targetX: new Float32Array(edges).fill(40),
    labelWidth: new Float32Array(edges),
    direction: 'down',
  }
}

test('a request is answered with its layout, and its arrays are handed over', async () => {
  const { client, worker } = start()
  const input = chain(3)
  const result = client.layout(input)
  worker.answer()
  expect((await result).x.length).toBe(3)
  expect(input.width.length).toBe(0)
})

test('while one request is at work only the newest of the others is kept, and the overtaken ones are told', async () => {
  const { client, worker } = start()
  const asked = [2, 3, 4].map((count) => client.layout(chain(count)))
  const settled = Promise.allSettled(asked)
  worker.answer()
  expect(worker.requests.map((r) => r.input.count)).toEqual([2, 4])
  worker.answer()
  const [first, second, third] = await settled
  for (const lost of [first, second]) expect(lost.status === 'rejected' && lost.reason).toBeInstanceOf(LayoutSuperseded)
  expect(third.status === 'fulfilled' && third.value.x.length).toBe(4)
})

test('what one asks for is laid out however much another asks meanwhile', async () => {
  const { client, worker } = start()
  const [one, other] = [{}, {}]
  const asked = [client.layout(chain(2), undefined, one), client.layout(chain(3), undefined, one), client.layout(chain(4), undefined, other), client.layout(chain(5), undefined, other)]
  const settled = Promise.allSettled(asked)
  for (let round = 0; round < 3; round++) worker.answer()
  expect((await settled).map((each) => (each.status === 'fulfilled' ? each.value.x.length : each.reason instanceof LayoutSuperseded))).toEqual([true, 3, true, 5])
})

test('warming up runs a small graph and stays silent when a real request comes first', async () => {
  const { client, worker } = start()
  const warmed = client.warm()
  const real = client.layout(chain(5))
  worker.answer()
  worker.answer()
  expect((await real).x.length).toBe(5)
  await warmed
  expect(worker.requests.length).toBe(2)
})

test('after the first real layout it practises while nothing is asked', async () => {
  vi.useFakeTimers()
  const { client, worker } = start()
  const real = client.layout(chain(5))
  worker.answer()
  await real
  expect(worker.requests.length).toBe(1)
  await vi.advanceTimersByTimeAsync(1000)
  worker.answer()
  await vi.advanceTimersByTimeAsync(0)
  expect(worker.requests.length).toBe(3)
  expect(worker.requests[2].memory?.key.length).toBe(worker.requests[2].input.count - 1)
  client.destroy()
  vi.useRealTimers()
})

test('practice that a real request overtook goes on afterwards, and a request that cannot be sent blocks none', async () => {
  vi.useFakeTimers()
  const { client, worker } = start()
  const warmed = client.warm()
  worker.answer()
  await vi.advanceTimersByTimeAsync(0)
  const real = client.layout(chain(5)) // overtakes a round that has a memory
  worker.answer()
  worker.answer()
  await Promise.all([warmed, real])
  await vi.advanceTimersByTimeAsync(1000)
  expect(worker.requests.length).toBe(4)
  worker.answer()
  const used = chain(4)
  const first = client.layout(used)
  worker.answer()
  await first
  const refused = client.layout(used)
  refused.catch(() => {})
  worker.answer() // a round of practice, perhaps
  await expect(refused).rejects.toThrow()
  const next = client.layout(chain(6))
  worker.answer()
  worker.answer()
  expect((await next).x.length).toBe(6)
  client.destroy()
  vi.useRealTimers()
})

test('a failure in the worker fails the request that caused it, and the next one is done', async () => {
  const { client, worker } = start()
  const failing = client.layout(chain(2))
  worker.onerror?.({ message: 'out of memory' } as ErrorEvent)
  await expect(failing).rejects.toThrow('out of memory')
  const next = client.layout(chain(3))
  worker.answer()
  expect((await next).x.length).toBe(3)
})

test('ending the worker ends what waits for it', async () => {
  const { client, worker } = start()
  const waiting = client.layout(chain(2))
  client.destroy()
  await expect(waiting).rejects.toBeInstanceOf(LayoutSuperseded)
  expect(worker.ended).toBe(true)
})

test('a layout for practice gives way to a real one, and is not begun while one is at work', async () => {
  const { client, worker } = start()
  const practice = client.practise(chain(3))
  const real = client.layout(chain(4))
  expect(await client.practise(chain(5))).toBe(null)
  worker.answer()
  expect(await practice).toBe(null)
  worker.answer()
  expect((await real).x.length).toBe(4)
})
