/** Following a document: what is shown when layouts overtake each other. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { ChangeSet } from '../document/changes'
import { documentOf, mainGraph, node, value } from '../document/encode.fixture'
import type { ModelDocument } from '../document/model'
import { LayoutSuperseded } from '../layout/client'
import type { LayoutInput, LayoutMemory, LayoutResult } from '../layout/types'
import type { PlacedScene } from '../scene/placed'
import { Camera } from './camera'
import { MarkBook } from './marks'
import { ShownGraph } from './shown-graph'
import type { Stage } from './stage'

interface Asked { input: LayoutInput; memory?: LayoutMemory; give(): void; fail(error: Error): void }

function resultOf(input: LayoutInput): LayoutResult {
  const y = Float32Array.from(input.width, (_, i) => i * 100)
  const points = Array.from(input.source, (source, edge) => [0, y[source] + 24, 0, y[input.target[edge]]]).flat()
  return {
    x: new Float32Array(input.count), y, pointStart: Uint32Array.from({ length: input.source.length + 1 }, (_, i) => i * 2), points: Float32Array.from(points),
    labelX: new Float32Array(input.source.length), labelY: new Float32Array(input.source.length), bounds: { left: 0, top: 0, right: 100, bottom: 400 }, rank: new Int32Array(input.count), milliseconds: 0,
  }
}

function setUp() {
  const asked: Asked[] = []
  const shown: { placed: PlacedScene; revision: number }[] = []
  /** provisional pictures */
  const atOnce: typeof shown = []
  const stage = {
    camera: new Camera(), measure: { width: (text: string) => text.length * 6, clear: () => {} }, placed: null as PlacedScene | null, note: '',
    setScene(placed: PlacedScene, revision: number) { this.placed = placed; (placed.provisional ? atOnce : shown).push({ placed, revision }) },
    painted: () => Promise.resolve(), shown: () => Promise.resolve(), invalidate: () => {}, inUse: () => [],
  }
  const layouts = {
    layout: (input: LayoutInput, memory?: LayoutMemory) =>
      new Promise<LayoutResult>((resolve, reject) => { asked.push({ input, memory, give: () => resolve(resultOf(input)), fail: reject }) }),
  }
  return { asked, shown, atOnce, stage, graph: new ShownGraph(stage as unknown as Stage, new MarkBook(), layouts, () => {}) }
}

function chain(): ModelDocument {
  return documentOf({
    graphs: [mainGraph(['value:x'], [])], nodes: [node('node:r', 'Relu', ['value:x'], ['value:h']), node('node:s', 'Neg', ['value:h'], [])],
    values: [value('value:x', { kind: 'input' }), value('value:h', { dtype: '', shape: null })],
  })
}

/** The chain is shown as its first layout has it. */
async function opened() {
  const all = setUp()
  const document = chain()
  const first = all.graph.show(document, 'graph:', 'fit')
  all.asked[0].give()
  await first
  return { ...all, document }
}

function ofValue(id: string): ChangeSet {
  return { nodes: new Set(), values: new Set([id]), graphs: new Set(), model: false, structural: false, rewired: new Map() }
}

/** Puts a node between a value and the node that takes it. */
function inserted(document: ModelDocument, revision: number, taken: string): ChangeSet {
  const made = `value:new${revision}`
  const takers = document.consumers(taken).map((use) => document.node(use.node)!)
  const delta = [
    { table: 'value', id: made, after: value(made) }, { table: 'node', id: `new${revision}`, after: node(`new${revision}`, 'Tanh', [taken], [made]) },
    ...takers.map((taker) => ({ table: 'node', id: taker.id, after: { ...taker, inputs: taker.inputs.map((one) => (one === taken ? made : one)) } })),
  ]
  return document.apply({ revision, delta } as never)
}

beforeEach(() => {
  vi.stubGlobal('document', { fonts: { load: () => Promise.resolve([]) } })
  vi.stubGlobal('matchMedia', () => ({ matches: true }))
})

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

