/** Puts a name, a shape or a type on the clipboard, and says so. */
import type { Editor } from '../commands/editor'

const TOLD = 80 // characters

export async function copyText(editor: Editor, text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    editor.toast(`Copied ${text.length > TOLD ? `${text.slice(0, TOLD)}…` : text}`)
  } catch {
    editor.toast('The browser does not let this page copy.', 'error')
  }
}
