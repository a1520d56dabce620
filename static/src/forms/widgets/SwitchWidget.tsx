/** Yes or no. */
import type { JSX } from 'preact'
import type { WidgetProps } from '../widget'

export function SwitchWidget({ id, field, value, form }: WidgetProps): JSX.Element {
  const on = Boolean(value ?? field.default)
  return <input id={id} class="switch" type="checkbox" role="switch" checked={on} onChange={(event) => form.set(field.name, event.currentTarget.checked)} />
}
