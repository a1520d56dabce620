import { expect, test } from 'vitest'
import { Specks } from './specks'

const AREA = { left: 0, top: 0, right: 100, bottom: 100 }

function painted(specks: Specks): [number, number, number][] {
  const found: [number, number, number][] = []
  specks.visit((x, y, kind) => found.push([x, y, kind]))
  return found
}

test('a thousand boxes in one pixel are painted once, in the colour that would lie on top', () => {
  const specks = new Specks(AREA, 0.5, 2)
  for (let i = 0; i < 1000; i++) specks.add(40 + i / 1000, 60, i % 7)
  expect(painted(specks)).toEqual([[40, 60, 6]])
})

test('a box that begins left of a tile and reaches into it is painted where the tile beside it paints it', () => {
  const [tile, beside] = [new Specks({ ...AREA, left: 100, right: 200 }, 0.5, 2), new Specks(AREA, 0.5, 2)]
  for (const specks of [tile, beside]) specks.add(98.5, 30.3, 0)
  expect(painted(tile)).toEqual([[98, 30, 0]])
  expect(painted(beside)).toEqual(painted(tile))
})

test('a box in the last pixel of a tile is painted', () => {
  const specks = new Specks(AREA, 0.5, 2)
  specks.add(100, 100, 3)
  expect(painted(specks)).toEqual([[100, 100, 3]])
})

test('only what has no more pixels than a speck either way is one', () => {
  const specks = new Specks(AREA, 0.5, 2)
  expect([[4, 4], [5, 1], [1, 5]].map(([width, height]) => specks.isSpeck(width, height))).toEqual([true, false, false])
})
