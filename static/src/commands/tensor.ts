/** Reads values and statistics of a tensor; a large one as a job that can be followed and given up. */
import { AppFailure, failure } from '../connection/errors'
import type { TensorStatistics, TensorValue, TensorView } from '../protocol/report'
import type { EditData, JobMessage } from '../protocol/types'
import type { Editor } from './editor'

/** An initializer, or a tensor in a node's attribute. */
export type TensorSubject = { value: string } | { node: string; attribute: string }
/** `rows` times `count` elements from `start` on; each row begins `stride` elements after the one before it */
export interface Piece { start: number; count: number; rows: number; stride: number }

/** The elements that are to be others. */
export interface Cell { at: number[]; value: unknown }
export interface Formula { formula: string; dtype?: string; shape?: readonly number[] }

const HELD = ['value', 'value_int', 'value_ints', 'value_float', 'value_floats']
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

/** The edit that gives the subject another tensor, in whichever way it is written. */
export function tensorEdit(subject: TensorSubject, tensor: unknown): EditData {
  return 'value' in subject ? { kind: 'set-tensor', value: subject.value, tensor } : { kind: 'set-attribute', node: subject.node, attribute: subject.attribute, value: tensor }
}

/** The Constant node that makes the value, and its attribute that says what: its data is the value's. */
export function constantAttribute(editor: Editor, value: string): { node: string; name: string } | null {
  const node = editor.node(editor.document?.producer(value)?.node ?? '')
  if (node?.op_type !== 'Constant' || (node.domain !== '' && node.domain !== 'ai.onnx')) return null
  const name = HELD.find((one) => one in node.attributes && !node.attributes[one]!.ref)
  return name === undefined ? null : { node: node.id, name }
}

/** What the formula would make of the value: its type, its statistics, its first elements. */
export function tryFormula(editor: Editor, value: string, { formula, dtype, shape }: Formula, signal: AbortSignal): Promise<TensorStatistics> {
  const query = { formula, count: 8, ...(dtype ? { dtype } : {}), ...(shape ? { shape: shape.join(',') } : {}) }
  return editor.api.tensor<TensorStatistics>(editor.session, { value }, query, signal)
}

/** Every element of a small tensor, nested by its shape; null for a larger one. */
export async function readWhole(editor: Editor, subject: TensorSubject, shape: readonly number[], most: number, signal: AbortSignal): Promise<unknown> {
  const count = shape.reduce((all, dim) => all * dim, 1)
  if (count < 1 || count > most) return null
  const { values } = await readValues(editor, subject, { start: 0, count, rows: 1, stride: 0 }, signal)
  return nested(values, shape)
}

function nested(values: readonly TensorValue[], shape: readonly number[]): unknown {
  if (shape.length === 0) return values[0]
  if (shape.length === 1) return values
  const size = values.length / shape[0]!
  return Array.from({ length: shape[0]! }, (_, at) => nested(values.slice(at * size, (at + 1) * size), shape.slice(1)))
}
