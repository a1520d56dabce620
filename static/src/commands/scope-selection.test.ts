/** All of a scope, and then of the one around it. */
import { expect, it } from 'vitest'
import { documentOf, mainGraph, node, value } from '../document/encode.fixture'
import { scopeAround } from './scope-selection'

const NAMES = ['net/a/one', 'net/a/two', 'net/b/one', 'net/b/two', 'head/one', 'head/two']
const document = documentOf({
  graphs: [mainGraph(['value:0'], ['value:6'])],
  nodes: NAMES.map((name, at) => node(`node:${name}`, ['Relu', 'Neg', 'Abs', 'Exp', 'Log', 'Sin'][at]!, [`value:${at}`], [`value:${at + 1}`], { name })),
  values: [value('value:0', { kind: 'input' }), ...[1, 2, 3, 4, 5].map((at) => value(`value:${at}`)), value('value:6', { kind: 'output', is_output: true })],
})
const around = (...nodes: string[]): string[] => scopeAround(document, 'graph:', nodes.map((name) => `node:${name}`)).map((id) => id.slice(5))

it('takes the innermost scope, then the one around it, then all', () => {
  expect(around('net/a/two')).toEqual(['net/a/one', 'net/a/two'])
  expect(around('net/a/one', 'net/a/two')).toEqual(NAMES.slice(0, 4))
  expect(around(...NAMES.slice(0, 4)).sort()).toEqual([...NAMES].sort())
})
it('takes the smallest scope that holds all that is selected', () => {
  expect(around('net/a/one', 'net/b/one')).toEqual(NAMES.slice(0, 4))
})
it('finds nothing for nodes of another graph', () => {
  expect(around('gone')).toEqual([])
})
