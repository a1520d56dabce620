/** The name of an attribute, with those of the operator as suggestions. */
import type { JSX } from 'preact'
import { Combobox } from '../Combobox'
import { useEditor } from '../editor-context'
import { sameDomain, type WidgetProps } from '../widget'

export function AttributeNameWidget({ id, field, value, error, form, focus }: WidgetProps): JSX.Element {
  const editor = useEditor()
  const node = editor.node(String(form.values['node'] ?? ''))
  const schema = node && form.operators.find((one) => one.op_type === node.op_type && sameDomain(one.domain, node.domain))
  return (
    <Combobox id={id} text={typeof value === 'string' ? value : ''} placeholder="axis, mode…" invalid={error !== null} focus={focus}
      options={(typed) => (schema?.attributes ?? []).filter((one) => one.name.includes(typed)).map((one) => ({ value: one.name, label: one.name, detail: one.type }))}
      onText={(typed) => form.set(field.name, typed || undefined)} onPick={(picked) => form.set(field.name, picked.value)} />
  )
}
