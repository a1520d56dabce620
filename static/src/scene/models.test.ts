/** The laws of layouts, nested and flat, running down and to the right, on snapshots of real models, where somebody made them: tests/document/test_scopes_of_models.py does. */
import { expect, it } from 'vitest'
import { decodeColumns } from '../document/model'
import { takerOf } from '../document/row-constants'
import { brokenLaws, crosses } from '../layout/laws'
import { brokenNesting } from '../layout/nested-laws'
import { layoutNested } from '../layout/nested'
import { openAtFirst } from '../scopes/opening'
import { scopeTree } from '../scopes/tree'
import { buildScene, sceneParts } from './build'
import type { Measure } from './measure'
import { PathNumbers } from './nest'
import { PlacedScene } from './placed'

interface Files { readdirSync(folder: string): string[]; readFileSync(path: string): Uint8Array }
const files: string = 'node:fs'
const folder = (globalThis as unknown as { process: { env: Record<string, string | undefined> } }).process.env['SCALPEL_SNAPSHOTS']

const MEASURE: Measure = { width: (text) => text.length * 6 }
/** every edge is tried against every box */
const MOST_ITEMS = 1500

/** What the scene adds to the layout: wires end on the sides of their boxes, in slot order; labels stand beside their own wires. */
function brokenPlaces(placed: PlacedScene): string[] {
  const { scene, pointStart, points, labelX, labelY } = placed
  const broken: string[] = []
  const along = scene.direction === 'right' ? 0 : 1
  for (let item = 0; item < scene.count; item++) {
    const entering = Array.from(scene.incoming(item), (edge) => points[2 * pointStart[edge + 1] - 1 - along])
    if (entering.some((at, i) => i > 0 && at <= entering[i - 1]!)) broken.push(`wires enter item ${item} out of order`)
  }
  scene.labels.forEach((label, edge) => {
    if (!label || Number.isNaN(labelX[edge])) return
    const line = Array.from({ length: pointStart[edge + 1] - pointStart[edge] }, (_, i) => [points[2 * (pointStart[edge] + i)], points[2 * (pointStart[edge] + i) + 1]] as [number, number])
    const box = { left: labelX[edge], right: labelX[edge] + label.width, top: labelY[edge] - 6, bottom: labelY[edge] + 6 }
    if (line.some((point, i) => i > 0 && crosses(line[i - 1]!, point, box, 0.5))) broken.push(`the label of edge ${edge} lies on its wire`)
  })
  return broken
}

it.skipIf(!folder)('lays every graph out by all laws: as opened, with all scopes open, with none, with all bodies and functions in place', { timeout: 600_000 }, async () => {
  const { readdirSync, readFileSync } = (await import(/* @vite-ignore */ files)) as Files
  const wrong: string[] = []
  let looked = 0
  for (const file of readdirSync(folder!).sort()) {
    const data = readFileSync(`${folder}/${file}`)
    const document = decodeColumns(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer)
    const inside = new Set(Array.from({ length: document.nodeLimit }, (_, node) => node).filter((node) => document.opensAt(node)).map((node) => document.nodeIdAt(node)))
    for (const graph of document.graphs.keys()) {
      const tree = scopeTree(document, graph)
      const all = new Set(Array.from({ length: tree.count }, (_, scope) => tree.path(scope)))
      const folds = tree.count === 1 ? [] : ([['as opened', openAtFirst(tree, (node) => takerOf(document, node) < 0)], ['all open', all], ['all closed', new Set<string>()]] as const)
      const holders = document.nodesOf(graph).filter((node) => document.opensAt(node))
      for (const direction of ['down', 'right'] as const) {
        for (const [how, open] of [['flat', null] as const, ...folds, ...(holders.length > 0 ? [['bodies open', all] as const] : [])]) {
          if (how === 'flat' && direction === 'down') continue // a proof of its own
          const bodies = how === 'bodies open' ? inside : undefined
          const scene = buildScene(document, graph, sceneParts(document, MEASURE), open && { tree, open, numbers: new PathNumbers(), ...(bodies && { bodies }) }, direction)
          if (scene.count > MOST_ITEMS) continue
          const input = scene.layoutInput()
          const result = layoutNested(input)
          const broken = [...(open ? brokenNesting(input, result) : brokenLaws(input, result)), ...brokenPlaces(new PlacedScene(scene, result))]
          wrong.push(...broken.slice(0, 3).map((law) => `${file} ${graph} ${how} ${direction}: ${law}`))
          looked += 1
        }
      }
    }
  }
  console.log(`${looked} nested layouts of real models`)
  expect(looked).toBeGreaterThan(0)
  expect(wrong).toEqual([])
})
