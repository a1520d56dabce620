/** Memories in the worker: a layout goes on from the number that the page was given, and numbers of what is forgotten begin afresh. */
import { expect, test } from 'vitest'
import { spare } from '../document/release'
import { KeptMemories } from './kept'
import type { LayoutMemory, LayoutResult, NestMemory } from './types'

function resultOf(things: number): LayoutResult {
  return { nest: { memory: { key: spare.take(Float64Array, things) } as NestMemory } } as LayoutResult
}

function memoryOf({ nest }: LayoutResult): LayoutMemory {
  return { key: new Uint32Array(), x: new Float32Array(), y: new Float32Array(), rank: new Int32Array(), nest: nest!.memory }
}

function keyOf({ nest }: LayoutResult): Float64Array {
  return (nest!.memory as NestMemory).key
}

test('a memory stays, and the page has its number', () => {
  const kept = new KeptMemories()
  const result = resultOf(3)
  const told = kept.keep(result)
  expect(told.nest!.memory).toBeTypeOf('number')
  expect(kept.recalled(memoryOf(told))!.nest).toBe(result.nest!.memory)
})

test('of large ones the two that were used last are kept, of small ones many', () => {
  const kept = new KeptMemories()
  const results = [1, 2, 3].map(() => resultOf(300_000))
  const large = results.map((one) => kept.keep(one))
  expect(spare.take(Float64Array, 300_000).buffer).toBe(keyOf(results[0]!).buffer) // what is forgotten is used again
  expect(large.map((one) => kept.recalled(memoryOf(one)) !== undefined)).toEqual([false, true, true])
  const small = Array.from({ length: 40 }, () => kept.keep(resultOf(100)))
  expect(small.every((one) => kept.recalled(memoryOf(one)) !== undefined)).toBe(true)
})

test('once a layout goes on from a large memory, what that one went on from is forgotten, and nothing else', () => {
  const kept = new KeptMemories()
  const other = kept.keep(resultOf(5000))
  const first = kept.keep(resultOf(5000))
  kept.recalled(memoryOf(first))
  const second = kept.keep(resultOf(5000))
  kept.recalled(memoryOf(first)) // the second came too late
  const third = kept.keep(resultOf(5000))
  kept.recalled(memoryOf(third))
  expect([other, first, second, third].map((one) => kept.recalled(memoryOf(one)) !== undefined)).toEqual([true, false, true, true])
})

test('small memories stay when layouts go on from them, so that one can come back to them', () => {
  const kept = new KeptMemories()
  const first = kept.keep(resultOf(3))
  kept.recalled(memoryOf(first))
  const second = kept.keep(resultOf(3))
  kept.recalled(memoryOf(second))
  expect(kept.recalled(memoryOf(first))?.nest).toBeDefined()
})

test('a flat layout has no memory to keep', () => {
  const flat = { x: new Float32Array(2) } as LayoutResult
  expect(new KeptMemories().keep(flat)).toBe(flat)
})
