/** Mends what a diagnostic found, with the edit that it carries: at once, or through its form when it takes long. */
import type { EditData } from '../protocol/types'
import type { Editor } from './editor'
import { openForm } from './open-form'
import { takesLong } from './work'

export async function fix(editor: Editor, edit: EditData): Promise<void> {
  if (!takesLong(editor, edit.kind)) {
    await editor.perform(edit)
    return
  }
  const { kind, ...initial } = edit
  const title = editor.state.editTypes.peek().find((one) => one.kind === kind)?.title ?? kind
  openForm(editor, kind, {}, title, null, { initial })
}
