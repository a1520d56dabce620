/** What the model is made of, in a handful of lines. */
import type { JSX } from 'preact'
import { useEditor } from '../forms/editor-context'
import { bytesText, countText, shortDtype } from '../forms/literals'
import { plural } from './status'
import { useReport, useTallies } from './use-report'

export function ModelFacts(): JSX.Element | null {
  const editor = useEditor()
  void editor.state.version.value // the model's facts may have changed
  const tallies = useTallies()
  const { report } = useReport(false)
  const model = editor.document?.model
  if (!model) return null
  const opsets = model.opset_imports.map((one) => `${one.domain || 'ai.onnx'} ${one.version}`).join(', ')
  const precision = report?.weights.precision ?? ''
  const constants = model.parameters === 0 ? (report?.weights.constant_elements ?? 0) : 0 // some exporters have no initializers at all
  const facts: [string, string, string?][] = [
    ['Operators', tallies === null ? '…' : tallies.nodes === 0 ? 'none' : `${plural(tallies.kinds.length, 'kind')} · ${tallies.nodes.toLocaleString('en')}`],
    constants > 0 ? ['Constants', countText(constants)] : ['Parameters', countText(model.parameters)],
    ['Weights', constants > 0 ? bytesText(report!.weights.constant_bytes) : model.weight_bytes > 0 ? [bytesText(model.weight_bytes), precision.startsWith('mixed') ? 'mixed' : shortDtype(precision)].filter(Boolean).join(' · ') : 'none', precision],
    ['Opset', opsets || 'none declared'],
    ['Made by', [model.producer, model.producer_version].filter(Boolean).join(' ') || report?.provenance.framework || 'not said'],
    ['IR version', String(model.ir_version)],
  ]
  if (model.functions.length > 0) facts.push(['Functions', String(model.functions.length)])
  return (
    <section class="facts" aria-label="Model">
      <h3 class="section-title">Model</h3>
      <dl>{facts.map(([name, text, more]) => <div key={name} class="fact"><dt>{name}</dt><dd class="cut" title={more ? `${text}, ${more}` : text}>{text}</dd></div>)}</dl>
    </section>
  )
}
