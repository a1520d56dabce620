/** The inputs of a new node, slot by slot as its operator's schema names them; `extra_inputs` begins after the wire it is put on. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { SlotView } from '../../protocol/types'
import { ValuePicker } from '../ValuePicker'
import { chosenOperator, type WidgetProps } from '../widget'

export function InputsWidget({ id, field, value, form, error }: WidgetProps): JSX.Element {
  const [more, setMore] = useState(0)
  const operator = chosenOperator(form)
  const skipped = field.name === 'extra_inputs' ? 1 : 0
  const given = Array.isArray(value) ? (value as string[]) : []
  const slots = slotsOf(operator?.inputs, skipped, Math.max(given.length, 0) + more)
  const put = (at: number, picked: string): void => {
    const next = Array.from({ length: Math.max(slots.length, given.length) }, (_, i) => (i === at ? picked : (given[i] ?? '')))
    while (next.at(-1) === '') next.pop()
    form.set(field.name, next)
  }
  const variadic = !operator || operator.inputs.at(-1)?.variadic
  if (slots.length === 0 && !variadic) return <p class="quiet" id={id}>{operator ? 'No other inputs.' : 'Choose an operator first.'}</p>
  return (
    <div class="slot-fields" id={id} role="group" aria-label={field.label}>
      {slots.map((slot, at) => (
        <div class="slot-field" key={`${slot.name} ${at}`}>
          <label class="field-label cut" for={`${id}-${at}`} title={slot.doc}>{slot.name}</label>
          <ValuePicker id={`${id}-${at}`} label={`input ${slot.name}`} graph={form.graph} value={given[at] ?? ''} placeholder={slot.optional ? 'none' : 'value'}
            invalid={error !== null && !slot.optional && !given[at]} onChange={(picked) => put(at, picked)} onProblem={(message) => form.complain(`${field.name}.${at}`, message)} />
        </div>
      ))}
      {variadic && <button type="button" class="link" onClick={() => setMore(more + 1)}>+ input</button>}
    </div>
  )
}

/** The schema's slots after the skipped ones; a variadic slot is repeated up to `wanted`. */
export function slotsOf(schema: readonly SlotView[] | undefined, skipped: number, wanted: number): SlotView[] {
  const all = schema ?? []
  const fixed = all.filter((slot) => !slot.variadic)
  const variadic = all.find((slot) => slot.variadic)
  const shown = fixed.slice(skipped)
  for (let at = shown.length; at < wanted; at++) {
    shown.push({ name: `${variadic?.name ?? 'input'} ${at + skipped - fixed.length + 1}`, doc: variadic?.doc ?? '', optional: true, variadic: true, types: variadic?.types ?? [] })
  }
  return shown
}
