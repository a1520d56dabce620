/** Editing on the canvas: where slots are, what fits into them, which branch of a wire was meant, what the map shows. */
import { describe, expect, it } from 'vitest'
import { documentOf, mainGraph, node, value, type Records } from '../document/encode.fixture'
import type { LayoutResult } from '../layout/types'
import type { OperatorView, SlotView } from '../protocol/types'
import { buildScene, sceneParts } from '../scene/build'
import { PlacedScene } from '../scene/placed'
import { accepts, Operators, portsOf, spread, type Port } from '../scene/ports'
import { reach } from '../scene/reach'
import { type Scene } from '../scene/scene'
import { theme } from '../theme'
import { Camera } from './camera'
import { Fitting, type LooseEnd } from './fitting'
import { mapScale, paintMap } from './map-picture'
import { carried, grabReach, itemsWithPorts, nearestPort, PortBook, portPlace } from './port-book'
import { wireAt } from './wire-at'

const MEASURE = { width: (text: string) => text.length * 6 }
const slot = (name: string, rest: Partial<SlotView> = {}): SlotView => ({ name, doc: '', optional: false, variadic: false, types: ['tensor(float)', 'tensor(float16)', 'tensor(int64)'], parameter: 'T', ...rest })
const operator = (op_type: string, inputs: SlotView[]): OperatorView => ({ op_type, domain: '', since: 1, family: 'arithmetic', doc: '', deprecated: false, inputs, outputs: [slot('Y')], attributes: [] })
const SCHEMAS: OperatorView[] = [
  operator('Relu', [slot('X', { types: ['tensor(float)', 'tensor(float16)'] })]),
  operator('Add', [slot('A'), slot('B')]),
  operator('Clip', [slot('input'), slot('min', { optional: true }), slot('max', { optional: true })]),
  operator('Concat', [slot('inputs', { variadic: true })]),
]
const OPERATORS = new Operators(SCHEMAS)

/** x → Relu → r → Add(r, empty); r → Clip(r, , weight); Concat(r, n); a custom node on its own; whole is an input of integers. */
const RECORDS: Records = {
  graphs: [mainGraph(['value:x', 'value:whole'], ['value:s'])],
  nodes: [
    node('node:r', 'Relu', ['value:x'], ['value:r']), node('node:s', 'Add', ['value:r'], ['value:s']),
    node('node:c', 'Clip', ['value:r', '', 'value:weight'], ['value:c']), node('node:k', 'Concat', ['value:r', 'value:s'], ['value:k']),
    node('node:own', 'Own', [], ['value:own0', 'value:own1'], { domain: 'custom' }),
  ],
  values: [
    value('value:x', { kind: 'input' }), value('value:whole', { kind: 'input', dtype: 'int64' }), value('value:r'), value('value:s', { kind: 'output', is_output: true }), value('value:c'),
    value('value:weight', { kind: 'initializer', shape: [], bytes: 4 }), value('value:k'), value('value:own0'), value('value:own1', { dtype: '' }),
  ],
}

/** Items stand below each other, 100 apart; a wire runs straight from where it leaves to where it enters. */
function placedOf(records: Records = RECORDS): PlacedScene {
  const document = documentOf(records)
  const scene = buildScene(document, 'graph:', sceneParts(document, MEASURE))
  const x = new Float32Array(scene.count)
  const y = Float32Array.from({ length: scene.count }, (_, item) => item * 100)
  const points: number[] = []
  for (let edge = 0; edge < scene.edgeCount; edge++) {
    points.push(x[scene.source[edge]] + scene.sourceAt[edge], y[scene.source[edge]] + 24, 300 + edge * 40, y[scene.target[edge]] - 10, x[scene.target[edge]] + scene.targetAt[edge], y[scene.target[edge]])
  }
  const layout: LayoutResult = {
    x, y, pointStart: Uint32Array.from({ length: scene.edgeCount + 1 }, (_, edge) => edge * 3), points: Float32Array.from(points),
    labelX: new Float32Array(scene.edgeCount), labelY: new Float32Array(scene.edgeCount), bounds: { left: 0, top: 0, right: 400, bottom: scene.count * 100 }, rank: new Int32Array(scene.count), milliseconds: 0,
  }
  return new PlacedScene(scene, layout)
}

function itemOf(scene: Scene, id: string): number {
  return scene.itemOfNode(scene.document.nodeIndex(id))
}

function inputs(scene: Scene, id: string): Port[] {
  return portsOf(scene, itemOf(scene, id), OPERATORS).filter((port) => port.side === 'in')
}

function endOf(placed: PlacedScene, valueId: string, origin: number): LooseEnd {
  return { value: placed.scene.document.valueIndex(valueId), origin, input: null, at: { x: 0, y: 0, side: 'out' } }
}

