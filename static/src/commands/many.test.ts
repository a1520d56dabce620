/** What several things have in common, and what one edit does to all of them. */
import { describe, expect, it } from 'vitest'
import type { NodeView, OperatorView } from '../protocol/types'
import { common, commonAttributes, countOperators, mixedDims, namedDims, renamed, together } from './many'

const node = (id: string, op_type: string, attributes: NodeView['attributes'] = {}): NodeView => ({ id, op_type, domain: '', attributes, family: 'matmul' }) as NodeView
const INT = (value: number) => ({ type: 'INT', value })
const OPERATORS = [
  { op_type: 'Conv', domain: '', attributes: [{ name: 'group', type: 'INT', default: 1, required: false, doc: 'groups' }, { name: 'pads', type: 'INTS', default: null, required: false, doc: '' }] },
  { op_type: 'Gather', domain: '', attributes: [{ name: 'axis', type: 'INT', default: 0, required: false, doc: '' }] },
  { op_type: 'Concat', domain: '', attributes: [{ name: 'axis', type: 'INT', default: null, required: true, doc: '' }] },
] as unknown as OperatorView[]

describe('several nodes', () => {
  it('are counted by operator, the most first', () => {
    expect(countOperators([node('a', 'Relu'), node('b', 'Conv'), node('c', 'Conv')]).map((one) => [one.op_type, one.ids])).toEqual([['Conv', ['b', 'c']], ['Relu', ['a']]])
  })
  it('share an attribute whose value is theirs, their default, or mixed', () => {
    const of = (...nodes: NodeView[]) => Object.fromEntries(commonAttributes(nodes, OPERATORS).map((one) => [one.name, one.text]))
    expect(of(node('a', 'Conv', { group: INT(1) }), node('b', 'Conv'))).toEqual({ group: '1', pads: '' })
    expect(of(node('a', 'Conv', { group: INT(2) }), node('b', 'Conv'))).toMatchObject({ group: null })
    expect(of(node('a', 'Gather', { axis: INT(1) }), node('b', 'Concat', { axis: INT(1) }))).toEqual({ axis: '1' })
    expect(of(node('a', 'Conv'), node('b', 'Gather'))).toEqual({})
    expect(of(node('a', 'Mine', { depth: INT(3) }), node('b', 'Mine', { depth: INT(3) }))).toEqual({ depth: '3' })
  })
  it('are renamed by part or by pattern, and only where something changes', () => {
    const named = [{ id: 'a', name: 'layer1/conv' }, { id: 'b', name: 'layer2/conv' }, { id: 'c', name: 'stem' }]
    expect(renamed(named, { find: 'layer', replace: 'block', pattern: false })).toEqual([{ id: 'a', from: 'layer1/conv', to: 'block1/conv' }, { id: 'b', from: 'layer2/conv', to: 'block2/conv' }])
    expect(renamed(named, { find: 'layer(\\d)', replace: 'l$1', pattern: true })).toMatchObject([{ to: 'l1/conv' }, { to: 'l2/conv' }])
    expect(renamed(named, { find: 'layer(', replace: '', pattern: true })).toMatch(/no pattern/)
    expect(renamed([{ id: 'a', name: 'a.b' }], { find: '.', replace: '$&', pattern: false })).toMatchObject([{ to: 'a$&b' }])
    expect(renamed(named, { find: '', replace: 'x', pattern: false })).toEqual([])
  })
})

it('several edits are one batch, and one edit stays itself', () => {
  expect(together([{ kind: 'add-output', value: 'x' }])).toEqual({ kind: 'add-output', value: 'x' })
  expect(together([{ kind: 'a' }, { kind: 'b' }])).toEqual({ kind: 'batch', edits: [{ kind: 'a' }, { kind: 'b' }] })
})

it('several values tell which dims they name, and what they agree on', () => {
  expect(namedDims([{ shape: ['N', 3, 'T'] }, { shape: ['N', null] }, { shape: null }])).toEqual(['N', 'T'])
  expect(common(['a', 'a'], (one) => one)).toBe('a')
  expect(common(['a', 'b'], (one) => one)).toBeNull()
})

it('dims that all name, but not alike, are where one name is missing', () => {
  expect(mixedDims([{ shape: ['N', 3, 'past_0'] }, { shape: ['N', 3, 'past_1'] }, { shape: ['N', 4, 'past_1'] }])).toEqual([{ axis: 2, names: ['past_0', 'past_1'] }])
  expect(mixedDims([{ shape: ['N', 'T'] }, { shape: ['N', null] }])).toEqual([])
  expect(mixedDims([{ shape: ['N'] }, { shape: ['M', 2] }])).toEqual([])
})
