/** The laws of nested layouts on snapshots of real models, where somebody made them: tests/document/test_scopes_of_models.py does. */
import { expect, it } from 'vitest'
import { decodeColumns } from '../document/model'
import { brokenNesting } from '../layout/nested-laws'
import { layoutNested } from '../layout/nested'
import { openAtFirst } from '../scopes/opening'
import { scopeTree } from '../scopes/tree'
import { buildScene, sceneParts } from './build'
import type { Measure } from './measure'
import { PathNumbers } from './nest'

interface Files { readdirSync(folder: string): string[]; readFileSync(path: string): Uint8Array }
const files: string = 'node:fs'
const folder = (globalThis as unknown as { process: { env: Record<string, string | undefined> } }).process.env['SCALPEL_SNAPSHOTS']

const MEASURE: Measure = { width: (text) => text.length * 6 }
/** every edge is tried against every box */
const MOST_ITEMS = 1500

it.skipIf(!folder)('lays every graph out by all laws: as opened, with all scopes open, with none', { timeout: 600_000 }, async () => {
  const { readdirSync, readFileSync } = (await import(/* @vite-ignore */ files)) as Files
  const wrong: string[] = []
  let looked = 0
  for (const file of readdirSync(folder!).sort()) {
    const data = readFileSync(`${folder}/${file}`)
    const document = decodeColumns(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer)
    for (const graph of document.graphs.keys()) {
      const tree = scopeTree(document, graph)
      if (tree.count === 1) continue
      const all = new Set(Array.from({ length: tree.count }, (_, scope) => tree.path(scope)))
      for (const [how, open] of [['as opened', openAtFirst(tree)], ['all open', all], ['all closed', new Set<string>()]] as const) {
        const scene = buildScene(document, graph, sceneParts(document, MEASURE), { tree, open, numbers: new PathNumbers() })
        if (scene.count > MOST_ITEMS) continue
        const input = scene.layoutInput()
        wrong.push(...brokenNesting(input, layoutNested(input)).slice(0, 3).map((law) => `${file} ${graph} ${how}: ${law}`))
        looked += 1
      }
    }
  }
  console.log(`${looked} nested layouts of real models`)
  expect(looked).toBeGreaterThan(0)
  expect(wrong).toEqual([])
})
