/** What an edit would do, before it is done: sizes, operators, outputs and what it found; then accept it, change it or let it be. */
import type { JSX } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { acceptPreview } from '../commands/work'
import { errorData } from '../connection/errors'
import { useEditor } from '../forms/editor-context'
import { Refused } from '../forms/Refused'
import type { AppErrorData, PreviewResult } from '../protocol/types'
import type { FinishedPreview } from '../state'
import { Modal } from './Modal'
import { changesText, figuresOf, reportLines, touchedNodes, verdictOf } from './preview-words'
import { verdict } from './RunPanel'
import { plural } from './status'

const OPERATORS = 40
const OUTPUTS = 12
const MARKED = 5000 // nodes

export function PreviewDialog({ shown }: { shown: FinishedPreview }): JSX.Element {
  const editor = useEditor()
  const { state } = editor
  const [error, setError] = useState<AppErrorData | null>(null)
  const [busy, setBusy] = useState(false)
  const [inGraph, setInGraph] = useState(false)
  const { result } = shown
  const touched = useMemo(() => touchedNodes(result.delta, (id) => editor.node(id) !== undefined), [result])
  const marked = [...touched.removed, ...touched.changed]
  const stale = state.revision.value !== shown.revision
  const unchanged = nothingChanges(result)
  const discard = (): void => { state.preview.value = null }
  const back = (): void => { state.preview.value = null; state.form.value = shown.form }
  const accept = async (): Promise<void> => {
    setBusy(true)
    try {
      await acceptPreview(editor)
    } catch (thrown) {
      setError(errorData(thrown))
      setBusy(false)
    }
  }
  useEffect(() => {
    if (!inGraph) return
    editor.select([]) // its rings would hide the marks
    editor.canvas?.setHits(marked)
    editor.canvas?.zoomTo(marked)
    return () => editor.canvas?.setHits([])
  }, [inGraph])
  if (inGraph) return <PreviewBar removed={touched.removed.length} changed={touched.changed.length} busy={busy} onDetails={() => setInGraph(false)} onDiscard={discard} onAccept={() => void accept()} error={error} />
  return (
    <Modal title={`Preview: ${result.title}`} wide onClose={discard}>
      <div class="preview">
        <Verdict result={result} />
        <Figures result={result} />
        {!unchanged && <p class="quiet preview-changes">{changesText(result.changes)}.</p>}
        <Operators result={result} />
        <Outputs result={result} />
        <Report report={result.report} />
        {stale && <div class="note warning">The model was edited since this preview was made. If the two get into each other's way, accepting is refused.</div>}
        {error && <Refused error={error} onGoTo={(subject) => { discard(); void editor.goTo(subject) }} />}
      </div>
      <div class="form-deeds spread">
        {shown.form && <button type="button" class="button" disabled={busy} onClick={back}>Change…</button>}
        {marked.length > 0 && marked.length <= MARKED && <button type="button" class="button" disabled={busy} onClick={() => setInGraph(true)}>Show in the graph</button>}
        <span class="grow" />
        <button type="button" class="button" disabled={busy} data-focus={unchanged ? '' : undefined} onClick={discard}>{unchanged ? 'Close' : 'Discard'}</button>
        {!unchanged && <button type="button" class="button primary" data-focus disabled={busy} onClick={() => void accept()}>{busy ? 'Accepting…' : 'Accept'}</button>}
      </div>
    </Modal>
  )
}

interface PreviewBarProps { removed: number; changed: number; busy: boolean; error: AppErrorData | null; onDetails(): void; onDiscard(): void; onAccept(): void }

/** While the graph shows which nodes are meant, the decision waits in one line below it. */
function PreviewBar({ removed, changed, busy, error, onDetails, onDiscard, onAccept }: PreviewBarProps): JSX.Element {
  const text = [removed > 0 ? `${plural(removed, 'node')} would go` : '', changed > 0 ? `${plural(changed, 'node')} would change` : ''].filter(Boolean).join(', ')
  return (
    <div class="preview-bar" role="dialog" aria-label="Preview in the graph">
      <span class="preview-swatch" aria-hidden="true" /><span class="cut">Marked: {text}.</span>
      {error && <Refused error={error} />}
      <button type="button" class="button small" onClick={onDetails}>Details</button>
      <button type="button" class="button small" disabled={busy} onClick={onDiscard}>Discard</button>
      <button type="button" class="button small primary" disabled={busy} onClick={onAccept}>Accept</button>
    </div>
  )
}

function nothingChanges({ changes, delta }: PreviewResult): boolean {
  const none = (one: { added: number; removed: number; changed: number }): boolean => one.added + one.removed + one.changed === 0
  return none(changes.nodes) && none(changes.values) && delta?.length === 0
}

function Verdict({ result }: { result: PreviewResult }): JSX.Element {
  const { tone, text, note } = nothingChanges(result) ? { tone: 'quiet', text: 'Nothing would change', note: '' } : verdictOf(result)
  return (
    <div class={`preview-verdict ${tone}`}>
      <span class="pill-dot" aria-hidden="true" /><strong>{text}</strong>{note && <span class="preview-note">{note}</span>}
    </div>
  )
}

function Figures({ result }: { result: PreviewResult }): JSX.Element | null {
  const figures = figuresOf(result)
  if (figures.length === 0) return null
  return (
    <dl class="preview-figures">
      {figures.map((one) => (
        <div key={one.name} class="preview-figure">
          <dt>{one.name}</dt>
          <dd>{one.better !== null && <><span class="quiet">{one.before}</span><span class="preview-arrow" aria-label="to">→</span></>}<strong>{one.after}</strong></dd>
          <dd class={`preview-change ${one.better === null ? 'quiet' : one.better ? 'valid' : ''}`}>{one.change}</dd>
        </div>
      ))}
    </dl>
  )
}

function Operators({ result }: { result: PreviewResult }): JSX.Element | null {
  const rows = [...result.operators].sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before))
  if (rows.length === 0) return null
  const most = Math.max(...rows.map((row) => Math.max(row.before, row.after)))
  return (
    <section aria-label="Operators">
      <h3 class="section-title">Operators that change</h3>
      <div class="preview-table" role="table" aria-label="Operators before and after">
        {rows.slice(0, OPERATORS).map((row) => (
          <div role="row" key={`${row.domain} ${row.op_type}`} class="preview-row">
            <span role="cell" class="cut" title={row.domain || 'ai.onnx'}>{row.op_type}{row.domain && row.domain !== 'ai.onnx' ? <small class="quiet"> {row.domain}</small> : null}</span>
            <span role="cell" class="preview-bars" aria-hidden="true"><i class="before" style={{ '--share': String(row.before / most) }} /><i class="after" style={{ '--share': String(row.after / most) }} /></span>
            <span role="cell" class="number">{row.before.toLocaleString('en')}</span>
            <span role="cell" class="preview-arrow" aria-label="to">→</span>
            <span role="cell" class="number"><strong>{row.after.toLocaleString('en')}</strong></span>
          </div>
        ))}
        {rows.length > OPERATORS && <p class="quiet">and {rows.length - OPERATORS} more kinds</p>}
      </div>
    </section>
  )
}

