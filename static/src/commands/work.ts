/** Edits that take long: their preview or their application is a job, followed here and given up when told to. */
import { batch } from '@preact/signals'
import { AppFailure, errorData, failure } from '../connection/errors'
import type { EditAnswer, EditData, JobMessage, PreviewResult } from '../protocol/types'
import type { OpenForm, Work } from '../state'
import type { Editor } from './editor'

const POLL = 1000 // ms; a lost socket message must not leave somebody waiting

export function takesLong(editor: Editor, kind: string): boolean {
  return editor.state.editTypes.peek().some((one) => one.kind === kind && one.in_job)
}

/** Works the edit out on a copy; the preview stands in `state.preview` when this resolves. Rejects with AppFailure. */
export async function preview(editor: Editor, edit: EditData, form: OpenForm | null): Promise<void> {
  const { state } = editor
  begin(editor, { what: 'preview', edit, job: null, progress: null, text: 'Starting' })
  const revision = state.revision.peek()
  try {
    const { job } = await editor.api.preview(editor.session, edit)
    if (state.work.peek()) state.work.value = { ...state.work.peek()!, job }
    const ended = await untilEnded(editor, job)
    if (ended.state !== 'done') throw new AppFailure(ended.error ?? cancelled())
    const result = ended.result as unknown as PreviewResult
    state.preview.value = { job, edit, result, revision, form }
  } finally {
    state.work.value = null
  }
}

/** Applies an edit that takes long. Rejects with AppFailure, also when it was given up. */
export async function applyLong(editor: Editor, edit: EditData): Promise<EditAnswer> {
  begin(editor, { what: 'edit', edit, job: null, progress: null, text: 'Starting' })
  try {
    return await editor.submit(edit, true, true)
  } finally {
    editor.state.work.value = null
  }
}

/** Takes the preview's own delta, so that nothing is worked out twice. */
export async function acceptPreview(editor: Editor): Promise<void> {
  const shown = editor.state.preview.peek()
  if (!shown) return
  await editor.submit({ ...shown.edit, preview: shown.job })
  editor.state.preview.value = null
}

export async function cancelWork(editor: Editor): Promise<void> {
  const work = editor.state.work.peek()
  if (!work?.job) return
  editor.state.work.value = { ...work, text: 'Cancelling' }
  try {
    await editor.api.cancelJob(work.job)
  } catch (thrown) {
    editor.toast(errorData(thrown).message, 'error')
  }
}

/** What a job event says about the work that this page waits for. */
export function heardOfWork(work: Work | null, message: JobMessage, me: string): Work | null {
  if (!work || message.kind !== work.what || message.state !== 'running') return work
  if (work.job === null ? message.author !== me : work.job !== message.job) return work
  return { ...work, job: message.job, progress: message.progress, text: message.text || work.text }
}

function begin(editor: Editor, work: Work): void {
  if (editor.state.work.peek()) throw failure('busy', 'Another long edit is still being worked on.', 'Wait for it, or cancel it.')
  batch(() => { editor.state.work.value = work; editor.state.refusal.value = null })
}

async function untilEnded(editor: Editor, job: string): Promise<JobMessage> {
  for (;;) {
    const now = await editor.api.job(job)
    editor.state.work.value = heardOfWork(editor.state.work.peek(), now, editor.me)
    if (now.state !== 'running') return now
    await editor.jobEnds(job, POLL)
  }
}

function cancelled(): AppFailure['data'] {
  return { code: 'cancelled', message: 'It was cancelled; nothing was changed.', hint: '', subjects: [] }
}
