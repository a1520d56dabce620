/** The nodes of the graph in sight, in order, between its inputs and its outputs. */
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { useEditor } from '../forms/editor-context'
import { Name } from './Name'
import { VirtualList } from './VirtualList'

const ROW = 26

export function Outline(): JSX.Element {
  const editor = useEditor()
  const { state } = editor
  const version = state.version.value
  const graph = state.graph.value
  const ids = useMemo(() => {
    const view = editor.document?.graph(graph)
    return view && editor.document ? [...view.inputs, ...editor.document.nodeIds(graph), ...view.outputs.filter((id) => !view.inputs.includes(id))] : []
  }, [version, graph])
  const selected = state.selection.value
  const active = useMemo(() => {
    const id = state.selectedId.value
    return id === null ? -1 : ids.indexOf(id)
  }, [ids, selected])
  const row = (index: number): JSX.Element => {
    const id = ids[index]!
    const node = editor.node(id)
    const value = node ? undefined : editor.value(id)
    const name = node ? node.name : (value?.name ?? '')
    const kind = node ? node.op_type : value?.kind === 'input' ? 'input' : 'output'
    return (
      <div key={`${id} ${index}`} id={`outline-${index}`} role="option" aria-selected={selected.has(id)} class="row" data-id={id} title={name || kind} aria-label={`${name || 'unnamed'} ${kind}`}
        onClick={(event) => { if (event.ctrlKey || event.metaKey) editor.select([id], 'toggle'); else void editor.goTo(id) }}>
        <Name name={name} />
        <span class="detail">{kind}</span>
      </div>
    )
  }
  return (
    <VirtualList count={ids.length} rowHeight={ROW} label="Outline" active={active} row={row} idOf={(index) => `outline-${index}`}
      onMove={(index) => { const id = ids[index]; if (id !== undefined) void editor.goTo(id) }} />
  )
}
