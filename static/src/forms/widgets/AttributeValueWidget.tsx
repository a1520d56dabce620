/** The value of one attribute as text, read by the type that the form or the text itself says. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { attributeText, LiteralError, parseAttribute } from '../literals'
import { useEditor } from '../editor-context'
import type { WidgetProps } from '../widget'
import { TensorWidget } from './TensorWidget'

export function AttributeValueWidget(props: WidgetProps): JSX.Element {
  const { values } = props.form
  const held = useEditor().node(String(values['node'] ?? ''))?.attributes[String(values['attribute'] ?? '')]
  return held?.type === 'TENSOR' ? <TensorWidget {...props} /> : <LineWidget {...props} />
}

function LineWidget({ id, field, value, error, form, focus }: WidgetProps): JSX.Element {
  const type = typeof form.values['type'] === 'string' ? form.values['type'] : ''
  const [text, setText] = useState(attributeText({ type, value }))
  const read = (typed: string): void => {
    setText(typed)
    try {
      form.set(field.name, parseAttribute(type || guessType(typed), typed))
      form.complain(field.name, null)
    } catch (thrown) {
      if (!(thrown instanceof LiteralError)) throw thrown
      form.complain(field.name, thrown.message)
    }
  }
  return <input id={id} class="field" type="text" value={text} autofocus={focus} spellcheck={false} autocomplete="off" aria-invalid={error !== null} onInput={(event) => read(event.currentTarget.value)} />
}

/** `3` INT, `0.5` FLOAT, `1, 2` INTS, `0.1, 2` FLOATS, `a, b` STRINGS, else STRING. */
export function guessType(text: string): string {
  const parts = text.trim().replace(/^\[(.*)\]$/s, '$1').split(',').map((part) => part.trim())
  const list = parts.length > 1 || /^\[.*\]$/s.test(text.trim()) ? 'S' : ''
  if (parts.every((part) => /^[+-]?\d+$/.test(part))) return `INT${list}`
  if (parts.every((part) => part !== '' && Number.isFinite(Number(part)))) return `FLOAT${list}`
  return `STRING${list}`
}
