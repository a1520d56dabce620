/** What a right click offers on a node, on a value's wire and on empty ground: the likeliest deeds, and the way to all others. */
import { pasteFromMenu } from '../commands/clipboard'
import type { Editor } from '../commands/editor'
import { opensInPlace } from '../commands/folding'
import { bodyName, functionOf } from '../commands/graphs'
import { type Offer, offersOn } from '../commands/offers'
import type { MenuTarget } from '../commands/ports'
import { downstream, sameOperator, upstream } from '../commands/reach'
import type { Commands } from '../commands/registry'
import { MAIN_GRAPH } from '../state'
import { shapeText } from '../forms/literals'
import { copyText } from './copy'
import { keyText } from './KeysDialog'
import type { MenuEntry, MenuItem } from './Menu'
import { clipped } from './Name'

export interface OpenMenu { label: string; at: { x: number; y: number }; entries: MenuEntry[] }
type Place = { x: number; y: number }

export function contextMenu(editor: Editor, commands: Commands, target: MenuTarget, at: Place): OpenMenu {
  if (target.scope !== undefined) return { label: 'Scope', at, entries: scopeEntries(editor, commands, target.scope, at) }
  if (target.note !== undefined) return { label: 'Note', at, entries: noteEntries(editor, target.note) }
  if (target.node !== undefined) return { label: 'Node', at, entries: nodeEntries(editor, commands, target.node, at) }
  if (target.value !== undefined) return { label: 'Value', at, entries: valueEntries(editor, commands, target.value, at) }
  return { label: 'Graph', at, entries: groundEntries(editor, commands, at) }
}

const CHANGE_NODE = ['rename-node', 'insert-after', 'replace-node', 'set-tensor', 'duplicate-nodes']
const WIRES = ['connect', 'disconnect', 'splice-node']
const REFACTOR = ['make-function', 'inline-function', 'extract-body', 'constant-to-initializer', 'extract-subgraph']
const PLACES = ['set-position', 'forget-positions']
const REMOVE_NODE = ['remove-nodes', 'remove-reconnect', 'remove-branch', 'remove-branch-up']
const CHANGE_VALUE = [
  'rename-value', 'insert-node', 'resize-inputs', 'set-value-type', 'add-output', 'promote-to-input', 'freeze-input', 'insert-preprocess', 'replace-uses',
  'set-tensor', 'cast-tensor', 'initializer-to-constant', 'constant-to-initializer',
]
const REMOVE_VALUE = ['remove-output', 'remove-input']

/** Those of the offers that are named, in this order. */
function picked(offers: readonly Offer[], ids: readonly string[], at: Place): MenuEntry[] {
  return ids.flatMap((id) => offers.filter((one) => one.id === id)).map((one) => ({
    title: one.asks ? `${one.title}…` : one.title, keys: one.keys && keyText(one.keys), danger: one.danger, run: () => one.run(at),
  }))
}

function nodeEntries(editor: Editor, commands: Commands, id: string, at: Place): MenuEntry[] {
  const node = editor.node(id)
  const document = editor.document
  if (!node || !document) return []
  const selected = editor.state.selection.peek()
  const nodes = selected.has(id) ? [...selected].filter((one) => editor.node(one)) : [id]
  const offers = offersOn(editor, { nodes, values: [], graph: node.graph })
  const many = nodes.length > 1
  const called = functionOf(document, node)
  const open = [...node.bodies, called].some((graph) => graph !== undefined && editor.graphsInSight().includes(graph)) // then Enter goes there in place
  const command = (name: string, title?: string): MenuEntry => fromCommand(commands, name, title)
  const select = (name: string, ids: () => Iterable<string>, title = commands.get(name).title): MenuEntry => ({ title, keys: keyText(commands.get(name).keys[0]!), run: () => editor.select(ids()) })
  return [
    { heading: many ? `${nodes.length.toLocaleString('en')} nodes` : clipped(node.name || node.op_type) },
    ...(many ? [] : [
      ...node.bodies.map((body) => ({ title: `Enter ${bodyName(node, body) || 'body'}`, keys: node.bodies.length === 1 && !open ? keyText('Enter') : undefined, run: () => void editor.enter(body) })),
      ...(called ? [{ title: 'Enter function', keys: open ? undefined : keyText('Enter'), run: () => void editor.enter(called) }] : []),
      ...(opensInPlace(editor, id) ? [{ title: 'Open in place', keys: keyText('E'), run: () => void editor.canvas?.fold({ what: 'body', nodes: [id], open: true }) }] : []),
    ]),
    ...picked(offers, CHANGE_NODE, at),
    ...group('Wires', picked(offers, WIRES, at)),
    ...group('Refactor', picked(offers, REFACTOR, at)),
    ...group('Place', [...picked(offers, PLACES, at), ...['move-left', 'move-right', 'move-up', 'move-down'].map((name) => command(name))]),
    'line',
    command('cut', 'Cut'), command('copy', 'Copy'), command('paste', 'Paste'),
    'line',
    ...group('Highlight', [command('highlight-up'), command('highlight-down'), command('highlight-both'), command('follow')]),
    ...group('Select', [
      select('select-upstream', () => [...nodes, ...upstream(document, nodes)]),
      select('select-downstream', () => [...nodes, ...downstream(document, nodes)]),
      select('select-operator', () => sameOperator(document, editor.graphsInSight(), nodes), many ? 'Select all of these operators' : `Select every ${node.op_type}`),
      command('select-scope'),
    ]),
    { title: 'Zoom to it', keys: 'Z', run: () => editor.canvas?.zoomTo(nodes) },
    { title: many ? 'Copy names' : 'Copy name', disabled: node.name === '' && !many, run: () => void copyText(editor, nodes.map((one) => editor.node(one)?.name ?? '').join('\n')) },
    'line',
    ...picked(offers, REMOVE_NODE, at),
    'line', everything(commands),
  ]
}

