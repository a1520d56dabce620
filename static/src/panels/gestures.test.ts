/** Whatever is done on the canvas stands in a menu too, under a title and with its key; both do the same. */
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import listed from '../../../tests/browser/gestures.json'
import { editorCommands } from '../commands/all'
import { Editor } from '../commands/editor'
import { parseChord } from '../commands/keys'
import type { CanvasPort, MenuTarget } from '../commands/ports'
import type { Commands } from '../commands/registry'
import type { Api } from '../connection/api'
import type { SessionLink } from '../connection/link'
import { encode, mainGraph, node, value } from '../document/encode.fixture'
import { decodeColumns } from '../document/model'
import type { EditType } from '../protocol/types'
import { EditorState } from '../state'
import { commandEntries, SEE, SELECT } from './CommandMenu'
import { contextMenu } from './context-menu'
import { keyText } from './KeysDialog'
import { isItem, type MenuEntry, type MenuItem } from './Menu'

interface Gesture { widget?: string; commands?: Record<string, string[]> }
const GESTURES = listed as Record<string, Gesture>
const AT = { x: 100, y: 100 }

const RECORDS = {
  graphs: [mainGraph(['value:x'], ['value:y']), { id: 'graph:node:i.then', name: 'then', parent: 'graph:', inputs: [], outputs: [] }],
  nodes: [
    node('node:a', 'Neg', ['value:x'], ['value:p'], { name: 'net/one/a' }), node('node:b', 'Add', ['value:p', 'value:p'], ['value:q'], { name: 'net/one/b' }), node('node:c', 'Add', ['value:p', ''], [], { name: 'net/two/c' }),
    node('node:i', 'If', ['value:q'], ['value:y'], { name: 'net/two/i', bodies: ['graph:node:i.then'] }), node('node:loose', 'Neg', [''], ['value:l'], { name: 'net/two/loose' }),
    node('node:t', 'Exp', ['value:p'], ['value:t'], { graph: 'graph:node:i.then' }),
  ],
  values: [value('value:x', { kind: 'input' }), ...['p', 'q', 'l'].map((name) => value(`value:${name}`)), value('value:y', { kind: 'output', is_output: true }), value('value:t', { graph: 'graph:node:i.then' })],
}
const field = (name: string): Record<string, unknown> => ({ 'x-widget': name })
const type = (kind: string, acts_on: string, ...required: string[]): EditType =>
  ({ kind, title: kind, acts_on, in_job: false, description: 'Does it.', schema: { type: 'object', required, properties: Object.fromEntries(required.map((name) => [name, field(name)])) } }) as unknown as EditType
const TYPES = [
  type('connect', 'node', 'node', 'slot', 'value'), type('disconnect', 'node', 'node', 'slot'), type('splice-node', 'node', 'node', 'slot', 'value'), type('replace-uses', 'value', 'value', 'with'),
  type('duplicate-nodes', 'nodes', 'nodes'), type('remove-nodes', 'nodes', 'nodes'), type('insert-node', 'value', 'value', 'op_type'),
]

/** What is selected, and where the menu opens. */
const MENUS: Record<string, { selected: string[]; target?: MenuTarget }> = {
  View: { selected: ['node:b'] }, Select: { selected: ['node:b'] }, Ground: { selected: [], target: { empty: true } },
  Node: { selected: ['node:b'], target: { node: 'node:b' } }, Holder: { selected: ['node:i'], target: { node: 'node:i' } }, 'Loose node': { selected: ['node:loose'], target: { node: 'node:loose' } },
  Value: { selected: ['value:p'], target: { value: 'value:p' } },
  Scope: { selected: ['node:a', 'node:b'], target: { scope: { path: 'net/one', name: 'net/one', open: false } } }, 'Open scope': { selected: ['node:a', 'node:b'], target: { scope: { path: 'net/one', name: 'net/one', open: true } } },
}

interface Desk { editor: Editor; commands: Commands; done: unknown[] }

