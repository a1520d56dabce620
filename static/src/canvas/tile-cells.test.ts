/** Tiles of a level lie side by side, and those of another level can stand in for one. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { areaOf, cellsIn, common, drawnOf, levelFor, scaleOf, SIDE } from './tile-cells'

const level = fc.integer({ min: -24, max: 4 })
const at = fc.integer({ min: -5000, max: 5000 })
const area = ({ left, top, right, bottom }: { left: number; top: number; right: number; bottom: number }): number => (right - left) * (bottom - top)

it('covers any area with tiles of any level exactly, and with none that shows nothing of it', () => {
  fc.assert(
    fc.property(level, at, at, fc.integer({ min: -8, max: 4 }), (here, column, row, away) => {
      const wanted = areaOf({ level: here, column, row })
      const parts = cellsIn(wanted, here + away).map((cell) => common(wanted, areaOf(cell)))
      expect(parts.reduce((sum, part) => sum + area(part), 0) / area(wanted)).toBeCloseTo(1, 4)
      expect(Math.min(...parts.map(({ left, right, top, bottom }) => Math.min(right - left, bottom - top)))).toBeGreaterThan(0)
    }),
  )
})

it('finds no tile in an area that is empty or lies outside', () => {
  expect(cellsIn(common({ left: 0, top: 0, right: 10, bottom: 10 }, { left: 20, top: 0, right: 30, bottom: 10 }), 0)).toEqual([])
})

it('draws tiles at least as large as they are shown, and no view takes more than twice its own pixels and a rim of tiles', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-4, max: 0.4, noNaN: true }), (zoom) => {
      const found = levelFor(zoom)
      expect(scaleOf(found) / zoom).toBeGreaterThan(1 - 1e-9)
      const [width, height] = [1440, 900]
      const wide = Math.ceil((width * Math.SQRT2) / SIDE) + 1
      const high = Math.ceil((height * Math.SQRT2) / SIDE) + 1
      expect(cellsIn({ left: 0.3, top: 0.7, right: 0.3 + width / zoom, bottom: 0.7 + height / zoom }, found).length).toBeLessThanOrEqual(wide * high)
    }),
  )
})

it('draws of a tile what the graph reaches of it, a rim around that, and nothing more', () => {
  expect(drawnOf({ level: 0, column: 0, row: 0 }, { left: 100, top: -50, right: 200, bottom: 9000 }, 2)).toEqual({ area: { left: 98, top: 0, right: 202, bottom: 512 }, width: 104, height: 512 })
})
