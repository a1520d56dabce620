/** The laws of the layout on every graph of the collection of models, where that is at hand. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { layout } from '../src/layout/layout'
import { brokenLaws } from '../src/layout/laws'
import { EditedGraph, random } from './editing.mjs'

const REPOSITORY = resolve(import.meta.dirname, '../..')
const PYTHON = join(REPOSITORY, '.venv/bin/python')
const SHARED = process.env.SCALPEL_SHARED ?? join(REPOSITORY, '../shared')
const MISSING = !existsSync(PYTHON) ? 'there is no .venv' : !existsSync(join(SHARED, 'models')) ? 'the collection of models is not on this machine' : ''
if (MISSING) console.warn(`no graphs of the collection are laid out: ${MISSING}`)

/** Larger graphs are not edited here. */
const MOST_EDITED = 300
const EDITS = 6

/** The layout's input of a graph as bench/layout_graphs.mjs wrote it. */
function inputOf({ input }) {
  const { count, direction, width, height, sourceX, targetX, labelWidth, key, source, target, value } = input
  return {
    count, direction, width: Float32Array.from(width), height: Float32Array.from(height), sourceX: Float32Array.from(sourceX), targetX: Float32Array.from(targetX),
    labelWidth: Float32Array.from(labelWidth), key: Uint32Array.from(key), source: Uint32Array.from(source), target: Uint32Array.from(target), value: Uint32Array.from(value),
  }
}

function sideways(input) {
  const within = (port, nodes) => port.map((at, e) => (at / input.width[nodes[e]]) * input.height[nodes[e]])
  return { ...input, direction: 'right', sourceX: within(input.sourceX, input.source), targetX: within(input.targetX, input.target) }
}

/** Edges that run upwards although nothing in the graph goes in a circle through them. */
function upwards(input, { rank }) {
  const reaches = (from, to) => {
    const seen = new Set([from])
    for (const node of seen) input.source.forEach((source, e) => { if (source === node) seen.add(input.target[e]) })
    return seen.has(to)
  }
  return Array.from(input.source.keys()).filter((e) => rank[input.target[e]] <= rank[input.source[e]] && !reaches(input.target[e], input.source[e]))
}

describe.skipIf(MISSING !== '')('a layout of every graph of the collection', () => {
  let folder = ''
  let graphs = []

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'scalpel-graphs-'))
    execFileSync(PYTHON, ['-m', 'bench.layout_models', folder], { cwd: REPOSITORY })
    execFileSync(process.execPath, ['bench/layout_graphs.mjs', folder], { cwd: join(REPOSITORY, 'static') })
    graphs = JSON.parse(readFileSync(join(folder, 'graphs.json'), 'utf8'))
  }, 300_000)
  afterAll(() => { rmSync(folder, { recursive: true, force: true }) })

  test.each([['downwards', (input) => input], ['to the right', sideways]])('keeps all laws %s', (_, turned) => {
    expect(graphs.length).toBeGreaterThan(200)
    for (const graph of graphs) {
      const input = turned(inputOf(graph))
      const result = layout(input)
      expect(brokenLaws(input, result), graph.name).toEqual([])
      expect(upwards(input, result), graph.name).toEqual([])
    }
  }, 600_000)

  test('keeps all laws from edit to edit', () => {
    for (const graph of graphs) {
      const pick = random(graph.input.count + 1)
      const edited = new EditedGraph(inputOf(graph))
      if (edited.nodes.length > MOST_EDITED) continue
      let [input, result] = [edited.input(), layout(edited.input())]
      for (let k = 0; k < EDITS; k++) {
        edited.edit(pick, new Map(Array.from(input.key, (key, i) => [key, result.rank[i]])))
        const memory = { key: input.key, x: result.x, y: result.y, rank: result.rank, trunks: result.trunks }
        input = edited.input()
        result = layout(input, memory)
        expect(brokenLaws(input, result), `${graph.name}, edit ${k}`).toEqual([])
      }
    }
  }, 600_000)

  test('moves nothing when it is asked again', () => {
    for (const graph of graphs) {
      const input = inputOf(graph)
      const first = layout(input)
      const again = layout(input, { key: input.key, x: first.x, y: first.y, rank: first.rank, trunks: first.trunks })
      expect(again.x, graph.name).toEqual(first.x)
      expect(again.y, graph.name).toEqual(first.y)
    }
  }, 600_000)
})
