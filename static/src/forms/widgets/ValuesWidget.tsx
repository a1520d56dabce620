/** Some values of the graph, one after the other. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Combobox } from '../Combobox'
import { useEditor } from '../editor-context'
import type { WidgetProps } from '../widget'
import { valueOptions } from './pick'

export function ValuesWidget({ id, field, value, error, form, focus }: WidgetProps): JSX.Element {
  const editor = useEditor()
  const [text, setText] = useState('')
  const chosen = Array.isArray(value) ? (value as string[]) : []
  const put = (next: string[]): void => form.set(field.name, next.length > 0 ? next : undefined)
  return (
    <div class="chips-field">
      {chosen.map((one) => (
        <button key={one} type="button" class="chip" aria-label={`Remove ${editor.value(one)?.name ?? one}`} onClick={() => put(chosen.filter((other) => other !== one))}>
          {editor.value(one)?.name ?? one} ×
        </button>
      ))}
      <Combobox id={id} text={text} placeholder="add a value" invalid={error !== null} focus={focus} options={(typed) => valueOptions(editor, form.graph, typed)}
        onText={setText} onPick={(picked) => { setText(''); put([...new Set([...chosen, picked.value])]) }} />
    </div>
  )
}
