/** A node without wires that is put somewhere in a body that is open in place: where it stands then, and after what comes later. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { ChangeSet } from '../document/changes'
import { documentOf, mainGraph, node, value } from '../document/encode.fixture'
import type { ModelDocument } from '../document/model'
import { LayoutSuperseded } from '../layout/client'
import { layoutNested } from '../layout/nested'
import { brokenNesting } from '../layout/nested-laws'
import type { LayoutInput, LayoutMemory, LayoutResult } from '../layout/types'
import type { Spot } from '../scene/flow'
import type { PlacedScene } from '../scene/placed'
import { Camera } from './camera'
import { MarkBook } from './marks'
import { ShownGraph } from './shown-graph'
import type { Stage } from './stage'

const BODY = 'graph:node:if.then_branch'
/** its label needs more room than is kept for what is not known yet */
const LONG = new Array<number>(8).fill(1e6)

/** An If with a body of three nodes that takes a value from around it. */
function branching(): ModelDocument {
  return documentOf({
    graphs: [mainGraph(['value:x', 'value:c'], ['value:y']), { id: BODY, name: 'then', parent: 'node:if', inputs: [], outputs: ['value:t'] }],
    nodes: [
      node('node:a', 'Abs', ['value:x'], ['value:p']), node('node:if', 'If', ['value:c'], ['value:y'], { bodies: [BODY] }),
      node('node:n', 'Neg', ['value:p'], ['value:n'], { graph: BODY }), node('node:s', 'Sin', ['value:n'], ['value:s'], { graph: BODY }), node('node:m', 'Add', ['value:s', 'value:p'], ['value:t'], { graph: BODY }),
    ],
    values: [
      ...['x', 'c'].map((one) => value(`value:${one}`, { kind: 'input' })), value('value:p', { dtype: '', shape: null }), value('value:y', { is_output: true }),
      ...['n', 's'].map((one) => value(`value:${one}`, { graph: BODY, dtype: '', shape: null })), value('value:t', { graph: BODY, is_output: true }),
    ],
  })
}

/** The body is open; layouts are real, but for as many as are overtaken. */
async function opened(right: boolean) {
  let placed: PlacedScene | null = null
  let overtaken = 0
  const inputs: LayoutInput[] = []
  const camera = new Camera()
  Object.assign(camera, { width: 1200, height: 900 })
  const stage = {
    camera, measure: { width: (text: string) => text.length * 6, clear: () => {} }, note: '', get placed() { return placed }, setScene(next: PlacedScene) { placed = next },
    painted: () => Promise.resolve(), shown: () => Promise.resolve(), invalidate: () => {}, inUse: () => [],
  }
  const layouts = {
    layout: (input: LayoutInput, memory?: LayoutMemory): Promise<LayoutResult> => {
      inputs.push(input)
      return overtaken-- > 0 ? Promise.reject(new LayoutSuperseded('newer')) : Promise.resolve(layoutNested(input, memory))
    },
  }
  const graph = new ShownGraph(stage as unknown as Stage, new MarkBook(), layouts, () => {})
  const document = branching()
  await graph.show(document, 'graph:', 'fit')
  if (right) await graph.turn('right')
  await graph.fold({ what: 'body', nodes: ['node:if'], open: true })
  const boxOf = (id: string) => placed!.boxOf(placed!.itemOfNode(id))
  return {
    graph, document, boxOf, overtake: (count: number) => { overtaken = count },
    broken: () => brokenNesting(inputs.at(-1)!, placed!.base),
    onScreen: (id: string): Spot => { const box = boxOf(id); return { x: camera.screenX((box.left + box.right) / 2), y: camera.screenY((box.top + box.bottom) / 2) } },
    onPage: (at: Spot): Spot => ({ x: camera.graphX(at.x), y: camera.graphY(at.y) }), zoom: () => camera.zoom,
  }
}

function added(document: ModelDocument, id: string): ChangeSet {
  return document.apply({ revision: document.revision + 1, delta: [{ table: 'value', id: `value:${id}`, after: value(`value:${id}`, { graph: BODY }) }, { table: 'node', id, after: node(id, 'Sqrt', [], [`value:${id}`], { graph: BODY }) }] } as never)
}

function typed(document: ModelDocument, id: string): ChangeSet {
  document.applyTypes({ [id]: { dtype: 'float32', shape: LONG } })
  return { nodes: new Set(), values: new Set([id]), graphs: new Set(), model: false, structural: false, rewired: new Map() }
}

beforeEach(() => {
  vi.stubGlobal('document', { fonts: { load: () => Promise.resolve([]) } })
  vi.stubGlobal('matchMedia', () => ({ matches: true }))
})

describe.each([['down', [-90, 30]], ['to the right', [0, 100]]] as const)('a node put into an open body whose graph runs %s', (way, [dx, dy]) => {
  const right = way !== 'down'

  it('stands where the hand left it, though its first layout was overtaken, also when types come later', async () => {
    const { graph, document, onScreen, onPage, overtake, broken, zoom } = await opened(right)
    const from = onScreen('node:s')
    const at = { x: from.x + dx * zoom(), y: from.y + dy * zoom() }
    graph.expectAt(onPage(at))
    overtake(1)
    await graph.update(added(document, 'node:new'))
    await graph.update(typed(document, 'value:n'))
    expect(broken()).toEqual([])
    expect(onScreen('node:new')).toEqual({ x: expect.closeTo(at.x, 0), y: expect.closeTo(at.y, 0) })
  })

  it('stands near there though another layout came between the place and the node', async () => {
    const { graph, document, onScreen, onPage, boxOf, zoom } = await opened(right)
    const beside = (id: string): Spot => { const from = onScreen(id); return { x: from.x + dx * zoom(), y: from.y + dy * zoom() } }
    graph.expectAt(onPage(beside('node:s')))
    await graph.update(added(document, 'node:new'))
    const at = onPage(beside('node:new'))
    graph.expectAt(at)
    await graph.update(typed(document, 'value:p'))
    await graph.update(added(document, 'node:other'))
    const { left, top, right: end, bottom } = boxOf('node:other')
    expect(Math.hypot((left + end) / 2 - at.x, (top + bottom) / 2 - at.y)).toBeLessThan(50) // the body became wider
  })

  it('stays beside what it was put beside when another one is added, which yields to both', async () => {
    const { graph, document, onScreen, onPage, boxOf, broken, zoom } = await opened(right)
    const from = onScreen('node:s')
    const at = { x: from.x + dx * zoom(), y: from.y + dy * zoom() }
    graph.expectAt(onPage(at))
    await graph.update(added(document, 'node:new'))
    graph.expectAt(onPage(onScreen('node:new')))
    await graph.update(added(document, 'node:other'))
    expect(broken()).toEqual([])
    const [one, beside] = [boxOf('node:new'), boxOf('node:s')]
    expect((one.left + one.right - beside.left - beside.right) / 2).toBeCloseTo(dx, 0)
    expect((one.top + one.bottom - beside.top - beside.bottom) / 2).toBeCloseTo(dy, 0)
  })
})
