/** What the model says about itself, as fields where it can be changed: producer, versions, domain, opsets. */
import type { JSX } from 'preact'
import { useEditor } from '../forms/editor-context'
import { InPlace } from '../forms/InPlace'
import { bytesText, LiteralError } from '../forms/literals'
import { openForm } from '../commands/open-form'
import { besidePanel } from './place'

export function OverviewModel(): JSX.Element | null {
  const editor = useEditor()
  void editor.state.version.value
  const model = editor.document?.model
  const report = editor.state.report.value
  if (!model) return null
  const can = (kind: string): boolean => editor.state.original.value === 'off' && editor.state.editTypes.value.some((one) => one.kind === kind)
  const info = can('set-model-info')
  const set = (field: string, value: string | number): Promise<unknown> => editor.submit({ kind: 'set-model-info', [field]: value })
  return (
    <section class="section" aria-label="About the model">
      <h3 class="section-title">About</h3>
      {report && report.identity.file_bytes > 0 && <Fact name="file size" text={bytesText(report.identity.file_bytes)} title={report.identity.file} />}
      <Editable id="model-producer" label="producer" text={model.producer} placeholder="not said" editable={info} apply={(text) => set('producer', text)} />
      <Editable id="model-producer-version" label="its version" text={model.producer_version} placeholder="not said" editable={info} apply={(text) => set('version', text)} />
      <Editable id="model-domain" label="domain" text={model.domain} placeholder="none" editable={info} apply={(text) => set('domain', text)} />
      <Editable id="model-version" label="model version" text={model.model_version} editable={info} apply={(text) => set('model_version', whole(text))} />
      <Editable id="model-ir" label="IR version" text={String(model.ir_version)} editable={info} apply={(text) => set('ir_version', whole(text))} />
      {model.opset_imports.map((one, at) => (
        <Editable key={`${one.domain} ${at}`} id={`model-opset-${one.domain || 'ai.onnx'}`} label={one.domain || 'opset ai.onnx'} text={String(one.version)} editable={can('set-opset-import')}
          apply={(text) => editor.submit({ kind: 'set-opset-import', domain: one.domain, version: text.trim() === '' ? null : whole(text) })} />
      ))}
      {can('set-opset-import') && <button type="button" class="link" onClick={(event) => openForm(editor, 'set-opset-import', {}, 'Import a domain', besidePanel(event.currentTarget))}>import another domain…</button>}
    </section>
  )
}

function Editable({ id, label, text, placeholder, editable, apply }: { id: string; label: string; text: string; placeholder?: string; editable: boolean; apply(text: string): Promise<unknown> }): JSX.Element {
  if (!editable) return <Fact name={label} text={text || (placeholder ?? '')} />
  return <InPlace id={id} label={label} text={text} placeholder={placeholder} apply={async (typed) => apply(typed)} />
}

function Fact({ name, text, title }: { name: string; text: string; title?: string }): JSX.Element {
  return <div class="inplace fixed-fact"><span class="field-label cut" title={name}>{name}</span><span class="cut" title={title ?? text}>{text}</span></div>
}

function whole(text: string): number {
  const number = Number(text.trim())
  if (!/^-?\d+$/.test(text.trim()) || !Number.isSafeInteger(number)) throw new LiteralError(`${text.trim() || 'nothing'} is not a whole number`)
  return number
}
