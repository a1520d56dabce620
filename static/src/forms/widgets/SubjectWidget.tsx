/** The model, a node or a value: whatever a note or metadata may be about. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Combobox } from '../Combobox'
import { useEditor } from '../editor-context'
import type { WidgetProps } from '../widget'
import { nodeOptions, valueOptions } from './pick'

const MODEL = 'model:'

export function SubjectWidget({ id, field, value, error, form, focus }: WidgetProps): JSX.Element {
  const editor = useEditor()
  const node = editor.node(String(value))
  const [text, setText] = useState(value === MODEL || value === undefined ? 'the model' : node ? node.name || node.op_type : (editor.value(String(value))?.name ?? String(value)))
  const here = { value: MODEL, label: 'the model', detail: '' }
  return (
    <Combobox id={id} text={text} placeholder="the model, a node or a value" invalid={error !== null} focus={focus}
      options={(typed) => ['', 'the model'].includes(typed) ? [here, ...nodeOptions(editor, form.graph, ''), ...valueOptions(editor, form.graph, '')] : [...nodeOptions(editor, form.graph, typed), ...valueOptions(editor, form.graph, typed)]}
      onText={(typed) => { setText(typed); form.set(field.name, undefined) }} onPick={(picked) => { setText(picked.label); form.set(field.name, picked.value) }} />
  )
}
