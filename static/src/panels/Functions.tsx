/** The model's own functions: whoever calls them, from here each can be entered. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { functionName } from '../commands/graphs'
import { useEditor } from '../forms/editor-context'
import { MAIN_GRAPH } from '../state'
import { Icon } from './Icon'
import { Name } from './Name'
import { plural } from './status'

const LISTED = 200
const OPEN_UP_TO = 6 // functions that are shown without being asked for

export function Functions(): JSX.Element | null {
  const editor = useEditor()
  void editor.state.listed.value
  const { document } = editor
  const ids = document ? [...document.graphs.values()].filter((graph) => graph.parent === null && graph.id !== MAIN_GRAPH).map((graph) => graph.id) : []
  const [open, setOpen] = useState<boolean | null>(null)
  const shown = open ?? ids.length <= OPEN_UP_TO
  const here = editor.state.graph.value
  if (!document || ids.length === 0) return null
  return (
    <section class="functions" aria-label="Functions">
      <button type="button" class="folded-head" aria-expanded={shown} onClick={() => setOpen(!shown)}><Icon name={shown ? 'down' : 'right'} /><span class="section-title">Functions <span class="count">{ids.length}</span></span></button>
      {shown && (
        <div class="functions-list">
          {ids.slice(0, LISTED).map((id) => (
            <button key={id} type="button" class="row" aria-current={id === here} title={`Enter ${functionName(document, id)}`} onClick={() => void editor.enter(id)}>
              <Name name={functionName(document, id)} fallback="function" /><span class="detail">{plural(document.nodeIds(id).length, 'node')}</span>
            </button>
          ))}
        </div>
      )}
    </section>
  )
}