function Outputs({ result }: { result: PreviewResult }): JSX.Element | null {
  const outputs = result.outputs ?? []
  const telling = outputs.filter((one) => one.equal !== true || one.difference !== 0)
  if (telling.length === 0) return null
  return (
    <section aria-label="Outputs">
      <h3 class="section-title">Outputs</h3>
      <dl>{telling.slice(0, OUTPUTS).map((one) => (
        <div key={one.name} class="fact"><dt class="cut" title={one.name}>{one.name}</dt><dd class={`cut run-verdict ${one.equal === true ? 'valid' : one.equal === false ? 'warning' : 'quiet'}`} title={one.note}>{verdict(one)}{one.note ? ` · ${one.note}` : ''}</dd></div>
      ))}</dl>
      {telling.length > OUTPUTS && <p class="quiet">and {telling.length - OUTPUTS} more</p>}
    </section>
  )
}

function Report({ report }: { report: Record<string, unknown> }): JSX.Element | null {
  const lines = reportLines(report)
  if (lines.length === 0) return null
  return (
    <section aria-label="What it found">
      <h3 class="section-title">What it found</h3>
      {lines.map((line) => (line.items.length > 0
        ? <div key={line.label} class={`preview-list ${line.tone}`}><span class="quiet">{line.label}</span><ul>{line.items.map((item, at) => <li key={at}>{item}</li>)}</ul></div>
        : <dl key={line.label} class="fact"><dt class="cut">{line.label}</dt><dd>{line.text}</dd></dl>))}
    </section>
  )
}
