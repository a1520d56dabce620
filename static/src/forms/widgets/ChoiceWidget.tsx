/** One of the values that the schema lists: side by side when they are few. A choice that only a question can offer is not drawn. */
import type { JSX } from 'preact'
import { Segmented } from '../Segmented'
import type { WidgetProps } from '../widget'

const SIDE_BY_SIDE = 3
const LONGEST = 26 // characters of all of them together

export function ChoiceWidget({ id, field, value, error, form }: WidgetProps): JSX.Element | null {
  const choices = field.schema.enum
  if (!choices) return null
  const current = value ?? field.default
  const chosen = current === undefined || current === null ? '' : String(current)
  const put = (text: string): void => form.set(field.name, choices.find((choice) => String(choice) === text))
  const texts = choices.map(String)
  if (texts.length <= SIDE_BY_SIDE && texts.join('').length <= LONGEST) {
    return <Segmented label={field.label} id={id} options={texts.map((text) => ({ value: text, label: text.replaceAll('_', ' ') }))} value={chosen} onChange={put} />
  }
  return (
    <select id={id} class="field" value={chosen} aria-invalid={error !== null} onChange={(event) => put(event.currentTarget.value)}>
      {(chosen === '' || field.nullable) && <option value="">{field.required ? 'choose…' : 'not said'}</option>}
      {texts.map((text) => <option key={text} value={text}>{text}</option>)}
    </select>
  )
}
