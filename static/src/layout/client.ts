/** The page's end of the layout worker: one request at work, and of those that wait only each asker's newest is done. */
import { spare } from '../document/release'
import type { LayoutInput, LayoutMemory, LayoutResult } from './types'

export interface LayoutRequest {
  id: number
  input: LayoutInput
  memory?: LayoutMemory
}

export interface LayoutAnswer {
  id: number
  result?: LayoutResult
  failure?: string
}

/** What a request fails with when a newer one took its place, or the worker was ended: nothing to show, nothing to report. */
export class LayoutSuperseded extends Error {
  override readonly name = 'LayoutSuperseded'
}

interface Asked extends LayoutRequest {
  asker: object
  resolve(result: LayoutResult): void
  reject(error: Error): void
}

/** who asks for layouts that nobody waits for */
const PRACTICE = {}
const ROUNDS_AT_FIRST = 6
export const ROUNDS_WHILE_IDLE = 60
/** after a layout: the page paints it first */
const REST_MS = 400

export class LayoutWorker {
  private readonly worker: Worker
  private atWork: Asked | null = null
  /** by asker, in the order of their asking */
  private readonly waiting = new Map<object, Asked>()
  private next = 0
  private practised: LayoutMemory | undefined
  private rest: ReturnType<typeof setTimeout> | null = null

  constructor(start: () => Worker = startWorker) {
    this.worker = start()
    this.worker.onmessage = (event: MessageEvent<LayoutAnswer>) => this.answered(event.data)
    this.worker.onerror = (event: ErrorEvent) => this.answered({ id: this.atWork?.id ?? -1, failure: event.message || 'the layout worker failed' })
  }

  /**
   * Lays the graph out; the input's and the memory's arrays are handed over and must not be used afterwards.
   * Fails with LayoutSuperseded when the same asker made a newer request before this one was done.
   */
  layout(input: LayoutInput, memory?: LayoutMemory, asker: object = this): Promise<LayoutResult> {
    return this.ask(input, memory, asker)
  }

  /** Lays a graph out that nobody waits for; null: a real one is at work, or came meanwhile. */
  async practise(input: LayoutInput): Promise<LayoutResult | null> {
    if (this.isBusy) return null
    try {
      return await this.ask(input, undefined, PRACTICE)
    } catch (error) {
      if (error instanceof LayoutSuperseded) return null
      throw error
    }
  }

  private get isBusy(): boolean {
    return this.atWork !== null || this.waiting.size > 0
  }

  private ask(input: LayoutInput, memory: LayoutMemory | undefined, asker: object): Promise<LayoutResult> {
    return new Promise((resolve, reject) => {
      this.waiting.get(asker)?.reject(new LayoutSuperseded('a newer layout was asked for'))
      this.waiting.set(asker, { id: this.next++, input, memory, asker, resolve, reject })
      if (!this.atWork) this.send()
    })
  }

  /**
   * Makes the worker load and compile its code before the first graph is there. After the first real layout it goes on for some
   * more small rounds, each a few milliseconds, so that the first edit finds a fast worker: 10 ms instead of 60 for 10,000 nodes.
   */
  async warm(rounds = ROUNDS_AT_FIRST): Promise<void> {
    for (let round = 0; round < rounds && !this.isBusy; round++) {
      const input = smallGraph()
      const known = input.count - 1 // one is new to a warm start
      const key = input.key.slice(0, known)
      const memory = this.practised
      this.practised = undefined // its arrays are handed over
      try {
        const { x, y, rank, trunks } = await this.ask(input, memory, PRACTICE)
        if (!memory || round % 4 !== 0) this.practised = { key, x: x.slice(0, known), y: y.slice(0, known), rank: rank.slice(0, known), trunks }
      } catch (error) {
        if (error instanceof LayoutSuperseded) return
        throw error
      }
    }
  }

  destroy(): void {
    if (this.rest !== null) clearTimeout(this.rest)
    this.worker.terminate()
    for (const asked of [this.atWork, ...this.waiting.values()]) asked?.reject(new LayoutSuperseded('the layout worker was ended'))
    this.atWork = null
    this.waiting.clear()
  }

  private send(): void {
    const [asked] = this.waiting.values()
    this.atWork = asked ?? null
    if (!asked) return
    this.waiting.delete(asked.asker)
    const { id, input, memory } = asked
    try {
      this.worker.postMessage({ id, input, memory } satisfies LayoutRequest, buffersOf(input, memory))
    } catch (error) { // arrays that were handed over before: the next request must not wait for an answer
      this.atWork = null
      asked.reject(error instanceof Error ? error : new Error(String(error)))
    }
  }

  private answered(answer: LayoutAnswer): void {
    const asked = this.atWork
    if (!asked || asked.id !== answer.id) return
    this.atWork = null
    const isPractice = asked.asker === PRACTICE
    const overtaken = this.waiting.has(asked.asker) || (isPractice && this.waiting.size > 0)
    this.send()
    if (!isPractice) this.rest ??= setTimeout(() => void this.warm(ROUNDS_WHILE_IDLE), REST_MS)
    if (overtaken) asked.reject(new LayoutSuperseded('a newer layout was asked for'))
    else if (answer.result) {
      spare.adopt(buffersOf(answer.result)) // nobody else has them
      asked.resolve(answer.result)
    }
    else asked.reject(new Error(answer.failure ?? 'the layout worker gave no answer'))
  }
}

function startWorker(): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
}

/** The buffers of all arrays in it, each once; shared ones stay with the sender. */
export function buffersOf(...parts: unknown[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>()
  const collect = (part: unknown): void => {
    if (ArrayBuffer.isView(part)) {
      if (part.buffer instanceof ArrayBuffer) buffers.add(part.buffer)
    } else if (typeof part === 'object' && part !== null) Object.values(part).forEach(collect)
  }
  parts.forEach(collect)
  return [...buffers]
}

/** A few hundred nodes with branches, so that every step of the layout is compiled. */
function smallGraph(): LayoutInput {
  const count = 400
  const source: number[] = []
  const target: number[] = []
  for (let i = 1; i < count; i++) {
    source.push(i - 1)
    target.push(i)
    if (i > 5 && i % 3 === 0) {
      source.push(i - 5)
      target.push(i)
    }
  }
  const edges = source.length
  return {
    count,
    width: new Float32Array(count).fill(80),
    height: new Float32Array(count).fill(30),
    key: Uint32Array.from({ length: count }, (_, i) => i),
    source: Uint32Array.from(source),
    target: Uint32Array.from(target),
    value: Uint32Array.from(source),
    sourceX: new Float32Array(edges).fill(40),
    targetX: new Float32Array(edges).fill(40),
    labelWidth: new Float32Array(edges).fill(60),
    direction: 'down',
  }
}
