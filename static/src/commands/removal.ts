/** What the Delete key takes away: nodes, model inputs and outputs, and the wires of selected values. */
import type { EditData } from '../protocol/types'
import type { Editor } from './editor'

/** The edits for what is selected: outputs first, so that nothing hangs on what goes after them. */
export function removalOf(editor: Editor, reconnect: boolean): EditData[] {
  const selected = [...editor.state.selection.peek()]
  const nodes = selected.filter((id) => editor.node(id))
  const gone = new Set(nodes)
  const values = selected.flatMap((id) => editor.value(id) ?? [])
  const outputs = values.filter((value) => value.is_output)
  const inputs = values.filter((value) => value.kind === 'input')
  const wires = values.filter((value) => !value.is_output && value.kind === 'intermediate')
  return [
    ...outputs.map((value): EditData => ({ kind: 'remove-output', value: value.id })),
    ...wires.flatMap((value) => (editor.document?.consumers(value.id) ?? []).filter((use) => !gone.has(use.node)).map((use): EditData => ({ kind: 'disconnect', node: use.node, slot: use.slot }))),
    ...(nodes.length > 0 ? [{ kind: 'remove-nodes', nodes, reconnect }] : []),
    ...inputs.map((value): EditData => ({ kind: 'remove-input', value: value.id })),
  ]
}

/** As one revision. */
export async function removeSelected(editor: Editor, reconnect: boolean): Promise<void> {
  const edits = removalOf(editor, reconnect)
  if (edits.length === 1) await editor.perform(edits[0]!)
  else if (edits.length > 1) await editor.perform({ kind: 'batch', edits })
}
