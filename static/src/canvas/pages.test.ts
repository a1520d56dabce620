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
    expect(pagesOf(placed, box)).toEqual({ parts: [{ box, row: 0, column: 0 }], perPage: 1, rows: 1, columns: 1, scale: 0.9, across: false, overview: false })
  })
  it('lies across where that shows more', () => {
    const { placed, box } = graph(5, 2)
    expect(pagesOf(placed, box)).toMatchObject({ across: true, rows: 1, columns: 1 })
  })
  it.each([[1, 60], [6, 24], [30, 2]])('is as many pages as letters of six points take, cut through no box: %i × %i', (columns, rows) => {
    const { placed, box } = graph(columns, rows)
    const { parts, perPage, scale } = pagesOf(placed, box)
    expect(scale * 11).toBeGreaterThanOrEqual(6)
    expect(parts.length).toBeGreaterThan(1)
    expect(parts.length / perPage).toBeLessThanOrEqual(16)
    const areas = parts.map((part) => part.box.width * part.box.height)
    expect(areas.reduce((sum, area) => sum + area)).toBeCloseTo(box.width * box.height, 0)
    for (let item = 0; item < placed.scene.count; item++) {
      const whole = parts.filter(({ box: { x, y, width, height } }) => placed.x[item] >= x && placed.y[item] >= y && placed.x[item] + 160 <= x + width && placed.y[item] + 60 <= y + height)
      expect(whole).toHaveLength(1)
    }
  })
  it.each([[30, 1], [30, 2], [1, 60]])('is filled with strips of a graph that is long and thin: %i × %i', (columns, rows) => {
    const { placed, box } = graph(columns, rows)
    const { parts, perPage, across, scale } = pagesOf(placed, box)
    const paper = across ? [730, 496] : [538, 690]
    const right = columns > rows
    const thick = (right ? box.height : box.width) * scale
    const room = right ? paper[1]! : paper[0]!
    expect(perPage).toBe(Math.floor((room + 14) / (thick + (right ? 28 : 14))))
    expect(perPage).toBeGreaterThan(1)
    for (const part of parts) expect(right ? part.box.width * scale : part.box.height * scale + 14).toBeLessThanOrEqual((right ? paper[0]! : paper[1]!) * 1.001)
  })
  it('takes smaller letters before too many pages, and one page before letters that nobody reads', () => {
    const large = graph(8, 150)
    const some = pagesOf(large.placed, large.box)
    expect(some.parts.length / some.perPage).toBeLessThanOrEqual(16)
    expect(some.parts.length / some.perPage).toBeGreaterThan(8)
    expect(some.overview).toBe(false)
    const huge = graph(40, 2000)
    const one = pagesOf(huge.placed, huge.box)
    expect(one.overview).toBe(true)
    expect(one.parts.length).toBeLessThanOrEqual(one.perPage)
  })
  it('shows what nobody could read as large as one page of strips allows', () => {
    const { placed, box } = graph(1, 10_000)
    const { parts, perPage, scale, overview } = pagesOf(placed, box)
    expect([overview, parts.length <= perPage]).toEqual([true, true])
    expect(scale).toBeGreaterThan((5 * 690) / box.height)
  })
})
