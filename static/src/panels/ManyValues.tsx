/** Fields that change several values at once: what is declared of their types, names of their dims, whether they are outputs. */
import type { JSX } from 'preact'
import { common, mixedDims, namedDims, together } from '../commands/many'
import { useEditor } from '../forms/editor-context'
import { InPlace } from '../forms/InPlace'
import { DTYPES, parseShape, shapeText } from '../forms/literals'
import type { ValueView } from '../protocol/types'
import { plural } from './status'

const DIMS = 8
const NAMED = 3 // names that an empty field shows

export function ManyValues({ values }: { values: readonly ValueView[] }): JSX.Element {
  const editor = useEditor()
  const kinds = editor.state.editTypes.value
  const can = (kind: string): boolean => kinds.some((one) => one.kind === kind) && kinds.some((one) => one.kind === 'batch')
  const typed = values.filter((value) => value.kind !== 'initializer')
  const others = values.filter((value) => !value.is_output)
  const shape = common(typed, (value) => shapeText(value.shape))
  const dtype = common(typed, (value) => value.dtype)
  const renames = kinds.some((one) => one.kind === 'rename-dim')
  const mixed = renames && can('rename-dim') ? mixedDims(typed) : []
  const several = new Set(mixed.flatMap(({ names }) => names))
  const dims = renames ? namedDims(values).filter((name) => !several.has(name)).slice(0, DIMS) : []
  return (
    <>
      {typed.length > 0 && can('set-value-type') && (
        <section class="section" aria-label="Type">
          <h3 class="section-title">Type{typed.length < values.length ? ` of ${typed.length}` : ''}</h3>
          <div class="inplace">
            <label class="field-label" for="many-dtype">dtype</label>
            <select id="many-dtype" class="field" value={dtype ?? ''} onChange={(event) => void editor.perform(together(typed.map((value) => ({ kind: 'set-value-type', value: value.id, dtype: event.currentTarget.value }))))}>
              {(dtype === null || dtype === '') && <option value="">{dtype === null ? 'mixed' : 'unknown'}</option>}
              {DTYPES.map((one) => <option key={one} value={one}>{one}</option>)}
            </select>
          </div>
          <InPlace id="many-shape" label="shape" text={shape ?? ''} placeholder={shape === null ? 'mixed' : 'unknown rank'}
            apply={async (text) => editor.submit(together(typed.map((value) => ({ kind: 'set-value-type', value: value.id, shape: parseShape(text), ...(value.inferred && value.dtype ? { dtype: value.dtype } : {}) }))))} />
        </section>
      )}
      {dims.length + mixed.length > 0 && (
        <section class="section" aria-label="Named dimensions">
          <h3 class="section-title">Named dimensions</h3>
          {mixed.map(({ axis, names }) => (
            <InPlace key={`axis ${axis}`} id={`many-axis-${axis}`} label={`dim ${axis}`} text="" placeholder={`${names.length.toLocaleString('en')} names: ${names.slice(0, NAMED).join(', ')}…`}
              apply={async (text) => { const name = text.trim(); await editor.submit(together(names.filter((old) => old !== name).map((old) => ({ kind: 'rename-dim', old, new: name })))) }} />
          ))}
          {dims.map((dim) => <InPlace key={dim} id={`many-dim-${dim}`} label={dim} text={dim} apply={async (text) => editor.submit({ kind: 'rename-dim', old: dim, new: text.trim() })} />)}
          <p class="quiet small">A new name counts in the whole model.</p>
        </section>
      )}
      {others.length > 0 && can('add-output') && (
        <section class="section" aria-label="Outputs">
          <button type="button" class="button" onClick={() => void editor.perform(together(others.map((value) => ({ kind: 'add-output', value: value.id }))))}>Make {plural(others.length, 'output')}</button>
        </section>
      )}
    </>
  )
}
