/** What is selected, as a form; the last run; or the graph itself. */
import type { JSX } from 'preact'
import type { Editor } from '../commands/editor'
import { useEditor } from '../forms/editor-context'
import { Refused } from '../forms/Refused'
import { History } from './History'
import { ManyPanel } from './ManyPanel'
import { NodePanel } from './NodePanel'
import { Overview } from './Overview'
import { asks } from './QuestionDialog'
import { RunPanel } from './RunPanel'
import { ValuePanel } from './ValuePanel'

export function RightPanel(): JSX.Element {
  return (
    <aside class="panel right" aria-label="Properties">
      <Refusal />
      <Inspected />
    </aside>
  )
}

function Inspected(): JSX.Element | null {
  const editor = useEditor()
  const { state } = editor
  void state.version.value // names, wires and types may have changed
  const history = state.loading.value === 'ready' && state.rightView.value === 'inspector' ? <History key="history" /> : null
  if (state.selection.value.size > 1) return <><ManyPanel />{history}</>
  const id = state.selectedId.value
  if (id === null && state.rightView.value === 'run') return <RunPanel />
  const node = id === null ? undefined : editor.node(id)
  if (node) return <><NodePanel key={node.id} node={node} />{history}</>
  const value = id === null ? undefined : editor.value(id)
  if (value) return <><ValuePanel key={value.id} value={value} />{history}</>
  const edited = state.history.value.length > 0 // then it belongs above the long list of what the model is made of
  return <><Overview history={edited ? history : null} />{edited ? null : history}</>
}

/** Why the last deed was refused, when no field or form stands behind it. */
function Refusal(): JSX.Element | null {
  const editor = useEditor()
  const refusal = editor.state.refusal.value
  if (!refusal || asks(refusal)) return null
  return (
    <div class="refusal">
      <Refused error={refusal.error} back="Close" onTakeBack={() => { editor.state.refusal.value = null }} onGoTo={(subject) => void editor.goTo(subject)} nameOf={(subject) => nameOf(editor, subject)} />
    </div>
  )
}

function nameOf(editor: Editor, id: string): string {
  const node = editor.node(id)
  return (node ? node.name || node.op_type : (editor.value(id)?.name ?? '')).slice(0, 200)
}
