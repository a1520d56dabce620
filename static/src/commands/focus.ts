/** Puts the cursor into a field of the page, also when its panel is only just being opened: the next key belongs there. */
import { drawNow } from '../panels/picture-first'
import type { Editor } from './editor'

export const NAME_FIELD = 'inspector-name'

export function focusField(id: string): void {
  drawNow()
  const field = document.getElementById(id)
  if (!(field instanceof HTMLInputElement)) return
  field.focus()
  field.select()
}

/** Selects it and puts the cursor into its name field. */
export function focusName(editor: Editor, id: string): void {
  editor.select([id])
  focusField(NAME_FIELD)
}
