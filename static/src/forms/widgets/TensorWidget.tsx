/** A tensor as people write it: its elements one by one, a formula, or an .npy file. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { readWhole, type TensorSubject } from '../../commands/tensor'
import type { Editor } from '../../commands/editor'
import { AppFailure } from '../../connection/errors'
import { useEditor } from '../editor-context'
import { DTYPES, shapeText } from '../literals'
import { Segmented } from '../Segmented'
import { readTensor, type Standing, startOf, type TypedTensor, type Way } from '../tensor-literal'
import type { FormAccess, WidgetProps } from '../widget'
import { FormulaField } from './FormulaField'
import { NpyField } from './NpyField'

const WAYS: readonly { value: Way; label: string }[] = [{ value: 'values', label: 'Values' }, { value: 'formula', label: 'Formula' }, { value: 'file', label: '.npy file' }]
const SHOWN = 64 // elements; so many are put into the field to be changed

export function TensorWidget({ id, field, value, error, form, focus }: WidgetProps): JSX.Element {
  const editor = useEditor()
  const standing = standingOf(editor, form)
  const [typed, setTyped] = useState<TypedTensor>(() => startOf(value, standing))
  const put = (change: Partial<TypedTensor>, wrong: string | null = null): void => {
    const next = { ...typed, ...change }
    setTyped(next)
    const read = readTensor(next, standing)
    form.complain(field.name, wrong ?? read.wrong)
    form.set(field.name, read.tensor)
  }
  useEffect(() => {
    if (!standing?.subject || typed.text !== '' || !standing.shape?.every((dim) => typeof dim === 'number')) return
    const stop = new AbortController()
    readWhole(editor, standing.subject, standing.shape, SHOWN, stop.signal).then(
      (data) => { if (data !== null) setTyped((old) => (old.text === '' ? { ...old, text: spaced(data) } : old)) }, // sent once it is changed
      (thrown: unknown) => { if (!(thrown instanceof AppFailure) && !stop.signal.aborted) throw thrown }, // it is a help only
    )
    return () => stop.abort()
  }, [])
  return (
    <div class="tensor-fields" id={id} role="group" aria-label={field.label}>
      <Segmented label="How the tensor is written" options={WAYS} value={typed.way} onChange={(way) => put({ way })} />
      {typed.way !== 'file' && (
        <div class="tensor-type">
          <select class="field" aria-label="dtype of the tensor" value={typed.dtype} onChange={(event) => put({ dtype: event.currentTarget.value })}>
            {DTYPES.map((dtype) => <option key={dtype} value={dtype}>{dtype}</option>)}
          </select>
          <input class="field" type="text" aria-label="shape of the tensor" placeholder="2, 3; empty: as the values are" spellcheck={false} autocomplete="off" value={typed.shape}
            onInput={(event) => put({ shape: event.currentTarget.value })} />
        </div>
      )}
      {typed.way === 'values' && (
        <textarea class="field tall mono" rows={4} autofocus={focus} aria-label="values of the tensor" placeholder="[[1, 2, 3], [4, 5, 6]]" spellcheck={false} value={typed.text} aria-invalid={error !== null}
          onInput={(event) => put({ text: event.currentTarget.value })} />
      )}
      {typed.way === 'formula' && (
        <FormulaField text={typed.formula} tensor={readTensor(typed, standing).tensor} value={typeof form.values['value'] === 'string' ? form.values['value'] : ''} hasTensor={Boolean(standing?.subject)} invalid={error !== null}
          onInput={(formula) => put({ formula })} onWrong={(line) => form.complain(field.name, line)} />
      )}
      {typed.way === 'file' && <NpyField file={typed.file} onFile={(file, wrong) => put({ file }, wrong)} />}
      {standing && (standing.dtype || standing.shape) && <p class="quiet small">It is {[shapeText(standing.shape), standing.dtype].filter(Boolean).join(' ')} now.</p>}
    </div>
  )
}

/** The value or attribute that the form is about: its type, and where its tensor is when it has one. */
function standingOf(editor: Editor, form: FormAccess): (Standing & { subject: TensorSubject | null }) | null {
  const { value, node, attribute } = form.values
  const about = editor.value(String(value ?? ''))
  if (about) return { dtype: about.dtype, shape: about.shape, subject: about.kind === 'input' || !editor.document ? null : { value: about.id } }
  const held = editor.node(String(node ?? ''))?.attributes[String(attribute ?? '')]
  const [, dtype, dims] = /^(\w+)\[([\d, ]*)\]/.exec(String(held?.value ?? '')) ?? []
  if (held?.type !== 'TENSOR' || dtype === undefined || dims === undefined) return null
  return { dtype, shape: dims.split(',').map((dim) => dim.trim()).filter(Boolean).map(Number), subject: { node: String(node), attribute: String(attribute) } }
}

/** Nested lists with a line for each row. */
function spaced(data: unknown): string {
  if (!Array.isArray(data)) return String(data)
  return Array.isArray(data[0]) ? `[${data.map(spaced).join(',\n ')}]` : `[${data.map((one) => (typeof one === 'string' && !/^-?(\d+|Infinity)$|^NaN$/.test(one) ? JSON.stringify(one) : String(one))).join(', ')}]`
}
