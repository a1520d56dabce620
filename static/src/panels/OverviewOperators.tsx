/** The operators of the model by how often they are there; a click selects every node of one. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { graphWith, nodesOf, type OperatorTally } from '../commands/operator-counts'
import { useEditor } from '../forms/editor-context'
import { MAIN_GRAPH } from '../state'
import { plural } from './status'
import { useTallies } from './use-report'

const SHOWN = 12

export function OverviewOperators(): JSX.Element {
  const editor = useEditor()
  const tallies = useTallies()
  const [all, setAll] = useState(false)
  const select = async (one: OperatorTally): Promise<void> => {
    const document = editor.document
    if (!document) return
    const graph = graphWith(document, editor.state.graph.peek(), one)
    if (graph === undefined) return
    if (graph !== editor.state.graph.peek()) await editor.enter(graph)
    const ids = nodesOf(document, graph, one)
    if (ids.length === 1) return editor.goTo(ids[0]!)
    editor.select(ids)
    editor.canvas?.zoomTo(ids)
  }
  const main = editor.state.graph.value === MAIN_GRAPH
  const inside = (tallies?.kinds ?? []).filter((one) => one.here > 0).sort((a, b) => b.here - a.here) // of a body or function, its own ones
  const kinds = main ? (tallies?.kinds ?? []) : inside
  const countOf = (one: OperatorTally): number => (main ? one.count : one.here)
  const nodes = kinds.reduce((sum, one) => sum + countOf(one), 0)
  const shown = all || kinds.length <= SHOWN + 1 ? kinds : kinds.slice(0, SHOWN)
  const most = kinds[0] ? countOf(kinds[0]) : 1
  return (
    <section class="section" aria-label="Operators">
      <h3 class="section-title">Operators {tallies !== null && kinds.length > 0 && <span class="count">{plural(kinds.length, 'kind')} · {plural(nodes, 'node')}</span>}</h3>
      {tallies === null && [70, 52, 60].map((width) => <span key={width} class="skeleton" style={{ '--width': `${width}%` }} />)}
      {tallies !== null && kinds.length === 0 && <p class="quiet">none: double-click the canvas to add one</p>}
      <div class="kinds">
        {shown.map((one) => (
          <button key={`${one.domain} ${one.op_type}`} type="button" class="kind" title={titleOf(one)} aria-label={`${[one.op_type, one.domain].filter(Boolean).join(' ')}: ${plural(countOf(one), 'node')}`} onClick={() => void select(one)}>
            <span class={`mark family-${one.family}`} /><span class="cut">{one.op_type}{one.domain && <span class="kind-domain"> {one.domain}</span>}</span>
            <span class="kind-bar" aria-hidden="true"><i class={`family-${one.family}`} style={{ '--share': String(countOf(one) / most) }} /></span>
            {' '}<span class="kind-count">{countOf(one).toLocaleString('en')}</span>
          </button>
        ))}
      </div>
      {shown.length < kinds.length && <button type="button" class="link" onClick={() => setAll(true)}>all {kinds.length} kinds</button>}
    </section>
  )
}

function titleOf(one: OperatorTally): string {
  const elsewhere = one.count - one.here
  const where = one.here === 0 ? 'none in this graph: goes where they are' : elsewhere > 0 ? `selects the ${one.here.toLocaleString('en')} of this graph` : one.count === 1 ? 'goes there' : 'selects all of them'
  return `${one.domain || 'ai.onnx'} ${one.op_type}: ${where}`
}
