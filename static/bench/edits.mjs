/**
 * A drawing after many edits, each laid out from the one before, beside one that is laid out afresh, and how much each edit moved:
 * `node bench/edits.mjs STRUCTURES [--edits 300] [--most 300] [--seed 7] [--sample N] [part of a name …]`; --sample: every n-th model.
 */
import { parseArgs } from 'node:util'
import { quality } from './drawing.mjs'
import { drawnByUs } from './drawn.mjs'
import { EditedGraph, random } from './editing.mjs'
import { load } from './load.mjs'
import { scenes } from './scenes.mjs'

const BOUND = 1.3
/** about a box, pixels */
const FAR = 100
const { values, positionals } = parseArgs({ options: { edits: { type: 'string', default: '300' }, most: { type: 'string', default: '300' }, seed: { type: 'string', default: '7' }, sample: { type: 'string', default: '1' } }, allowPositionals: true })
const [structures, ...only] = positionals
const library = await load('library.ts')
const { found } = await scenes(structures, library)
const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0
const share = (numbers, part) => [...numbers].sort((a, b) => a - b)[Math.floor(part * (numbers.length - 1))] ?? 0

/** of the edits, those that move more than a fifth of the nodes */
const oftenMuch = (parts) => parts.filter((part) => part > 0.2).length / parts.length

/** How far each node moved sideways; NaN for a new one. */
function shiftsOf(input, result, next, after) {
  const was = new Map(Array.from(input.key, (key, i) => [key, result.x[i]]))
  return Array.from(next.key, (key, i) => (was.has(key) ? after.x[i] - was.get(key) : NaN))
}

/** The same beside the median node of those that it hangs together with: what moves as one does not count. */
function withoutCommon(shifts, { count, source, target }) {
  const parent = Array.from({ length: count }, (_, i) => i)
  const root = (i) => { while (parent[i] !== i) i = parent[i] = parent[parent[i]]; return i }
  source.forEach((from, e) => { parent[root(from)] = root(target[e]) })
  const together = new Map()
  shifts.forEach((by, i) => { if (!Number.isNaN(by)) together.set(root(i), [...(together.get(root(i)) ?? []), by]) })
  const common = new Map([...together].map(([part, list]) => [part, median(list)]))
  return shifts.map((by, i) => by - (common.get(root(i)) ?? 0))
}

function run(name, scene) {
  const pick = random([...name].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) >>> 0, Number(values.seed)))
  const graph = new EditedGraph(scene.layoutInput())
  let input = graph.input()
  let result = library.layout(input)
  const moved = []
  const far = []
  const apart = []
  for (let k = 0; k < Number(values.edits); k++) {
    graph.edit(pick, new Map(Array.from(input.key, (key, i) => [key, result.rank[i]])))
    const next = graph.input()
    const after = library.layout(next, { key: input.key, x: result.x, y: result.y, rank: result.rank, trunks: result.trunks, nothingNew: library.gainsNothing(input, next) })
    const shifts = shiftsOf(input, result, next, after)
    const within = withoutCommon(shifts, next)
    const away = (list, least) => list.filter((by) => Math.abs(by) > least).length / input.count
    moved.push(away(shifts, 0.6))
    far.push(away(shifts, FAR))
    apart.push(away(within, FAR))
    input = next
    result = after
  }
  const warm = quality(drawnByUs(input, result))
  const fresh = quality(drawnByUs(input, library.layout(input)))
  return { name, nodes: input.count, warm, fresh, moved: median(moved), moved_95: share(moved, 0.95), rearranged: oftenMuch(moved), thrown: oftenMuch(far), scattered: oftenMuch(apart) }
}

const FIELDS = { crossings: (q) => q.crossings, bends: (q) => q.bends, length: (q) => q.length, area: (q) => q.width * q.height, width: (q) => q.width }
const rows = []
let eligible = 0
for (const { name, scene, nodes } of found) {
  if (nodes < 10 || nodes > Number(values.most) || scene.edgeCount < 8 || (only.length > 0 && !only.some((part) => name.includes(part)))) continue
  if (eligible++ % Number(values.sample) === 0) rows.push(run(name, scene))
}
for (const [field, of] of Object.entries(FIELDS)) {
  // of a handful of crossings one more is no ratio
  const ratio = (row) => (of(row.warm) + (field === 'crossings' ? 3 : 0)) / (of(row.fresh) + (field === 'crossings' ? 3 : 0))
  const within = rows.filter((row) => ratio(row) <= BOUND).length
  console.log(`${field}: ${within} of ${rows.length} within ${BOUND} of a fresh layout; median ${median(rows.map(ratio)).toFixed(2)}, worst ${Math.max(...rows.map(ratio)).toFixed(2)}; all together ${(rows.reduce((sum, row) => sum + of(row.warm), 0) / rows.reduce((sum, row) => sum + of(row.fresh), 0)).toFixed(2)}`)
}
const percent = (part) => `${(100 * part).toFixed(1)} %`
console.log(`nodes that an edit moved sideways: median ${percent(median(rows.map((row) => row.moved)))}, 95th percentile ${percent(median(rows.map((row) => row.moved_95)))} in the median model; edits that moved more than a fifth of them: ${percent(median(rows.map((row) => row.rearranged)))} in the median model, ${percent(Math.max(...rows.map((row) => row.rearranged)))} in the worst`)
for (const [name, what] of [['thrown', `by more than ${FAR} pixels`], ['scattered', `by more than ${FAR} pixels beside the rest of what they hang together with`]]) {
  const parts = rows.map((row) => row[name])
  console.log(`${what}: ${percent(median(parts))} in the median model, ${percent(parts.reduce((a, b) => a + b, 0) / parts.length)} on average, ${percent(Math.max(...parts))} in the worst`)
}
for (const { name, nodes, warm, fresh, moved, moved_95, rearranged } of rows) {
  const worse = Object.entries(FIELDS).filter(([field, of]) => of(warm) > BOUND * of(fresh) + (field === 'crossings' ? 3 : 0)).map(([field, of]) => `${field} ${of(warm)} > ${of(fresh)}`)
  if (worse.length > 0) console.log(`${name} (${nodes}): ${worse.join(', ')}; moved ${percent(moved)}, ${percent(moved_95)}, rearranged ${percent(rearranged)}`)
}
