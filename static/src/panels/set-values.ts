/** Opens the form that gives a tensor other values, beside the panel that shows it. */
import type { Editor } from '../commands/editor'
import { openForm } from '../commands/open-form'
import type { TensorSubject } from '../commands/tensor'
import { besidePanel } from './place'

export function openSetValues(editor: Editor, subject: TensorSubject, button: HTMLElement): void {
  const at = besidePanel(button)
  if ('value' in subject) {
    const name = editor.value(subject.value)?.name
    return openForm(editor, 'set-tensor', { value: subject.value }, name ? `Set values of ${name}` : 'Set values', at)
  }
  return openForm(editor, 'set-attribute', { ...subject }, `Set values of ${subject.attribute}`, at)
}
