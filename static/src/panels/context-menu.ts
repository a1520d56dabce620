/** What a right click offers on a node, on a value's wire and on empty ground. */
import type { Editor } from '../commands/editor'
import { bodyName, functionOf } from '../commands/graphs'
import { openForm } from '../commands/open-form'
import type { MenuTarget } from '../commands/ports'
import type { Commands } from '../commands/registry'
import type { MenuEntry } from './Menu'
import { clipped } from './Name'

export interface OpenMenu { label: string; at: { x: number; y: number }; entries: MenuEntry[] }

export function contextMenu(editor: Editor, commands: Commands, target: MenuTarget, at: { x: number; y: number }): OpenMenu {
  if (target.node !== undefined) return { label: 'Node', at, entries: nodeEntries(editor, target.node, at) }
  if (target.value !== undefined) return { label: 'Value', at, entries: valueEntries(editor, target.value, at) }
  return { label: 'Graph', at, entries: groundEntries(editor, commands, at) }
}

function has(editor: Editor, kind: string): boolean {
  return editor.state.editTypes.peek().some((one) => one.kind === kind)
}

function nodeEntries(editor: Editor, id: string, at: { x: number; y: number }): MenuEntry[] {
  const node = editor.node(id)
  if (!node) return []
  const selected = editor.state.selection.peek()
  const nodes = selected.has(id) ? [...selected].filter((one) => editor.node(one)) : [id]
  const name = node.name || node.op_type
  const output = node.outputs.find((one) => one !== '')
  const many = nodes.length > 1
  const called = editor.document ? functionOf(editor.document, node) : undefined
  return [
    { heading: many ? `${nodes.length} nodes` : clipped(name) },
    ...(many ? [] : [
      { title: 'Rename', keys: 'F2', run: () => rename(editor, id) },
      { title: 'Insert operator after…', disabled: !output || !has(editor, 'insert-node'), run: () => { if (output) openForm(editor, 'insert-node', { value: output }, `Insert after ${name}`, at) } },
      ...(has(editor, 'replace-node') ? [{ title: 'Replace…', run: () => openForm(editor, 'replace-node', { node: id }, `Replace ${name}`, at) }] : []),
      ...node.bodies.map((body) => ({ title: `Enter ${bodyName(node, body) || 'body'}`, run: () => void editor.enter(body) })),
      ...(called ? [{ title: 'Enter function', run: () => void editor.enter(called) }] : []),
      'line' as const,
      { title: 'Copy name', disabled: node.name === '', run: () => void copy(editor, node.name) },
      { title: 'Zoom to it', keys: 'Z', run: () => editor.canvas?.zoomTo([id]) },
      ...(node.inputs.some((one) => editor.document?.producer(one)) ? [{ title: 'Select its producers', run: () => editor.select(new Set(node.inputs.map((one) => editor.document?.producer(one)?.node).filter((one) => one !== undefined))) }] : []),
    ]),
    'line',
    { title: 'Delete', keys: 'Del', danger: true, run: () => void editor.perform({ kind: 'remove-nodes', nodes, reconnect: false }) },
    { title: 'Delete and reconnect', keys: 'Ctrl Del', danger: true, run: () => void editor.perform({ kind: 'remove-nodes', nodes, reconnect: true }) },
  ]
}

function valueEntries(editor: Editor, id: string, at: { x: number; y: number }): MenuEntry[] {
  const value = editor.value(id)
  if (!value) return []
  const producer = editor.document?.producer(id)
  return [
    { heading: clipped(value.name) },
    { title: 'Rename', keys: 'F2', run: () => rename(editor, id) },
    { title: 'Insert operator on this value…', disabled: !has(editor, 'insert-node'), run: () => openForm(editor, 'insert-node', { value: id }, `Insert on ${value.name}`, at) },
    ...(!value.is_output && value.kind === 'intermediate' && has(editor, 'add-output') ? [{ title: 'Make output', run: () => void editor.perform({ kind: 'add-output', value: id }) }] : []),
    'line',
    { title: 'Copy name', run: () => void copy(editor, value.name) },
    { title: 'Zoom to it', keys: 'Z', run: () => editor.canvas?.zoomTo([id]) },
    ...(producer ? [{ title: 'Go to its producer', run: () => void editor.goTo(producer.node) }] : []),
    ...(value.is_output && has(editor, 'remove-output') ? ['line' as const, { title: 'Remove output', danger: true, run: () => void editor.perform({ kind: 'remove-output', value: id }) }] : []),
  ]
}

function groundEntries(editor: Editor, commands: Commands, at: { x: number; y: number }): MenuEntry[] {
  const item = (id: string): MenuEntry => {
    const command = commands.get(id)
    return { title: command.title, keys: command.keys[0]?.replaceAll('+', ' ').trim() || command.keys[0], disabled: !command.enabled(), run: () => command.run() }
  }
  return [
    ...(has(editor, 'add-node') ? [{ title: 'Add operator…', run: () => openForm(editor, 'add-node', {}, 'Add operator', at) }] : []),
    ...(has(editor, 'add-input') ? [{ title: 'Add model input…', run: () => openForm(editor, 'add-input', {}, 'Add model input', at) }] : []),
    item('undo'), item('redo'), 'line', item('find'), item('fit'), item('tidy'), 'line', item('run'), item('save'),
  ]
}

/** Selects it and puts the cursor into its name field. */
export function rename(editor: Editor, id: string): void {
  editor.select([id])
  requestAnimationFrame(() => {
    const field = document.getElementById('inspector-name')
    if (field instanceof HTMLInputElement) { field.focus(); field.select() }
  })
}

async function copy(editor: Editor, text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    editor.toast(`Copied ${text.length > 80 ? `${text.slice(0, 80)}…` : text}`)
  } catch {
    editor.toast('The browser does not let this page copy.', 'error')
  }
}
