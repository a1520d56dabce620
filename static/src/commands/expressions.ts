/** Regular expressions are tried in a worker, so that one that never comes to an end can be stopped. */
import type { Tried } from './search-match'

export interface TryRequest { source: string; texts: string[] }
/** indexes of the texts that fit */
export type TryAnswer = number[]

const CHUNK = 2000 // texts
const PATIENCE = 1500 // ms for a chunk

/** The expression took longer than anybody waits. */
export class ExpressionTooSlow extends Error {}

/** Which of these texts each expression fits. Rejects with ExpressionTooSlow; a stopped search gets what was found until then. */
export async function tryExpressions(sources: readonly string[], texts: readonly string[], signal: AbortSignal): Promise<Tried> {
  const tried = new Map<string, Set<string>>()
  const worker = new Worker(new URL('./expression-worker.ts', import.meta.url), { type: 'module' })
  try {
    for (const source of sources) {
      const fitting = new Set<string>()
      tried.set(source, fitting)
      for (let at = 0; at < texts.length && !signal.aborted; at += CHUNK) {
        const some = texts.slice(at, at + CHUNK)
        for (const index of await ask(worker, { source, texts: some }, signal)) fitting.add(some[index])
      }
    }
  } finally {
    worker.terminate()
  }
  return tried
}

function ask(worker: Worker, request: TryRequest, signal: AbortSignal): Promise<TryAnswer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new ExpressionTooSlow()), PATIENCE)
    const end = (): void => { clearTimeout(timer); resolve([]) }
    signal.addEventListener('abort', end, { once: true })
    worker.onmessage = ({ data }: MessageEvent<TryAnswer>) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve(data)
    }
    worker.onerror = () => { clearTimeout(timer); reject(new Error('the search worker failed')) }
    worker.postMessage(request)
  })
}
