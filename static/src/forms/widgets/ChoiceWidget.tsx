/** One of the values that the schema lists; a choice that only a question can offer is not drawn. */
import type { JSX } from 'preact'
import type { WidgetProps } from '../widget'

export function ChoiceWidget({ id, field, value, error, form }: WidgetProps): JSX.Element | null {
  const choices = field.schema.enum
  if (!choices) return null
  const current = String(value ?? field.default ?? '')
  return (
    <select id={id} class="field" value={current} aria-invalid={error !== null}
      onChange={(event) => form.set(field.name, choices.find((choice) => String(choice) === event.currentTarget.value))}>
      {choices.map((choice) => <option key={String(choice)} value={String(choice)}>{String(choice)}</option>)}
    </select>
  )
}
