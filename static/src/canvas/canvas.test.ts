/** What is under the pointer, what is drawn at which zoom, where the keys and the camera go. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { documentOf, mainGraph, node, value } from '../document/encode.fixture'
import type { LayoutResult } from '../layout/types'
import { buildScene, sceneParts } from '../scene/build'
import type { Measure } from '../scene/measure'
import { PlacedScene } from '../scene/placed'
import { Camera } from './camera'
import { hitAt, itemsIn } from './hit'
import { itemLabel } from './item-tree'
import { detailAt } from './lod'
import { MarkBook } from './marks'
import { anchorShift, Motion, nearestOutside } from './motion'
import { openingPlace } from './opening'
import { laidOut } from './picture.fixture'
import { nearestItem, type Step, Walk } from './walk'

const MEASURE: Measure = { width: (text) => text.length * 6 }

/** x → Relu → y, and beside the Relu a Neg that takes x too; every box is at column × 200, row × 100. */
function placed(shift = 0): PlacedScene {
  const document = documentOf({
    graphs: [mainGraph(['value:x'], ['value:y'])],
    nodes: [node('node:r', 'Relu', ['value:x'], ['value:y']), node('node:n', 'Neg', ['value:x'], ['value:z'])],
    values: [value('value:x', { kind: 'input' }), value('value:y', { kind: 'output', is_output: true }), value('value:z')],
  })
  const scene = buildScene(document, 'graph:', sceneParts(document, MEASURE))
  const column = [0, 0, 1, 0]
  const row = [0, 1, 1, 2]
  const x = Float32Array.from(column, (c) => c * 200 + shift)
  const y = Float32Array.from(row, (r) => r * 100)
  const points: number[] = []
  const pointStart = [0]
  for (let edge = 0; edge < scene.edgeCount; edge++) {
    const from = scene.source[edge]
    const to = scene.target[edge]
    points.push(x[from] + scene.sourceAt[edge], y[from] + 24, x[to] + scene.targetAt[edge], y[to])
    pointStart.push(points.length / 2)
  }
  const layout: LayoutResult = {
    x, y, pointStart: Uint32Array.from(pointStart), points: Float32Array.from(points),
    labelX: Float32Array.from(scene.labels, (label) => (label ? 40 : NaN)), labelY: Float32Array.from(scene.labels, (_, edge) => 60 + 100 * edge),
    bounds: { left: shift, top: 0, right: 260 + shift, bottom: 224 }, rank: Int32Array.from(row), milliseconds: 0,
  }
  return new PlacedScene(scene, layout)
}

const RELU = 1
const NEG = 2

describe('hitAt', () => {
  it('finds the box under the point, else the wire near it, else nothing', () => {
    const scene = placed()
    expect(hitAt(scene, 20, 110, 1, false)).toEqual({ item: RELU })
    expect(hitAt(scene, 31, 60, 1, false)).toEqual({ edge: 0 })
    expect(hitAt(scene, 500, 500, 1, false)).toBeNull()
  })

  it('takes a label for its wire while labels are shown', () => {
    expect(hitAt(placed(), 60, 62, 1, true)).toEqual({ edge: 0 })
    expect(hitAt(placed(), 60, 62, 1, false)).not.toEqual({ edge: 0 })
  })

  it('reaches as far on screen at every zoom', () => {
    expect(hitAt(placed(), 48, 60, 1, false)).toBeNull()
    expect(hitAt(placed(), 48, 60, 0.25, false)).toEqual({ edge: 0 })
  })

  it('lists what a rectangle touches', () => {
    expect(itemsIn(placed(), { left: -10, top: 90, right: 300, bottom: 110 })).toEqual([RELU, NEG])
  })
})

describe('detailAt', () => {
  it('adds detail as the reader comes nearer', () => {
    expect(detailAt(0.1)).toEqual({ tiles: true, curves: false, names: false, arrows: false, rows: false, labels: false })
    expect(detailAt(0.25)).toMatchObject({ tiles: false, curves: true, names: true, arrows: false, rows: false })
    expect(detailAt(0.46)).toMatchObject({ arrows: true, rows: true, labels: false })
    expect(detailAt(1)).toEqual({ tiles: false, curves: true, names: true, arrows: true, rows: true, labels: true })
  })
})

