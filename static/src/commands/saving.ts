/** Saves and downloads that say where the weights go, how far they are, and how they are given up. */
import { batch } from '@preact/signals'
import { errorData } from '../connection/errors'
import type { JobMessage } from '../protocol/types'
import type { Editor } from './editor'
import { consent } from './files'

/** How weights are written; `as-they-are` says nothing to the server, which keeps to the session's file. */
export type WeightsPlace = 'as-they-are' | 'inline' | 'one-file' | 'per-tensor'
export interface WeightsWish { weights: WeightsPlace; /** bytes; smaller tensors stay inside the model file */ threshold: number }
/** What the server is told. */
export type WeightsData = { weights?: string; threshold?: number }

export const THRESHOLD = 1024

export function weightsData(wish: WeightsWish): WeightsData {
  if (wish.weights === 'as-they-are') return {}
  return wish.weights === 'inline' ? { weights: 'inline' } : { weights: wish.weights, threshold: wish.threshold }
}

/** Saves under a path. Rejects with AppFailure. */
export async function saveTo(editor: Editor, path: string, overwrite: boolean, wish: WeightsWish): Promise<void> {
  const answer = await following(editor, () => editor.api.save(editor.session, path, overwrite, false, weightsData(wish), editor.me))
  editor.state.unsaved.value = answer.unsaved ?? false
  consent(editor, answer.path ?? path)
  editor.toast(`Saved to ${answer.saved_path ?? answer.path ?? path}`)
}

/** Has the model written for a download, and then begins it: questions and refusals come before. Rejects with AppFailure. */
export async function downloadAs(editor: Editor, wish: WeightsWish): Promise<void> {
  await editor.known()
  const alone = editor.state.missing.peek().count > 0 // without its weights while some are missing
  const answer = await following(editor, () => editor.api.prepareDownload(editor.session, { ...weightsData(wish), ...(alone ? { alone } : {}) }, editor.me))
  const link = document.createElement('a')
  link.href = answer.download
  link.download = answer.name
  link.click()
}

/** The same from a menu: what is refused is said over the canvas, and where a choice is needed it is asked. */
export async function download(editor: Editor, wish: WeightsWish = { weights: 'as-they-are', threshold: THRESHOLD }): Promise<void> {
  try {
    await downloadAs(editor, wish)
  } catch (thrown) {
    refused(editor, thrown, (data) => void download(editor, { weights: data.weights as WeightsPlace, threshold: data.threshold ?? THRESHOLD }))
  }
}

/** Shows why something was not written; a question about the weights opens its dialog, and `answered` goes on with the choice. */
export function refused(editor: Editor, thrown: unknown, answered: (data: WeightsData) => void): void {
  const { state } = editor
  const error = errorData(thrown)
  batch(() => {
    state.dialog.value = null
    if (error.code === 'choice-needed' && error.choices) state.weightsQuestion.value = { error, answered }
    else if (error.code !== 'job-cancelled') state.refusal.value = { error, edit: null }
  })
}

/** What a job event says about a save that this page asked for. */
export function heardOfSave(known: JobMessage | null, message: JobMessage, me: string): JobMessage | null {
  if (message.kind !== 'save' || message.author !== me) return known
  return message.state === 'running' ? message : known?.job === message.job ? null : known
}

export async function cancelSave(editor: Editor): Promise<void> {
  const job = editor.state.saveJob.peek()
  if (!job) return
  try {
    await editor.api.cancelJob(job.job)
  } catch (thrown) {
    editor.toast(errorData(thrown).message, 'error')
  }
}

/** Waits for a save whose job is told about meanwhile. */
export async function following<T>(editor: Editor, save: () => Promise<T>): Promise<T> {
  try {
    return await save()
  } finally {
    editor.state.saveJob.value = null
  }
}
