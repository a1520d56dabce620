/** Names and metadata become a tree of scopes that is worth drawing. */
import { expect, it } from 'vitest'
import { documentOf, mainGraph, node, value } from '../document/encode.fixture'
import type { NodeView, ValueView } from '../protocol/types'
import { openAfter, openAtFirst, slightIn } from './opening'
import { scopeTree, type ScopeTree } from './tree'

interface Made { name: string; op?: string; from?: string[]; weight?: [string, number[]]; scope?: string }

/** Nodes in a chain, unless `from` names others. */
function treeOf(made: readonly Made[]): { tree: ScopeTree; lines: string[] } {
  const nodes: NodeView[] = []
  const values: ValueView[] = [value('value:x', { kind: 'input' })]
  const scopes: Record<string, string> = {}
  made.forEach(({ name, op = 'Relu', from, weight, scope }, at) => {
    const inputs = (from ?? [at === 0 ? 'x' : `y${at - 1}`]).map((one) => `value:${one}`)
    if (weight) {
      inputs.push(`value:${weight[0]}`)
      if (!values.some(({ id }) => id === `value:${weight[0]}`)) values.push(value(`value:${weight[0]}`, { kind: 'initializer', shape: weight[1], bytes: 4 }))
    }
    values.push(value(`value:y${at}`, { dtype: '', shape: null }))
    nodes.push(node(`n${at}`, op, inputs, [`value:y${at}`], { name }))
    if (scope) scopes[`n${at}`] = scope
  })
  const tree = scopeTree(documentOf({ graphs: [mainGraph(['value:x'], [`value:y${made.length - 1}`])], nodes, values, scopes }), 'graph:')
  const lines: string[] = []
  const walk = (scope: number, indent: string): void => {
    const times = tree.times[scope] > 1 ? ` ×${tree.times[scope]}` : ''
    lines.push(`${indent}${tree.name(scope)} ${tree.nodeCount[scope]}${times}`)
    for (const child of tree.children(scope)) walk(child, `${indent}  `)
  }
  for (const child of tree.children(0)) walk(child, '')
  return { tree, lines }
}
const chain = (...names: string[]): Made[] => names.map((name) => ({ name }))
const block = (scope: string, ...ops: string[]): Made[] => ops.map((op) => ({ name: `${scope}/${op}`, op }))

it('groups nodes by the parts of their names', () => {
  const { tree, lines } = treeOf(chain('/stem/a', '/stem/b', '/layer1/conv/a', '/layer1/conv/b', '/layer1/conv/c', '/layer1/d', '/head'))
  expect(lines).toEqual(['stem 2', 'layer1 4', '  conv 3'])
  expect(tree.origin).toBe('names')
  expect([0, 1, 2, 3, 4, 5, 6].map((n) => tree.path(tree.scopeOf(n)))).toEqual(['stem', 'stem', 'layer1/conv', 'layer1/conv', 'layer1/conv', 'layer1', ''])
  expect(tree.nodes(0)).toEqual([6])
})

it('keeps a number with the name before it where parts are separated by dots', () => {
  expect(treeOf(chain('model.layers.0.mlp.a', 'model.layers.0.mlp.b', 'model.layers.0.mlp.c', 'model.layers.0.d', 'model.norm', 'model.out')).lines).toEqual(['model 6', '  layers.0 4', '    mlp 3'])
})

it('makes no scope of one node, and joins a scope with the only one that it holds', () => {
  expect(treeOf(chain('/a/b/c/one', '/a/b/c/two', '/fc/Gemm', '/out')).lines).toEqual(['a/b/c 2'])
})

it('takes the exporter’s word before names', () => {
  const { tree, lines } = treeOf([{ name: 'node_1', scope: 'enc/layer.0' }, { name: 'node_2', scope: 'enc/layer.0' }, { name: 'node_5', scope: 'enc/layer.0' }, { name: 'x/node_3', scope: 'enc' }, { name: 'node_4', scope: 'enc' }])
  expect(lines).toEqual(['enc 5', '  layer.0 3'])
  expect(tree.origin).toBe('metadata')
})

it('reads the modules off the weights of nodes without scopes, and keeps what follows them with them', () => {
  const { lines } = treeOf([
    { name: 'Conv_0', op: 'Conv', weight: ['layer1.0.conv1.weight', [4, 3]] }, { name: 'Relu_1' }, { name: 'Conv_2', op: 'Conv', weight: ['layer1.0.conv2.weight', [4, 4]] },
    { name: 'Add_3', op: 'Add', from: ['y2', 'y0'] }, { name: 'Relu_4' }, { name: 'Conv_5', op: 'Conv', weight: ['layer1.1.conv1.weight', [4, 4]] }, { name: 'Relu_6' }, { name: 'Gemm_7', op: 'Gemm', weight: ['fc.weight', [4, 10]] },
  ])
  expect(lines).toEqual(['layer1.0 5', 'layer1.1 2'])
})

it('puts a constant where it is taken', () => {
  const { tree } = treeOf([{ name: 'Constant_1', op: 'Constant', from: [] }, { name: '/a/x', from: ['x', 'y0'] }, { name: '/a/y' }, { name: '/a/z' }, { name: '/b' }])
  expect(tree.path(tree.scopeOf(0))).toBe('a')
})

