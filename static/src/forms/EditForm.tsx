/** The form of any edit, made from its schema: required parameters first, the rest under "More", every refusal at its field. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { errorData } from '../connection/errors'
import type { AppErrorData, EditType } from '../protocol/types'
import { useEditor } from './editor-context'
import { isTextual } from './literals'
import { Refused } from './Refused'
import { widgetNamed } from './registry'
import { complaint } from './sentence'
import { type FieldSpec, fieldsOf } from './schema'
import { chosenOperator, type FormAccess } from './widget'
import { without } from './without'

interface EditFormProps {
  kind: string
  prefilled: Record<string, unknown>
  submitLabel?: string
  onDone(): void
  onCancel(): void
}

/** Parameters worth asking for at once although they may be left out. */
const EAGER = new Set(['domain', 'attributes', 'extra_inputs', 'inputs', 'dtype', 'shape', 'reconnect'])

export function EditForm(props: EditFormProps): JSX.Element {
  const editor = useEditor()
  const type = editor.state.editTypes.value.find((one) => one.kind === props.kind)
  if (!type) return <p class="quiet">This server cannot do {props.kind}.</p>
  return <FormOf {...props} type={type} />
}

function FormOf({ type, prefilled, submitLabel, onDone, onCancel }: EditFormProps & { type: EditType }): JSX.Element {
  const editor = useEditor()
  const [values, setValues] = useState<Record<string, unknown>>(prefilled)
  const [complaints, setComplaints] = useState<Record<string, string>>({})
  const [error, setError] = useState<AppErrorData | null>(null)
  const [busy, setBusy] = useState(false)
  const [more, setMore] = useState(false)
  const fields = fieldsOf(type).filter((field) => !(field.name in prefilled) && drawable(field) && !(field.widget === 'domain' && knownOperator()))

  function knownOperator(): boolean {
    const typed = values['op_type']
    return typeof typed !== 'string' || editor.state.operators.value.some((one) => one.op_type.toLowerCase().includes(typed.toLowerCase()))
  }
  const form: FormAccess = {
    values,
    set: (name, value) => setValues((old) => ({ ...old, [name]: value })),
    complain: (name, message) => setComplaints((old) => (message === null ? without(old, name) : { ...old, [name]: message })),
    operators: editor.state.operators.value,
    graph: editor.state.graph.value,
  }
  const submit = async (choice: Record<string, unknown> = {}): Promise<void> => {
    if (busy || Object.keys(complaints).length > 0) return
    setBusy(true)
    try {
      const given = Object.fromEntries(Object.entries({ ...values, ...choice }).filter(([, value]) => value !== undefined))
      await editor.submit({ kind: type.kind, ...given }, true)
      onDone()
    } catch (thrown) {
      setError(errorData(thrown))
      setBusy(false)
    }
  }
  const errorOf = (field: FieldSpec): string | null => at(complaints, field.name) ?? at(error?.fields ?? {}, field.name)
  const wanted = fields.filter((field) => hasSomethingToAsk(field, form, (value) => editor.document?.consumers(value).length ?? 0))
  const shown = wanted.filter((field) => field.required || EAGER.has(field.name))
  const rest = wanted.filter((field) => !shown.includes(field))
  const loose = Object.entries(error?.fields ?? {}).filter(([name]) => !fields.some((field) => name === field.name || name.startsWith(`${field.name}.`)))
  const draw = (field: FieldSpec, index: number): JSX.Element => (
    <FormField key={field.name} field={field} form={form} value={values[field.name]} error={errorOf(field)} focus={index === 0} formKind={type.kind} />
  )
  return (
    <form class="edit-form" aria-label={type.title} onSubmit={(event) => { event.preventDefault(); void submit() }}>
      {shown.map(draw)}
      {rest.length > 0 && (
        <button type="button" class="link more" aria-expanded={more} onClick={() => setMore(!more)}>{more ? 'Less' : 'More'}</button>
      )}
      {more && rest.map((field) => draw(field, -1))}
      {error && (error.choices || !error.fields || loose.length > 0) && (
        <Refused error={loose.length > 0 ? { ...error, message: loose.map(([name, line]) => complaint(name, line)).join(' ') } : error} onChoice={(choice) => void submit(choice)} />
      )}
      <div class="form-deeds">
        <button type="button" class="button" onClick={onCancel}>Cancel</button>
        <button type="submit" class="button primary" disabled={busy || Object.keys(complaints).length > 0}>{submitLabel ?? type.title}</button>
      </div>
    </form>
  )
}

function FormField({ field, form, value, error, focus, formKind }: { field: FieldSpec; form: FormAccess; value: unknown; error: string | null; focus: boolean; formKind: string }): JSX.Element {
  const Widget = widgetNamed(field.widget)
  const id = `form-${formKind}-${field.name}`
  return (
    <div class={`form-field widget-${field.widget}`}>
      <label class="field-label" for={id} title={field.description}>{field.label}</label>
      <Widget id={id} field={field} form={form} value={value} error={error} focus={focus} />
      {error && <p class="field-error" role="alert">{complaint(field.label, error)}</p>}
    </div>
  )
}

/** Parameters that follow from the operator wait until it is chosen, and are left out when it has none of them. */
function hasSomethingToAsk(field: FieldSpec, form: FormAccess, consumers: (value: string) => number): boolean {
  const op = form.values['op_type']
  if (field.name === 'consumers') return typeof form.values['value'] !== 'string' || consumers(form.values['value']) > 1
  if (field.widget !== 'attributes' && field.widget !== 'inputs') return true
  const operator = chosenOperator(form)
  if (!operator) return typeof op === 'string' && !form.operators.some((one) => one.op_type.toLowerCase().includes(op.toLowerCase()))
  if (field.widget === 'attributes') return operator.attributes.some((one) => isTextual(one.type))
  return field.name === 'extra_inputs' ? operator.inputs.length > 1 || (operator.inputs.at(-1)?.variadic ?? false) : operator.inputs.length > 0
}

/** `choice` without a list is the answer to a question of the server, never a field. */
function drawable(field: FieldSpec): boolean {
  return field.widget !== 'choice' || field.schema.enum !== undefined
}

function at(lines: Readonly<Record<string, string>>, name: string): string | null {
  const key = Object.keys(lines).find((one) => one === name || one.startsWith(`${name}.`))
  return key === undefined ? null : lines[key]!
}
