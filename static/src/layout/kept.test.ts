/** Memories in the worker: a layout goes on from the number that the page was given, and numbers of what is forgotten begin afresh. */
import { expect, test } from 'vitest'
import { KeptMemories } from './kept'
import type { LayoutMemory, LayoutResult, NestMemory } from './types'

function resultOf(things: number): LayoutResult {
  return { nest: { memory: { key: new Float64Array(things) } as NestMemory } } as LayoutResult
}

function memoryOf({ nest }: LayoutResult): LayoutMemory {
  return { key: new Uint32Array(), x: new Float32Array(), y: new Float32Array(), rank: new Int32Array(), nest: nest!.memory }
}

test('a memory stays, and the page has its number', () => {
  const kept = new KeptMemories()
  const result = resultOf(3)
  const told = kept.keep(result)
  expect(told.nest!.memory).toBeTypeOf('number')
  expect(kept.recalled(memoryOf(told))!.nest).toBe(result.nest!.memory)
})

test('of large ones those that were used last are kept, of small ones many', () => {
  const kept = new KeptMemories()
  const results = [1, 2, 3].map(() => resultOf(300_000))
  const large = results.map((one) => kept.keep(one))
  const small = Array.from({ length: 40 }, () => kept.keep(resultOf(100)))
  expect(large.map((one) => kept.recalled(memoryOf(one)) !== undefined)).toEqual([false, false, true])
  expect(results.map(({ nest }) => (nest!.memory as NestMemory).key.length)).toEqual([0, 0, 300_000]) // what is forgotten is given back
  expect(small.every((one) => kept.recalled(memoryOf(one)) !== undefined)).toBe(true)
})

test('a flat layout has no memory to keep', () => {
  const flat = { x: new Float32Array(2) } as LayoutResult
  expect(new KeptMemories().keep(flat)).toBe(flat)
})
