/** The outline: scopes with what they hold, between inputs and outputs, opened as far as a page goes. */
import { expect, it } from 'vitest'
import { documentOf, mainGraph, node, value } from '../document/encode.fixture'
import type { ModelDocument } from '../document/model'
import { scopeTree } from '../scopes/tree'
import { nodesWithin, outlineAtFirst, outlineRows, pathsAround } from './outline-rows'

function documentWith(names: readonly string[]): ModelDocument {
  const values = [value('value:x', { kind: 'input' }), value('value:w', { kind: 'initializer', shape: [4, 2], bytes: 32 }), ...names.map((_, at) => value(`value:y${at}`, { is_output: at === names.length - 1 }))]
  const nodes = names.map((name, at) => node(`n${at}`, `Op${at}`, [at === 0 ? 'value:x' : `value:y${at - 1}`, ...(at === 1 ? ['value:w'] : [])], [`value:y${at}`], { name }))
  return documentOf({ graphs: [mainGraph(['value:x'], [`value:y${names.length - 1}`])], nodes, values })
}
function drawn(document: ModelDocument, open: ReadonlySet<string>): string[] {
  return outlineRows(document, 'graph:', scopeTree(document, 'graph:'), open).map((row) => '  '.repeat(row.depth) + (row.what === 'leaf' ? `${row.label || row.makes} ${row.detail}` : row.what === 'scope' ? `${row.label} (${row.nodes}, ${Math.round(row.share * 100)} %)` : row.label))
}
const NAMES = ['/stem', '/layer1/a', '/layer1/b', '/layer1/inner/c', '/layer1/inner/d', '', '/head']

it('shows scopes where their first node stands, with their nodes and their share of the parameters', () => {
  const document = documentWith(NAMES)
  expect(drawn(document, new Set())).toEqual(['x input', '/stem Op0', 'layer1 (5, 100 %)', '/head Op6', 'y6 output'])
  expect(drawn(document, new Set(['layer1', 'layer1/inner']))).toEqual(['x input', '/stem Op0', 'layer1 (5, 100 %)', '  a Op1', '  b Op2', '  inner (3, 0 %)', '    c Op3', '    d Op4', '    y5 Op5', '/head Op6', 'y6 output'])
})

it('keeps of a name what its scope does not say', () => {
  const document = documentWith(['/attn/q_proj/MatMul', '/attn/k_proj/MatMul', '/attn/Softmax'])
  expect(drawn(document, new Set(['attn']))).toEqual(['x input', 'attn (3, 100 %)', '  q_proj/MatMul Op0', '  k_proj/MatMul Op1', '  Softmax Op2', 'y2 output'])
})

it('opens as many levels as there is room for, and the one that holds everything always', () => {
  const tree = scopeTree(documentWith(NAMES), 'graph:')
  expect([...outlineAtFirst(tree, 100)]).toEqual(['layer1', 'layer1/inner'])
  expect([...outlineAtFirst(tree, 4)]).toEqual(['layer1'])
})

it('knows the scopes around a node, and all nodes in a scope', () => {
  const document = documentWith(NAMES)
  const tree = scopeTree(document, 'graph:')
  expect(pathsAround(document, tree, 'n3')).toEqual(['layer1', 'layer1/inner'])
  expect(pathsAround(document, tree, 'nowhere')).toEqual([])
  expect(nodesWithin(document, tree, tree.find('layer1')).sort()).toEqual(['n1', 'n2', 'n3', 'n4', 'n5'])
})
