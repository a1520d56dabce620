/** An operator domain; empty is the standard one. */
import type { JSX } from 'preact'
import { useEditor } from '../editor-context'
import { Combobox } from '../Combobox'
import type { WidgetProps } from '../widget'

export function DomainWidget({ id, field, value, error, form }: WidgetProps): JSX.Element {
  const editor = useEditor()
  const domains = (): string[] => [...new Set(['', ...(editor.document?.model.opset_imports ?? []).map((one) => one.domain)])]
  return (
    <Combobox id={id} text={typeof value === 'string' ? value : ''} placeholder={typeof field.default === 'string' && field.default !== '' ? field.default : 'ai.onnx'} invalid={error !== null}
      options={(typed) => domains().filter((domain) => domain.includes(typed)).map((domain) => ({ value: domain, label: domain || 'ai.onnx' }))}
      onText={(typed) => form.set(field.name, typed.trim())} onPick={(picked) => form.set(field.name, picked.value)} />
  )
}
