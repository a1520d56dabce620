/** On paper a graph stands whole where it can be read, else on as many pages as that takes, cut between its boxes. */
import { describe, expect, it } from 'vitest'
import type { PlacedScene } from '../scene/placed'
import { pagesOf } from './pages'

/** Boxes of 160 × 60 units, in columns 240 and rows 100 apart. */
function graph(columns: number, rows: number): { placed: PlacedScene; box: { x: number; y: number; width: number; height: number } } {
  const count = columns * rows
  const all = (size: number): Float32Array => new Float32Array(count).fill(size)
  const x = Float32Array.from({ length: count }, (_, at) => (at % columns) * 240)
  const y = Float32Array.from({ length: count }, (_, at) => Math.floor(at / columns) * 100)
  const placed = { scene: { count, edgeCount: 0, width: all(160), height: all(60), labels: [] }, x, y, labelX: [], labelY: [] } as unknown as PlacedScene
  return { placed, box: { x: -24, y: -24, width: columns * 240 - 80 + 48, height: rows * 100 - 40 + 48 } }
}

describe('paper', () => {
  it('has a small graph on one page, no larger than on screen', () => {
    const { placed, box } = graph(1, 3)
    expect(pagesOf(placed, box)).toEqual({ pages: [{ box, row: 0, column: 0 }], rows: 1, columns: 1, scale: 0.9, across: false })
  })
  it('lies across where that shows more', () => {
    const { placed, box } = graph(5, 2)
    expect(pagesOf(placed, box)).toMatchObject({ across: true, rows: 1, columns: 1 })
  })
  it.each([[1, 60], [6, 24], [30, 2]])('is as many pages as letters of six points take, cut through no box: %i × %i', (columns, rows) => {
    const { placed, box } = graph(columns, rows)
    const { pages, scale } = pagesOf(placed, box)
    expect(scale * 11).toBeGreaterThanOrEqual(6)
    expect(pages.length).toBeGreaterThan(1)
    expect(pages.length).toBeLessThanOrEqual(16)
    const areas = pages.map((page) => page.box.width * page.box.height)
    expect(areas.reduce((sum, area) => sum + area)).toBeCloseTo(box.width * box.height, 0)
    for (let item = 0; item < placed.scene.count; item++) {
      const whole = pages.filter(({ box: { x, y, width, height } }) => placed.x[item] >= x && placed.y[item] >= y && placed.x[item] + 160 <= x + width && placed.y[item] + 60 <= y + height)
      expect(whole).toHaveLength(1)
    }
  })
  it('takes smaller letters before too many pages, and one page before letters that nobody reads', () => {
    const large = graph(1, 300)
    const pages = pagesOf(large.placed, large.box)
    expect(pages.pages.length).toBeLessThanOrEqual(16)
    expect(pages.pages.length).toBeGreaterThan(8)
    const huge = graph(40, 2000)
    expect(pagesOf(huge.placed, huge.box).pages).toHaveLength(1)
  })
})
