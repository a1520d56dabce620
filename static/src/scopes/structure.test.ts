/** Blocks are found by what comes again, and nothing is made up where nothing does. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { documentOf, mainGraph, node, value } from '../document/encode.fixture'
import type { ModelDocument } from '../document/model'
import { boxesAtFirst, faults } from './laws'
import { scopeTree, type ScopeTree } from './tree'

interface Made { op: string; from: number[]; name?: string; weight?: number }

/** `from`: the nodes that it takes from; -1 is the graph's input. */
function documentWith(made: readonly Made[]): ModelDocument {
  const values = [value('value:x', { kind: 'input' }), ...made.map((_, at) => value(`value:y${at}`, { dtype: '', shape: null }))]
  const nodes = made.map(({ op, from, name = '', weight }, at) => {
    const inputs = from.map((one) => (one < 0 ? 'value:x' : `value:y${one}`))
    if (weight !== undefined) {
      inputs.push(`value:w${at}`)
      values.push(value(`value:w${at}`, { kind: 'initializer', shape: [weight, weight], bytes: 4 }))
    }
    return node(`node:${at}`, op, inputs, [`value:y${at}`], { name })
  })
  return documentOf({ graphs: [mainGraph(['value:x'], [])], nodes, values })
}
function treeOf(made: readonly Made[]): ScopeTree {
  const document = documentWith(made)
  const tree = scopeTree(document, 'graph:')
  expect(faults(document, 'graph:', tree)).toEqual([])
  return tree
}
const shown = (tree: ScopeTree): string[] => tree.children(0).map((scope) => `${tree.name(scope)} ${tree.nodeCount[scope]}`)

/** Norm, three products, attention, a residual; then norm, two products, a residual. */
function transformer(layers: number, width: number, start: number): Made[] {
  const made: Made[] = []
  const add = (op: string, from: number[], weight?: number): number => made.push({ op, from, weight }) - 1 + start
  let x = start - 1
  for (let layer = 0; layer < layers; layer++) {
    const norm = add('LayerNormalization', [x], 1)
    const [q, k, v] = [0, 1, 2].map(() => add('MatMul', [norm], width))
    const attention = add('MatMul', [add('Softmax', [add('MatMul', [q, k])]), v])
    x = add('Add', [x, add('MatMul', [attention], width)])
    const up = add('Gelu', [add('MatMul', [add('LayerNormalization', [x], 1)], width)])
    x = add('Add', [x, add('MatMul', [up], width)])
  }
  return made
}

it('finds the layers of a transformer whose names are gone', () => {
  const tree = treeOf([{ op: 'Gather', from: [-1] }, ...transformer(12, 8, 1), { op: 'LayerNormalization', from: [168] }, { op: 'MatMul', from: [169] }])
  expect(tree.origin).toBe('structure')
  expect(shown(tree)).toEqual(['transformer.0–11 168'])
  expect(tree.times[tree.children(0)[0]!]).toBe(12)
})

it('finds blocks whose weights have other shapes, and tells only identical ones as a run', () => {
  const tree = treeOf([...transformer(3, 8, 0), ...transformer(3, 16, 42)])
  expect(shown(tree)).toEqual(['transformer.0–2 42', 'transformer.3–5 42'])
})

it('finds modules of several branches with other things between them', () => {
  const module = (at: number): Made[] => ['Conv', 'Relu', 'Conv', 'Relu', 'Conv', 'Concat'].map((op, i) => ({ op, from: i === 5 ? [at + 1, at + 3, at + 4] : [i === 1 || i === 3 ? at + i - 1 : at - 1] }))
  const tree = treeOf([{ op: 'Conv', from: [-1] }, ...module(1), { op: 'MaxPool', from: [6] }, { op: 'Neg', from: [7] }, ...module(9), { op: 'AveragePool', from: [14] }, ...module(16)])
  expect(shown(tree)).toEqual(['branches.0 6', 'branches.1 6', 'branches.2 6'])
})

it('cuts a long chain of one operator into pieces that can be looked at', () => {
  const tree = treeOf(Array.from({ length: 900 }, (_, at) => ({ op: 'Relu', from: [at - 1] })))
  expect(boxesAtFirst(tree, () => true)).toBeGreaterThanOrEqual(15)
  expect(boxesAtFirst(tree, () => true)).toBeLessThanOrEqual(150)
})

const operators = ['Add', 'Mul', 'Conv', 'Relu', 'MatMul', 'Concat', 'Sigmoid', 'Sub', 'Gemm', 'Tanh']
const irregular = fc.array(fc.tuple(fc.nat(9), fc.nat(1000), fc.nat(1000)), { minLength: 20, maxLength: 200 })
  .map((choices) => choices.map(([op, a, b], at): Made => ({ op: operators[op], from: at === 0 ? [-1] : [a % at, b % at] })))

it('groups nothing in an irregular graph', () => {
  fc.assert(fc.property(irregular, (made) => {
    const grouped = treeOf(made)
    expect(grouped.nodes(0).length).toBeGreaterThan(made.length * 0.9)
  }), { numRuns: 60, seed: 7 })
})

const named = fc.array(fc.tuple(fc.nat(3), fc.nat(1000), fc.nat(1000), fc.constantFrom('', 'a', '/a/b', '/a/b/c', '/a/b/d', '/a/e', '/f', '/f/g', '/f/g.0', '/f/g.1', 'a.0.b', 'h.1.i')), { minLength: 2, maxLength: 60 })
  .map((choices) => choices.map(([op, a, b, scope], at): Made => ({ op: operators[op], from: at === 0 ? [-1] : [a % at, b % at], name: scope === '' ? '' : `${scope}/${operators[op]}_${at}` })))

it('puts every node in one scope, and no boxes in a circle, whatever the names say', () => {
  fc.assert(fc.property(named, (made) => { treeOf(made) }), { numRuns: 300 })
})

it('parts a module that is called twice', () => {
  const tree = treeOf([
    { op: 'Conv', from: [-1], name: '/a/Conv' }, { op: 'Relu', from: [0], name: '/shared/Relu' }, { op: 'Exp', from: [1], name: '/shared/Exp' }, { op: 'Conv', from: [2], name: '/a/Conv_1' }, { op: 'Relu', from: [3], name: '/shared/Relu_1' }, { op: 'Exp', from: [4], name: '/shared/Exp_1' },
  ])
  expect(shown(tree)).toEqual(['shared 2', 'shared (2) 2'])
})
