/**
 * Drawings too large to be compared with a fresh one after each edit, after many edits, beside a fresh one, and how many nodes each edit moved:
 * `node bench/grown.mjs [--kinds transformer,decoder,unet] [--size 2000] [--edits 300] [--seeds 7,8]`.
 */
import { parseArgs } from 'node:util'
import { quality } from './drawing.mjs'
import { drawnByUs } from './drawn.mjs'
import { EditedGraph, random } from './editing.mjs'
import * as graphs from './graphs.mjs'
import { load } from './load.mjs'

/** pixels sideways that are seen */
const SEEN = 4
/** about a box, pixels */
const FAR = 100
const { values } = parseArgs({ options: { kinds: { type: 'string', default: 'transformer,decoder,unet' }, size: { type: 'string', default: '2000' }, edits: { type: 'string', default: '300' }, seeds: { type: 'string', default: '7,8' } } })
const library = await load('library.ts')

function movedBy(input, result, next, after) {
  const was = new Map(Array.from(input.key, (key, i) => [key, result.x[i]]))
  return Array.from(next.key, (key, i) => (was.has(key) ? Math.abs(after.x[i] - was.get(key)) : 0))
}

/** mean and 95th percentile */
function told(counts) {
  const sorted = [...counts].sort((a, b) => a - b)
  return `${(sorted.reduce((a, b) => a + b, 0) / sorted.length).toFixed(1)} (95th percentile ${sorted[Math.floor(0.95 * (sorted.length - 1))]})`
}

function run(kind, seed) {
  const graph = new EditedGraph(graphs[kind](Number(values.size)))
  const pick = random(seed)
  let input = graph.input()
  let result = library.layout(input)
  const [seen, far] = [[], []]
  const begin = process.cpuUsage()
  for (let k = 0; k < Number(values.edits); k++) {
    graph.edit(pick, new Map(Array.from(input.key, (key, i) => [key, result.rank[i]])))
    const next = graph.input()
    const after = library.layout(next, { key: input.key, x: result.x, y: result.y, rank: result.rank, trunks: result.trunks })
    const moved = movedBy(input, result, next, after)
    seen.push(moved.filter((by) => by > SEEN).length)
    far.push(moved.filter((by) => by > FAR).length)
    input = next
    result = after
  }
  const each = process.cpuUsage(begin).user / 1000 / Number(values.edits)
  const [grown, fresh] = [quality(drawnByUs(input, result)), quality(drawnByUs(input, library.layout(input)))]
  const beside = ['crossings', 'bends', 'length', 'width', 'height'].map((field) => `${field} ${Math.round(grown[field])}/${Math.round(fresh[field])} = ${(grown[field] / Math.max(1, fresh[field])).toFixed(2)}`)
  console.log(`${kind}, ${input.count} nodes, seed ${seed}: ${beside.join(', ')}; nodes that an edit moved ${told(seen)}, far ${told(far)}; ${each.toFixed(1)} ms each with all around it`)
}

for (const kind of values.kinds.split(',')) for (const seed of values.seeds.split(',')) run(kind, Number(seed))
