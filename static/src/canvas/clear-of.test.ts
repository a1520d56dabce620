/** A graph that is seen whole is clear of what lies over the canvas, as long as there is room. */
import { describe, expect, it } from 'vitest'
import type { Bounds } from '../scene/placed'
import { Camera } from './camera'
import { placeClearOf } from './clear-of'

const box = (left: number, top: number, width: number, height: number): Bounds => ({ left, top, right: left + width, bottom: top + height })

/** Where a graph of this size is seen on a canvas of 500 × 650 px. */
function seen(width: number, height: number, covers: readonly Bounds[]): Bounds & { zoom: number } {
  const camera = new Camera()
  Object.assign(camera, { width: 500, height: 650 })
  const place = placeClearOf(covers, box(-30, 70, width, height), camera, 1)
  camera.jump(place)
  return { ...box(camera.screenX(-30), camera.screenY(70), width * place.zoom, height * place.zoom), zoom: place.zoom }
}

const MAP = box(384, 512, 104, 124)
const BARS = [box(12, 600, 180, 36), box(12, 556, 360, 36)]
const apart = (a: Bounds, b: Bounds): boolean => a.right <= b.left || a.left >= b.right || a.bottom <= b.top || a.top >= b.bottom

describe('a graph that is fitted', () => {
  it('lies in the middle where nothing is in its way', () => {
    expect(seen(100, 200, [MAP])).toMatchObject({ left: 200, right: 300, top: 225, bottom: 425, zoom: 1 })
  })
  it.each([['tall', 200, 2000], ['wide', 2000, 200], ['square', 900, 900], ['small', 390, 560]])('is clear of the map and the bars: %s', (_, width, height) => {
    const graph = seen(width, height, [MAP, ...BARS])
    for (const cover of [MAP, ...BARS]) expect(apart(graph, cover)).toBe(true)
    expect([graph.left, graph.top, 500 - graph.right, 650 - graph.bottom].every((margin) => margin >= 39.9)).toBe(true)
  })
  it('moves aside rather than shrink', () => {
    const graph = seen(300, 560, [MAP])
    expect(graph.zoom).toBe(1)
    expect(graph.right).toBeLessThanOrEqual(MAP.left)
  })
  it('moves out of the middle no further than what is in its way asks for', () => {
    expect(seen(90, 570, [box(12, 560, 210, 90)])).toMatchObject({ left: 234, zoom: 1 })
  })
  it('shrinks a little rather than stand far aside', () => {
    const graph = seen(90, 570, [box(12, 595, 300, 20)])
    expect(graph.left + graph.right).toBeCloseTo(500)
    expect(graph.zoom).toBeCloseTo(543 / 570)
  })
  it('goes beneath what leaves it no room', () => {
    expect(seen(400, 400, [box(0, 100, 500, 500)])).toMatchObject({ left: 50, top: 125, zoom: 1 })
  })
})