/** Entries in a menu of their own; one alone needs none. */
function group(title: string, entries: readonly MenuEntry[]): MenuEntry[] {
  return entries.length < 2 ? [...entries] : [{ title, entries }]
}

/** What is done to a scope is done to all nodes in it, which are selected with it. */
function scopeEntries(editor: Editor, commands: Commands, scope: { path: string; name: string; open: boolean }, at: Place): MenuEntry[] {
  const node = [...editor.state.selection.peek()].find((id) => editor.node(id))
  const fold = (what: 'open' | 'close'): MenuEntry => ({ title: what === 'open' ? 'Open' : 'Close', keys: keyText(what === 'open' ? 'E' : 'G'), run: () => void editor.canvas?.fold({ what, paths: [scope.path] }) })
  return [
    { heading: clipped(scope.name) },
    fold(scope.open ? 'close' : 'open'),
    { title: 'Copy path', run: () => void copyText(editor, scope.name) },
    'line',
    ...(node === undefined ? [] : nodeEntries(editor, commands, node, at)),
  ]
}

function valueEntries(editor: Editor, commands: Commands, id: string, at: Place): MenuEntry[] {
  const value = editor.value(id)
  const { state } = editor
  if (!value) return []
  const producer = editor.document?.producer(id)
  const offers = offersOn(editor, { nodes: [], values: [id], graph: value.graph })
  const shape = shapeText(value.shape)
  const remove = picked(offers, REMOVE_VALUE, at)
  return [
    { heading: clipped(value.name) },
    ...picked(offers, CHANGE_VALUE, at),
    'line',
    { title: 'Copy name', run: () => void copyText(editor, value.name) },
    { title: 'Copy shape', detail: shape, disabled: shape === '', run: () => void copyText(editor, value.shape === null ? '' : `[${value.shape.map((dim) => (dim === null ? '?' : dim)).join(', ')}]`) },
    { title: 'Copy type', detail: value.dtype.length < 20 ? value.dtype : '', disabled: value.dtype === '', run: () => void copyText(editor, [value.dtype, shape].filter(Boolean).join(' ')) },
    { title: 'Follow it', keys: keyText('V'), run: () => { state.highlight.value = { what: 'value', value: id, at: -1 } } },
    { title: 'Zoom to it', keys: 'Z', run: () => editor.canvas?.zoomTo([id]) },
    ...(producer ? [{ title: 'Go to its producer', run: () => void editor.goTo(producer.node) }] : []),
    ...(remove.length > 0 ? ['line' as const, ...remove] : []),
    'line', everything(commands),
  ]
}

function noteEntries(editor: Editor, note: string): MenuEntry[] {
  return [
    { title: 'Edit the note', keys: keyText('Enter'), run: () => editor.canvas?.editNote(note) },
    { title: 'Remove the note', keys: keyText('Delete'), danger: true, run: () => void editor.perform({ kind: 'remove-note', note }) },
  ]
}

function groundEntries(editor: Editor, commands: Commands, at: Place): MenuEntry[] {
  const item = (id: string, title?: string): MenuEntry => fromCommand(commands, id, title)
  const spot = editor.canvas?.spotAt(at)
  const here = spot ? editor.graphAt(spot) : editor.state.graph.peek() // a body that is open in place there
  const offers = offersOn(editor, { nodes: [], values: [], graph: here })
  const paste: MenuEntry = { ...fromCommand(commands, 'paste', 'Paste'), run: () => void pasteFromMenu(editor, spot ? { graph: here, ...spot } : null) }
  const add: MenuEntry = { title: 'Add operator…', keys: keyText('A'), run: () => editor.canvas?.openPalette(at) }
  const note: MenuEntry = { title: 'Add a note', keys: keyText('Shift+N'), run: () => editor.canvas?.writeNote(at) }
  const scopes: MenuEntry[] = editor.state.scopes.peek().count > 0 ? [...group('Scopes', ['scopes-open', 'scopes-close', 'scopes-depth-1', 'scopes-depth-2', 'scopes-depth-3', 'scopes'].map((id) => item(id))), 'line'] : []
  const graph = editor.document?.graph(editor.state.graph.peek())
  const leave: MenuEntry[] = graph && graph.id !== MAIN_GRAPH ? [{ title: graph.parent === null ? 'Leave this function' : 'Leave this body', keys: keyText('Escape'), run: () => void editor.leave() }, 'line'] : []
  return [...leave, add, note, ...picked(offers, ['add-input'], at), paste, item('undo'), item('redo'), 'line', item('find'), item('fit'), item('tidy'), item('turn'), item('forget-places'), 'line', ...scopes, item('run'), item('save'), 'line', everything(commands)]
}

/** An entry that runs a command, with its key. */
export function fromCommand(commands: Commands, id: string, title?: string): MenuItem {
  const command = commands.get(id)
  return { title: title ?? command.title, keys: command.keys[0] && keyText(command.keys[0]), disabled: !command.enabled(), run: () => command.run() }
}

function everything(commands: Commands): MenuEntry {
  return { title: 'Everything else…', keys: keyText('Ctrl+K'), run: () => commands.run('commands') }
}
