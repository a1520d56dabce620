/** One node of the graph, found by name or operator. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Combobox } from '../Combobox'
import { useEditor } from '../editor-context'
import type { WidgetProps } from '../widget'
import { nodeOptions } from './pick'

export function NodeWidget({ id, field, value, error, form, focus }: WidgetProps): JSX.Element {
  const editor = useEditor()
  const node = typeof value === 'string' ? editor.node(value) : undefined
  const [text, setText] = useState(node ? node.name || node.op_type : '')
  return (
    <Combobox id={id} text={text} placeholder="name of a node" invalid={error !== null} focus={focus} empty="No node of this name here"
      options={(typed) => nodeOptions(editor, form.graph, typed)} onText={(typed) => { setText(typed); form.set(field.name, undefined) }}
      onPick={(picked) => { setText(picked.label); form.set(field.name, picked.value) }} />
  )
}
