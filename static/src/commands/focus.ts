/** Puts the cursor into a field of the page, also when its panel is only just being opened. */
import type { Editor } from './editor'

export const NAME_FIELD = 'inspector-name'

export function focusField(id: string): void {
  if (!focusNow(id)) requestAnimationFrame(() => { if (!focusNow(id)) setTimeout(() => focusNow(id), 60) })
}

function focusNow(id: string): boolean {
  const field = document.getElementById(id)
  if (!(field instanceof HTMLInputElement)) return false
  field.focus()
  field.select()
  return true
}

/** Selects it and puts the cursor into its name field. */
export function focusName(editor: Editor, id: string): void {
  editor.select([id])
  queueMicrotask(() => queueMicrotask(() => focusField(NAME_FIELD))) // once the panel is drawn, and before the next key is pressed
}
