/** Saving to the model's own file, with consent; what to do when another program changed it; recipes. */
import { batch } from '@preact/signals'
import { AppFailure, errorData } from '../connection/errors'
import type { AppErrorData } from '../protocol/types'
import type { Editor } from './editor'
import { copyPlace, keepPlace } from './place'
import { following, refused, type WeightsData } from './saving'

/** What a file that holds a model as text is written in, by its name; '' for a binary one. */
export function textForm(path: string): string {
  if (/\.(textproto|txtpb|prototxt|pbtxt)$/i.test(path)) return 'protobuf text'
  if (/\.(json|onnxjson)$/i.test(path)) return 'JSON'
  return /\.(onnxtxt|onnxtext|onnx\.txt)$/i.test(path) ? 'ONNX text' : ''
}

const keyOf = (session: string): string => `scalpel.consent.${session}`

/** Whether the reader said, for this very file and in this window, that it may be replaced. */
export function consented(editor: Editor): boolean {
  return sessionStorage.getItem(keyOf(editor.session)) === editor.state.path.peek()
}

export function consent(editor: Editor, path = editor.state.path.peek()): void {
  sessionStorage.setItem(keyOf(editor.session), path)
}

/** Save, as a person means it: to the file if it may be replaced; asked first, or asked where to. */
export async function save(editor: Editor): Promise<void> {
  const { state } = editor
  try {
    await editor.known() // pressed as soon as the picture is there
  } catch (thrown) {
    return refused(editor, thrown, () => void save(editor))
  }
  if (state.path.peek() === '') state.dialog.value = 'save'
  else if (state.changedOnDisk.peek()) state.dialog.value = 'changed'
  else if (!state.unsaved.peek()) editor.toast(`${state.name.peek()} has all your edits already`)
  else if (!consented(editor)) state.dialog.value = 'consent'
  else await saveNow(editor)
}

/** Saves to the model's own file. `anyway`: whatever another program did to it. */
export async function saveNow(editor: Editor, anyway = false, weights: WeightsData = {}): Promise<void> {
  const { state } = editor
  if (state.saving.peek()) return
  batch(() => {
    state.saving.value = true
    state.dialog.value = null // it is answered: what is typed from now on belongs to the page
  })
  try {
    const answer = await following(editor, () => editor.api.save(editor.session, null, true, anyway, weights, editor.me))
    state.unsaved.value = answer.unsaved ?? false
    editor.toast(`Saved ${state.name.peek()}`)
  } catch (thrown) {
    const error = errorData(thrown)
    if (error.code === 'changed-on-disk') {
      state.changedOnDisk.value = true
      state.dialog.value = 'changed'
    } else {
      refused(editor, thrown, (chosen) => void saveNow(editor, anyway, chosen))
    }
  } finally {
    state.saving.value = false
  }
}

/** Opens the file as it is now beside this model, with the edits made again on it when they are wanted. */
export async function reload(editor: Editor, replay: boolean): Promise<AppErrorData | null> {
  const { state } = editor
  if (state.saving.peek()) return null
  state.saving.value = true
  try {
    const result = await editor.api.reload(editor.session, replay)
    state.dialog.value = null
    state.keptMine.value = true
    keepPlace(editor, sessionStorage)
    copyPlace(editor.session, result.session, sessionStorage)
    editor.pages?.tabs.tell(editor.session, { note: 'before the reload' })
    editor.pages?.show(result.session, { beside: true, replayed: { result, recipe: null } })
    return null
  } catch (thrown) {
    return errorData(thrown)
  } finally {
    state.saving.value = false
  }
}

/** Makes the edits of a recipe file here, one after the other. */
export async function applyRecipe(editor: Editor, file: File): Promise<void> {
  const { state } = editor
  try {
    const recipe = parsed(await file.text())
    state.replayed.value = { result: await editor.api.applyRecipe(editor.session, recipe, editor.me), recipe: file.name }
  } catch (thrown) {
    if (!(thrown instanceof AppFailure)) throw thrown
    state.refusal.value = { error: thrown.data, edit: null }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new AppFailure({ code: 'wrong-recipe', message: 'That file is no recipe: it is not JSON.', hint: 'A recipe is what “Recipe as JSON” saves.', subjects: [] })
  }
}

/** Looks at whether the file changed, when the reader comes back to the page. */
export async function lookAtFile(editor: Editor): Promise<void> {
  if (editor.state.path.peek() === '' || editor.state.connection.peek() !== 'online') return
  try {
    editor.state.changedOnDisk.value = (await editor.api.summary(editor.session)).changed_on_disk
  } catch (thrown) {
    if (!(thrown instanceof AppFailure)) throw thrown // what is wrong is said by the connection
  }
}
