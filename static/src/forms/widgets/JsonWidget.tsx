/** Anything that has no widget of its own, as JSON. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { WidgetProps } from '../widget'

export function JsonWidget({ id, field, value, error, form, focus }: WidgetProps): JSX.Element {
  const [text, setText] = useState(value === undefined || value === null ? '' : JSON.stringify(value, null, 2))
  const read = (typed: string): void => {
    setText(typed)
    if (typed.trim() === '') {
      form.complain(field.name, null)
      return form.set(field.name, undefined)
    }
    try {
      form.set(field.name, JSON.parse(typed))
      form.complain(field.name, null)
    } catch {
      form.complain(field.name, 'is no JSON yet: a bracket, a quote or a comma is missing')
    }
  }
  return <textarea id={id} class="field tall mono" rows={4} autofocus={focus} spellcheck={false} value={text} placeholder={placeholderOf(field.schema.type)} aria-invalid={error !== null} onInput={(event) => read(event.currentTarget.value)} />
}

function placeholderOf(type: string | undefined): string {
  return type === 'array' ? '[…]' : '{"name": …}'
}
