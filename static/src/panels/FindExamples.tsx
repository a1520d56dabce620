/** What can be looked for, by examples of this very model. */
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { FIND_FIELD } from '../commands/all'
import { exampleQueries } from '../commands/search-examples'
import { useEditor } from '../forms/editor-context'

export function FindExamples({ onTake }: { onTake(text: string): void }): JSX.Element {
  const editor = useEditor()
  const examples = useMemo(() => (editor.document ? exampleQueries(editor.document, editor.state.graph.peek()) : []), [editor.document])
  const take = (text: string): void => {
    onTake(text)
    document.getElementById(FIND_FIELD)?.focus()
  }
  return (
    <div class="find-help" onMouseDown={(event) => event.preventDefault()}>
      <p class="quiet">Parts of names and operators, and:</p>
      <ul>
        {examples.map(({ text, means }) => <li key={text}><button type="button" class="example" onClick={() => take(text)}><code>{text}</code><span>{means}</span></button></li>)}
      </ul>
      <p class="quiet">All that is typed has to fit.</p>
    </div>
  )
}
