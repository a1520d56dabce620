/** What the right panel shows when nothing is selected: the graph in sight, what goes in and out, and what the model is made of. */
import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { useEditor } from '../forms/editor-context'
import { sentence } from '../forms/sentence'
import { MAIN_GRAPH } from '../state'
import { fetchReport } from '../commands/report'
import { Metadata, MetadataOf, MODEL } from './Metadata'
import { MoreInFile } from './MoreInFile'
import { Note } from './Note'
import { OverviewCost } from './OverviewCost'
import { OverviewFindings } from './OverviewFindings'
import { Origin, SafetyNotes } from './OverviewOrigin'
import { OverviewModel } from './OverviewModel'
import { OverviewOperators } from './OverviewOperators'
import { OverviewWeights } from './OverviewWeights'
import { ValueCard } from './SlotCards'
import { useReport } from './use-report'

const SHOWN = 6
const MOST = 200

export function Overview({ history }: { history: JSX.Element | null }): JSX.Element | null {
  const editor = useEditor()
  const { state } = editor
  void state.version.value // what the model says about itself, names and types may have changed
  const graph = editor.document?.graph(state.graph.value)
  const model = editor.document?.model
  if (!graph || !model) return null
  const main = graph.id === MAIN_GRAPH
  const what = main ? 'main graph' : graph.parent !== null ? 'body' : ['function', graph.domain, graph.overload && `overload ${graph.overload}`].filter(Boolean).join(' · ')
  const inputs = graph.inputs.filter((id) => editor.value(id))
  const fed = main ? inputs.filter((id) => editor.value(id)!.bytes === 0) : inputs
  const defaults = inputs.filter((id) => !fed.includes(id))
  return (
    <>
      <header class="inspector-head">
        <h2 class="cut" title={graph.name}>{graph.name || (main ? 'Graph' : 'Body')}</h2>
        <span class="origin cut">{what}</span>
      </header>
      {main && model.doc && <Note key="model note" subject={MODEL} text={model.doc} title="Note of the model" />}
      <p class="hint-line first-hint">Select a node or a value to change it; right-click for what can be done there. <kbd>?</kbd> shows all keys.</p>
      {main && <Reported part="head" />}
      <List key={`${graph.id} in`} title="Inputs" ids={fed} />
      {defaults.length > 0 && <List key={`${graph.id} defaults`} title="Inputs with a default" ids={defaults} few={0} />}
      {!main && <Captured key={`${graph.id} outer`} graph={graph.id} />}
      <List key={`${graph.id} out`} title="Outputs" ids={graph.outputs} />
      {history}
      <OverviewOperators />
      {main && <Reported part="body" />}
      {main && <OverviewModel />}
      {main && <Metadata subject={MODEL} entries={model.metadata} />}
      {main && !model.doc && <Note key="model note below" subject={MODEL} text="" title="Note of the model" />}
      {main && <MoreInFile key="model more" subject={MODEL} title="More about the model in the file" />}
      <Note key={`${graph.id} note`} subject={graph.id} text={graph.doc ?? ''} title={main ? 'Note of the graph' : undefined} />
      <MetadataOf key={`${graph.id} metadata`} subject={graph.id} title={main ? 'Metadata of the graph' : undefined} />
      <MoreInFile key={`${graph.id} more`} subject={graph.id} title={main ? 'More about the graph in the file' : undefined} />
    </>
  )
}

/** What a body reads from the graphs around it, which is no input of its own. */
function Captured({ graph }: { graph: string }): JSX.Element | null {
  const editor = useEditor()
  const { document } = editor
  const revision = editor.state.revision.value
  const ids = useMemo(() => [...new Set((document?.nodeIds(graph) ?? []).flatMap((node) => document?.node(node)?.inputs ?? []))].filter((id) => id !== '' && document?.value(id)?.graph !== graph), [document, graph, revision])
  return ids.length === 0 ? null : <List title="Taken from outside" ids={ids} />
}

function List({ title, ids, few = SHOWN }: { title: string; ids: readonly string[]; few?: number }): JSX.Element {
  const [all, setAll] = useState(false)
  const shown = ids.length <= few + 1 ? ids : ids.slice(0, all ? MOST : few)
  return (
    <section class="section" aria-label={title}>
      <h3 class="section-title">{title} {ids.length > 1 && <span class="count">{ids.length.toLocaleString('en')}</span>}</h3>
      {ids.length === 0 && <p class="quiet">none</p>}
      {shown.map((id) => <ValueCard key={`${title} ${id}`} id={id} side="graph" />)}
      {!all && shown.length < ids.length && <button type="button" class="link" onClick={() => setAll(true)}>{shown.length === 0 ? `Show all ${ids.length.toLocaleString('en')}` : `and ${(ids.length - shown.length).toLocaleString('en')} more`}</button>}
      {all && shown.length < ids.length && <p class="quiet">and {(ids.length - shown.length).toLocaleString('en')} more; find them by name</p>}
    </section>
  )
}

/** What only the server can tell, as it reads the whole model for that: where it comes from and what to beware of; what it weighs and costs. */
function Reported({ part }: { part: 'head' | 'body' }): JSX.Element | null {
  const editor = useEditor()
  const { report, old } = useReport(part === 'body')
  const error = editor.state.reportError.value
  if (editor.state.original.value !== 'off') return null // the report is about the edited model
  const style = old ? 'reported old' : 'reported'
  if (part === 'head') return report && <div class={style}><Origin facts={report.provenance} /><SafetyNotes notes={report.safety.notes} /></div>
  if (report === null && error) {
    return (
      <section class="section" aria-label="Report">
        <div class="note warning" role="alert">
          <p>{sentence(error.message)}</p>{error.hint && <p class="note-hint">{sentence(error.hint)}</p>}
          <button type="button" class="link" onClick={() => { editor.state.reportError.value = null; void fetchReport(editor) }}>Try again</button>
        </div>
      </section>
    )
  }
  return (
    <div class={style} aria-busy={report === null || old}>
      {report === null ? <Skeleton /> : (
        <>
          <OverviewWeights facts={report.weights} />
          <OverviewCost facts={report.cost} />
          <OverviewFindings report={report} />
        </>
      )}
    </div>
  )
}

function Skeleton(): JSX.Element {
  return (
    <section class="section" role="status" aria-label="Reading the model">
      <h3 class="section-title">Weights</h3>
      {[80, 62, 71, 48].map((width) => <span key={width} class="skeleton" style={{ '--width': `${width}%` }} />)}
    </section>
  )
}