describe('portsOf', () => {
  it('lists wired, empty and further slots by the schema', () => {
    const { scene } = placedOf()
    const described = (id: string): string[] => inputs(scene, id).map((port) => `${port.name} ${port.filling}`)
    expect(described('node:r')).toEqual(['X wired'])
    expect(described('node:s')).toEqual(['A wired', 'B missing'])
    expect(described('node:c')).toEqual(['input wired', 'min omitted', 'max row'])
    expect(described('node:k')).toEqual(['inputs1 wired', 'inputs2 wired', 'inputs3 next'])
    expect(described('node:own')).toEqual(['input 1 next'])
  })

  it('gives every output a place, used or not, and a wired one that of its wire', () => {
    const { scene } = placedOf()
    const outputs = portsOf(scene, itemOf(scene, 'node:own'), OPERATORS).filter((port) => port.side === 'out')
    expect(outputs).toHaveLength(2)
    expect(outputs[0]!.at).toBeLessThan(outputs[1]!.at)
    const relu = itemOf(scene, 'node:r')
    expect(portsOf(scene, relu, OPERATORS).at(-1)!.at).toBe(scene.sourceAt[scene.outgoing(relu)[0]!])
  })

  it('puts slots between and beside those that have wires, in order and inside the node', () => {
    expect(spread(100, [null, 50, null], 'down')).toEqual([34, 50, 66])
    expect(spread(100, [40, null, null, 70], 'down')).toEqual([40, 50, 60, 70])
    const crowded = spread(60, [30, ...new Array<null>(8).fill(null)], 'down')
    expect(Math.max(...crowded)).toBeLessThanOrEqual(50)
    expect([...crowded].sort((a, b) => a - b)).toEqual(crowded)
  })
})

describe('Fitting', () => {
  it('lets a value go to slots of its type that it does not depend on, and not where it is already', () => {
    const placed = placedOf()
    const { scene } = placed
    const relu = itemOf(scene, 'node:r')
    const fitting = new Fitting(placed, endOf(placed, 'value:r', relu))
    expect(fitting.refusal(inputs(scene, 'node:s')[1]!)).toBe('')
    expect(fitting.refusal(inputs(scene, 'node:s')[0]!)).toBe('already there')
    expect(fitting.refusal(inputs(scene, 'node:r')[0]!)).toBe('would make a cycle')
    const later = new Fitting(placed, endOf(placed, 'value:s', itemOf(scene, 'node:s')))
    expect(later.refusal(inputs(scene, 'node:r')[0]!)).toBe('would make a cycle')
    expect(later.fits(inputs(scene, 'node:c')[1]!)).toBe(true)
  })

  it('goes by the types of the operator and by what its other inputs are made of; what is unknown fits', () => {
    const placed = placedOf()
    const { scene } = placed
    const whole = new Fitting(placed, endOf(placed, 'value:whole', -1))
    expect(whole.refusal(inputs(scene, 'node:r')[0]!)).toBe('X takes no i64')
    expect(whole.refusal(inputs(scene, 'node:s')[1]!)).toBe('B must be f32')
    const unknown = new Fitting(placed, endOf(placed, 'value:own1', itemOf(scene, 'node:own')))
    expect(unknown.fits(inputs(scene, 'node:r')[0]!)).toBe(true)
    expect([accepts(['seq(tensor(float))'], 'seq(tensor(float32))'), accepts(['tensor(double)'], 'float64'), accepts(['tensor(float)'], '')]).toEqual([true, true, true])
  })

  it('leads an input back to values that are not computed from its node', () => {
    const placed = placedOf()
    const { scene } = placed
    const end: LooseEnd = { value: -1, origin: -1, input: inputs(scene, 'node:s')[1]!, at: { x: 0, y: 0, side: 'in' } }
    const fitting = new Fitting(placed, end)
    const output = (id: string): Port => portsOf(scene, itemOf(scene, id), OPERATORS).find((port) => port.side === 'out')!
    expect(fitting.fits(output('node:c'))).toBe(true)
    expect(fitting.refusal(output('node:k'))).toBe('would make a cycle')
    expect(fitting.fits(inputs(scene, 'node:k')[0]!)).toBe(false)
  })

  it('follows wires both ways', () => {
    const { scene } = placedOf()
    const named = (found: Uint8Array): string[] => Array.from(found).flatMap((one, item) => (one ? [scene.idOf(item)] : []))
    expect(named(reach(scene, itemOf(scene, 'node:s'), 'up'))).toEqual(['value:x', 'node:r', 'node:s'])
    expect(named(reach(scene, itemOf(scene, 'node:s'), 'down'))).toEqual(['node:s', 'node:k', 'value:s'])
  })
})

