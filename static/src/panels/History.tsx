/** The edits of this session, newest first; undone ones are faint. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useEditor } from '../forms/editor-context'

const SHOWN = 6

export function History(): JSX.Element {
  const editor = useEditor()
  const [all, setAll] = useState(false)
  const history = editor.state.history.value
  const newest = [...history].reverse()
  const shown = all ? newest.slice(0, 500) : newest.slice(0, SHOWN)
  return (
    <section class="section history" aria-label="History">
      <h3 class="section-title">History</h3>
      {history.length === 0 && <p class="quiet">No edits yet. Every edit can be undone.</p>}
      <ol>
        {shown.map((one) => (
          <li key={one.revision} class={one.undone ? 'undone' : ''} title={`${one.title}${one.undone ? ' (undone)' : ''}\n${one.author_name || one.author}, ${timeText(one.at)}`}>
            <span class="number">{one.revision}</span>
            <span class="cut">{one.title}</span>
            <span class="detail cut">{one.undone ? 'undone' : one.author === editor.me ? '' : one.author_name || one.author}</span>
          </li>
        ))}
      </ol>
      {!all && newest.length > SHOWN && <button type="button" class="link" onClick={() => setAll(true)}>all {newest.length} edits</button>}
    </section>
  )
}

function timeText(at: string): string {
  const time = new Date(at)
  return Number.isNaN(time.getTime()) ? at : time.toLocaleTimeString()
}
