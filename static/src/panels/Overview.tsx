/** What the right panel shows when nothing is selected: the graph in sight, what goes in and what comes out. */
import type { JSX } from 'preact'
import { useEditor } from '../forms/editor-context'
import { MAIN_GRAPH } from '../state'
import { ValueCard } from './SlotCards'

const SHOWN = 100

export function Overview(): JSX.Element | null {
  const editor = useEditor()
  const { state } = editor
  const graph = editor.document?.graph(state.graph.value)
  const model = editor.document?.model
  if (!graph || !model) return null
  const main = graph.id === MAIN_GRAPH
  const what = main ? 'main graph' : graph.parent === null ? 'function' : 'body'
  const inputs = graph.inputs.filter((id) => editor.value(id))
  return (
    <>
      <header class="inspector-head">
        <h2 class="cut" title={graph.name}>{graph.name || (main ? 'Graph' : 'Body')}</h2>
        <span class="origin cut">{what}</span>
      </header>
      {main && model.doc && <p class="doc">{model.doc}</p>}
      {graph.doc && graph.doc !== model.doc && <p class="doc">{graph.doc}</p>}
      <List title="Inputs" ids={inputs} />
      <List title="Outputs" ids={graph.outputs} />
      {main && model.metadata.length > 0 && (
        <section class="section">
          <h3 class="section-title">Metadata</h3>
          <dl>{model.metadata.slice(0, SHOWN).map((one) => <div key={one.key} class="fact"><dt class="cut" title={one.key}>{one.key}</dt><dd class="cut" title={one.value}>{one.value}</dd></div>)}</dl>
        </section>
      )}
      <p class="hint-line">Select a node or a value to change it; right-click for what can be done there. <kbd>?</kbd> shows all keys.</p>
    </>
  )
}

function List({ title, ids }: { title: string; ids: readonly string[] }): JSX.Element {
  return (
    <section class="section" aria-label={title}>
      <h3 class="section-title">{title} {ids.length > 1 && <span class="count">{ids.length.toLocaleString('en')}</span>}</h3>
      {ids.length === 0 && <p class="quiet">none</p>}
      {ids.slice(0, SHOWN).map((id) => <ValueCard key={`${title} ${id}`} id={id} side="graph" />)}
      {ids.length > SHOWN && <p class="quiet">and {(ids.length - SHOWN).toLocaleString('en')} more; find them by name</p>}
    </section>
  )
}
