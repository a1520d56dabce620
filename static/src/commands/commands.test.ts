/** Keys, history and search: what the commands rest on. */
import { describe, expect, it } from 'vitest'
import type { HistoryEntry, NodeView, RevisionMessage, ValueView } from '../protocol/types'
import { addRevision, canRedo, canUndo } from './history'
import { matches, parseChord } from './keys'
import type { DocumentPort } from './ports'
import { Commands } from './registry'
import { find, type FindResult, parseQuery } from './search'

const press = (key: string, held: Partial<Record<'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey', boolean>> = {}) => ({ key, ctrlKey: false, shiftKey: false, altKey: false, metaKey: false, ...held })

describe('key chords', () => {
  it('take Command for Ctrl, and Shift only where it is not part of typing', () => {
    expect(matches(parseChord('Ctrl+Z'), press('z', { metaKey: true }))).toBe(true)
    expect(matches(parseChord('Ctrl+Z'), press('Z', { ctrlKey: true, shiftKey: true }))).toBe(false)
    expect(matches(parseChord('Ctrl+Shift+Z'), press('Z', { ctrlKey: true, shiftKey: true }))).toBe(true)
    expect(matches(parseChord('?'), press('?', { shiftKey: true }))).toBe(true)
    expect(matches(parseChord('+'), press('+', { shiftKey: true }))).toBe(true)
    expect(matches(parseChord('Delete'), press('Delete', { ctrlKey: true }))).toBe(false)
  })
  it('leave letters to a field that is edited, and keep Ctrl+F', () => {
    const command = { id: 'find', title: '', group: 'View' as const, keys: ['Ctrl+F', '/'], run: () => undefined, enabled: () => true, everywhere: true }
    const commands = new Commands([command])
    expect(commands.forKey(press('/'), true)).toBeUndefined()
    expect(commands.forKey(press('/'), false)).toBe(command)
    expect(commands.forKey(press('f', { ctrlKey: true }), true)).toBe(command)
  })
})

const entry = (revision: number, author: string, undone = false): HistoryEntry => ({ revision, author, undone, title: '', kind: '', author_name: '', at: '' })
const said = (revision: number, how: RevisionMessage['how'], target: number | null = null): RevisionMessage => ({ revision, how, target, title: 't', kind: 'k', author: 'me', author_name: '', at: '' }) as RevisionMessage

describe('the history', () => {
  it('marks what an undo undid, and takes the mark away again', () => {
    const edited = addRevision([], said(1, 'edit'))
    const undone = addRevision(edited, said(2, 'undo', 1))
    expect(undone).toEqual([{ ...edited[0], undone: true }])
    expect(addRevision(undone, said(3, 'redo', 1))).toEqual(edited)
  })
  it('offers undo and redo of one\'s own edits only', () => {
    expect(canUndo([entry(1, 'you')], 'me')).toBe(false)
    expect(canUndo([entry(1, 'me'), entry(2, 'you')], 'me')).toBe(true)
    expect(canRedo([entry(1, 'me', true), entry(2, 'you')], 'me')).toBe(true)
    expect(canRedo([entry(1, 'me', true), entry(2, 'me')], 'me')).toBe(false)
  })
})

function documentOf(count: number): DocumentPort {
  const node = (id: string): NodeView => ({ id, graph: 'graph:', name: `layer${id.slice(5)}/conv`, op_type: Number(id.slice(5)) % 2 ? 'Conv' : 'Relu', inputs: [], outputs: [`value:${id}`] }) as unknown as NodeView
  const value = (id: string): ValueView => ({ id, graph: 'graph:', name: id === 'value:unread' ? id : id === 'value:node:7' ? 'hid\u202eden' : `${id}_out`, ...(id === 'value:unread' ? { dtype: 'int32', shape: [] } : { dtype: 'float16', shape: [1, 64, 'N'] }), kind: 'intermediate', is_output: false }) as unknown as ValueView
  const graph = { id: 'graph:', name: '', parent: null, inputs: [], outputs: [] }
  return { graphs: new Map([['graph:', graph]]), graph: () => graph, nodeIds: () => Array.from({ length: count }, (_, at) => `node:${at}`), node, value, valueIds: () => ['value:unread', ...Array.from({ length: count }, (_, at) => `value:node:${at}`)] } as unknown as DocumentPort
}
async function results(text: string, count = 10): Promise<FindResult> {
  let last: FindResult = { found: [], total: 0, done: false }
  await find(documentOf(count), text, 'graph:', new AbortController().signal, (result) => { last = result })
  return last
}

describe('find', () => {
  it('reads op: and type: apart from parts of names', () => {
    expect(parseQuery(' op:Conv  layer1 type:F16')).toEqual({ op: 'conv', type: 'f16', words: ['layer1'] })
  })
  it('finds by operator, by part of a name, by dtype and by shape', async () => {
    expect((await results('op:conv')).total).toBe(5)
    expect((await results('layer3')).found[0]).toMatchObject({ id: 'node:3', what: 'node', detail: 'node' })
    expect((await results('type:float16')).total).toBe(10)
    expect((await results('64×n')).total).toBe(10)
    expect((await results('type:int8')).total).toBe(0)
  })
  it('puts the very name first, then names that end or begin with it', async () => {
    expect((await results('layer1', 20)).found.slice(0, 2).map((one) => one.name)).toEqual(['layer1/conv', 'layer10/conv'])
    expect((await results('value:node:1_out', 20)).found[0]?.name).toBe('value:node:1_out')
  })
  it('finds what no node reads, and names with characters that nobody types', async () => {
    expect((await results('unread')).found.map((one) => one.id)).toEqual(['value:unread'])
    expect((await results('un\u200bread')).total).toBe(1)
    expect((await results('hidden')).found[0]?.name).toBe('hid\u202eden')
  })
  it('gets through 50,000 nodes, and stops when told to', async () => {
    expect((await results('layer', 50_000)).total).toBe(50_000)
    const stop = new AbortController()
    let heard = 0
    await find(documentOf(50_000), 'layer', 'graph:', stop.signal, () => { heard += 1; stop.abort() })
    expect(heard).toBe(1)
  })
})
