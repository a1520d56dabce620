/** The switch between the model as it is and as it was opened. */
import type { Editor } from './editor'
import { errorData } from '../connection/errors'

export const READ_ONLY = { code: 'read-only', message: 'This is the original: it is read only.', hint: 'Switch back to your edits to go on with them.', subjects: [] }

export async function toggleOriginal(editor: Editor): Promise<void> {
  const { state } = editor
  if (state.original.peek() === 'loading') return
  if (state.original.peek() === 'on') return editor.leaveOriginal()
  state.original.value = 'loading'
  try {
    await editor.showOriginal(await editor.api.original(editor.session))
  } catch (thrown) {
    state.original.value = 'off'
    editor.toast(errorData(thrown).message, 'error')
  }
}
