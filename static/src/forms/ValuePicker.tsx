/** A field that names one value of the graph: the id goes to the edit, the name is what people see. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Combobox } from './Combobox'
import { useEditor } from './editor-context'
import { valueNamed, valueOptions } from './widgets/pick'

interface ValuePickerProps {
  id: string
  graph: string
  value: string
  label?: string
  placeholder?: string
  invalid?: boolean
  focus?: boolean
  onChange(id: string): void
  onProblem(message: string | null): void
}

export function ValuePicker(props: ValuePickerProps): JSX.Element {
  const editor = useEditor()
  const [text, setText] = useState(props.value ? (editor.value(props.value)?.name ?? props.value) : '')
  return (
    <Combobox id={props.id} label={props.label} text={text} placeholder={props.placeholder ?? 'name of a value'} invalid={props.invalid} focus={props.focus}
      empty="No value of this name here" options={(typed) => valueOptions(editor, props.graph, typed)}
      onText={(typed) => {
        setText(typed)
        const found = typed === '' ? '' : valueNamed(editor, props.graph, typed)
        props.onProblem(found === undefined ? `there is no value named ${typed}` : null)
        props.onChange(found ?? '')
      }}
      onPick={(picked) => { setText(picked.label); props.onProblem(null); props.onChange(picked.value) }} />
  )
}
