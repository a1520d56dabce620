/** New shapes for the model's inputs: one field each, filled with what stands; only what differs becomes part of the edit. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Dim, Shape, ValueView } from '../../protocol/types'
import { MAIN_GRAPH } from '../../state'
import { useEditor } from '../editor-context'
import { LiteralError, parseShape, shapeText } from '../literals'
import type { WidgetProps } from '../widget'

export type Shapes = Record<string, Shape>

export function ShapesWidget({ id, field, value, error, form, focus }: WidgetProps): JSX.Element {
  const editor = useEditor()
  const graph = editor.document?.graph(MAIN_GRAPH)
  const inputs = fedFirst((graph?.inputs ?? []).map((one) => editor.value(one)).filter((one) => one !== undefined && one.kind === 'input') as ValueView[])
  const given = (value ?? {}) as Shapes
  const [texts, setTexts] = useState<Record<string, string>>(() => Object.fromEntries(inputs.map((one) => [one.id, dimsText(given[one.id] ?? one.shape)])))
  const [wrong, setWrong] = useState<Record<string, string>>({})

  const put = (next: Record<string, string>): void => {
    const { shapes, lines } = readShapes(inputs, next)
    setTexts(next)
    setWrong(lines)
    const first = inputs.find((one) => lines[one.id] !== undefined)
    form.complain(field.name, first ? `${first.name}: ${lines[first.id]}` : null)
    form.set(field.name, Object.keys(shapes).length > 0 ? shapes : undefined)
  }
  const batch = (dim: Dim): void => put(Object.fromEntries(inputs.map((one) => [one.id, hasDefault(one) ? texts[one.id] ?? '' : dimsText(withFirst(texts[one.id] ?? '', one.shape, dim))])))
  if (inputs.length === 0) return <p class="quiet" id={id}>This model has no inputs.</p>
  const first = inputs.findIndex((one) => one.id in given)
  return (
    <div class="shapes" id={id} role="group" aria-label={field.label}>
      {inputs.length > 0 && (
        <div class="shapes-presets"><span class="quiet">First dimension of all:</span>
          {[1, 8, 'N'].map((dim) => <button key={String(dim)} type="button" class="chip" onClick={() => batch(dim)}>{dim === 'N' ? 'N, any size' : dim}</button>)}
        </div>
      )}
      {inputs.map((one, at) => (
        <div key={one.id} class="shapes-input">
          <label class="shapes-name cut" for={`${id}-${at}`} title={one.name}>{one.name}<span class="quiet"> {one.dtype}</span></label>
          <input id={`${id}-${at}`} class="field" type="text" spellcheck={false} autocomplete="off" value={texts[one.id] ?? ''} autofocus={focus && at === Math.max(0, first)}
            aria-invalid={one.id in wrong || (error !== null && error.includes(one.name))} placeholder="N, 3, 224, 224" onInput={(event) => put({ ...texts, [one.id]: event.currentTarget.value })} />
          <p class="shapes-change">{changesOf(one.shape, texts[one.id] ?? '').map((line) => <span key={line} class="dim-chip">{line}</span>)}</p>
        </div>
      ))}
      <p class="quiet small">A number fixes a dimension, a name leaves it open, <code>?</code> says nothing about it.</p>
    </div>
  )
}

/** A weight that may be given at a run: an input with a default, which no batch size concerns. */
export const hasDefault = (input: Pick<ValueView, 'bytes'>): boolean => input.bytes > 0

/** What must be given at every run comes first. */
export function fedFirst<Input extends Pick<ValueView, 'bytes'>>(inputs: readonly Input[]): Input[] {
  return [...inputs.filter((one) => !hasDefault(one)), ...inputs.filter(hasDefault)]
}

export function dimsText(shape: Shape): string {
  return shape === null ? '' : shape.length === 0 ? 'scalar' : shape.map((dim) => (dim === null ? '?' : String(dim))).join(', ')
}

/** The shapes that differ from what stands, and what is wrong with the others. */
export function readShapes(inputs: readonly Pick<ValueView, 'id' | 'shape'>[], texts: Readonly<Record<string, string>>): { shapes: Shapes; lines: Record<string, string> } {
  const shapes: Shapes = {}
  const lines: Record<string, string> = {}
  for (const { id, shape } of inputs) {
    try {
      const typed = parseShape(texts[id] ?? '')
      if (JSON.stringify(typed) === JSON.stringify(shape)) continue
      if (typed === null) lines[id] = 'a shape is needed here'
      else if (shape !== null && typed.length !== shape.length) lines[id] = `it has ${shape.length} dimensions, not ${typed.length}`
      else shapes[id] = typed
    } catch (thrown) {
      if (!(thrown instanceof LiteralError)) throw thrown
      lines[id] = thrown.message
    }
  }
  return { shapes, lines }
}

/** `dim 1: 1 → N`, for every dimension that would change. */
export function changesOf(shape: Shape, text: string): string[] {
  let typed: Shape
  try { typed = parseShape(text) } catch { return [] }
  if (typed === null || shape === null || typed.length !== shape.length) return []
  const one = (dim: Dim): string => shapeText([dim])
  return typed.flatMap((dim, at) => (dim === shape[at] ? [] : [`dim ${at}: ${one(shape[at]!)} → ${one(dim)}`]))
}

function withFirst(text: string, standing: Shape, first: Dim): Shape {
  let typed: Shape
  try { typed = parseShape(text) } catch { typed = standing }
  if (typed === null || (standing !== null && typed.length !== standing.length)) typed = standing
  return typed === null || typed.length === 0 ? typed : [first, ...typed.slice(1)]
}
