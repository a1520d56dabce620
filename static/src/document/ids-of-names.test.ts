/** Ids that are only a prefix and a name are not written out in the snapshot: nobody who reads the document can tell. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RevisionMessage } from '../protocol/types'
import { documentOf, mainGraph, node, value, type Records } from './encode.fixture'
import type { ModelDocument } from './model'

const NAMES = fc.uniqueArray(fc.oneof(fc.constantFrom('', 'h', 'h~2', 'node:h', 'value:h', '数', 'ü☃𝄞', '__proto__'), fc.string({ maxLength: 20 })), { minLength: 1, maxLength: 8 })
/** How ids come about: from the name, from a name that it no longer has, in a body, beside another of that name. */
const HOW = fc.constantFrom('', '', '', 'old ', '@loop.body', '~7')

const GRAPHS = fc.record({ names: NAMES, how: fc.array(HOW, { minLength: 24, maxLength: 24 }) }).map(({ names, how }): Records => {
  const made = (name: string, at: number): string => (how[at] === 'old ' ? `old ${at} ${name}` : name + how[at]! + (how[at] === '' ? '' : String(at)))
  const values = names.map((name, at) => value(`value:${made(name, at)}`, { name }))
  const nodes = names.map((name, at) => node(`node:${made(name, at + 12)}`, 'Add', [values[at >> 1]!.id, ''], at % 3 === 2 ? [] : [values[at]!.id], { name: at % 2 === 0 ? name : `called ${name}` }))
  return { graphs: [mainGraph([values[0]!.id], [])], nodes, values }
})

function message(document: ModelDocument, delta: RevisionMessage['delta']): RevisionMessage {
  return { session: 's', revision: document.revision + 1, how: 'edit', target: null, kind: 'k', title: '', author: '', author_name: '', client: null, at: '', delta, created: [], unsaved: true }
}

/** All that can be asked about ids, of those of the records and of others that look like them. */
function told(document: ModelDocument, { nodes, values }: Records): unknown {
  const known = [...nodes, ...values].flatMap(({ id, name }) => [id, name, `node:${name}`, `value:${name}`, `${id}~2`])
  const asked = [...known, 'node:new', 'value:new', '']
  return {
    nodes: document.nodeIds('graph:').map((id) => document.node(id)), titles: [...document.titles('graph:')],
    values: document.valueIds().map((id) => document.value(id)),
    indexes: asked.map((id) => [id, document.nodeIndex(id), document.valueIndex(id), document.producer(id), document.consumers(id)]),
  }
}

/** What is told as it came, with a new node behind the first value, with that value renamed, and without its maker. */
function toldAlong(records: Records): unknown[] {
  const document = documentOf(records)
  const found = [told(document, records)]
  const [first, maker] = [records.values[0]!, records.nodes[0]!]
  for (const delta of [
    [{ table: 'value', id: 'value:new', after: value('value:new') }, { table: 'node', id: 'node:new', after: node('node:new', 'Relu', [first.id], ['value:new']) }],
    [{ table: 'value', id: first.id, after: { ...first, name: 'renamed' } }],
    [{ table: 'node', id: maker.id, after: null }],
  ] satisfies RevisionMessage['delta'][]) {
    document.apply(message(document, delta))
    found.push(told(document, records))
  }
  return found
}

test('a document says the same of its ids, before and after edits, whether they are made of names or written out', () => {
  fc.assert(fc.property(GRAPHS, (records) => {
    expect(toldAlong(records)).toEqual(toldAlong({ ...records, plainIds: true }))
  }), { numRuns: 40 })
})
