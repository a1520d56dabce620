import { expect, test } from 'vitest'
import { Crowd } from './crowd'

const VIEW = { left: 0, top: 0, right: 100, bottom: 100 }
const bend = (x: number, y: number, toX: number, toY: number): Float32Array => new Float32Array([x, y, x, y + 5, toX, toY - 5, toX, toY])
const shows = (crowd: Crowd, points: Float32Array): boolean => crowd.shows(points, 0, points.length / 2)

test('of wires that leave the view in the same pixel after the same way, one is painted', () => {
  const crowd = new Crowd(VIEW, 1, true)
  expect(shows(crowd, bend(50, 10, 90_000, 90))).toBe(true)
  expect(shows(crowd, bend(50, 10, 90_100, 90))).toBe(false)
})

test('wires that end at different places in the view are all painted', () => {
  const crowd = new Crowd(VIEW, 1, true)
  expect([20, 22, 24, 80].map((x) => shows(crowd, bend(50, 10, x, 90)))).toEqual([true, true, true, true])
})

test('wires to both sides are painted', () => {
  const crowd = new Crowd(VIEW, 1, true)
  expect(shows(crowd, bend(50, 10, 90_000, 90))).toBe(true)
  expect(shows(crowd, bend(50, 10, -90_000, 90))).toBe(true)
})

test('a wire that passes through the view without ending in it is painted once', () => {
  const crowd = new Crowd(VIEW, 1, false)
  expect(shows(crowd, bend(-500, 10, 500, 90))).toBe(true)
  expect(shows(crowd, bend(-500, 10, 500, 90))).toBe(false)
})

test('a wire beside the view is not painted', () => {
  expect(shows(new Crowd(VIEW, 1, true), bend(200, 10, 300, 90))).toBe(false)
})

test('close up, wires a fraction of a unit apart are told apart', () => {
  const crowd = new Crowd(VIEW, 0.1, true)
  expect(shows(crowd, bend(50, 10, 60, 90))).toBe(true)
  expect(shows(crowd, bend(50, 10, 60.5, 90))).toBe(true)
})

test('of twenty thousand readers far away on one row, a few hundred wires are painted', () => {
  const crowd = new Crowd(VIEW, 1, true)
  let painted = 0
  for (let i = 0; i < 20_000; i++) if (shows(crowd, bend(50, 10, (i - 10_000) * 90, 90))) painted++
  expect(painted).toBeGreaterThan(2)
  expect(painted).toBeLessThan(400)
})
