/** What is offered on what, and how it is found by typing. */
import { describe, expect, it } from 'vitest'
import { EditorState } from '../state'
import type { EditType, JsonSchema, NodeView, ValueView } from '../protocol/types'
import type { Editor } from './editor'
import { fuzzy } from './fuzzy'
import { offersOn } from './offers'
import { keepRecent, type PaletteEntry, recentIds, searchPalette } from './palette'
import type { DocumentPort } from './ports'

const widget = (name: string, more: JsonSchema = {}): JsonSchema => ({ 'x-widget': name, ...more })
const type = (kind: string, acts_on: string, properties: Record<string, JsonSchema>, required: string[], in_job = false): EditType =>
  ({ kind, title: kind, acts_on, in_job, description: 'Does it. Then more.', schema: { type: 'object', properties, required } })
const TYPES = [
  type('remove-nodes', 'nodes', { nodes: widget('nodes'), reconnect: widget('switch', { default: false }) }, ['nodes']),
  type('insert-node', 'value', { value: widget('value'), op_type: widget('op_type') }, ['value', 'op_type']),
  type('add-output', 'value', { value: widget('value') }, ['value']),
  type('remove-output', 'value', { value: widget('value') }, ['value']),
  type('simplify', 'model', { engine: { enum: ['onnxsim', 'onnxslim'], default: 'onnxsim' } }, [], true),
  type('set-doc', 'any', { subject: widget('subject'), text: widget('text') }, ['subject', 'text']),
  type('inline-function', 'node', { node: widget('node'), keep_function: widget('switch', { default: false }) }, ['node']),
  type('make-function', 'nodes', { nodes: widget('nodes'), name: widget('name'), domain: widget('domain', { default: 'local' }) }, ['nodes', 'name']),
  type('constant-to-initializer', 'values', { values: widget('values') }, ['values']),
  type('initializer-to-constant', 'values', { values: widget('values') }, ['values']),
  type('frobnicate', 'node', { node: widget('node'), depth: { type: 'integer' } }, ['node', 'depth']),
  type('batch', 'any', { edits: widget('edits') }, ['edits']),
]
const NODES: Record<string, Partial<NodeView>> = {
  a: { op_type: 'Conv', domain: '', name: 'a', inputs: ['x'], outputs: ['ab'], bodies: [], attributes: {} },
  b: { op_type: 'Relu', domain: '', name: 'b', inputs: ['ab'], outputs: ['bc'], bodies: [], attributes: {} },
  c: { op_type: 'Conv', domain: '', name: 'c', inputs: ['bc', 'ab'], outputs: ['y'], bodies: [], attributes: {} },
}
const CALLS: Record<string, Partial<NodeView>> = {
  f: { op_type: 'f', domain: 'my', name: 'f', inputs: [], outputs: [], bodies: [], attributes: {}, function: 'graph:my::f:' },
  k: { op_type: 'Constant', domain: '', name: 'k', inputs: [], outputs: ['kv'], bodies: [], attributes: {} },
}
Object.assign(NODES, CALLS)
const VALUES: Record<string, Partial<ValueView>> = { w: { kind: 'initializer' }, v: { kind: 'initializer' }, kv: { kind: 'intermediate' }, x: { kind: 'input' }, ab: { kind: 'intermediate' }, bc: { kind: 'intermediate' }, y: { kind: 'output', is_output: true } }
const document = {
  model: { doc: 'about' }, graph: (id: string) => (id === 'graph:my::f:' ? { id, parent: null } : undefined),
  node: (id: string) => NODES[id], value: (id: string) => VALUES[id], titles: () => Object.entries(NODES).map(([id, node]) => ({ id, ...node })),
  producer: (value: string) => { const found = Object.keys(NODES).find((id) => NODES[id]!.outputs!.includes(value)); return found ? { node: found, slot: 0 } : null },
  consumers: (value: string) => Object.keys(NODES).filter((id) => NODES[id]!.inputs!.includes(value)).map((node) => ({ node, slot: 0 })),
} as unknown as DocumentPort

function editorOf(): Editor {
  const state = new EditorState()
  state.editTypes.value = TYPES
  return { state, document, node: (id: string) => NODES[id], value: (id: string) => VALUES[id] } as unknown as Editor
}
const ids = (nodes: string[], values: string[]): string[] => offersOn(editorOf(), { nodes, values, graph: 'graph:' }).map((one) => one.id)

