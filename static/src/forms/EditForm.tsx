/** The form of any edit, made from its schema: required parameters first, the rest under "More", every refusal at its field. */
import type { JSX } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { errorData } from '../connection/errors'
import { applyLong } from '../commands/work'
import type { AppErrorData, EditData, EditType } from '../protocol/types'
import { useEditor } from './editor-context'
import { isTextual } from './literals'
import { Refused } from './Refused'
import { widgetNamed } from './registry'
import { complaint, sentence } from './sentence'
import { type FieldSpec, fieldsOf } from './schema'
import { chosenOperator, type FormAccess } from './widget'
import { without } from './without'
import { WorkProgress } from './WorkProgress'

interface EditFormProps {
  kind: string
  prefilled: Record<string, unknown>
  /** what the fields hold at first */
  initial?: Record<string, unknown>
  submitLabel?: string
  onDone(): void
  onCancel(): void
  /** a preview of these values is wanted; only edits that take long offer it */
  onPreview?(edit: EditData, initial: Record<string, unknown>): Promise<void>
}

/** Parameters worth asking for at once although they may be left out. */
const EAGER = new Set(['domain', 'attributes', 'extra_inputs', 'inputs', 'outputs', 'dtype', 'shape', 'reconnect', 'shapes', 'direction'])
const FEW = 4 // fields that are not worth folding away
const CANCELLED = new Set(['cancelled', 'job-cancelled'])

export function EditForm(props: EditFormProps): JSX.Element {
  const editor = useEditor()
  const type = editor.state.editTypes.value.find((one) => one.kind === props.kind)
  if (!type) return <p class="quiet">This server cannot do {props.kind}.</p>
  return <FormOf {...props} type={type} />
}

function FormOf({ type, prefilled, initial = {}, submitLabel, onDone, onCancel, onPreview }: EditFormProps & { type: EditType }): JSX.Element {
  const editor = useEditor()
  const [values, setValues] = useState<Record<string, unknown>>({ ...initial, ...prefilled })
  const [complaints, setComplaints] = useState<Record<string, string>>({})
  const [error, setError] = useState<AppErrorData | null>(null)
  const [busy, setBusy] = useState(false)
  const [more, setMore] = useState(false)
  const box = useRef<HTMLFormElement>(null)
  useLayoutEffect(() => box.current?.querySelector<HTMLElement>('[autofocus]')?.focus({ preventScroll: true }), []) // browsers heed it once for each page
  const fields = fieldsOf(type).filter((field) => !(field.name in prefilled) && drawable(field) && !(field.widget === 'graph' && (editor.document?.graphs.size ?? 0) < 2) && !(field.widget === 'domain' && knownOperator()))

  function knownOperator(): boolean {
    const typed = values['op_type']
    return fieldsOf(type).some((field) => field.widget === 'op_type') && (typeof typed !== 'string' || editor.state.operators.value.some((one) => one.op_type.toLowerCase().includes(typed.toLowerCase())))
  }
  const form: FormAccess = {
    values,
    set: (name, value) => setValues((old) => ({ ...old, [name]: value })),
    complain: (name, message) => setComplaints((old) => (message === null ? without(old, name) : { ...old, [name]: message })),
    operators: editor.state.operators.value,
    graph: editor.state.graph.value,
  }
  const editOf = (choice: Record<string, unknown>): EditData => ({ kind: type.kind, ...givenOf(fields, { ...values, ...choice }, initial) })
  const attempt = async (act: () => Promise<unknown>): Promise<void> => {
    if (busy || Object.keys(complaints).length > 0) return
    setBusy(true)
    setError(null)
    try {
      await act()
    } catch (thrown) {
      const refused = errorData(thrown)
      setError(CANCELLED.has(refused.code) ? null : refused)
      setBusy(false)
    }
  }
  const submit = (choice: Record<string, unknown> = {}): Promise<void> => attempt(async () => {
    if (type.in_job) await applyLong(editor, editOf(choice))
    else await editor.submit(editOf(choice), true)
    onDone()
  })
  const show = (): Promise<void> => attempt(() => onPreview!(editOf({}), values))
  const errorOf = (field: FieldSpec): string | null => at(complaints, field.name) ?? at(error?.fields ?? {}, field.name)
  const wanted = fields.filter((field) => hasSomethingToAsk(field, form, (value) => editor.document?.consumers(value).length ?? 0))
  const eager = wanted.filter((field) => field.required || EAGER.has(field.name) || field.name in initial || errorOf(field) !== null)
  const plain = wanted.filter((field) => !/^accept_/.test(field.name)) // what is only known once a result was seen
  const shown = eager.length === 0 || (type.in_job && plain.length <= FEW) ? plain : eager
  const rest = wanted.filter((field) => !shown.includes(field))
  const loose = Object.entries(error?.fields ?? {}).filter(([name]) => !fields.some((field) => name === field.name || name.startsWith(`${field.name}.`)))
  const stopped = Object.keys(complaints).length > 0
  const working = type.in_job && busy
  const draw = (field: FieldSpec, index: number): JSX.Element => (
    <FormField key={field.name} field={field} form={form} value={values[field.name]} error={errorOf(field)} focus={index === 0} formKind={type.kind} />
  )
  return (
    <form ref={box} class="edit-form" aria-label={type.title} onSubmit={(event) => { event.preventDefault(); void (onPreview && type.in_job ? show() : submit()) }}>
      {(type.in_job || wanted.length === 0) && <About text={type.description} />}
      <fieldset class="form-fields" disabled={working}>
        {shown.map(draw)}
        {rest.length > 0 && (
          <button type="button" class="link more" aria-expanded={more} onClick={() => setMore(!more)}>{more ? 'Less' : 'More'}</button>
        )}
        {more && rest.map((field) => draw(field, -1))}
      </fieldset>
      {error && (error.choices || !error.fields || loose.length > 0) && (
        <Refused error={loose.length > 0 ? { ...error, message: loose.map(([name, line]) => complaint(name, line)).join(' ') } : error} onChoice={(choice) => void submit(choice)} onGoTo={(subject) => void editor.goTo(subject)} />
      )}
      {working ? <WorkProgress /> : (
        <div class="form-deeds">
          <button type="button" class="button" onClick={onCancel}>Cancel</button>
          {type.in_job && onPreview
            ? <><button type="button" class="button" disabled={stopped} onClick={() => void submit()}>Apply</button><button type="submit" class="button primary" disabled={stopped}>Preview</button></>
            : <button type="submit" class="button primary" disabled={busy || stopped}>{submitLabel ?? type.title}</button>}
        </div>
      )}
    </form>
  )
}

