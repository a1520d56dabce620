/** Opens the form of an edit where it was asked for; the focus goes back to where it was. */
import type { OpenForm } from '../state'
import type { Editor } from './editor'

interface Asked {
  /** what the fields hold at first; parameters in `prefilled` are not asked for at all */
  initial?: Record<string, unknown>
}

export function openForm(editor: Editor, kind: string, prefilled: Record<string, unknown>, title: string, at: OpenForm['at'], asked: Asked = {}): void {
  const returnFocus = document.activeElement instanceof HTMLElement ? document.activeElement : null
  editor.state.form.value = { kind, prefilled, title, at, returnFocus, ...asked }
}
