/** Where in nested bodies the canvas is, and the way back. */
import type { JSX } from 'preact'
import type { Editor } from '../commands/editor'
import { bodyTitle } from '../commands/graphs'
import { useEditor } from '../forms/editor-context'
import type { GraphView } from '../protocol/types'
import { MAIN_GRAPH } from '../state'

export function Breadcrumb(): JSX.Element | null {
  const editor = useEditor()
  const { state } = editor
  void state.version.value
  const trail = trailTo(editor, state.graph.value)
  if (trail.length < 2) return null
  return (
    <nav class="breadcrumb" aria-label="Bodies">
      {trail.map(({ id, name }, at) => (at === trail.length - 1
        ? <span key={id} class="cut" aria-current="location">{name}</span>
        : <span key={id} class="crumb"><button type="button" class="link cut" onClick={() => void editor.leaveTo(id)}>{name}</button><span aria-hidden="true">/</span></span>))}
    </nav>
  )
}

function trailTo(editor: Editor, graph: string): { id: string; name: string }[] {
  const trail: { id: string; name: string }[] = []
  for (let at: string | null = graph; at !== null; ) {
    const view: GraphView | undefined = editor.document?.graph(at)
    if (!view) break
    trail.unshift({ id: at, name: at === MAIN_GRAPH ? editor.state.name.value || 'model' : bodyTitle(editor.document!, at) })
    at = view.parent ?? (at === MAIN_GRAPH ? null : MAIN_GRAPH)
  }
  return trail
}
