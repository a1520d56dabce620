/** A graph that runs from left to right: where its ports are, what arrows do, and what is drawn. */
import { describe, expect, it } from 'vitest'
import { documentOf, mainGraph, node, value } from '../document/encode.fixture'
import { layout } from '../layout/layout'
import { Operators, portsOf } from '../scene/ports'
import { theme } from '../theme'
import { Camera } from './camera'
import { Crowd } from './crowd'
import { dotOf } from './dot'
import { hitAt } from './hit'
import { anchorShift } from './motion'
import { noteOrigins } from './note-origins'
import { openingPlace } from './opening'
import { laidOut } from './picture.fixture'
import { everything, svgSteps } from './picture'
import { portPlace } from './port-book'
import { Walk } from './walk'

const document = documentOf({
  graphs: [mainGraph(['value:x'], ['value:y'])],
  nodes: [
    node('node:s', 'Split', ['value:x'], ['value:a', 'value:b', 'value:c']), node('node:r', 'Relu', ['value:a'], ['value:ra']), node('node:n', 'Neg', ['value:b'], ['value:nb']),
    node('node:k', 'Cat', ['value:ra', 'value:nb', 'value:c', 'value:a'], ['value:y']),
  ],
  values: [value('value:x', { kind: 'input' }), value('value:a'), value('value:b'), value('value:c'), value('value:ra'), value('value:nb'), value('value:y', { kind: 'output', is_output: true })],
})

const placed = laidOut(document, 'right')
const { scene } = placed
const item = (id: string): number => scene.itemOfNode(document.nodeIndex(id))

describe('a graph that runs to the right', () => {
  it('stands from left to right', () => {
    const xs = ['node:s', 'node:r', 'node:k'].map((id) => placed.x[item(id)]!)
    expect([...xs].sort((a, b) => a - b)).toEqual(xs)
  })

  it('has inputs on the left sides of its boxes, outputs on the right ones, from top to bottom, with room between', () => {
    const cat = item('node:k')
    const ports = portsOf(scene, cat, new Operators([]))
    const places = ports.filter((port) => port.side === 'in').map((port) => portPlace(placed, port))
    expect(places.every(({ x }) => x === placed.x[cat])).toBe(true)
    const ys = places.map(({ y }) => y)
    expect(ys.every((y, i) => i === 0 || y - ys[i - 1]! > 7.9)).toBe(true)
    const out = ports.find((port) => port.side === 'out')!
    expect(portPlace(placed, out)).toEqual({ x: placed.x[cat]! + scene.width[cat]!, y: placed.y[cat]! + scene.height[cat]! / 2 })
  })

  it('has wires that begin and end at those ports, and are hit there', () => {
    for (let edge = 0; edge < scene.edgeCount; edge++) {
      const from = placed.endOn(scene.source[edge], 'out', scene.sourceAt[edge])
      const to = placed.endOn(scene.target[edge], 'in', scene.targetAt[edge])
      const [begin, end] = [2 * placed.pointStart[edge], 2 * placed.pointStart[edge + 1] - 2]
      for (const [at, spot] of [[begin, from], [end, to]] as const) expect(Math.hypot(placed.points[at]! - spot.x, placed.points[at + 1]! - spot.y)).toBeLessThan(0.2)
      expect(hitAt(placed, from.x + 4, from.y, 1, false)).toMatchObject({ edge: expect.any(Number) as number })
    }
  })

  it('is walked along its wires by right and left, and across them by up and down', () => {
    const walk = new Walk()
    expect(walk.step(placed, item('node:s'), 'left')).toBe(scene.pillsOf(document.valueIndex('value:x'))[0])
    expect(walk.step(placed, item('node:r'), 'down')).toBe(item('node:n'))
    expect(walk.step(placed, item('node:n'), 'up')).toBe(item('node:r'))
    expect(walk.step(placed, item('node:r'), 'right')).toBe(item('node:k'))
    expect(walk.step(placed, item('node:k'), 'left')).toBe(item('node:r'))
  })

  it('keeps its places when it is laid out again', () => {
    const again = layout(scene.layoutInput(), placed.memory(scene))
    for (let i = 0; i < scene.count; i++) expect(Math.hypot(again.x[i]! - placed.x[i]!, again.y[i]! - placed.y[i]!)).toBeLessThan(1)
    expect(placed.memory(laidOut(document).scene)).toBeUndefined()
  })

  it('opens with its first input at the left', () => {
    const camera = new Camera()
    Object.assign(camera, { width: 300, height: 300 })
    const place = openingPlace(placed, camera)
    expect(place.x).toBeLessThanOrEqual(placed.bounds.left)
    expect(place.x + 300).toBeGreaterThan(placed.x[0]! + scene.width[0]!)
  })

  it('is said to Graphviz, and drawn with arrowheads that point to the right', () => {
    const cutting = everything(placed)
    expect(dotOf(scene, cutting.items, cutting.edges, 'm')).toContain('rankdir=LR')
    const steps = svgSteps(placed, cutting, theme('light'), 1, 'm', { measureText: () => ({ width: 10 }) as TextMetrics, baseline: () => 4 })
    let step = steps.next()
    while (!step.done) step = steps.next()
    const edge = scene.incoming(item('node:r'))[0]!
    const end = 2 * placed.pointStart[edge + 1] - 2
    const [x, y] = [placed.points[end]!, placed.points[end + 1]!]
    const short = (at: number): string => String(Math.round(at * 100) / 100)
    expect(step.value).toContain(`M${short(x)} ${short(y)}L${short(x - 7)} ${short(y - 3.5)}`)
  })

  it('keeps what is selected at its place on screen when it is turned', () => {
    const down = laidOut(document)
    const shift = anchorShift(down, placed, [scene.key[item('node:n')]!], { left: -1e4, top: -1e4, right: 1e4, bottom: 1e4 })
    const middle = (of: typeof placed): [number, number] => { const box = of.boxOf(of.itemOfNode('node:n')); return [(box.left + box.right) / 2, (box.top + box.bottom) / 2] }
    expect(middle(placed)).toEqual([middle(down)[0] + shift.x, middle(down)[1] + shift.y])
  })
})

it('of crowded wires that leave the view alike, one is painted, whichever way the graph runs', () => {
  const view = { left: 0, top: 0, right: 100, bottom: 100 }
  const across = new Crowd(view, 1, true, true)
  const bend = (toY: number): Float32Array => new Float32Array([10, 50, 15, 50, 85, toY, 90, toY])
  expect([90_000, 90_100, 20, 22].map((y) => across.shows(bend(y), 0, 4))).toEqual([true, false, true, true])
})

it('lets notes go along with the node that they are near', () => {
  const down = laidOut(document)
  const beside = down.boxOf(down.itemOfNode('node:n'))
  const at = { x: beside.right + 6, y: beside.top + 2 }
  const place = noteOrigins(down).measured(at)
  expect(place.near).toBe('node:n')
  expect(noteOrigins(placed).standing({ id: '', graph: '', text: '', ...place })).toMatchObject({ x: placed.x[item('node:n')] + place.x, y: placed.y[item('node:n')] + place.y })
  expect(noteOrigins(placed).standing({ id: '', graph: '', text: '', x: 3, y: 4, near: 'node:gone' })).toMatchObject({ x: placed.x[item('node:s')] + 3, y: placed.y[item('node:s')] + 4 })
})
