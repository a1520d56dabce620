/** What is kept of closed scopes over edits: the scene is the one that would be built afresh. */
import { beforeEach, expect, test, vi } from 'vitest'
import { documentOf, mainGraph, node, value } from '../document/encode.fixture'
import type { ModelDocument } from '../document/model'
import { layoutNested } from '../layout/nested'
import type { Change } from '../protocol/types'
import { buildScene, sceneParts } from '../scene/build'
import type { Scene } from '../scene/scene'
import { Camera } from './camera'
import { MarkBook } from './marks'
import { ShownGraph } from './shown-graph'
import type { Stage } from './stage'

const measure = { width: (text: string) => text.length * 6, clear: () => {} }
const NAMES = ['/stem/a', '/stem/b', '/body/c', '/body/d', '/body/e', '/head/f', '/head/g']
const OPERATORS = ['Relu', 'Neg', 'Abs', 'Sqrt', 'Exp', 'Log', 'Sin']

function chain(): ModelDocument {
  const nodes = NAMES.map((name, at) => node(`n${at}`, OPERATORS[at], [at === 0 ? 'value:x' : `value:y${at - 1}`], [`value:y${at}`], { name }))
  return documentOf({ graphs: [mainGraph(['value:x'], ['value:y6'])], nodes, values: [value('value:x', { kind: 'input' }), ...NAMES.map((_, at) => value(`value:y${at}`, {}))] })
}

async function shown(document: ModelDocument): Promise<{ graph: ShownGraph; scene(): Scene }> {
  const stage = {
    camera: new Camera(), measure, placed: null as { scene: Scene } | null, note: '',
    setScene(placed: { scene: Scene }) { this.placed = placed }, painted: () => Promise.resolve(), shown: () => Promise.resolve(), invalidate: () => {}, inUse: () => [],
  }
  const graph = new ShownGraph(stage as unknown as Stage, new MarkBook(), { layout: (input, memory) => Promise.resolve(layoutNested(input, memory)) }, () => {})
  await graph.show(document, 'graph:', 'fit')
  await graph.fold({ what: 'close-all' })
  return { graph, scene: () => stage.placed!.scene }
}

/** What is drawn: cards with their figures, and wires. */
function drawn(scene: Scene): unknown {
  return { cards: scene.cards.map(({ title, scope }) => [title, scope?.lines]), source: scene.source, target: scene.target, value: scene.value, slot: scene.slot }
}

function afresh(document: ModelDocument, { nesting }: Scene): unknown {
  return drawn(buildScene(document, 'graph:', sceneParts(document, measure), nesting!.nest.fold))
}

async function edit(document: ModelDocument, graph: ShownGraph, revision: number, delta: unknown[]): Promise<void> {
  await graph.update(document.apply({ revision, delta: delta as Change[] } as never))
}

beforeEach(() => {
  vi.stubGlobal('document', { fonts: { load: () => Promise.resolve([]) } })
  vi.stubGlobal('matchMedia', () => ({ matches: true }))
})

test('nodes that come and go in closed scopes are counted, and what they read is wired', async () => {
  const document = chain()
  const { graph, scene } = await shown(document)
  expect(scene().cards.map((card) => card.title)).toEqual(['x', 'stem', 'body', 'head', 'y6'])
  const n3 = document.node('n3')!
  const fresh = node('new', 'Add', ['value:y2', 'value:x'], ['value:z'], { name: '' })
  const insert = [
    { table: 'value', id: 'value:z', before: null, after: value('value:z', {}) },
    { table: 'node', id: 'new', before: null, after: fresh },
    { table: 'node', id: 'n3', before: n3, after: { ...n3, inputs: ['value:z'] } },
  ]
  await edit(document, graph, 1, insert)
  expect(drawn(scene())).toEqual(afresh(document, scene()))
  expect(scene().cards[2].scope!.lines[0]).toContain('4 nodes')
  await edit(document, graph, 2, insert.toReversed().map(({ before, after, ...rest }) => ({ ...rest, before: after, after: before })))
  expect(drawn(scene())).toEqual(afresh(document, scene()))
  expect(scene().cards[2].scope!.lines[0]).toContain('3 nodes')
})

test('a wire that is led elsewhere between closed scopes is drawn there', async () => {
  const document = chain()
  const { graph, scene } = await shown(document)
  const n5 = document.node('n5')!
  await edit(document, graph, 1, [{ table: 'node', id: 'n5', before: n5, after: { ...n5, inputs: ['value:y0'] } }])
  expect(drawn(scene())).toEqual(afresh(document, scene()))
})

test('a value that becomes a tensor is a wire of no closed scope any more', async () => {
  const document = chain()
  const { graph, scene } = await shown(document)
  const before = document.value('value:x')!
  await edit(document, graph, 1, [{ table: 'value', id: 'value:x', before, after: { ...before, kind: 'initializer', bytes: 8 } }])
  expect(drawn(scene())).toEqual(afresh(document, scene()))
})
