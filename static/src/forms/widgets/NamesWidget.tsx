/** Names in a row, separated by commas; nothing between two commas leaves that place as it would be. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { WidgetProps } from '../widget'

export function NamesWidget({ id, field, value, error, form }: WidgetProps): JSX.Element {
  const [text, setText] = useState(Array.isArray(value) ? value.join(', ') : '')
  return (
    <input id={id} class="field" type="text" spellcheck={false} autocomplete="off" value={text} placeholder="names, separated by commas" aria-invalid={error !== null}
      onInput={(event) => {
        setText(event.currentTarget.value)
        const names = event.currentTarget.value.split(',').map((name) => name.trim())
        form.set(field.name, names.some((name) => name !== '') ? names : undefined)
      }} />
  )
}