it('knows identical blocks whatever they are called, and tells others from them', () => {
  const { tree } = treeOf([...block('/p', 'Relu', 'Exp', 'Neg'), ...block('/q', 'Relu', 'Exp', 'Neg'), ...block('/r', 'Relu', 'Neg', 'Exp')])
  const [p, q, r] = tree.children(0).map((scope) => tree.repeat[scope])
  expect(p).toBe(q)
  expect(p).toBeGreaterThanOrEqual(0)
  expect(r).toBe(-1)
})

it('makes one scope of a run of identical blocks', () => {
  const { tree, lines } = treeOf([...block('/first', 'Exp', 'Abs'), ...[0, 1, 2, 3].flatMap((i) => block(`/layers.${i}`, 'Relu', 'Exp', 'Neg'))])
  expect(lines).toEqual(['first 2', 'layers.0–3 12 ×4', '  layers.0 3', '  layers.1 3', '  layers.2 3', '  layers.3 3'])
  expect(tree.find('layers.0…')).toBe(tree.children(0)[1])
})

it('cuts a long run into shorter ones', () => {
  const { tree } = treeOf(Array.from({ length: 120 }, (_, i) => block(`/layers.${i}`, 'Relu', 'Exp', 'Neg')).flat())
  const run = tree.children(0)[0]!
  expect([tree.name(run), tree.times[run], tree.nodeCount[run]]).toEqual(['layers.0–119', 120, 360])
  expect(tree.children(run).map((part) => tree.times[part])).toEqual(Array.from({ length: 12 }, () => 10))
  expect(openAtFirst(tree, () => true)).toEqual(new Set([tree.path(run), tree.path(tree.children(run)[0]!)]))
})

it('opens what holds one or two boxes with what is around it', () => {
  const { tree } = treeOf([...block('/head/in', 'Exp', 'Abs'), ...block('/head/out', 'Tanh', 'Neg'), ...block('/tail', 'Exp', 'Abs', 'Neg')])
  const slight = [1, 2, 3, 4].filter((scope) => ['in', 'out'].includes(tree.name(scope)))
  expect(slightIn(tree, tree.find('head'), () => true)).toEqual(slight)
  expect(openAtFirst(tree, () => true)).toContain('head/in')
})

const silu = (scope: string): Made[] => [...block(scope, 'Conv'), ...block(`${scope}/act`, 'Sigmoid', 'Mul')]

it('makes no scope of two nodes among the single ones of a scope', () => {
  expect(treeOf([...silu('/b.0'), ...block('/mid', 'Exp', 'Abs', 'Neg')]).lines).toEqual(['b.0 3', 'mid 3'])
})

it.each([
  ['beside another scope', [...block('/b/cv', 'Conv', 'Relu'), ...silu('/b')], ['b 5', '  cv 2', '  act 2']],
  ['with nothing but it around', block('/b/act', 'Sigmoid', 'Mul'), ['b/act 2']],
  ['in the graph itself', block('/act', 'Sigmoid', 'Mul'), ['act 2']],
])('makes a scope of two nodes %s', (_, made, lines) => {
  expect(treeOf([...made, { name: '/out' }]).lines).toEqual(lines)
})

it('keeps nodes in sight that an edit puts into a scope of their own', () => {
  const before = treeOf([...block('/a', 'Relu', 'Exp', 'Neg', 'Abs', 'Sin')]).tree
  const after = treeOf([...block('/a', 'Relu', 'Exp'), ...block('/a/in', 'Neg', 'Abs', 'Sin')]).tree
  expect(openAfter(before, after, new Set(['a']))).toEqual(new Set(['a', 'a/in']))
  expect(openAfter(before, after, new Set())).toEqual(new Set())
})

it('makes no run of blocks with a node between them that hangs on both sides', () => {
  const between: Made = { name: '/between', op: 'Abs' }
  expect(treeOf([...block('/l.0', 'Relu', 'Exp', 'Neg'), between, ...block('/l.1', 'Relu', 'Exp', 'Neg'), between, ...block('/l.2', 'Relu', 'Exp', 'Neg')]).lines).toEqual(['l.0 3', 'l.1 3', 'l.2 3'])
})

it('counts the elements of a shared weight once', () => {
  const { tree } = treeOf([{ name: '/a/x', weight: ['w', [2, 3]] }, { name: '/a/y', weight: ['w', [2, 3]] }, { name: '/b/x', weight: ['w', [2, 3]] }, { name: '/b/y', weight: ['v', [5]] }])
  expect(Array.from(tree.parameters)).toEqual([11, 6, 11])
})

it('keeps in sight what an edit makes unlike its neighbours', () => {
  const blocks = (odd: number): Made[] => [0, 1, 2, 3, 4, 5, 6].flatMap((i) => block(`/l.${i}`, 'Relu', i === odd ? 'Abs' : 'Exp', 'Neg'))
  const before = treeOf(blocks(-1)).tree
  const after = treeOf(blocks(3)).tree
  expect(openAfter(before, after, new Set(['l.0…']))).toEqual(new Set(['l.0…', 'l.4…']))
  expect(openAfter(before, after, new Set())).toEqual(new Set())
})

it('has no scopes where nothing is said', () => {
  const { tree } = treeOf(chain('a', 'b', '', ''))
  expect([tree.count, tree.origin]).toEqual([1, 'none'])
})
