/** Commands that move the reader about: along wires, to what nodes depend on and feed, and what is selected on the way. */
import { downstream, sameOperator, upstream } from './reach'
import type { Editor } from './editor'
import { canHighlight, followValue, setSteps, stepHighlight, toggleReach } from './highlight'
import type { Command } from './registry'
import { selectScope } from './scope-selection'

export function movingCommands(editor: Editor): Command[] {
  const { state } = editor
  const nodes = (): string[] => [...state.selection.value].filter((id) => editor.node(id))
  const some = (): boolean => nodes().length > 0
  const steps = (): boolean => state.highlight.value?.what === 'reach'
  const ready = (): boolean => state.loading.value === 'ready'
  const select = (found: (ids: string[]) => Iterable<string>): void => { const ids = nodes(); if (editor.document && ids.length > 0) editor.select([...ids, ...found(ids)]) }
  return [
    { id: 'select-operator', title: 'Select all of the same operator', group: 'Select', keys: ['Shift+O'], run: () => select((ids) => sameOperator(editor.document!, editor.graphsInSight(), ids)), enabled: some },
    { id: 'select-upstream', title: 'Select what it depends on', group: 'Select', keys: ['Shift+U'], run: () => select((ids) => upstream(editor.document!, ids)), enabled: some },
    { id: 'select-downstream', title: 'Select what it feeds', group: 'Select', keys: ['Shift+D'], run: () => select((ids) => downstream(editor.document!, ids)), enabled: some },
    { id: 'select-scope', title: 'Select all of its scope', group: 'Select', keys: ['Shift+S'], run: () => selectScope(editor), enabled: some },
    { id: 'select-lit', title: 'Select what is highlighted', group: 'Select', keys: ['Shift+H'], run: () => editor.select(editor.highlighted.peek()?.nodes ?? []), enabled: () => editor.highlighted.value !== null },
    { id: 'highlight-up', title: 'Highlight what it depends on', group: 'Go', keys: ['U'], run: () => toggleReach(editor, 'up'), enabled: () => canHighlight(editor) },
    { id: 'highlight-down', title: 'Highlight what it feeds', group: 'Go', keys: ['D'], run: () => toggleReach(editor, 'down'), enabled: () => canHighlight(editor) },
    { id: 'highlight-both', title: 'Highlight both', group: 'Go', keys: ['H'], run: () => toggleReach(editor, 'both'), enabled: () => canHighlight(editor) },
    { id: 'follow', title: 'Follow its value', group: 'Go', keys: ['V'], run: () => followValue(editor), enabled: () => canHighlight(editor) },
    { id: 'step-more', title: 'One step more, or next reader', group: 'Go', keys: ['.'], run: () => stepHighlight(editor, 1), enabled: () => state.highlight.value !== null },
    { id: 'step-less', title: 'One step less, or previous reader', group: 'Go', keys: [','], run: () => stepHighlight(editor, -1), enabled: () => state.highlight.value !== null },
    { id: 'step-one', title: 'One step only', group: 'Go', keys: ['<'], run: () => setSteps(editor, 1), enabled: steps },
    { id: 'step-all', title: 'All the way', group: 'Go', keys: ['>'], run: () => setSteps(editor, Infinity), enabled: steps },
    { id: 'wire-below', title: 'To a value it makes', group: 'Go', keys: ['Alt+ArrowDown'], run: () => toWire(editor, 'outputs'), enabled: () => state.selection.value.size > 0 },
    { id: 'wire-above', title: 'To a value it takes', group: 'Go', keys: ['Alt+ArrowUp'], run: () => toWire(editor, 'inputs'), enabled: () => state.selection.value.size > 0 },
    { id: 'first-input', title: 'To the first input', group: 'Go', keys: ['Home'], run: () => toEnd(editor, 'inputs'), enabled: ready },
    { id: 'last-output', title: 'To the last output', group: 'Go', keys: ['End'], run: () => toEnd(editor, 'outputs'), enabled: ready },
  ]
}

/** Selects a value of the selected node; from one of them the next one, around the end. */
function toWire(editor: Editor, side: 'inputs' | 'outputs'): void {
  const { document, state } = editor
  const id = [...state.selection.peek()].at(-1)
  if (id === undefined || !document) return
  const from = document.node(id) ? id : side === 'outputs' ? document.producer(id)?.node : document.consumers(id)[0]?.node
  const values = (from === undefined ? [] : document.node(from)![side]).filter((value) => value !== '')
  const next = values[(values.indexOf(id) + 1) % values.length]
  if (next !== undefined && next !== id) editor.select([next])
}

function toEnd(editor: Editor, side: 'inputs' | 'outputs'): void {
  const ends = editor.document?.graph(editor.state.graph.peek())?.[side] ?? []
  const end = side === 'inputs' ? ends[0] : ends.at(-1)
  if (end !== undefined) void editor.goTo(end)
}
