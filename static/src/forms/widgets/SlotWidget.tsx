/** An input slot of the form's node, by the name that its operator gives it, with what it holds now. */
import type { JSX } from 'preact'
import { useEditor } from '../editor-context'
import { sameDomain, type WidgetProps } from '../widget'
import { NumberWidget } from './NumberWidget'

const takeFocus = (element: HTMLElement | null): void => element?.focus() // one function, so that it is called once

export function SlotWidget(props: WidgetProps): JSX.Element {
  const { id, field, value, error, form, focus } = props
  const editor = useEditor()
  const node = editor.node(String(form.values['node'] ?? ''))
  if (!node) return <NumberWidget {...props} />
  const schema = form.operators.find((one) => one.op_type === node.op_type && sameDomain(one.domain, node.domain))
  const variadic = schema?.inputs.at(-1)?.variadic ?? !schema
  const count = Math.max(node.inputs.length + (variadic ? 1 : 0), schema?.inputs.length ?? 0)
  const nameOf = (slot: number): string => node.input_names[slot] ?? schema?.inputs[slot]?.name ?? `input ${slot + 1}`
  const holds = (slot: number): string => { const held = node.inputs[slot]; return held ? (editor.value(held)?.name ?? held) : 'empty' }
  return (
    <select ref={focus ? takeFocus : undefined} id={id} class="field" value={typeof value === 'number' ? String(value) : ''} aria-invalid={error !== null}
      onChange={(event) => form.set(field.name, event.currentTarget.value === '' ? undefined : Number(event.currentTarget.value))}>
      <option value="">choose…</option>
      {Array.from({ length: Math.min(count, 200) }, (_, slot) => <option key={slot} value={String(slot)}>{nameOf(slot)}: {holds(slot).slice(0, 80)}</option>)}
    </select>
  )
}
