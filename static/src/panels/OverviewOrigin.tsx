/** Where the model comes from, and what to know before trusting it: the first things to read about a model somebody was given. */
import type { JSX } from 'preact'
import { useEditor } from '../forms/editor-context'
import { sentence } from '../forms/sentence'
import type { ModelReport } from '../protocol/report'

/** Framework and exporter, with how sure that is and why. */
export function Origin({ facts }: { facts: ModelReport['provenance'] }): JSX.Element | null {
  if (facts.sure === '' && facts.tools.length === 0) return null
  const why = facts.because.join('; ')
  return (
    <div class="origin-card" title={why}>
      {facts.sure !== '' && (
        <p class="origin-line"><span class="origin-name">{facts.framework || facts.exporter}</span><span class={`tag ${facts.sure === 'certain' ? 'sure' : ''}`}>{facts.sure}</span></p>
      )}
      {facts.framework && facts.exporter && <p class="quiet small">exported by {facts.exporter}</p>}
      {facts.tools.length > 0 && <p class="quiet small">{facts.sure === '' ? 'changed' : 'then changed'} by {facts.tools.join(', ')}</p>}
      {why && <p class="quiet small">because {why}</p>}
    </div>
  )
}

export function SafetyNotes({ notes }: { notes: ModelReport['safety']['notes'] }): JSX.Element | null {
  const editor = useEditor()
  if (notes.length === 0) return null
  return (
    <section class="section" aria-label="Safety notes">
      <h3 class="section-title">Safety notes</h3>
      <ul class="notes">
        {notes.map((note) => {
          const at = note.subjects.find((id) => editor.node(id) ?? editor.value(id))
          return (
            <li key={`${note.code} ${note.message}`} class={`note ${note.severity}`}>
              <p>{sentence(note.message)}</p>
              {at && <button type="button" class="link" onClick={() => void editor.goTo(at)}>Go there</button>}
            </li>
          )
        })}
      </ul>
    </section>
  )
}
