/** The table of ids finds every id of a snapshot, and nothing else. */
import { expect, test } from 'vitest'
import { hashOf, NODE_OF, Strings, VALUE_OF } from './columns'
import { IdTable } from './id-table'

function stringsOf(all: readonly string[]): Strings {
  let end = 0
  return new Strings(all.join(''), Uint32Array.from(all, (one) => (end += one.length)))
}

test('it finds each of many ids that end alike, and ids that were added', () => {
  const ids = Array.from({ length: 5000 }, (_, i) => `node:/model/layers.${i % 70}/block_${i}/MatMul_output_0`)
  const table = new IdTable(stringsOf(['', ...ids]), Uint32Array.from(ids, (_, i) => i + 1), ['later'])
  table.add('latest', 5001)
  expect(ids.every((id, i) => table.get(id) === i)).toBe(true)
  expect([table.get('later'), table.get('latest')]).toEqual([5000, 5001])
})

test('it finds no id that is not there', () => {
  const ids = ['a', 'ü', '数', '']
  const table = new IdTable(stringsOf(ids), Uint32Array.from([0, 1, 2]), [])
  expect(['a', 'ü', '数', '', 'b', '__proto__', 'aü'].map((id) => table.get(id))).toEqual([0, 1, 2, -1, -1, -1, -1])
})

test('it finds ids that are a prefix and a name, and not the names nor the same names with another prefix', () => {
  const names = ['h', 'node:h', '数', '']
  const table = new IdTable(stringsOf(names), Uint32Array.from(names, (_, i) => NODE_OF + i), [])
  expect(['node:h', 'node:node:h', 'node:数', 'node:'].map((id) => table.get(id))).toEqual([0, 1, 2, 3])
  expect(['h', 'value:h', '数', '', 'node:hh', 'odeh:'].map((id) => table.get(id))).toEqual([-1, -1, -1, -1, -1, -1])
})

test('the hash of an id is that of its text, whether it is a string of its own or a prefix and a name', () => {
  const strings = stringsOf(['h', 'value:数'])
  for (const number of [0, 1, NODE_OF, NODE_OF + 1, VALUE_OF, VALUE_OF + 1]) expect(strings.hashOfIdAt(number)).toBe(hashOf(strings.idAt(number)))
})

test('an empty table has none', () => {
  expect(new IdTable(stringsOf([]), new Uint32Array(), []).get('a')).toBe(-1)
})
