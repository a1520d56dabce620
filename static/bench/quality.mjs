/** Our layout beside Netron's dagre on models of at most 300 nodes: `node bench/quality.mjs STRUCTURES NETRON`. */
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { drawnByDagre, drawnByUs } from './drawn.mjs'
import { quality } from './drawing.mjs'
import { load } from './load.mjs'
import { scenes } from './scenes.mjs'

const MOST_NODES = 300
const WIDER = 1.3
const FIELDS = ['crossings', 'bends', 'turns', 'corners', 'length', 'width', 'height']

const [structures, netron, ...only] = process.argv.slice(2)
const library = await load('library.ts')
const dagre = await import(pathToFileURL(join(netron, 'dagre.js')).href)
const { found } = await scenes(structures, library)
const rows = []
for (const { name, scene, nodes } of found) {
  if (nodes > MOST_NODES || scene.edgeCount === 0 || (only.length > 0 && !only.some((part) => name.includes(part)))) continue
  const input = scene.layoutInput()
  const ours = quality(drawnByUs(input, library.layout(input)))
  let theirs
  try {
    theirs = quality(drawnByDagre(dagre, input))
  } catch (error) {
    rows.push({ name, nodes, ours, refused: error.message })
    continue
  }
  rows.push({ name, nodes, ours, theirs })
}
const both = rows.filter((row) => row.theirs)
const share = (test) => `${both.filter(test).length} of ${both.length} (${((100 * both.filter(test).length) / both.length).toFixed(1)} %)`
for (const field of ['crossings', 'bends', 'turns', 'corners']) {
  console.log(`no more ${field}: ${share(({ ours, theirs }) => ours[field] <= theirs[field])}`)
}
console.log(`not wider than ${WIDER}: ${share(({ ours, theirs }) => ours.width <= WIDER * theirs.width)}`)
const total = (whose, field) => both.reduce((sum, row) => sum + row[whose][field], 0)
for (const field of FIELDS) console.log(`${field}: ${total('ours', field)} ours, ${total('theirs', field)} theirs`)
for (const { name, nodes, ours, theirs } of both) {
  const worse = ['crossings', 'bends', 'turns'].filter((field) => ours[field] > theirs[field])
  if (ours.width > WIDER * theirs.width) worse.push('width')
  if (worse.length > 0) console.log(`${name} (${nodes}): ${worse.map((field) => `${field} ${ours[field]} > ${theirs[field]}`).join(', ')}`)
}
