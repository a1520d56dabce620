/** Several things selected: how many, of which kinds, and what can be done with all of them. */
import type { JSX } from 'preact'
import { useEditor } from '../forms/editor-context'
import type { Family } from '../protocol/types'
import { plural } from './status'

const KINDS = 12

export function ManyPanel(): JSX.Element {
  const editor = useEditor()
  const ids = [...editor.state.selection.value]
  const nodes = ids.map((id) => editor.node(id)).filter((node) => node !== undefined)
  const kinds = new Map<string, { count: number; family: Family }>()
  for (const node of nodes) kinds.set(node.op_type, { count: (kinds.get(node.op_type)?.count ?? 0) + 1, family: node.family })
  const sorted = [...kinds].sort((a, b) => b[1].count - a[1].count)
  const values = ids.length - nodes.length
  const remove = (reconnect: boolean): void => { void editor.perform({ kind: 'remove-nodes', nodes: nodes.map((node) => node.id), reconnect }) }
  return (
    <>
      <header class="inspector-head"><h2>{values === 0 ? plural(nodes.length, 'node') : nodes.length === 0 ? plural(values, 'value') : `${plural(nodes.length, 'node')} and ${plural(values, 'value')}`} selected</h2></header>
      <section class="section">
        <h3 class="section-title">Operators</h3>
        <dl>
          {sorted.slice(0, KINDS).map(([op, { count, family }]) => <div key={op} class="fact"><dt><span class={`mark family-${family}`} /> {op}</dt><dd>{count.toLocaleString('en')}</dd></div>)}
          {sorted.length > KINDS && <div class="fact"><dt>{sorted.length - KINDS} more kinds</dt><dd /></div>}
          {values > 0 && <div class="fact"><dt><span class="mark wire" /> values</dt><dd>{values}</dd></div>}
        </dl>
      </section>
      <section class="section" aria-label="Do">
        <h3 class="section-title">Do</h3>
        <div class="deeds">
          <button type="button" class="button" onClick={() => editor.canvas?.zoomTo(ids)}>Zoom to them</button>
          <button type="button" class="button" onClick={() => editor.select([])}>Select nothing</button>
          {nodes.length > 0 && <button type="button" class="button danger" onClick={() => remove(false)}>Delete {plural(nodes.length, 'node')}</button>}
          {nodes.length > 0 && <button type="button" class="button" onClick={() => remove(true)}>Delete and reconnect</button>}
        </div>
      </section>
    </>
  )
}
