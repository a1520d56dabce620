/** An element type. */
import type { JSX } from 'preact'
import { DTYPES } from '../literals'
import type { WidgetProps } from '../widget'

export function DtypeWidget({ id, field, value, error, form }: WidgetProps): JSX.Element {
  return (
    <select id={id} class="field" value={typeof value === 'string' ? value : ''} aria-invalid={error !== null}
      onChange={(event) => form.set(field.name, event.currentTarget.value || undefined)}>
      <option value="">{field.required ? 'choose…' : 'unchanged'}</option>
      {DTYPES.map((dtype) => <option key={dtype} value={dtype}>{dtype}</option>)}
    </select>
  )
}
