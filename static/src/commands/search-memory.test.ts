/** A search that goes on from an earlier one finds what a new one finds, and looks at little. */
import { expect, it, vi } from 'vitest'
import { documentOf, mainGraph, node, value } from '../document/encode.fixture'
import type { ModelDocument } from '../document/model'
import type { Delta, RevisionMessage } from '../protocol/types'
import { scopeTree } from '../scopes/tree'
import { find, type FindResult, idOfHit } from './search'
import { SearchMemory } from './search-memory'

const COUNT = 200
const ids = Array.from({ length: COUNT }, (_, at) => at)

function model(): ModelDocument {
  return documentOf({
    graphs: [mainGraph(['value:0'], [`value:${COUNT}`])],
    nodes: ids.map((at) => node(`node:${at}`, at % 2 ? 'Relu' : 'Neg', [`value:${at}`], [`value:${at + 1}`], { attributes: at % 5 ? {} : { axis: { type: 'INT', value: at } } as never })),
    values: [...ids, COUNT].map((at) => value(`value:${at}`, { kind: at === 0 ? 'input' : at === COUNT ? 'output' : 'intermediate', is_output: at === COUNT, name: `wire${at}`, dtype: at % 3 ? 'float32' : 'int8' })),
  })
}

const tryHere = vi.fn((sources: readonly string[], texts: readonly string[]) => Promise.resolve(new Map(sources.map((source) => [source, new Set(texts.filter((text) => new RegExp(source, 'i').test(text)))]))))

async function found(document: ModelDocument, text: string, memory: SearchMemory): Promise<string[]> {
  let last: FindResult | null = null
  await find(document, text, 'graph:', new AbortController().signal, tryHere, (result) => { last = result }, memory)
  const { best, graphs } = last!
  return [...best.map(({ hit }) => hit), ...graphs.flatMap((one) => [...one.all()])].map((hit) => idOfHit(document, hit))
}

/** Edits of every kind that find may notice, one after the other. */
function edits(document: ModelDocument): Delta[] {
  const before = (id: string): never => document.node(id) as never
  const type = (id: string): object => document.value(id)!
  return [
    [{ table: 'node', id: 'node:7', after: { ...document.node('node:7')!, name: 'renamed' } }],
    [{ table: 'node', id: 'node:8', after: { ...document.node('node:8')!, op_type: 'Gelu' } }],
    [{ table: 'value', id: 'value:9', after: { ...type('value:9'), name: 'renamed too', dtype: 'float16' } as never }],
    [{ table: 'node', id: 'node:8', after: null }, { table: 'value', id: 'value:9', after: null }, { table: 'node', id: 'node:9', after: { ...document.node('node:9')!, inputs: ['value:8'] } }],
    [{ table: 'value', id: 'value:9', after: type('value:9') as never }, { table: 'node', id: 'node:8', after: before('node:8') }, { table: 'node', id: 'node:9', after: before('node:9') }],
    [{ table: 'value', id: 'value:new', after: value('value:new', { name: 'wire new', dtype: 'int8' }) }, { table: 'node', id: 'node:new', after: node('node:new', 'Relu', ['value:3'], ['value:new'], { name: 'brand new' }) }],
    [{ table: 'node', id: 'node:10', after: { ...document.node('node:10')!, attributes: {} } }],
  ]
}

it.each(['relu', 'op:Gelu', 'op:Ge', 'renamed', 'dtype:int8', 'takes:wire9', '-dtype:float32', 'axis:', 'name:new', '/^wire1?\\d$/', 'op:/^G/', 'op:Relu makes:/w$/'])('%s is found after edits as if for the first time', async (text) => {
  const document = model()
  const memory = new SearchMemory()
  await found(document, text, memory)
  for (const [at, delta] of edits(document).entries()) {
    memory.changed(document.apply({ session: '', revision: at + 1, how: 'edit', delta } as unknown as RevisionMessage))
    expect([at, await found(document, text, memory)]).toEqual([at, await found(document, text, new SearchMemory())])
  }
})

it('an edit of one node has a few nodes looked at, and its texts alone tried', async () => {
  const document = model()
  const memory = new SearchMemory()
  const looked = vi.spyOn(document, 'typeAt')
  const asking = 'dtype:int8 /wire|node/'
  const hits = await found(document, asking, memory)
  expect(looked.mock.calls.length).toBeGreaterThan(COUNT)
  memory.changed(document.apply({ session: '', revision: 1, how: 'edit', delta: edits(document)[2] } as unknown as RevisionMessage))
  scopeTree(document, 'graph:') // is made anew then, for all who ask
  looked.mockClear()
  tryHere.mockClear()
  expect((await found(document, asking, memory)).length).toBeGreaterThanOrEqual(hits.length - 2)
  expect(looked.mock.calls.length).toBeLessThan(20)
  expect(tryHere.mock.calls[0]![1].length).toBeLessThan(20)
})
