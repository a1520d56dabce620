/** A value: its name, its type, who makes it and who takes it. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Editor } from '../commands/editor'
import { openForm } from '../commands/open-form'
import type { Use } from '../commands/ports'
import { constantAttribute } from '../commands/tensor'
import { AppFailure } from '../connection/errors'
import { useEditor } from '../forms/editor-context'
import { InPlace } from '../forms/InPlace'
import { attributeText, bytesText, DTYPES, parseShape, shapeText } from '../forms/literals'
import type { Shape, ValueView } from '../protocol/types'
import { MAIN_GRAPH } from '../state'
import { MetadataOf } from './Metadata'
import { MoreInFile } from './MoreInFile'
import { clipped, Name } from './Name'
import { Note } from './Note'
import { OfferButtons } from './OfferButtons'
import { SubjectProblems } from './SubjectProblems'
import { TensorPanel } from './TensorPanel'

const SHOWN = 30

export function ValuePanel({ value }: { value: ValueView }): JSX.Element {
  const editor = useEditor()
  const producer = editor.document?.producer(value.id) ?? null
  const consumers = editor.document?.consumers(value.id) ?? []
  return (
    <>
      <header class="inspector-head">
        <span class="mark big wire" />
        <h2 class="cut" title={clipped(value.name)}>{kindText(value)}</h2>
        <span class="origin cut">{[value.bytes > 0 ? bytesText(value.bytes) : '', value.inferred ? 'type inferred' : ''].filter(Boolean).join(' · ')}</span>
      </header>
      <SubjectProblems id={value.id} />
      <InPlace key={`${value.id} name`} id="inspector-name" label="name" text={value.name} apply={(name) => editor.submit({ kind: 'rename-value', value: value.id, name })} />
      <TypeFields value={value} />
      <TensorOf value={value} />
      <section class="section" aria-label="Made by">
        <h3 class="section-title">Made by</h3>
        {producer ? <UseCard use={producer} side="output" /> : <p class="quiet">{value.kind === 'initializer' ? 'a tensor of the model' : value.kind === 'input' ? 'whoever runs the model' : 'nothing: it is dangling'}</p>}
      </section>
      <Consumers uses={consumers} isOutput={value.is_output} />
      <OfferButtons on={{ nodes: [], values: [value.id], graph: value.graph }} />
      <Note key={`${value.id} note`} subject={value.id} text={value.doc ?? ''} />
      <MetadataOf key={`${value.id} metadata`} subject={value.id} />
      <MoreInFile key={`${value.id} more`} subject={value.id} />
    </>
  )
}

/** The tensor of an initializer, or the one that a Constant node makes. One of another type is shown afresh. */
function TensorOf({ value }: { value: ValueView }): JSX.Element | null {
  const editor = useEditor()
  const known = { dtype: value.dtype, shape: (value.shape ?? []).map(Number) }
  if (value.bytes > 0 || value.kind === 'initializer') {
    return <TensorPanel key={`${value.id} ${value.dtype} ${shapeText(value.shape)}`} subject={{ value: value.id }} bytes={value.bytes} content={value.content ?? ''} known={known} />
  }
  const held = constantAttribute(editor, value.id)
  const attribute = held && editor.node(held.node)?.attributes[held.name]
  if (!attribute) return null
  const text = attributeText(attribute)
  const sized = value.dtype !== '' && known.shape.every(Number.isFinite)
  return (
    <TensorPanel key={`${value.id} ${attribute.type} ${text.split(':')[0]}`} subject={{ value: value.id }} bytes={sized ? known.shape.reduce((all, dim) => all * dim, 8) : 0} content={`${attribute.content ?? ''} ${text}`} />
  )
}

function kindText(value: ValueView): string {
  if (value.kind === 'input') return 'Model input'
  if (value.kind === 'initializer') return value.is_output ? 'Initializer, output' : 'Initializer'
  return value.is_output ? 'Output' : 'Value'
}

