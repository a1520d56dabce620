/** Opens the form of an edit where it was asked for; the focus goes back to where it was. */
import type { Editor } from './editor'

export function openForm(editor: Editor, kind: string, prefilled: Record<string, unknown>, title: string, at: { x: number; y: number } | null): void {
  editor.state.form.value = { kind, prefilled, title, at, returnFocus: document.activeElement instanceof HTMLElement ? document.activeElement : null }
}
