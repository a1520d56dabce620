/** Data files that a model lacks: chosen, or dropped on the page; and what else may be dropped there. */
import { errorData } from '../connection/errors'
import { chosenFiles, type Dropped } from '../connection/dropped'
import { type SentFile, uploadData } from '../connection/upload'
import type { MissingFiles } from '../protocol/types'
import type { Editor } from './editor'
import { takeMissing } from './report'

/** Dropped files: those that the model lacks are for it, everything else is opened beside it. What is dropped while it is opened waits until it is known what it lacks. */
export async function takeDropped(editor: Editor, dropped: Dropped): Promise<void> {
  const { state } = editor
  const files = await dropped // an upload or a folder may still be read
  if (files.length === 0) return
  await editor.told
  if (isForModel(state.missing.peek(), files)) void supply(editor, files)
  else openBeside(editor, files)
}

export function isForModel(missing: MissingFiles, files: readonly SentFile[]): boolean {
  if (missing.count === 0) return false
  const wanted = new Set(missing.files.map((one) => lastOf(one.location).toLowerCase()))
  if (files.some(({ path }) => wanted.has(lastOf(path).toLowerCase()))) return true
  return !files.some(({ path }) => /\.(onnx|textproto|txtpb|onnxjson|onnxtxt|onnxtext)$/i.test(path)) // what else would they be for
}

/** Sends data files, once those that are being sent have arrived; whatever is not one that the model lacks is told. */
export function supply(editor: Editor, files: readonly SentFile[]): Promise<void> {
  if (files.length > 0) editor.supplies = editor.supplies.then(() => send(editor, files))
  return editor.supplies
}

async function send(editor: Editor, files: readonly SentFile[]): Promise<void> {
  const { state } = editor
  const name = files.length === 1 ? files[0]!.file.name : `${files.length} files`
  const sent = uploadData(editor.session, files, (fraction) => { state.supplying.value = { name, fraction, cancel: sent.cancel } })
  state.supplying.value = { name, fraction: 0, cancel: sent.cancel }
  try {
    const answer = await sent.done
    takeMissing(state, answer.missing)
    if (answer.missing.count === 0) editor.toast('The weights are complete')
    else editor.toast(`${answer.taken.length === 1 ? answer.taken[0]!.name : `${answer.taken.length} files`} taken, ${answer.missing.count} still missing`)
    if (answer.left.length > 0) state.refusal.value = { error: { code: 'not-needed', message: leftOver(answer.left), hint: '', subjects: [] }, edit: null }
  } catch (thrown) {
    const error = errorData(thrown)
    if (error.code === 'not-needed' && files.some(({ path }) => /\.zip$/i.test(path))) openBeside(editor, files) // a model of its own
    else if (error.code !== 'cancelled') state.refusal.value = { error, edit: null }
  } finally {
    state.supplying.value = null
  }
}

/** Lets somebody choose the files in the system's dialog. */
export function chooseData(editor: Editor): void {
  const input = document.createElement('input')
  input.type = 'file'
  input.multiple = true
  input.onchange = () => void supply(editor, chosenFiles(input.files))
  input.click()
}

/** Opens dropped files beside this model; without tabs there is only one place. */
function openBeside(editor: Editor, files: readonly SentFile[]): void {
  editor.state.toOpen.value = files
  editor.state.dialog.value = 'open'
}

const keyOf = (session: string): string => `scalpel.missing.${session}`

/** Whether somebody has said, in this window, that they know of every file that is missing. */
export function isKnown(session: string, missing: MissingFiles): boolean {
  const known = new Set((sessionStorage.getItem(keyOf(session)) ?? '').split('\n'))
  return missing.files.every((one) => known.has(one.location))
}

export function setKnown(session: string, missing: MissingFiles): void {
  sessionStorage.setItem(keyOf(session), missing.files.map((one) => one.location).join('\n'))
}

function leftOver(left: readonly { name: string; message: string }[]): string {
  return left.length === 1 ? left[0]!.message : `${left[0]!.message} (and ${left.length - 1} more files were not taken)`
}

export function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
