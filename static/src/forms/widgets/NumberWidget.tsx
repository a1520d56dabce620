/** A whole number or a decimal one. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { WidgetProps } from '../widget'

export function NumberWidget({ id, field, value, error, form }: WidgetProps): JSX.Element {
  const [text, setText] = useState(value === undefined || value === null ? '' : String(value))
  const read = (typed: string): void => {
    setText(typed)
    const number = Number(typed)
    const fits = typed.trim() !== '' && Number.isFinite(number) && (field.schema.type !== 'integer' || Number.isInteger(number))
    form.complain(field.name, fits || typed.trim() === '' ? null : `${typed} is not a ${field.schema.type === 'integer' ? 'whole ' : ''}number`)
    form.set(field.name, fits ? number : undefined)
  }
  return <input id={id} class="field" type="text" inputMode="decimal" value={text} aria-invalid={error !== null} onInput={(event) => read(event.currentTarget.value)} />
}
