/** Commands for working on the graph with the keys alone: what the clipboard does, and what a hand does with wires and operators. */
import { copyNodes, cutNodes, duplicateNodes, pasteFromMenu, selectedNodes } from './clipboard'
import type { Editor } from './editor'
import { offersOn, selected } from './offers'
import type { Command } from './registry'

export function workingCommands(editor: Editor): Command[] {
  const { state } = editor
  const nodes = (): boolean => selectedNodes(editor).length > 0
  const ready = (): boolean => state.loading.value === 'ready'
  const editable = (): boolean => ready() && state.original.value === 'off'
  const offer = (id: string): (() => void) | undefined => { const found = offersOn(editor, selected(editor)).find((one) => one.id === id); return found && (() => found.run(null)) }
  const offered = (id: string, title: string, keys: string[]): Command => ({ id, title, group: 'Edit', keys, run: () => offer(id)?.(), enabled: () => state.selection.value.size > 0 && offer(id) !== undefined })
  const onlyNodes = (line: string) => (): string | null => (editable() && state.selection.peek().size > 0 && !nodes() && noText() ? line : null)
  return [
    { id: 'duplicate', title: 'Duplicate', group: 'Edit', keys: ['Ctrl+D'], run: () => void duplicateNodes(editor), enabled: () => editable() && nodes(), whyNot: onlyNodes('Only nodes can be duplicated.') },
    { id: 'copy', title: 'Copy nodes', group: 'Edit', keys: ['Ctrl+C'], run: () => void copyNodes(editor), enabled: () => ready() && nodes() && noText(), whyNot: onlyNodes('Only nodes can be copied.') },
    { id: 'cut', title: 'Cut nodes', group: 'Edit', keys: ['Ctrl+X'], run: () => void cutNodes(editor), enabled: () => editable() && nodes() && noText(), whyNot: onlyNodes('Only nodes can be cut; the Delete key takes inputs, outputs and wires away.') },
    { id: 'paste', title: 'Paste nodes', group: 'Edit', keys: ['Ctrl+V'], native: true, run: () => void pasteFromMenu(editor), enabled: editable },
    { id: 'add-operator', title: 'Add an operator here', group: 'Edit', keys: ['A'], run: () => editor.canvas?.openPalette(null), enabled: editable },
    offered('connect', 'Connect an input', ['C']),
    offered('disconnect', 'Disconnect an input', ['Shift+C']),
    offered('splice-node', 'Put it on a wire', ['W']),
    offered('replace-uses', 'Give its wires another source', ['R']),
  ]
}

/** A text that is chosen on the page is what copying means then. */
function noText(): boolean {
  return String(document.getSelection() ?? '') === ''
}
