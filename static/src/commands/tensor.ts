/** Reads values and statistics of a tensor; a large one as a job that can be followed and given up. */
import { AppFailure, failure } from '../connection/errors'
import type { TensorStatistics, TensorView } from '../protocol/report'
import type { JobMessage } from '../protocol/types'
import type { Editor } from './editor'

/** An initializer, or a tensor in a node's attribute. */
export type TensorSubject = { value: string } | { node: string; attribute: string }
/** `rows` times `count` elements from `start` on; each row begins `stride` elements after the one before it */
export interface Piece { start: number; count: number; rows: number; stride: number }

const LARGE = 32e6 // bytes; reading more takes long enough to be followed
const POLL = 250 // ms

export function readValues(editor: Editor, subject: TensorSubject, piece: Piece, signal: AbortSignal): Promise<TensorView> {
  return editor.api.tensor<TensorView>(editor.session, subject, { ...piece, statistics: 'no' }, signal)
}

export async function readStatistics(editor: Editor, subject: TensorSubject, bytes: number, signal: AbortSignal, onProgress: (fraction: number | null) => void): Promise<TensorStatistics> {
  if (bytes <= LARGE) return editor.api.tensor<TensorStatistics>(editor.session, subject, { count: 1 }, signal)
  const { job } = await editor.api.tensor<{ job: string }>(editor.session, subject, { count: 1, wait: 'no' }, signal)
  let ended = false
  signal.addEventListener('abort', () => { if (!ended) void editor.api.cancelJob(job).catch(() => undefined) }) // nobody waits for it any more
  try {
    return await untilEnded(editor, job, signal, onProgress)
  } finally {
    ended = true
  }
}

async function untilEnded(editor: Editor, job: string, signal: AbortSignal, onProgress: (fraction: number | null) => void): Promise<TensorStatistics> {
  for (;;) {
    const now: JobMessage = await editor.api.job(job)
    if (signal.aborted) throw new DOMException('given up', 'AbortError')
    if (now.state === 'done') return now.result as unknown as TensorStatistics
    if (now.state !== 'running') throw now.error ? new AppFailure(now.error) : failure('cancelled', 'Reading it was cancelled.')
    onProgress(now.progress)
    await new Promise((resolve) => setTimeout(resolve, POLL))
  }
}
