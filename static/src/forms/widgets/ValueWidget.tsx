/** One value of the graph, found by name. */
import type { JSX } from 'preact'
import { ValuePicker } from '../ValuePicker'
import type { WidgetProps } from '../widget'

export function ValueWidget({ id, field, value, error, form, focus }: WidgetProps): JSX.Element {
  return <ValuePicker id={id} graph={form.graph} value={typeof value === 'string' ? value : ''} invalid={error !== null} focus={focus}
    onChange={(picked) => form.set(field.name, picked || undefined)} onProblem={(message) => form.complain(field.name, message)} />
}