describe('pointing at ports', () => {
  it('takes the nearest port within reach, and an initializer by the end of its row', () => {
    const placed = placedOf()
    const { scene } = placed
    const ports = inputs(scene, 'node:c')
    const { x, y } = portPlace(placed, ports[1]!)
    expect(nearestPort(placed, ports, { x: x + 2, y: y - 3 }, 9)).toBe(ports[1])
    expect(nearestPort(placed, ports, { x, y: y - 30 }, 9)).toBeNull()
    const clip = itemOf(scene, 'node:c')
    const end = placed.x[clip]! + scene.width[clip]! - 6
    expect(carried(placed, { x: end, y: placed.y[clip]! + 38 }, 1)).toMatchObject({ item: clip, row: 0, value: scene.document.valueIndex('value:weight') })
    expect(carried(placed, { x: 20, y: placed.y[clip]! + 38 }, 1)).toBeNull()
    expect(carried(placed, { x: end, y: placed.y[clip]! + 10 }, 1)).toBeNull()
  })

  it('leaves the ground of a card, but for its very edge, to be moved by', () => {
    const placed = placedOf()
    const [port] = inputs(placed.scene, 'node:c')
    const { x, y } = portPlace(placed, port!)
    const grabbed = (dy: number) => nearestPort(placed, [port!], { x, y: y + dy }, grabReach(placed, { x, y: y + dy }, 1))
    expect([-8, -1, 3, 6, 8].map((dy) => grabbed(dy) !== null)).toEqual([true, true, true, false, false])
  })

  it('shows the ports of what is pointed at or selected, of all when near, of none far out', () => {
    const placed = placedOf()
    const camera = new Camera()
    camera.width = 600
    camera.height = 10_000
    const marks = { hoverItem: 2, selectedItems: new Set([3]), wireEnds: new Set<number>() }
    expect(itemsWithPorts(placed, camera, marks)).toEqual([2, 3])
    camera.zoom = 2
    expect(itemsWithPorts(placed, camera, marks)).toHaveLength(placed.scene.count)
    camera.zoom = 0.3
    expect(itemsWithPorts(placed, camera, marks)).toEqual([])
  })

  it('knows the slots again when the operators come', () => {
    const { scene } = placedOf()
    const book = new PortBook()
    const item = itemOf(scene, 'node:s')
    expect(book.of(scene, item).filter((port) => port.side === 'in')).toHaveLength(1)
    book.setOperators(SCHEMAS)
    expect(book.of(scene, item).filter((port) => port.side === 'in')).toHaveLength(2)
  })
})

describe('wireAt', () => {
  it('means the branch that was pointed at, or all readers on what they share', () => {
    const placed = placedOf()
    const { scene } = placed
    const [first, end] = scene.edgesOf(scene.document.valueIndex('value:r'))
    expect(end - first).toBe(3)
    const middle = { x: 300 + first * 40, y: placed.y[scene.target[first]!]! - 10 }
    expect(wireAt(placed, first, middle, 1)).toEqual({ value: 'value:r', consumers: [{ node: 'node:s', slot: 0 }] })
    const start = { x: placed.points[placed.pointStart[first]! * 2]!, y: placed.points[placed.pointStart[first]! * 2 + 1]! }
    expect(wireAt(placed, first, start, 1)).toEqual({ value: 'value:r', consumers: null })
  })
})

describe('the map', () => {
  it('fits the whole graph, squeezes tall ones, and does not blow up small ones', () => {
    const placed = placedOf()
    const tall = { ...placed, bounds: { left: 0, top: 0, right: 800, bottom: 400_000 } } as PlacedScene
    const scale = mapScale(tall, 132, 164)
    expect(scale.top + 400_000 * scale.y).toBeLessThanOrEqual(164)
    expect(scale.x).toBeGreaterThan(50 * scale.y)
    expect(mapScale({ ...placed, bounds: { left: 0, top: 0, right: 100, bottom: 60 } } as PlacedScene, 132, 164).x).toBeLessThan(0.2)
  })

  it('shows every box, however small, in the colour of its family', () => {
    const placed = placedOf()
    const pixels = new Uint32Array(132 * 164)
    paintMap(pixels, 132, 164, placed, mapScale(placed, 132, 164), 1, theme('light'))
    const rows = new Set(Array.from(pixels).flatMap((pixel, at) => (pixel ? [Math.floor(at / 132)] : [])))
    expect(rows.size).toBeGreaterThanOrEqual(placed.scene.count)
    expect(new Set(pixels).size).toBe(3) // ground, one family, pills
  })
})
