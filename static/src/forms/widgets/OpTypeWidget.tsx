/** An operator, searched by name in the opsets that the model imports; choosing one sets its domain too. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { OperatorView } from '../../protocol/types'
import { Combobox, type Option } from '../Combobox'
import type { WidgetProps } from '../widget'

/** Names that begin with the text first, then names that hold it. */
export function searchOperators(operators: readonly OperatorView[], text: string): OperatorView[] {
  const wanted = text.trim().toLowerCase()
  const usable = operators.filter((one) => !one.deprecated && one.op_type.toLowerCase().includes(wanted))
  const rank = (one: OperatorView): number => (one.op_type.toLowerCase() === wanted ? 0 : one.op_type.toLowerCase().startsWith(wanted) ? 1 : 2) + (one.domain === '' || one.domain === 'ai.onnx' ? 0 : 3)
  return usable.sort((a, b) => rank(a) - rank(b) || a.op_type.localeCompare(b.op_type))
}

export function OpTypeWidget({ id, field, value, error, form, focus }: WidgetProps): JSX.Element {
  const [text, setText] = useState(typeof value === 'string' ? value : '')
  const choose = (op: string, domain: string | null): void => {
    setText(op)
    form.set(field.name, op)
    if (domain !== null) form.set('domain', domain)
    form.set('attributes', undefined)
    form.set('extra_inputs', undefined)
  }
  const option = (one: OperatorView): Option => ({ value: `${one.domain} ${one.op_type}`, label: one.op_type, detail: one.domain === '' ? '' : one.domain, mark: one.family })
  return (
    <Combobox id={id} text={text} placeholder="Relu, Cast, Conv…" focus={focus} eager invalid={error !== null} empty="No operator of this name in the model's opsets"
      options={(typed) => searchOperators(form.operators, typed).map(option)}
      onText={(typed) => {
        const exact = form.operators.find((one) => one.op_type.toLowerCase() === typed.trim().toLowerCase() && !one.deprecated)
        if (exact) { setText(typed); form.set(field.name, exact.op_type); form.set('domain', exact.domain) } else { setText(typed); form.set(field.name, typed.trim() || undefined) }
      }}
      onPick={(picked) => {
        const at = picked.value.lastIndexOf(' ')
        choose(picked.label, picked.value.slice(0, at))
      }} />
  )
}
