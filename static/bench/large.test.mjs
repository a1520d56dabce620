/** What many edits make of a drawing too large to be compared with a fresh one each time. */
import { expect, test } from 'vitest'
import { layout } from '../src/layout/layout'
import { brokenLaws } from '../src/layout/laws'
import { quality } from './drawing.mjs'
import { drawnByUs } from './drawn.mjs'
import { EditedGraph, random } from './editing.mjs'
import { decoder } from './graphs.mjs'

const MANY = 1500
const EDITS = 60

test('a large drawing stays about as straight and free of crossings as a fresh one', () => {
  const graph = new EditedGraph(decoder(1600))
  const pick = random(7)
  let [input, result] = [graph.input(), layout(graph.input())]
  for (let k = 0; k < EDITS; k++) {
    graph.edit(pick, new Map(Array.from(input.key, (key, i) => [key, result.rank[i]])))
    const memory = { key: input.key, x: result.x, y: result.y, rank: result.rank, trunks: result.trunks }
    input = graph.input()
    result = layout(input, memory)
  }
  expect(result.trunks.x.length + input.count).toBeGreaterThan(MANY)
  expect(brokenLaws(input, result)).toEqual([])
  const [grown, fresh] = [quality(drawnByUs(input, result)), quality(drawnByUs(input, layout(input)))]
  expect(grown.crossings).toBeLessThanOrEqual(1.3 * fresh.crossings + 3)
  expect(grown.bends).toBeLessThanOrEqual(1.3 * fresh.bends)
  expect(grown.width).toBeLessThanOrEqual(1.3 * fresh.width)
}, 30_000)
