/** Text of several lines: notes and documentation. */
import type { JSX } from 'preact'
import type { WidgetProps } from '../widget'

export function LongTextWidget({ id, field, value, error, form, focus }: WidgetProps): JSX.Element {
  return (
    <textarea id={id} class="field tall" rows={5} autofocus={focus} value={typeof value === 'string' ? value : ''} aria-invalid={error !== null}
      onInput={(event) => form.set(field.name, event.currentTarget.value)}
      onKeyDown={(event) => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); event.stopPropagation(); event.currentTarget.form?.requestSubmit() } }} />
  )
}