describe('walking', () => {
  it('goes along the wires and to the neighbours', () => {
    const scene = placed()
    const from = (item: number, step: Step): number => new Walk().step(scene, item, step)
    expect(from(RELU, 'up')).toBe(0)
    expect(from(RELU, 'down')).toBe(3)
    expect(from(RELU, 'right')).toBe(NEG)
    expect(from(NEG, 'left')).toBe(RELU)
    expect(from(NEG, 'down')).toBe(-1)
    expect(nearestItem(scene, 230, 130)).toBe(NEG)
  })

  it('chooses among several readers with left and right, and comes back where it came from', () => {
    const scene = placed()
    scene.y[NEG] = 400 // not beside the Relu any more
    const walk = new Walk()
    expect(walk.step(scene, 0, 'down')).toBe(RELU)
    expect(walk.step(scene, RELU, 'right')).toBe(NEG)
    expect(walk.step(scene, NEG, 'right')).toBe(-1)
    expect(walk.step(scene, NEG, 'left')).toBe(RELU)
    expect(walk.step(scene, RELU, 'up')).toBe(0)
  })

  it('takes a wire of the node itself before one that its body captures', () => {
    const body = 'graph:node:i.then_branch'
    const document = documentOf({
      graphs: [mainGraph(['value:x'], ['value:y']), { id: body, name: 'then', parent: 'graph:', inputs: [], outputs: ['value:u'] }],
      nodes: [node('node:t', 'Tanh', ['value:x'], ['value:t']), node('node:c', 'Cast', ['value:x'], ['value:c']), node('node:i', 'If', ['value:c'], ['value:y'], { bodies: [body] }), node('node:u', 'Neg', ['value:t'], ['value:u'], { graph: body })],
      values: [value('value:x', { kind: 'input' }), value('value:t'), value('value:c'), value('value:y', { kind: 'output', is_output: true }), value('value:u', { graph: body })],
    })
    const scene = laidOut(document)
    const [tanh, cast, holder] = ['node:t', 'node:c', 'node:i'].map((id) => scene.scene.itemOfNode(document.nodeIndex(id)))
    scene.x[tanh!] = scene.x[holder!]! // right above it
    scene.x[cast!] = scene.x[holder!]! + 300
    expect(new Walk().step(scene, holder!, 'up')).toBe(cast)
  })

  it('leaves a wire for either of its ends', () => {
    const scene = placed()
    const x = scene.scene.document.valueIndex('value:x')
    expect(new Walk().stepFromWire(scene, x, 'back')).toBe(0)
    expect(new Walk().stepFromWire(scene, x, 'on')).toBe(RELU)
  })
})

it('calls a node without a name by its operator alone', () => {
  const document = documentOf({ graphs: [mainGraph(['value:x'], ['value:y'])], nodes: [node('node:a', 'Add', ['value:x', 'value:x'], ['value:y'], { name: '' })], values: [value('value:x', { kind: 'input' }), value('value:y', { kind: 'output', is_output: true })] })
  const scene = laidOut(document)
  expect(itemLabel(scene, scene.scene.itemOfNode(0))).toBe('Add, 2 inputs, 1 output')
})

describe('marks', () => {
  it('gives the accent to a selected node and its wires, to a selected value and all of its wires', () => {
    const scene = placed()
    const book = new MarkBook()
    book.setSelection(new Set(['node:r']))
    expect([...book.of(scene).selectedItems]).toEqual([RELU])
    expect([...book.of(scene).accentEdges].sort()).toEqual([0, 2])
    book.setSelection(new Set(['value:x', 'value:unknown']))
    expect([...book.of(scene).accentEdges].sort()).toEqual([0, 1])
    expect([...book.of(scene).selectedItems]).toEqual([0])
  })

  it('badges an item once, by its worst finding; a wire at its producer', () => {
    const book = new MarkBook()
    const finding = { code: 'c', message: '', validator: '' }
    book.setDiagnostics([{ ...finding, severity: 'warning', subjects: ['node:n'] }, { ...finding, severity: 'error', subjects: ['value:z', 'graph:'] }])
    expect(book.of(placed()).badges).toEqual([{ item: NEG, severity: 'error', count: 2 }])
  })
})

