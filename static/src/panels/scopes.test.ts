/** Names become scopes. */
import { expect, it } from 'vitest'
import { isScope, opening, rowsOf, ScopeBuilder, scopesAround, type Scope } from './scopes'

function treeOf(names: readonly string[]): Scope {
  const builder = new ScopeBuilder()
  for (const name of names) builder.add(`node:${name}`, name, 'Op')
  return builder.tree()
}
const drawn = (tree: Scope, open: ReadonlySet<string>): string[] => rowsOf(tree, open).map(({ item, depth }) => `${'  '.repeat(depth)}${item.label}${isScope(item) ? ` (${item.count})` : ''}`)

it('groups by the parts of names, in the order of the graph', () => {
  const tree = treeOf(['/conv1/Conv', '/layer1/block0/Conv', '/layer1/block0/Relu', '/layer1/block1/Conv', '/fc/Gemm', '/layer1/block1/Relu'])
  expect(drawn(tree, new Set())).toEqual(['conv1/Conv', 'layer1 (4)', 'fc/Gemm'])
  expect(drawn(tree, opening(tree, 100))).toEqual(['conv1/Conv', 'layer1 (4)', '  block0 (2)', '    Conv', '    Relu', '  block1 (2)', '    Conv', '    Relu', 'fc/Gemm'])
})

it('folds chains of single scopes, takes dots where there are no slashes, and keeps unnamed nodes', () => {
  const tree = treeOf(['model.layers.0.q', 'model.layers.0.k', '', 'a'])
  expect(drawn(tree, opening(tree, 100))).toEqual(['model/layers/0 (2)', '  q', '  k', '', 'a'])
})

it('opens as many levels as there is room for, and finds the scopes around a node', () => {
  const tree = treeOf(Array.from({ length: 60 }, (_, at) => `/layer${at % 3}/block${at % 6}/op${at}`))
  expect([...opening(tree, 20)]).toEqual(['/layer0', '/layer1', '/layer2'])
  expect(scopesAround(tree, 'node:/layer1/block4/op4')).toEqual(['/layer1', '/layer1/block4'])
  expect(scopesAround(tree, 'node:nowhere')).toEqual([])
})

it('opens a scope that holds everything, however long it is, and keeps a group of leaves closed', () => {
  const tree = treeOf(Array.from({ length: 60 }, (_, at) => `/model/op${at}`))
  expect([...opening(tree, 20)]).toEqual(['/model'])
  const builder = new ScopeBuilder()
  builder.add('node:a', 'a', 'Op')
  builder.addGroup('Inputs with a default', 'input', [{ id: 'value:w', label: 'w', name: 'w', detail: 'input' }])
  builder.addGroup('Nothing', 'input', [])
  const grouped = builder.tree()
  expect(drawn(grouped, opening(grouped, 100))).toEqual(['a', 'Inputs with a default (1)'])
  expect(scopesAround(grouped, 'value:w')).toEqual([grouped.children.filter(isScope)[0]!.key])
})
