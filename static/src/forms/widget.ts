/** What a form gives to the widget of one parameter, and what the widget gives back. */
import type { ComponentType } from 'preact'
import type { OperatorView } from '../protocol/types'
import type { FieldSpec } from './schema'

export interface FormAccess {
  values: Readonly<Record<string, unknown>>
  set(name: string, value: unknown): void
  /** a widget's own complaint about text that is no value yet; null takes it back. The form is not sent meanwhile. */
  complain(name: string, message: string | null): void
  operators: readonly OperatorView[]
  /** the graph that the edit happens in */
  graph: string
}

export interface WidgetProps {
  id: string
  field: FieldSpec
  value: unknown
  error: string | null
  form: FormAccess
  focus: boolean
}

export type Widget = ComponentType<WidgetProps>

/** The operator that the form's op_type and domain name. */
export function chosenOperator(form: FormAccess): OperatorView | undefined {
  const op = form.values['op_type']
  const domain = form.values['domain'] ?? ''
  return form.operators.find((one) => one.op_type === op && sameDomain(one.domain, String(domain)))
}

/** '' and 'ai.onnx' name the same operators. */
export function sameDomain(a: string, b: string): boolean {
  return (a === 'ai.onnx' ? '' : a) === (b === 'ai.onnx' ? '' : b)
}
