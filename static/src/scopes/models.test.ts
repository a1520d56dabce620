/** The laws on snapshots of real models, where somebody made them: tests/document/test_scopes_of_models.py does. */
import { expect, it } from 'vitest'
import { decodeColumns } from '../document/model'
import { takerOf } from '../document/row-constants'
import { boxesAtFirst, faults } from './laws'
import { scopeTree } from './tree'

interface Files { readdirSync(folder: string): string[]; readFileSync(path: string): Uint8Array }
const files: string = 'node:fs'
const folder = (globalThis as unknown as { process: { env: Record<string, string | undefined> } }).process.env['SCALPEL_SNAPSHOTS']

it.skipIf(!folder)('keeps the laws on every graph, and shows between 15 and 150 boxes at first', { timeout: 600_000 }, async () => {
  const { readdirSync, readFileSync } = (await import(/* @vite-ignore */ files)) as Files
  const told: string[] = []
  const wrong: string[] = []
  for (const file of readdirSync(folder!).sort()) {
    const data = readFileSync(`${folder}/${file}`)
    const document = decodeColumns(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer)
    for (const graph of document.graphs.keys()) {
      const tree = scopeTree(document, graph)
      wrong.push(...faults(document, graph, tree).map((fault) => `${file} ${graph}: ${fault}`))
      const drawn = (node: number): boolean => takerOf(document, node) < 0
      const boxes = boxesAtFirst(tree, drawn)
      if (document.nodesOf(graph).filter(drawn).length <= 15) continue
      told.push(`${String(boxes).padStart(4)} boxes of ${String(tree.nodeCount[0]).padStart(5)} nodes, ${String(tree.count - 1).padStart(4)} scopes by ${tree.origin}: ${file} ${graph === document.mainGraph ? '' : graph}`)
      if (tree.origin !== 'none' && (boxes < 15 || boxes > 150)) wrong.push(`${file} ${graph}: ${boxes} boxes of ${tree.nodeCount[0]} nodes`)
    }
  }
  console.log(told.join('\n'))
  expect(told.length).toBeGreaterThan(0)
  expect(wrong).toEqual([])
})
