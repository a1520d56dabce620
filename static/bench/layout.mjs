/**
 * What the layout costs: processor milliseconds cold (the first run of a fresh process apart) and warm (a node inserted, the median
 * of several), with the size of the drawing, as JSON: `node bench/layout.mjs [--before GIT_REF] [--structures FOLDER] [nodes …]`.
 * The graphs are made up, a transformer and a dense U-Net; with a folder that bench/layout_models.py wrote, its models as well.
 * With --before, the layout as it was at that commit is measured in the same run, in turns with the present one.
 */
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { decoder, transformer, unet, withOneMore } from './graphs.mjs'
import { load } from './load.mjs'
import { straying } from './mainpath.mjs'
import { scenes } from './scenes.mjs'

const COLD = 5
const WARM = 9

async function loadAt(ref) {
  const folder = await mkdtemp(join(tmpdir(), 'layout-before-'))
  try {
    const packed = execFileSync('git', ['archive', ref, 'src/layout'], { maxBuffer: 1 << 26 })
    execFileSync('tar', ['-x', '-C', folder], { input: packed })
    return (await load(join(folder, 'src/layout/layout.ts'))).layout
  } finally {
    await rm(folder, { recursive: true })
  }
}

function processor(act) {
  const before = process.cpuUsage()
  act()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]
const round = (number) => Math.round(number * 10) / 10

function measure(layouts, input) {
  const more = withOneMore(input)
  const report = { nodes: input.count, edges: input.source.length }
  const state = Object.fromEntries(Object.entries(layouts).map(([name, layout]) => [name, { layout, cold: [], warm: [] }]))
  for (const one of Object.values(state)) one.cold.push(processor(() => { one.result = one.layout(input) }))
  for (let k = 0; k < COLD; k++) for (const one of Object.values(state)) one.cold.push(processor(() => one.layout(input)))
  for (const one of Object.values(state)) {
    const { x, y, rank, trunks } = one.result
    one.memory = { key: input.key, x, y, rank, trunks }
  }
  for (let k = 0; k < WARM; k++) for (const one of Object.values(state)) one.warm.push(processor(() => { one.after = one.layout(more, one.memory) }))
  for (const [name, { cold, warm, result, after }] of Object.entries(state)) {
    let moved = 0
    for (let i = 0; i < input.count; i++) if (Math.abs(after.x[i] - result.x[i]) > 0.6) moved++
    const { left, right, bottom } = result.bounds
    report[name] = { first_ms: round(cold[0]), cold_ms: round(median(cold.slice(1))), warm_ms: round(median(warm)), moved_nodes: moved, width: right - left, height: bottom, ...straying(input, result) }
  }
  return report
}

const { values, positionals } = parseArgs({ options: { before: { type: 'string' }, structures: { type: 'string' } }, allowPositionals: true })
const library = await load('library.ts')
const layouts = { ...(values.before ? { before: await loadAt(values.before) } : {}), now: library.layout }
const sizes = positionals.map(Number)
const results = {}
for (const nodes of sizes.length > 0 ? sizes : [1000, 10000, 50000]) {
  results[`transformer_${nodes}`] = measure(layouts, transformer(nodes))
  results[`decoder_${nodes}`] = measure(layouts, decoder(nodes))
  results[`unet_${nodes}`] = measure(layouts, unet(nodes))
}
if (values.structures) for (const { name, scene } of (await scenes(values.structures, library)).found) results[name] = measure(layouts, scene.layoutInput())
console.log(JSON.stringify(results, null, 1))