describe('ShownGraph', () => {
  it('shows a graph by the newer layout when that overtook the first', async () => {
    const { asked, shown, graph } = setUp()
    const document = chain()
    const first = graph.show(document, 'graph:', 'fit')
    const values = document.applyTypes({ 'value:h': { dtype: 'float32', shape: [2] } })
    const update = graph.update({ nodes: new Set(), values, graphs: new Set(['graph:']), model: false, structural: false, rewired: new Map() })
    asked[0].fail(new LayoutSuperseded('newer'))
    asked[1].give()
    await Promise.all([first, update])
    expect(shown.length).toBe(1)
    expect(shown[0].placed.scene.labels.map((label) => label?.text)).toContain('2  f32')
  })

  it('continues the layout that is shown, and asks for none when nothing moved', async () => {
    const { asked, shown, graph, document } = await opened()
    document.apply({ session: '', revision: 1, how: 'edit', target: null, kind: '', title: '', author: '', author_name: '', client: null, at: '', created: [], unsaved: true, delta: [{ table: 'node', id: 'node:r', after: { ...document.node('node:r')!, name: 'other' } }] })
    await graph.update({ nodes: new Set(['node:r']), values: new Set(), graphs: new Set(['graph:']), model: false, structural: false, rewired: new Map() })
    expect(asked.length).toBe(1)
    expect(shown[1].revision).toBe(1)
    document.applyTypes({ 'value:h': { dtype: 'float32', shape: [1000, 1000, 1000, 1000] } })
    const update = graph.update(ofValue('value:h'))
    await settle()
    expect(asked[1].memory!.key).toEqual(asked[0].input.key)
    asked[1].give()
    await update
    expect(shown.length).toBe(3)
  })

  it('keeps room for types that are found later, so that they disturb nothing', async () => {
    const { asked, shown, graph, document } = await opened()
    document.applyTypes({ 'value:h': { dtype: 'float32', shape: [1, 128, 768] } })
    await graph.update(ofValue('value:h'))
    expect(asked.length).toBe(1)
    expect(shown[1].placed.layout).toBe(shown[0].placed.layout)
    expect(shown[1].placed.scene.labels.map((label) => label?.text)).toContain('1×128×768  f32')
  })

  it('takes a change that comes while the one before it is being painted', async () => {
    const { shown, stage, graph, document } = await opened()
    let paint!: () => void
    stage.painted = () => new Promise<void>((resolve) => { paint = resolve })
    document.applyTypes({ 'value:h': { dtype: 'float32', shape: [1] } })
    void graph.update(ofValue('value:h'))
    await settle()
    document.applyTypes({ 'value:h': { dtype: 'float32', shape: [2] } })
    void graph.update(ofValue('value:h'))
    paint()
    await settle()
    expect(shown.at(-1)!.placed.scene.labels.map((label) => label?.text)).toContain('2  f32')
  })

  it('shows an edit where it can stand until the layout answers, and lays it out from the last real layout', async () => {
    const { asked, shown, atOnce, graph, document } = await opened()
    const update = graph.update(inserted(document, 1, 'value:h'))
    expect(atOnce.map(({ placed, revision }) => [placed.scene.cards.map((card) => card.title), revision])).toEqual([[['x', 'Relu', 'Tanh', 'Neg'], 1]])
    await settle()
    expect(asked[1].memory!.key).toEqual(asked[0].input.key)
    asked[1].give()
    await update
    expect(shown.map(({ revision }) => revision)).toEqual([0, 1])
  })

  it('shows a second edit at once, too, and nothing of the layout that it overtook', async () => {
    const { asked, shown, atOnce, graph, document } = await opened()
    void graph.update(inserted(document, 1, 'value:h'))
    await settle()
    const update = graph.update(inserted(document, 2, 'value:h'))
    expect(atOnce.map(({ revision }) => revision)).toEqual([1, 2])
    asked[1].give()
    await settle()
    expect(shown.length).toBe(1)
    expect(asked[2].memory!.key).toEqual(asked[1].input.key)
    asked[2].give()
    await update
    expect([shown.length, shown[1].revision]).toEqual([2, 2])
  })

  it('goes back at once to the layout that it knows when an edit is undone before its layout came', async () => {
    const { asked, shown, graph, document } = await opened()
    void graph.update(inserted(document, 1, 'value:h'))
    await settle()
    const taker = document.node('node:s')!
    const undone = document.apply({ revision: 2, delta: [{ table: 'node', id: 'node:s', after: { ...taker, inputs: ['value:h'] } }, { table: 'node', id: 'new1', after: null }, { table: 'value', id: 'value:new1', after: null }] } as never)
    const update = graph.update(undone)
    asked[1].give()
    await update
    expect([asked.length, shown.length, shown[1].placed.layout === shown[0].placed.layout]).toEqual([2, 2, true])
  })

  it('drops what was begun for a graph that is no longer shown', async () => {
    const { asked, shown, graph } = setUp()
    const first = graph.show(chain(), 'graph:', 'fit')
    const second = graph.show(chain(), 'graph:', 'fit')
    asked[0].give()
    asked[1].give()
    await Promise.all([first, second])
    expect(shown.length).toBe(1)
  })

  it('is laid out anew when it is turned, and goes on from there', async () => {
    const { asked, shown, graph, document } = await opened()
    const turned = graph.turn('right')
    await settle()
    expect([asked[1].input.direction, asked[1].memory]).toEqual(['right', undefined])
    asked[1].give()
    await turned
    expect(shown.at(-1)!.placed.scene.direction).toBe('right')
    document.applyTypes({ 'value:h': { dtype: 'float32', shape: [1000, 1000, 1000, 1000] } })
    const update = graph.update(ofValue('value:h'))
    await settle()
    expect([asked[2].input.direction, asked[2].memory?.key]).toEqual(['right', asked[1].input.key])
    asked[2].give()
    await update
    await graph.turn('right')
    expect(asked.length).toBe(3)
  })

  it('says so when a layout fails', async () => {
    const { asked, graph } = setUp()
    const first = graph.show(chain(), 'graph:', 'fit')
    asked[0].fail(new Error('out of memory'))
    await expect(first).rejects.toThrow('out of memory')
  })

  it('opens with the bodies in place that were open when the reader left', async () => {
    const document = documentOf({
      graphs: [mainGraph(['value:c'], ['value:y']), { id: 'graph:node:if.then_branch', name: 'then', parent: 'node:if', inputs: [], outputs: ['value:t'] }],
      nodes: [node('node:if', 'If', ['value:c'], ['value:y'], { bodies: ['graph:node:if.then_branch'] }), node('node:t', 'Constant', [], ['value:t'], { graph: 'graph:node:if.then_branch' })],
      values: [value('value:c', { kind: 'input' }), value('value:y', { is_output: true }), value('value:t', { graph: 'graph:node:if.then_branch', is_output: true })],
    })
    const left = setUp()
    const first = left.graph.show(document, 'graph:', 'fit')
    left.asked[0].give()
    await first
    const opening = left.graph.fold({ what: 'body', nodes: ['node:if'], open: true })
    left.asked[1].give()
    await opening
    const { asked, shown, graph } = setUp()
    graph.openAt(left.graph.view())
    const again = graph.show(document, 'graph:', 'fit')
    asked[0].give()
    await again
    expect(shown[0].placed.scene.cards.map((card) => card.title)).toContain('Constant')
  })

  it('knows whether the reader looks from where it was opened', async () => {
    const { stage, graph } = await opened()
    expect(graph.view()!.asOpened).toBe(true)
    stage.camera.panBy(50, 0)
    expect(graph.view()!.asOpened).toBe(false)
  })
})
