/** The cache of levels: it gives what laying out would give, for what is alike and for what an edit left as it was. */
import { expect, test } from 'vitest'
import { LevelCache } from './nested-cache'
import { layoutNested } from './nested'
import type { LayoutInput, LayoutMemory, LayoutResult } from './types'

/** So many blocks of three nodes in a row, each in a container; `wide`: a block whose first node is wider. */
function row(blocks: number, wide = -1): LayoutInput {
  const count = 3 * blocks
  const source = Array.from({ length: count - 1 }, (_, i) => i)
  return {
    count, direction: 'down',
    width: Float32Array.from({ length: count }, (_, i) => (i === 3 * wide ? 200 : 60 + 10 * (i % 3))), height: new Float32Array(count).fill(24),
    key: Uint32Array.from({ length: count }, (_, i) => i),
    source: Uint32Array.from(source), target: Uint32Array.from(source, (i) => i + 1), value: Uint32Array.from(source),
    sourceX: Float32Array.from(source, () => 30), targetX: Float32Array.from(source, () => 30), labelWidth: new Float32Array(count - 1),
    nest: { of: Int32Array.from({ length: count }, (_, i) => Math.floor(i / 3)), parent: new Int32Array(blocks).fill(-1), key: Uint32Array.from({ length: blocks }, (_, b) => 1000 + b), title: new Float32Array(blocks).fill(90) },
  }
}

function memoryOf({ nest }: LayoutResult): LayoutMemory {
  return { key: new Uint32Array(), x: new Float32Array(), y: new Float32Array(), rank: new Int32Array(), nest: nest!.memory }
}

function places({ x, y, points, labelX }: LayoutResult): unknown {
  return { x, y, points, labelX }
}

test('levels that look alike are laid out once, and as without a cache', () => {
  const cache = new LevelCache()
  expect(places(layoutNested(row(6), undefined, cache))).toEqual(places(layoutNested(row(6))))
})

test('after a change in one level the result is that of a warm start without a cache', () => {
  const cache = new LevelCache()
  const before = layoutNested(row(6), undefined, cache)
  const memory = memoryOf(before)
  expect(places(layoutNested(row(6, 2), memory, cache))).toEqual(places(layoutNested(row(6, 2), memory)))
})

test('what an edit did not touch is not laid out again, and stands where it stood', () => {
  const before = layoutNested(row(6))
  const { memory } = before.nest!
  const after = layoutNested(row(6, 2), memoryOf(before)).nest!.memory
  if (typeof memory === 'number' || typeof after === 'number') throw new Error('a memory was given away')
  // blocks are levels 1 to 6; the graph itself has a box of another width
  expect(memory.results.map((result, level) => result === after.results[level])).toEqual([false, true, true, false, true, true, true])
})

test('a graph that is the same but for one size gets a layout of its own', () => {
  const cache = new LevelCache()
  layoutNested(row(4), undefined, cache)
  expect(places(layoutNested(row(4, 1), undefined, cache))).toEqual(places(layoutNested(row(4, 1))))
})

test('blocks stay alike whose names are a little longer than one another', () => {
  const input = row(4)
  input.nest!.title.set([100, 103, 107, 111])
  const { memory } = layoutNested(input).nest!
  if (typeof memory === 'number') throw new Error('a memory was given away')
  expect(new Set(memory.boxWidth.subarray(2)).size).toBe(1) // nothing comes into the first
})
