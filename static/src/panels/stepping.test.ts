/** Stepping through hits goes on after the list was searched again. */
import { expect, it } from 'vitest'
import { nextRow, rowOf } from './stepping'

const number = (letter: string): number => letter.charCodeAt(0)
const found = (...letters: string[]): { hit: number }[] => letters.map((letter) => ({ hit: number(letter) }))

it('begins at the first, or at the last when going back', () => {
  expect(nextRow(found('a', 'b', 'c'), null, 1)).toBe(0)
  expect(nextRow(found('a', 'b', 'c'), null, -1)).toBe(2)
  expect(nextRow([], null, 1)).toBe(-1)
})
it('stays with the hit when an edit moves it', () => {
  expect(rowOf(found('x', 'a', 'b'), { hit: number('a'), index: 0 })).toBe(1)
  expect(nextRow(found('x', 'a', 'b'), { hit: number('a'), index: 0 }, 1)).toBe(2)
  expect(nextRow(found('a', 'b'), { hit: number('b'), index: 1 }, 1)).toBe(0)
})
it('goes on in its row when an edit takes the hit away', () => {
  expect(rowOf(found('a', 'c'), { hit: number('b'), index: 1 })).toBe(-1)
  expect(nextRow(found('a', 'c'), { hit: number('b'), index: 1 }, 1)).toBe(1)
  expect(nextRow(found('a', 'c'), { hit: number('b'), index: 1 }, -1)).toBe(0)
})
