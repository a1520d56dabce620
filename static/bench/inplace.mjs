/**
 * What a reader loses sight of when a node or a wire is deleted where they look: of the nodes around it, how many stand elsewhere after it,
 * seen from the nearest one: `node bench/inplace.mjs STRUCTURES [--most 300] [--each 24] [part of a name …]`.
 */
import { parseArgs } from 'node:util'
import { EditedGraph, random } from './editing.mjs'
import { load } from './load.mjs'
import { scenes } from './scenes.mjs'

/** what is seen around the place, and how far something has to go to be lost, pixels */
const [ASIDE, ALONG, LOST] = [600, 400, 250]
const { values, positionals } = parseArgs({ options: { most: { type: 'string', default: '300' }, each: { type: 'string', default: '24' } }, allowPositionals: true })
const [structures, ...only] = positionals
const library = await load('library.ts')
const { found } = await scenes(structures, library)
const memoryOf = (input, result, next) => ({ key: input.key, x: result.x, y: result.y, rank: result.rank, trunks: result.trunks, nothingNew: library.gainsNothing(input, next) })

/** Takes the node away, with its wires; consumers keep nothing in their place. */
function withoutNode(graph, node) {
  graph.nodes.splice(graph.nodes.indexOf(node), 1)
  graph.edges = graph.edges.filter(({ source, target }) => source !== node && target !== node)
}

/** Of the nodes around (x, y) the share that is lost. */
function lostAround(x, y, input, before, next, after) {
  const is = new Map(Array.from(next.key, (key, i) => [key, i]))
  const near = []
  for (let i = 0; i < input.count; i++) {
    const [dx, dy] = [before.x[i] + input.width[i] / 2 - x, before.y[i] + input.height[i] / 2 - y]
    if (is.has(input.key[i]) && Math.abs(dx) < ASIDE && Math.abs(dy) < ALONG) near.push({ far: Math.hypot(dx, dy), x: after.x[is.get(input.key[i])] - before.x[i], y: after.y[is.get(input.key[i])] - before.y[i] })
  }
  if (near.length < 2) return null
  const held = near.reduce((one, other) => (other.far < one.far ? other : one))
  return near.filter((one) => Math.abs(one.x - held.x) > LOST || Math.abs(one.y - held.y) > LOST).length / (near.length - 1)
}

function run(name, scene) {
  const input = new EditedGraph(scene.layoutInput()).input()
  const before = library.layout(input)
  const pick = random(7)
  const shares = { node: [], wire: [] }
  for (const kind of ['node', 'wire']) for (let k = 0; k < Number(values.each); k++) {
    const graph = new EditedGraph(scene.layoutInput())
    let at
    if (kind === 'node') {
      at = pick(graph.nodes.length)
      withoutNode(graph, graph.nodes[at])
    } else {
      const e = pick(graph.edges.length)
      at = input.key.indexOf(graph.edges[e].target.key)
      graph.edges.splice(e, 1)
    }
    const next = graph.input()
    const after = library.layout(next, memoryOf(input, before, next))
    const lost = lostAround(before.x[at] + input.width[at] / 2, before.y[at], input, before, next, after)
    if (lost !== null) shares[kind].push(lost)
  }
  return { name, ...shares }
}

const rows = []
for (const { name, scene, nodes } of found) {
  if (nodes < 10 || nodes > Number(values.most) || scene.edgeCount < 8 || (only.length > 0 && !only.some((part) => name.includes(part)))) continue
  rows.push(run(name, scene))
}
for (const kind of ['node', 'wire']) {
  const all = rows.flatMap((row) => row[kind])
  const bad = all.filter((share) => share > 0.34).length
  console.log(`${kind} deleted: in ${bad} of ${all.length} cases more than a third of what was around it is lost; on average ${(100 * all.reduce((sum, one) => sum + one, 0) / all.length).toFixed(1)} %`)
  const worst = rows.map((row) => [row.name, row[kind].filter((share) => share > 0.34).length / row[kind].length]).sort((a, b) => b[1] - a[1]).slice(0, 8)
  console.log('  ' + worst.map(([name, share]) => `${name} ${(100 * share).toFixed(0)} %`).join(', '))
}
