/** What is selected and brought into sight by one's own edits and their undoing, and what a key too many says. */
import { expect, it, vi } from 'vitest'
import type { Api } from '../connection/api'
import { AppFailure } from '../connection/errors'
import type { LinkEvents, SessionLink } from '../connection/link'
import { encode, mainGraph, node, value } from '../document/encode.fixture'
import { decodeColumns } from '../document/model'
import type { Delta, RevisionMessage } from '../protocol/types'
import { EditorState } from '../state'
import { editorCommands } from './all'
import { Editor } from './editor'
import type { CanvasPort } from './ports'

const A = node('node:a', 'Neg', ['value:x'], ['value:y'])
const B = node('node:b', 'Abs', [], [])
const COPY = { ...B, id: 'node:b2' }
const RECORDS = { graphs: [mainGraph(['value:x'], ['value:y'])], nodes: [A, B], values: [value('value:x', { kind: 'input' }), value('value:y', { kind: 'output', is_output: true })] }

interface Desk { editor: Editor; selected(): string[]; hear(message: Partial<RevisionMessage>): Promise<void>; shown: string[]; inView: Set<string>; revealed: string[] }

async function desk(): Promise<Desk> {
  vi.stubGlobal('sessionStorage', { getItem: () => null })
  vi.stubGlobal('document', { getSelection: () => '' })
  const state = new EditorState()
  const api = { snapshot: () => Promise.resolve(encode(RECORDS)), editTypes: () => Promise.resolve([]), operators: () => Promise.resolve([]) } as unknown as Api
  const editor = new Editor(state, api, decodeColumns)
  editor.me = 'me'
  let events!: LinkEvents
  const refuse = (): Promise<never> => Promise.reject(new AppFailure({ code: 'nothing-to-undo', message: 'there is nothing of yours to undo', hint: '', subjects: [] }))
  await editor.open((_, heard) => { events = heard; return { start: () => undefined, presence: () => undefined, undo: refuse, edit: () => Promise.resolve({}) } as unknown as SessionLink })
  const shown: string[] = []
  const inView = new Set<string>()
  const revealed: string[] = []
  const canvas: Partial<CanvasPort> = {
    graphsInSight: () => ['graph:'], unfold: (ids) => { shown.push(...ids); return null }, sees: (ids) => [...ids].some((id) => inView.has(id)), reveal: (id) => { revealed.push(id) },
    scopesAround: () => ({ closed: [], open: null, body: null, whole: null }),
  }
  editor.canvas = new Proxy({}, { get: (_, name) => canvas[name as keyof CanvasPort] ?? (() => Promise.resolve()) }) as unknown as CanvasPort
  let revision = 0
  const hear = async (message: Partial<RevisionMessage>): Promise<void> => {
    revision += 1
    events.revision({ session: '', revision, how: 'edit', target: null, kind: 'k', title: 't', author: 'me', author_name: '', client: 'c', at: '', created: [], delta: [], unsaved: true, ...message })
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
  return { editor, selected: () => [...state.selection.value], hear, shown, inView, revealed }
}

const removed: Delta = [{ table: 'node', id: 'node:b', after: null }]
const backAgain: Delta = [{ table: 'node', id: 'node:b', after: B }]

it('selects what the undoing of a removal brings back, and shows it', async () => {
  const { editor, selected, hear, shown } = await desk()
  editor.select(['node:b'])
  await hear({ delta: removed })
  expect(selected()).toEqual([])
  await hear({ how: 'undo', target: 1, delta: backAgain })
  expect([selected(), shown]).toEqual([['node:b'], ['node:b']])
  await hear({ how: 'redo', target: 1, delta: removed })
  expect(selected()).toEqual([])
})

it('selects the original when its copy is undone, and the copy when that is redone', async () => {
  const { editor, selected, hear } = await desk()
  editor.select(['node:b'])
  await editor.submit({ kind: 'duplicate-nodes', nodes: ['node:b'] }, true)
  await hear({ kind: 'duplicate-nodes', created: ['node:b2'], delta: [{ table: 'node', id: 'node:b2', after: COPY }] })
  expect(selected()).toEqual(['node:b2'])
  await hear({ how: 'undo', target: 1, delta: [{ table: 'node', id: 'node:b2', after: null }] })
  expect(selected()).toEqual(['node:b'])
  await hear({ how: 'redo', target: 1, delta: [{ table: 'node', id: 'node:b2', after: COPY }] })
  expect(selected()).toEqual(['node:b2'])
})

it('keeps the view when what an undo takes away was in it, though what that changes besides is not', async () => {
  const { editor, hear, inView, revealed, shown } = await desk()
  const uses: Delta = [...removed, { table: 'uses', id: 'value:z', after: { value: 'value:y', nodes: ['node:a'], slots: [0] } }]
  inView.add('node:b')
  await hear({ how: 'undo', target: 1, delta: uses })
  expect([revealed, shown]).toEqual([[], []])
  inView.clear()
  await hear({ how: 'undo', target: 1, delta: uses })
  expect(revealed).toEqual(['node:a'])
  editor.select(['node:b'])
  inView.add('node:b')
  await hear({ how: 'redo', target: 1, delta: backAgain })
  expect(revealed).toEqual(['node:a', 'node:b']) // as far as it needs to be seen whole
})

it('leaves alone what the reader selected when somebody else undoes something', async () => {
  const { editor, selected, hear, shown } = await desk()
  editor.select(['node:b'])
  await hear({ author: 'you', delta: removed })
  editor.select(['node:a'])
  await hear({ author: 'you', how: 'undo', target: 1, delta: backAgain })
  expect([selected(), shown]).toEqual([['node:a'], []])
})

it('says it is nothing when an undo too many is asked for, and warns of nothing', async () => {
  const { editor } = await desk()
  await editor.undo()
  expect(editor.state.refusal.value).toBeNull()
  expect(editor.state.said.value.text).toBe('there is nothing of yours to undo')
})

it('takes an undo while the edit before it is on its way', async () => {
  const { editor } = await desk()
  const undo = editorCommands(editor).get('undo')
  expect(undo.enabled()).toBe(false)
  editor.state.pending.value = 1
  expect(undo.enabled()).toBe(true)
})

it('says why a value cannot be cut', async () => {
  const { editor } = await desk()
  const cut = editorCommands(editor).get('cut')
  expect(cut.whyNot!()).toBeNull()
  editor.select(['value:y'])
  expect(cut.enabled()).toBe(false)
  expect(cut.whyNot!()).toMatch(/^Only nodes can be cut/)
  editor.select(['node:a'])
  expect([cut.enabled(), cut.whyNot!()]).toEqual([true, null])
})
