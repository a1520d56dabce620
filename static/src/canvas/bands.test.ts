/** What touches an area is found the same by bands as by looking at everything. */
import { expect, test } from 'vitest'
import type { PlacedScene } from '../scene/placed'
import { edgesTouching, itemsTouching } from './bands'

const COUNT = 6000 // enough for bands

/** Boxes of any length, the same as items and as edges; numbers from a small generator, always the same ones. */
function placed(direction: 'down' | 'right'): PlacedScene {
  let seed = 7
  const random = (most: number): number => (seed = (seed * 16807) % 2147483647) / 2147483647 * most
  const x = Float32Array.from({ length: COUNT }, () => random(40_000))
  const y = Float32Array.from({ length: COUNT }, () => random(40_000))
  const width = Float32Array.from({ length: COUNT }, () => random(10) ** 4)
  const height = Float32Array.from({ length: COUNT }, () => random(10) ** 4)
  const edgeBoxes = new Float32Array(COUNT * 4)
  for (let i = 0; i < COUNT; i++) edgeBoxes.set([x[i], y[i], x[i] + width[i], y[i] + height[i]], i * 4)
  return { scene: { count: COUNT, width, height, direction }, x, y, edgeBoxes, layout: {} } as unknown as PlacedScene
}

test.each(['down', 'right'] as const)('a graph that runs %s gives each box that touches an area once, however often it is asked', (direction) => {
  const graph = placed(direction)
  for (let round = 0; round < 12; round++) {
    const area = { left: 3000 * round, top: 2500 * round, right: 3000 * round + 900 * (round + 1), bottom: 2500 * round + 700 * (round + 1) }
    const expected: number[] = []
    for (let i = 0, at = 0; i < COUNT; i++, at += 4) {
      const [left, top, right, bottom] = graph.edgeBoxes.subarray(at, at + 4)
      if (left! <= area.right && top! <= area.bottom && right! >= area.left && bottom! >= area.top) expected.push(i)
    }
    const [edges, items]: number[][] = [[], []]
    edgesTouching(graph, area, (edge) => edges!.push(edge))
    itemsTouching(graph, area, 0, (item) => items!.push(item))
    expect(edges!.sort((a, b) => a - b)).toEqual(expected)
    expect(items!.sort((a, b) => a - b)).toEqual(expected)
  }
})

test('an item counts as large as is asked', () => {
  const graph = placed('down')
  const item = graph.scene.width.findIndex((width) => width < 1)
  const area = { left: graph.x[item] + 2, top: graph.y[item], right: graph.x[item] + 3, bottom: graph.y[item] }
  const found = (least: number): number[] => { const items: number[] = []; itemsTouching(graph, area, least, (one) => items.push(one)); return items }
  for (let round = 0; round < 6; round++) {
    expect(found(1)).not.toContain(item)
    expect(found(2.5)).toContain(item)
  }
})