/** What is sent: everything that is settled, and of the fields what was given; what a field held at first only when nothing else was changed. */
export function givenOf(fields: readonly Pick<FieldSpec, 'name' | 'required'>[], values: Readonly<Record<string, unknown>>, initial: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const stands = (name: string): boolean => name in initial && JSON.stringify(values[name]) === JSON.stringify(initial[name])
  const optional = fields.filter((field) => !field.required).map((field) => field.name)
  const changed = fields.some((field) => !stands(field.name) && values[field.name] !== undefined)
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== undefined && !(changed && optional.includes(name) && stands(name))))
}

/** An edit's help: its first paragraph, and the rest when it is wanted. */
function About({ text }: { text: string }): JSX.Element {
  const [all, setAll] = useState(false)
  const [first, ...rest] = text.split(/\n\s*\n/).map((paragraph) => sentence(paragraph.replace(/\s+/g, ' ')))
  return (
    <div class="form-about">
      <p>{first} {rest.length > 0 && !all && <button type="button" class="link" onClick={() => setAll(true)}>Read more</button>}</p>
      {all && rest.map((paragraph, at) => <p key={at}>{paragraph}</p>)}
    </div>
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
      {!error && HELPED.has(field.widget) && field.description && <p class="quiet small field-help">{sentence(field.description)}</p>}
    </div>
  )
}

/** What is not plain from its name alone. */
const HELPED = new Set(['switch', 'choice', 'json', 'names'])

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

/** `choice` without a list, and `mismatch`, are answers to a question of the server, never fields. */
function drawable(field: FieldSpec): boolean {
  return field.widget !== 'edits' && field.name !== 'mismatch' && (field.widget !== 'choice' || field.schema.enum !== undefined)
}

function at(lines: Readonly<Record<string, string>>, name: string): string | null {
  const key = Object.keys(lines).find((one) => one === name || one.startsWith(`${name}.`))
  return key === undefined ? null : lines[key]!
}
