/** What is pasted and added beside an open body or in it: which graph is meant. */
import { expect, it, vi } from 'vitest'
import type { Api } from '../connection/api'
import type { LinkEvents, SessionLink } from '../connection/link'
import { encode, mainGraph, node, value } from '../document/encode.fixture'
import { decodeColumns } from '../document/model'
import type { EditData, RevisionMessage } from '../protocol/types'
import { EditorState, MAIN_GRAPH } from '../state'
import { contextMenu } from '../panels/context-menu'
import { isItem } from '../panels/Menu'
import { editorCommands } from './all'
import { pasteText } from './clipboard'
import { Editor } from './editor'
import { graphFor } from './insertion'
import { selected } from './offers'
import type { CanvasPort } from './ports'

const BODY = 'graph:node:i.then'
const RECORDS = {
  graphs: [mainGraph(['value:x'], ['value:z']), { id: BODY, name: 'then', parent: MAIN_GRAPH, inputs: [], outputs: ['value:t'] }],
  nodes: [node('node:a', 'Neg', ['value:x'], ['value:p']), node('node:i', 'If', ['value:p'], ['value:y'], { bodies: [BODY] }), node('node:b', 'Abs', ['value:y'], ['value:z']), node('node:t', 'Exp', ['value:p'], ['value:t'], { graph: BODY })],
  values: [value('value:x', { kind: 'input' }), ...['p', 'y'].map((name) => value(`value:${name}`)), value('value:z', { is_output: true }), value('value:t', { graph: BODY })],
}
const COPIED = '{"fragment": 1, "nodes": []}'
/** The open body lies below zero on this canvas. */
const [IN_BODY, IN_MAIN] = [{ x: 0, y: -9 }, { x: 0, y: 9 }]

async function opened(): Promise<{ editor: Editor; done: EditData[]; events: LinkEvents }> {
  let events!: LinkEvents
  const done: EditData[] = []
  const api = { snapshot: () => Promise.resolve(encode(RECORDS)), editTypes: () => Promise.resolve([]), operators: () => Promise.resolve([]) } as unknown as Api
  const editor = new Editor(new EditorState(), api, decodeColumns)
  await editor.open((_, heard) => (events = heard) && ({ start: () => undefined, presence: () => undefined, edit: (edit: EditData) => { done.push(edit); return Promise.resolve({ created: [], report: null }) } }) as unknown as SessionLink)
  const answers: Record<string, (at: { y: number }) => unknown> = { graphsInSight: () => [MAIN_GRAPH, BODY], graphAt: ({ y }) => (y < 0 ? BODY : MAIN_GRAPH), spotAt: (at) => at, canShow: () => true, centre: () => null }
  editor.canvas = new Proxy({}, { get: (_, name: string) => answers[name] ?? (() => undefined) }) as CanvasPort
  return { editor, done, events }
}

vi.stubGlobal('localStorage', { getItem: () => COPIED, setItem: () => undefined })

const move = (editor: Editor, { x, y }: { x: number; y: number }): void => editor.moveCursor([x, y])
async function pasted({ editor, done }: { editor: Editor; done: EditData[] }): Promise<unknown> {
  await pasteText(editor, COPIED)
  return done.at(-1)!['graph']
}

it('pastes into the open body that the selection is in, wherever the pointer rests', async () => {
  const desk = await opened()
  move(desk.editor, IN_MAIN)
  desk.editor.select(['node:t'])
  expect(await pasted(desk)).toBe(BODY)
  desk.editor.select(['node:a'])
  expect(await pasted(desk)).toBe(MAIN_GRAPH)
})

it('pastes into the open body that the pointer was moved into', async () => {
  const desk = await opened()
  desk.editor.select(['node:a'])
  move(desk.editor, IN_BODY)
  expect(await pasted(desk)).toBe(BODY)
})

it('pastes where nodes were cut, until the pointer goes elsewhere', async () => {
  const desk = await opened()
  const { editor } = desk
  move(editor, IN_BODY)
  editor.select(['node:t'])
  editor.state.selection.value = new Set() // it is gone
  expect(await pasted(desk)).toBe(BODY)
  move(editor, IN_MAIN)
  expect(await pasted(desk)).toBe(MAIN_GRAPH)
})

it('pastes into the graph that is shown when nothing is selected any more', async () => {
  const desk = await opened()
  desk.editor.select(['node:t'])
  desk.editor.select([])
  expect(await pasted(desk)).toBe(MAIN_GRAPH)
})

it('pastes from the menu of the ground where that was opened', async () => {
  for (const [at, graph] of [[IN_BODY, BODY], [IN_MAIN, MAIN_GRAPH]] as const) {
    const { editor, done } = await opened()
    contextMenu(editor, editorCommands(editor), { empty: true }, at).entries.filter(isItem).find((entry) => entry.title === 'Paste')!.run!()
    await expect.poll(() => done.at(-1)?.['graph']).toBe(graph)
  }
})

it('selects what was made in a body that is open in place', async () => {
  const { editor, events } = await opened()
  editor.select(['node:i'])
  await editor.submit({ kind: 'duplicate-nodes', nodes: ['node:t'] }, true)
  events.revision({ session: '', revision: 1, how: 'edit', kind: 'duplicate-nodes', author: editor.me, client: 'c', created: ['value:t', 'node:t'], delta: [], title: '', unsaved: true } as unknown as RevisionMessage)
  await expect.poll(() => [...editor.state.selection.value]).toEqual(['node:t'])
})

it('adds an operator to the graph that was pointed at', async () => {
  const { editor } = await opened()
  const asked = (place: { x: number; y: number }, from: string | null = null, pointed = true): string => graphFor(editor, { place, wire: null, from, to: null }, pointed)
  expect([asked(IN_BODY), asked(IN_MAIN)]).toEqual([BODY, MAIN_GRAPH])
  expect(asked(IN_BODY, 'value:p')).toBe(BODY) // a body sees what is around it
  expect(asked(IN_BODY, 'value:p', false)).toBe(MAIN_GRAPH) // below a selected node, which may be over a body
  expect(asked(IN_BODY, 'value:z')).toBe(MAIN_GRAPH) // it comes after the body
  expect(asked(IN_MAIN, 'value:t')).toBe(BODY)
})

it('offers what is meant for the graph of the selection', async () => {
  const { editor } = await opened()
  editor.select(['node:t'])
  expect(selected(editor).graph).toBe(BODY)
})
