/** One line of text: names and descriptions. */
import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { WidgetProps } from '../widget'

export function TextWidget({ id, field, value, error, form, focus }: WidgetProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => { if (focus) { input.current?.focus({ preventScroll: true }); input.current?.select() } }, [])
  return (
    <input ref={input} id={id} class="field" type="text" spellcheck={field.widget === 'text'} autocomplete="off" value={typeof value === 'string' ? value : ''}
      aria-invalid={error !== null} onInput={(event) => {
        const text = event.currentTarget.value
        form.set(field.name, text === '' && !field.required ? undefined : text)
      }} />
  )
}
