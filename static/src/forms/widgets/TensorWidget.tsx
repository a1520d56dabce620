/** A tensor as it is typed: its dtype, its shape, and its elements one by one or all alike. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useEditor } from '../editor-context'
import { DTYPES, shapeText } from '../literals'
import { Segmented } from '../Segmented'
import { type Fill, readTensor, startOf, type TypedTensor } from '../tensor-literal'
import type { WidgetProps } from '../widget'

const FILLS: readonly { value: Fill; label: string }[] = [{ value: 'values', label: 'Values' }, { value: 'zeros', label: 'Zeros' }, { value: 'ones', label: 'Ones' }]

export function TensorWidget({ id, field, value, error, form, focus }: WidgetProps): JSX.Element {
  const editor = useEditor()
  const about = editor.value(String(form.values['value'] ?? ''))
  const [typed, setTyped] = useState<TypedTensor>(() => startOf(value, about))
  const put = (change: Partial<TypedTensor>): void => {
    const next = { ...typed, ...change }
    setTyped(next)
    const { tensor, wrong } = readTensor(next)
    form.complain(field.name, wrong)
    form.set(field.name, tensor)
  }
  return (
    <div class="tensor-fields" id={id} role="group" aria-label={field.label}>
      <div class="tensor-type">
        <select class="field" aria-label="dtype of the tensor" value={typed.dtype} onChange={(event) => put({ dtype: event.currentTarget.value })}>
          {DTYPES.map((dtype) => <option key={dtype} value={dtype}>{dtype}</option>)}
        </select>
        <input class="field" type="text" aria-label="shape of the tensor" placeholder="2, 3; empty: as the values are" spellcheck={false} autocomplete="off" value={typed.shape}
          onInput={(event) => put({ shape: event.currentTarget.value })} />
      </div>
      <Segmented label="What the tensor is filled with" options={FILLS} value={typed.fill} onChange={(fill) => put({ fill })} />
      {typed.fill === 'values' && (
        <textarea class="field tall mono" rows={4} autofocus={focus} aria-label="values of the tensor" placeholder="[[1, 2, 3], [4, 5, 6]]" spellcheck={false} value={typed.text} aria-invalid={error !== null}
          onInput={(event) => put({ text: event.currentTarget.value })} />
      )}
      {about && about.shape && <p class="quiet small">It is {shapeText(about.shape)} {about.dtype} now.</p>}
    </div>
  )
}