describe('camera', () => {
  it('keeps what is under the pointer there while it zooms', () => {
    const camera = new Camera()
    camera.jump({ x: 10, y: 20, zoom: 1 })
    const before = [camera.graphX(300), camera.graphY(200)]
    camera.zoomAt(1.7, 300, 200)
    expect(camera.graphX(300)).toBeCloseTo(before[0])
    expect(camera.graphY(200)).toBeCloseTo(before[1])
  })

  it('keeps some of the graph in view, however far it is moved', () => {
    const camera = Object.assign(new Camera(), { width: 800, height: 400 })
    const bounds = { left: 0, top: 0, right: 100_000, bottom: 30 }
    camera.jump({ x: 5000, y: -100, zoom: 1 })
    camera.zoomAt(4, 400, 390) // beside a flat graph
    camera.hold(bounds)
    expect(camera.view.top).toBeCloseTo(30 - 48 / 4)
    camera.panBy(1e6, 0)
    camera.hold(bounds)
    expect(camera.screenX(0)).toBeCloseTo(800 - 48)
  })

  it('arrives where it was sent', () => {
    const camera = new Camera()
    camera.glideTo({ x: 500, y: -40, zoom: 2 }, 0)
    expect(camera.step(80)).toBe(true)
    expect(camera.step(1000)).toBe(false)
    expect(camera.place).toEqual({ x: 500, y: -40, zoom: 2 })
  })

  it('opens a small graph whole', () => {
    const camera = new Camera()
    camera.width = 800
    camera.height = 600
    expect(openingPlace(placed(), camera).zoom).toBe(1)
  })

  it('opens a large graph at its first input, with what is seen below in the middle, where that has room', () => {
    const camera = new Camera()
    camera.width = 400
    camera.height = 220
    const shown = placed()
    const { x, zoom } = openingPlace(shown, camera)
    expect(zoom).toBe(0.85)
    expect(2 * x + 400 / zoom).toBeCloseTo(200 + shown.scene.width[NEG]) // from the input on the left to the Neg on the right
    camera.width = 240
    expect(openingPlace(shown, camera).x).toBeCloseTo(-56 / zoom) // no farther out than the graph goes
  })
})

describe('motion', () => {
  it('keeps the wanted item in place, whatever the others do', () => {
    const before = placed()
    const after = placed(70)
    const shift = anchorShift(before, after, [before.scene.key[NEG]], { left: -100, top: -100, right: 900, bottom: 900 })
    expect(shift).toEqual({ x: 70, y: 0 })
    expect(new Motion(before, after, shift.x, shift.y).any).toBe(false)
    expect(new Motion(before, after, 0, 0).dx[RELU]).toBe(-70)
  })

  it('knows what is nearest when nothing is in sight', () => {
    const scene = placed()
    expect(nearestOutside(scene, { left: 0, top: 0, right: 100, bottom: 100 })).toBeNull()
    expect(nearestOutside(scene, { left: 0, top: 900, right: 100, bottom: 1000 })).toEqual(scene.boxOf(3))
  })

  it('knows what came, what went and how far the rest moved, in whatever order things are listed', () => {
    const listed = (keys: number[]): PlacedScene => ({
      x: Float32Array.from(keys, (key) => 3 * key), y: Float32Array.from(keys, (_, at) => at),
      scene: { key: Uint32Array.from(keys), count: keys.length, nesting: null, folds: false }, itemWithKey: (key: number) => keys.indexOf(key),
    }) as unknown as PlacedScene
    fc.assert(fc.property(fc.uniqueArray(fc.nat(40)), fc.uniqueArray(fc.nat(40)), (before, after) => {
      const motion = new Motion(listed(before), listed(after), 5, 0)
      expect(Array.from(motion.isNew)).toEqual(after.map((key) => Number(!before.includes(key))))
      expect(motion.gone).toEqual([...before.keys()].filter((item) => !after.includes(before[item])))
      expect(Array.from(motion.dy)).toEqual(after.map((key, at) => (before.includes(key) ? before.indexOf(key) - at : 0)))
    }))
  })

  it('ends after its time', () => {
    const motion = new Motion(placed(), placed(9), 0, 0)
    const first = motion.left(1000)
    expect(first).toBeLessThan(0.9) // the first picture shows what is new already
    expect(motion.left(1075)).toBeLessThan(first)
    expect(motion.left(1075)).toBeGreaterThan(0)
    expect(motion.left(1150)).toBe(0)
  })
})