/** An editor with a document, whose canvas and link note what they are asked for. */
async function desk(menu: string): Promise<Desk> {
  const done: unknown[] = []
  const state = new EditorState()
  const api = { snapshot: () => Promise.resolve(encode(RECORDS)), editTypes: () => Promise.resolve(TYPES), operators: () => Promise.resolve([]), fragment: (...asked: unknown[]) => { done.push(['fragment', asked]); return Promise.resolve({}) } } as unknown as Api
  const editor = new Editor(state, api, decodeColumns)
  await editor.open(() => ({ start: () => undefined, presence: () => undefined, edit: (edit: unknown) => { done.push(['edit', edit]); return Promise.resolve({}) } }) as unknown as SessionLink)
  const { selected } = MENUS[menu]!
  const around = { closed: menu === 'Scope' ? ['net/one'] : [], open: 'net/one', body: null, whole: null }
  const answers: Record<string, unknown> = { graphsInSight: ['graph:'], graphAt: 'graph:', spotAt: AT, scopesAround: around, centre: [0, 0], canShow: true, unfold: null, view: null, pictures: {} }
  editor.canvas = new Proxy({}, { get: (_, name: string) => (name === 'pictures' ? {} : (...asked: unknown[]) => {
    if (name in answers) return answers[name]
    if (!/^set(Selection|Lit|Hits)$|^expectAt$/.test(name)) done.push([name, asked.map(withoutPlace)])
    return Promise.resolve()
  }) }) as unknown as CanvasPort
  state.scopes.value = { count: 3, flat: false, changes: 0 }
  editor.select(selected)
  state.highlight.value = { what: 'reach', nodes: ['node:a'], way: 'both', steps: 2 }
  return { editor, commands: editorCommands(editor), done }
}

/** Where a menu was opened is not what it does. */
function withoutPlace(asked: unknown): unknown {
  return asked === null || (typeof asked === 'object' && 'x' in asked && 'y' in asked) ? 'a place' : asked
}

function entries({ editor, commands }: Desk, menu: string): MenuItem[] {
  const { target } = MENUS[menu]!
  const flat = (list: readonly MenuEntry[]): MenuItem[] => list.filter(isItem).flatMap((entry) => [entry, ...flat(entry.entries ?? [])])
  if (target) return flat(contextMenu(editor, commands, target, AT).entries)
  return flat(commandEntries(commands, menu === 'View' ? SEE : SELECT))
}

/** All that a reader would notice. */
async function seen({ editor: { state }, done }: Desk): Promise<unknown> {
  for (let round = 0; round < 5; round++) await new Promise((resolve) => setTimeout(resolve, 0))
  const { form, dialog, highlight, findStep, selection, map, direction, scopes, said } = state
  const asked = form.value && { ...form.value, at: null, returnFocus: null }
  return [done, asked, dialog.value, highlight.value, findStep.value, [...selection.value].sort(), map.value, direction.value, scopes.value, said.value]
}

function pressed(keys: string): Parameters<Commands['forKey']>[0] {
  const { key, ctrl, shift, alt } = parseChord(keys)
  return { key, ctrlKey: ctrl, shiftKey: shift, altKey: alt, metaKey: false }
}

const outside = vi.fn(() => null)

beforeEach(() => {
  outside.mockClear()
  const kept = new Map<string, string>()
  const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, text: string) => kept.set(key, text), removeItem: (key: string) => kept.delete(key) }
  vi.stubGlobal('localStorage', storage)
  vi.stubGlobal('sessionStorage', storage)
  vi.stubGlobal('document', { getSelection: () => '', getElementById: outside, activeElement: null })
  vi.stubGlobal('HTMLInputElement', class {})
  vi.stubGlobal('HTMLElement', class {})
  vi.stubGlobal('window', { print: outside, innerWidth: 1000, innerHeight: 800 })
  vi.stubGlobal('navigator', { clipboard: { readText: () => Promise.resolve('{"fragment":1,"nodes":[{}]}'), write: () => Promise.resolve() } })
  vi.stubGlobal('ClipboardItem', class {})
  vi.stubGlobal('requestAnimationFrame', () => 0)
})

afterAll(() => { vi.unstubAllGlobals() })

const cases = Object.entries(GESTURES).flatMap(([gesture, { commands = {} }]) => Object.entries(commands).flatMap(([menu, ids]) => ids.map((id) => [gesture, menu, id] as const)))

describe('a gesture', () => {
  it.each(cases)('%s: the menu %s has %s with its key, and does what the key does', async (_, menu, id) => {
    const byKey = await desk(menu)
    const command = byKey.commands.get(id)
    expect(byKey.commands.forKey(pressed(command.keys[0]!), false, true)?.id).toBe(id)
    const byMenu = await desk(menu)
    const entry = entries(byMenu, menu).find(({ keys }) => keys === keyText(command.keys[0]!))
    expect(entry?.title).toMatch(/\w{3}/)
    const before = JSON.stringify(await seen(byKey))
    command.run()
    entry!.run!()
    const after = await seen(byKey)
    expect(await seen(byMenu)).toEqual(after)
    if (['find', 'print', 'print-selection'].includes(id)) expect(outside.mock.calls.length).toBe(2) // each asks the page itself
    else expect(JSON.stringify(after)).not.toBe(before)
  })

  it.each(Object.entries(GESTURES))('%s has a command in a menu, or is what every such list does', (_, { widget = '', commands = {} }) => {
    expect(widget.length + Object.keys(commands).length).toBeGreaterThan(0)
  })
})