function TypeFields({ value }: { value: ValueView }): JSX.Element {
  const editor = useEditor()
  const fixed = value.kind === 'initializer' || (value.dtype !== '' && !(DTYPES as readonly string[]).includes(value.dtype))
  const setDtype = (dtype: string): void => { void editor.perform({ kind: 'set-value-type', value: value.id, dtype }) }
  if (fixed) {
    return (
      <div class="inplace"><span class="field-label">type</span>
        <div class="inplace-box"><div class="field fixed cut" title={value.dtype}>{[shapeText(value.shape), value.dtype].filter(Boolean).join('  ')}</div></div>
      </div>
    )
  }
  return (
    <>
      <div class="inplace">
        <label class="field-label" for="inspector-dtype">dtype</label>
        <div class="inplace-box">
          <select id="inspector-dtype" class={value.inferred ? 'field faint' : 'field'} value={value.dtype} onChange={(event) => setDtype(event.currentTarget.value)}>
            {value.dtype === '' && <option value="">unknown</option>}
            {DTYPES.map((dtype) => <option key={dtype} value={dtype}>{dtype}</option>)}
          </select>
        </div>
      </div>
      <InPlace key={`${value.id} shape`} id="inspector-shape" label="shape" text={shapeText(value.shape)} placeholder="unknown rank" hint={value.inferred && value.shape ? 'inferred' : undefined}
        apply={(text, choice) => applyShape(editor, value, parseShape(text), choice)} />
    </>
  )
}

/** A model input can be resized, which mends the model, or only declared otherwise; everything else is declared. */
async function applyShape(editor: Editor, value: ValueView, shape: Shape, choice: Record<string, unknown> = {}): Promise<unknown> {
  const { how, ...parameters } = choice
  const main = value.kind === 'input' && value.graph === MAIN_GRAPH && value.shape !== null && shape?.length === value.shape.length
  const resizable = main && editor.state.editTypes.peek().some((one) => one.kind === 'resize-inputs')
  if (how === undefined && Object.keys(parameters).length === 0 && resizable) {
    throw new AppFailure({
      code: 'choice-needed', subjects: [], hint: '', message: 'What shall happen to the rest of the model?',
      choices: [{ label: 'Resize: mend what depends on it, and prove it', how: 'resize' }, { label: 'Declare only', how: 'declare' }],
    })
  }
  if (how !== 'resize') return editor.submit({ kind: 'set-value-type', value: value.id, shape, ...(value.inferred ? { dtype: value.dtype } : {}), ...parameters })
  return openForm(editor, 'resize-inputs', {}, 'Resize inputs', null, { initial: { shapes: { [value.id]: shape } } })
}

function Consumers({ uses, isOutput }: { uses: readonly Use[]; isOutput: boolean }): JSX.Element {
  const [all, setAll] = useState(false)
  const shown = all ? uses : uses.slice(0, SHOWN)
  return (
    <section class="section" aria-label="Taken by">
      <h3 class="section-title">Taken by {uses.length > 1 && <span class="count">{uses.length.toLocaleString('en')}</span>}</h3>
      {uses.length === 0 && <p class="quiet">{isOutput ? 'nothing in the model: it is an output' : 'nothing'}</p>}
      {shown.map((use) => <UseCard key={`${use.node} ${use.slot}`} use={use} side="input" />)}
      {uses.length > shown.length && <button type="button" class="link" onClick={() => setAll(true)}>and {(uses.length - shown.length).toLocaleString('en')} more</button>}
    </section>
  )
}

function UseCard({ use, side }: { use: Use; side: 'input' | 'output' }): JSX.Element | null {
  const editor = useEditor()
  const node = editor.node(use.node)
  if (!node) return null
  const slot = (side === 'input' ? node.input_names : node.output_names)[use.slot] ?? String(use.slot)
  return (
    <button type="button" class="card-button" data-id={node.id} title={clipped(node.name || node.op_type)} onClick={() => void editor.goTo(node.id)}>
      <span class={`mark family-${node.family}`} />
      <span class="card-op">{node.op_type}</span>
      <span class="quiet use-name"><Name name={node.name} fallback=" " /></span>
      <span class="detail">{slot}</span>
    </button>
  )
}
