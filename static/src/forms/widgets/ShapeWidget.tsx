/** A shape as text: `N×3×224×224`, `?` for an unknown dimension, nothing for an unknown rank. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Shape } from '../../protocol/types'
import { LiteralError, parseShape, shapeText } from '../literals'
import type { WidgetProps } from '../widget'

export function ShapeWidget({ id, field, value, error, form }: WidgetProps): JSX.Element {
  const [text, setText] = useState(shapeText((value ?? null) as Shape))
  const read = (typed: string): void => {
    setText(typed)
    try {
      form.set(field.name, parseShape(typed))
      form.complain(field.name, null)
    } catch (thrown) {
      if (!(thrown instanceof LiteralError)) throw thrown
      form.complain(field.name, thrown.message)
    }
  }
  return <input id={id} class="field" type="text" value={text} placeholder="N×3×224×224, ? unknown" spellcheck={false} autocomplete="off"
    aria-invalid={error !== null} onInput={(event) => read(event.currentTarget.value)} />
}
