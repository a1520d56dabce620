/** Nodes that were moved by hand: they stand where they were put, the others where they were, and wires go around what is between. */
import { describe, expect, it } from 'vitest'
import type { LayoutResult } from '../layout/types'
import { arrange } from './arrange'
import type { Scene } from './scene'

/** Boxes of 60 × 20; item 0 feeds item 1, item 2 is alone. */
const scene = {
  count: 3, nesting: null, width: new Float32Array([60, 60, 60]), height: new Float32Array([20, 20, 20]),
  source: new Uint32Array([0]), target: new Uint32Array([1]), direction: 'down', sourceAt: new Float32Array([30]), targetAt: new Float32Array([30]),
  incoming: (item: number) => new Uint32Array(item === 1 ? [0] : []), outgoing: (item: number) => new Uint32Array(item === 0 ? [0] : []),
} as unknown as Scene

const base: LayoutResult = {
  x: new Float32Array([0, 0, 200]), y: new Float32Array([0, 200, 100]), pointStart: new Uint32Array([0, 2]), points: new Float32Array([30, 20, 30, 200]),
  labelX: new Float32Array([37]), labelY: new Float32Array([31]), bounds: { left: 0, top: 0, right: 260, bottom: 220 }, rank: new Int32Array(3), milliseconds: 0,
}

function crosses(points: Float32Array, box: { left: number; top: number; right: number; bottom: number }): boolean {
  for (let p = 0; p + 3 < points.length; p += 2) {
    const [x1, y1, x2, y2] = [points[p]!, points[p + 1]!, points[p + 2]!, points[p + 3]!]
    if (Math.min(x1, x2) < box.right && Math.max(x1, x2) > box.left && Math.min(y1, y2) < box.bottom && Math.max(y1, y2) > box.top) return true
  }
  return false
}

describe('arrange', () => {
  it('is the layout itself where nothing was moved', () => {
    expect(arrange(scene, base, new Map())).toBe(base)
  })

  it('puts a node at its place, with the ends of its wires, and leaves the others', () => {
    const { x, y, points, bounds } = arrange(scene, base, new Map([[1, { x: 300, y: 260 }]]))
    expect([...x, ...y]).toEqual([0, 300, 200, 0, 260, 100])
    expect([points[0], points[1], points.at(-2), points.at(-1)]).toEqual([30, 20, 330, 260])
    expect(bounds).toEqual({ left: 0, top: 0, right: 360, bottom: 280 })
  })

  it('puts a node that would lie below it beside it, where there is room', () => {
    const { x, y } = arrange(scene, base, new Map([[2, { x: 20, y: 195 }]]), true)
    expect([x[2], y[2], y[1]]).toEqual([20, 195, 200])
    expect(x[1]! + 60 <= 20 || x[1]! >= 80).toBe(true)
    expect(arrange(scene, base, new Map([[2, { x: 20, y: 195 }]])).x[1]).toBe(0)
  })

  it('lets the open scope reach around what was moved in it, and the one around that too', () => {
    const nested = { ...scene, nesting: { of: new Int32Array([0, 1, -1]), nest: { parent: [-1, 0] } } } as unknown as Scene
    const nest = { x: new Float32Array([-20, -10]), y: new Float32Array([-20, 180]), width: new Float32Array([100, 80]), height: new Float32Array([260, 50]), memory: null } as unknown as LayoutResult['nest']
    const found = arrange(nested, { ...base, nest }, new Map([[1, { x: 120, y: 200 }]]))
    expect([found.nest!.x[1]! + found.nest!.width[1]!, found.nest!.x[0]! + found.nest!.width[0]!]).toEqual([196, 212])
    expect(found.nest!.x[1]).toBe(-10)
    expect(found.bounds.right).toBe(260)
  })

  it('leads a wire around a node that was put into its way', () => {
    const { points } = arrange(scene, base, new Map([[0, { x: 0, y: 0 }], [2, { x: 5, y: 100 }]]))
    expect(crosses(points, { left: 5, top: 100, right: 65, bottom: 120 })).toBe(false)
  })

  it('does the same where the graph runs to the right', () => {
    const across = { ...scene, direction: 'right', width: scene.height, height: scene.width } as Scene
    const turned = { ...base, x: base.y, y: base.x }
    const down = arrange(scene, base, new Map([[0, { x: 0, y: 0 }], [2, { x: 5, y: 100 }]])).points
    const right = arrange(across, turned, new Map([[0, { x: 0, y: 0 }], [2, { x: 100, y: 5 }]])).points
    expect(Array.from(right, (_, i) => right[i % 2 === 0 ? i + 1 : i - 1])).toEqual([...down])
  })

  it.each([[150, -40], [150, 20], [0, -100], [-150, 10]])('leads a wire upwards past both ends, to %i %i', (left, top) => {
    const { x, y, points } = arrange(scene, base, new Map([[1, { x: left, y: top }]]))
    for (const item of [0, 1]) expect(crosses(points, { left: x[item]! + 1, top: y[item]! + 1, right: x[item]! + 59, bottom: y[item]! + 19 })).toBe(false)
  })
})
