/** Runs the model in a job: asks the server to start, follows the job over the socket, and keeps the result. */
import { batch } from '@preact/signals'
import { AppFailure, errorData } from '../connection/errors'
import type { JobMessage } from '../protocol/types'
import type { Editor } from './editor'

export interface DimQuestion { name: string; suggestion: number | null }

const POLL = 2000 // ms; a lost socket message must not leave the button spinning

/** Starts a run. Sizes of symbolic dimensions are asked for once: the run dialog opens with the server's suggestions. */
export async function startRun(editor: Editor, dims?: Record<string, number>, seed?: number): Promise<void> {
  const { state } = editor
  if (dims) state.dims.value = dims
  if (state.job.peek()?.state === 'running') return
  state.runError.value = null
  try {
    const asked = { dims: state.dims.peek() }
    const { job } = await editor.api.run(editor.session, seed === undefined ? asked : { ...asked, seed })
    state.job.value = { session: editor.session, job, kind: 'run', revision: state.revision.peek(), state: 'running', progress: null, text: 'Starting', result: null, error: null }
    state.dialog.value = null
    editor.onJob = (message) => follow(editor, message)
    void poll(editor, job)
  } catch (thrown) {
    const error = errorData(thrown)
    batch(() => {
      state.runError.value = error
      if (error.code === 'choice-needed') state.dialog.value = 'run'
      else showRun(editor)
    })
  }
}

function showRun(editor: Editor): void {
  editor.select([])
  editor.state.rightView.value = 'run'
}

function follow(editor: Editor, message: JobMessage): void {
  const { state } = editor
  if (state.job.peek()?.job !== message.job || state.job.peek()?.state !== 'running') return
  batch(() => {
    state.job.value = message
    if (message.state === 'running') return
    if (message.result) state.run.value = { revision: message.revision, result: message.result }
    state.runError.value = message.state === 'failed' ? message.error : null
    if (message.state !== 'cancelled') showRun(editor)
  })
}

async function poll(editor: Editor, job: string): Promise<void> {
  while (editor.state.job.peek()?.job === job && editor.state.job.peek()?.state === 'running') {
    await new Promise((resolve) => setTimeout(resolve, POLL))
    if (editor.state.job.peek()?.state !== 'running') return
    try {
      follow(editor, await editor.api.job(job))
    } catch (thrown) {
      if (!(thrown instanceof AppFailure)) throw thrown
      if (thrown.data.code !== 'offline') follow(editor, { ...editor.state.job.peek()!, state: 'failed', error: thrown.data })
    }
  }
}

export async function cancelRun(editor: Editor): Promise<void> {
  const job = editor.state.job.peek()
  if (job?.state !== 'running') return
  try {
    await editor.api.cancelJob(job.job)
    if (editor.state.job.peek()?.job === job.job) editor.state.job.value = { ...job, state: 'cancelled' }
  } catch (thrown) {
    editor.toast(errorData(thrown).message, 'error')
  }
}

/** The symbolic dimensions that a run needs sizes for, from the server's `choice-needed` answer. */
export function dimQuestions(error: { fields?: Record<string, string>; choices?: { label: string; [key: string]: unknown }[] } | null): DimQuestion[] {
  const questions = new Map<string, number | null>()
  for (const [name, text] of Object.entries(error?.fields ?? {})) questions.set(name.replace(/^dims\./, ''), firstNumber(text))
  for (const choice of error?.choices ?? []) {
    const dims = choice['dims']
    if (typeof dims === 'object' && dims !== null) for (const [name, size] of Object.entries(dims)) questions.set(name, Number(size))
  }
  return [...questions].map(([name, suggestion]) => ({ name, suggestion }))
}

function firstNumber(text: string): number | null {
  const digits = /\d+/.exec(text)
  return digits ? Number(digits[0]) : null
}
