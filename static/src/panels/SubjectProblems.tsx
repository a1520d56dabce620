/** What the validators say about the selected thing, above its fields. */
import type { JSX } from 'preact'
import { fix } from '../commands/fix'
import { useEditor } from '../forms/editor-context'
import { sentence } from '../forms/sentence'

const SHOWN = 4

export function SubjectProblems({ id }: { id: string }): JSX.Element | null {
  const editor = useEditor()
  const found = editor.state.diagnostics.value.filter((one) => one.subjects.includes(id))
  if (found.length === 0) return null
  return (
    <div class="subject-problems">
      {found.slice(0, SHOWN).map((one, at) => (
        <div key={at} class={`note ${one.severity}`}>
          <p>{sentence(one.message)}</p>
          {one.hint && <p class="note-hint">{sentence(one.hint)}</p>}
          {one.fix && <button type="button" class="link" onClick={() => void fix(editor, one.fix!)}>Fix</button>}
        </div>
      ))}
      {found.length > SHOWN && <button type="button" class="link" onClick={() => { editor.state.problemsOpen.value = true }}>and {found.length - SHOWN} more</button>}
    </div>
  )
}