describe('offers', () => {
  it('fit what is selected, and nothing else', () => {
    expect(ids(['a'], [])).toEqual(['insert-after', 'make-function', 'remove-nodes', 'remove-reconnect', 'set-doc', 'frobnicate'])
    expect(ids(['a', 'b'], [])).toEqual(['make-function', 'remove-nodes', 'remove-reconnect'])
    expect(ids([], ['ab'])).toEqual(['insert-node', 'add-output', 'set-doc'])
    expect(ids([], ['y'])).toEqual(['insert-node', 'remove-output', 'set-doc'])
    expect(ids([], [])).toEqual(['set-doc', 'simplify'])
  })
  it('inline the calls of functions, several of them in one edit', () => {
    expect(ids(['f'], [])).toContain('inline-function')
    expect(ids(['f', 'a'], [])).not.toContain('inline-function')
    const sent: unknown[] = []
    const editor = Object.assign(editorOf(), { perform: (edit: unknown) => { sent.push(edit); return Promise.resolve(true) } })
    NODES['f2'] = CALLS['f']!
    for (const nodes of [['f'], ['f', 'f2']]) offersOn(editor, { nodes, values: [], graph: 'graph:' }).find((one) => one.id === 'inline-function')!.run(null)
    delete NODES['f2']
    expect(sent).toEqual([{ kind: 'inline-function', node: 'f' }, { kind: 'batch', edits: [{ kind: 'inline-function', node: 'f' }, { kind: 'inline-function', node: 'f2' }] }])
  })
  it('move constants by their node or their value, but make no initializers where a graph has none', () => {
    expect(ids(['k'], [])).toContain('constant-to-initializer')
    expect(ids([], ['kv'])).toContain('constant-to-initializer')
    expect(ids([], ['w', 'v'])).toContain('initializer-to-constant')
    expect(ids([], ['w', 'kv'])).not.toContain('initializer-to-constant')
    expect(offersOn(editorOf(), { nodes: ['k'], values: [], graph: 'graph:my::f:' }).map((one) => one.id)).not.toContain('constant-to-initializer')
  })
  it('open a form only where something has to be asked, or where a preview can be had', () => {
    const asks = Object.fromEntries(offersOn(editorOf(), { nodes: ['a'], values: [], graph: '' }).map((one) => [one.id, one.asks]))
    expect(asks).toMatchObject({ 'insert-after': true, 'remove-nodes': false, frobnicate: true })
    expect(offersOn(editorOf(), { nodes: [], values: [], graph: '' }).find((one) => one.id === 'simplify')?.asks).toBe(true)
  })
  it('fill the form with what the subject answers', () => {
    const editor = editorOf()
    globalThis.document ??= { activeElement: null } as unknown as Document
    globalThis.HTMLElement ??= class {} as unknown as typeof HTMLElement
    offersOn(editor, { nodes: ['b'], values: [], graph: '' }).find((one) => one.id === 'insert-after')!.run(null)
    expect(editor.state.form.value).toMatchObject({ kind: 'insert-node', prefilled: { value: 'bc' }, title: 'Insert after b' })
  })
})

describe('the palette', () => {
  const entry = (title: string, group = 'Model'): PaletteEntry => ({ id: title, title, group, keys: '', detail: '', danger: false, run: () => undefined })
  const entries = ['Simplify…', 'Sort nodes…', 'Resize inputs…', 'Remove unused…', 'Reorder inputs and outputs…', 'Select all nodes of this graph'].map((title) => entry(title))
  const found = (text: string): string[] => searchPalette(entries, text, []).map((row) => row.entry.title)
  it('finds by the beginnings of words, and by letters in order', () => {
    expect(found('ri')[0]).toBe('Resize inputs…')
    expect(found('sort')[0]).toBe('Sort nodes…')
    expect(found('model simp')).toEqual(['Simplify…'])
    expect(found('unused')[0]).toBe('Remove unused…')
    expect(found('xyz')).toEqual([])
  })
  it('says which letters were meant', () => {
    expect(fuzzy('rin', 'Resize inputs')?.at).toEqual([0, 7, 8])
    expect(fuzzy('zz', 'Resize')).toBeNull()
  })
  it('takes a whole part of a title before letters here and there', () => {
    expect(fuzzy('then', 'If_0 · then_branch')!.score).toBeGreaterThan(fuzzy('then', 'Edit the note')!.score)
  })
  it('shows what was used last first, and puts it forward among equals', () => {
    expect(searchPalette(entries, '', ['Sort nodes…', 'gone'])[0]).toMatchObject({ recent: true, entry: { title: 'Sort nodes…' } })
    const kept = new Map<string, string>()
    const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) }
    for (const id of ['a', 'b', 'a', 'c']) keepRecent(storage, id)
    expect(recentIds(storage)).toEqual(['c', 'a', 'b'])
    kept.set('scalpel.recent-commands', '{')
    expect(recentIds(storage)).toEqual([])
  })
})
