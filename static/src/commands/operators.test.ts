/** Finding operators by what is typed, and what the Delete key means for what is selected. */
import { describe, expect, it } from 'vitest'
import { documentOf, mainGraph, node, value } from '../document/encode.fixture'
import type { OperatorView } from '../protocol/types'
import { EditorState, type OperatorsAsked } from '../state'
import type { Editor } from './editor'
import { inside, insertionOf, mustAsk } from './insertion'
import { fittingOperators, keepOperator, recentOperators, searchOperators } from './operator-search'
import { removalOf } from './removal'

function operator(op_type: string, rest: Partial<OperatorView> = {}): OperatorView {
  const slot = { name: 'X', doc: '', optional: false, variadic: false, types: ['tensor(float)'] }
  return { op_type, domain: '', since: 1, family: 'arithmetic', doc: '', deprecated: false, inputs: [slot], outputs: [slot], attributes: [], ...rest }
}

const OPERATORS = ['Relu', 'PRelu', 'LeakyRelu', 'GlobalAveragePool', 'LayerNormalization', 'Gather', 'Add'].map((name) => operator(name))
const found = (text: string, list = OPERATORS): string[] => searchOperators(list, text).map((row) => row.operator.op_type)

function editorWith(selection: string[]): Editor {
  const document = documentOf({
    graphs: [mainGraph(['value:x'], ['value:y']), { ...mainGraph([], []), id: 'graph:body', parent: 'graph:' }],
    nodes: [node('node:a', 'Relu', ['value:x'], ['value:a']), node('node:b', 'Add', ['value:a', 'value:a'], ['value:y'])],
    values: [value('value:x', { kind: 'input' }), value('value:a'), value('value:y', { kind: 'output', is_output: true })],
  })
  const state = new EditorState()
  state.selection.value = new Set(selection)
  state.operators.value = OPERATORS
  return { state, document, node: (id: string) => document.node(id), value: (id: string) => document.value(id) } as unknown as Editor
}

const GROUND: OperatorsAsked = { at: { x: 0, y: 0 }, place: { x: 0, y: 0 }, graph: 'graph:', wire: null, from: null, to: null }

describe('searchOperators', () => {
  it('puts the very name first, then beginnings, initials of words, and parts', () => {
    expect(found('relu')).toEqual(['Relu', 'PRelu', 'LeakyRelu'])
    expect(found('gap')).toEqual(['GlobalAveragePool'])
    expect(found('ga')).toEqual(['Gather', 'GlobalAveragePool'])
    expect(found('layno')).toEqual(['LayerNormalization'])
    expect(found('pool', ['LpPool', 'MaxPool'].map((name) => operator(name)))).toEqual(['MaxPool', 'LpPool'])
  })

  it('leaves out deprecated operators, and puts other domains behind the standard one', () => {
    expect(found('up', [operator('Upsample', { deprecated: true })])).toEqual([])
    expect(searchOperators([operator('Gelu', { domain: 'com.microsoft' }), operator('Gelu')], 'gelu').map((row) => row.operator.domain)).toEqual(['', 'com.microsoft'])
  })

  it('shows what was used last and what is often used while nothing is typed', () => {
    const kept = new Map<string, string>()
    const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, text: string) => void kept.set(key, text) }
    keepOperator(storage, { domain: '', op_type: 'Gather' })
    const rows = searchOperators(OPERATORS, '', recentOperators(storage))
    expect(rows.filter((row) => row.heading).map((row) => `${row.heading}: ${row.operator.op_type}`)).toEqual(['Used last: Gather', 'Often used: Relu', 'All operators: LeakyRelu'])
    expect(new Set(rows.map((row) => row.operator)).size).toBe(OPERATORS.length)
  })

  it('keeps to operators whose first input takes the value', () => {
    const editor = editorWith([])
    editor.state.operators.value = [...OPERATORS, operator('Not', { inputs: [{ name: 'X', doc: '', optional: false, variadic: false, types: ['tensor(bool)'] }] })]
    expect(fittingOperators(editor, { ...GROUND, from: 'value:a' }).map((one) => one.op_type)).not.toContain('Not')
    expect(fittingOperators(editor, GROUND).map((one) => one.op_type)).toContain('Not')
  })
})

describe('insertionOf', () => {
  it('is insert-node on a wire, for the branch that was meant, and add-node elsewhere', () => {
    const editor = editorWith([])
    const picked = { op_type: 'Relu', domain: '', schema: OPERATORS[0]!, outputs: 1 }
    const consumers = [{ node: 'node:b', slot: 1 }]
    expect(insertionOf(editor, { ...GROUND, wire: { value: 'value:a', consumers } }, picked)).toEqual({ kind: 'insert-node', op_type: 'Relu', domain: '', value: 'value:a', consumers })
    expect(insertionOf(editor, { ...GROUND, from: 'value:a' }, picked)).toEqual({ kind: 'add-node', op_type: 'Relu', domain: '', graph: 'graph:', inputs: ['value:a'] })
    expect(insertionOf(editor, GROUND, { op_type: 'Own', domain: 'd', schema: null, outputs: 2 })).toMatchObject({ outputs: ['Own_output_0', 'Own_output_1'] })
  })

  it('stands in the body that is shown, on a value from around it', () => {
    expect(inside(editorWith([]), 'value:a', 'graph:body')).toEqual({ graph: 'graph:body' })
    expect(inside(editorWith([]), 'value:a', 'graph:')).toEqual({})
  })

  it('asks for required attributes, and on a wire for further inputs', () => {
    const cast = operator('Cast', { attributes: [{ name: 'to', type: 'INT', required: true, default: null, doc: '' }] })
    const add = operator('Add', { inputs: [...OPERATORS[0]!.inputs, ...OPERATORS[0]!.inputs] })
    expect([mustAsk(GROUND, cast), mustAsk(GROUND, add), mustAsk({ ...GROUND, wire: { value: 'value:a', consumers: null } }, add)]).toEqual([true, false, true])
  })
})

describe('removalOf', () => {
  it('removes outputs first, then wires and nodes, inputs last', () => {
    expect(removalOf(editorWith(['node:b', 'value:x', 'value:y']), true)).toEqual([
      { kind: 'remove-output', value: 'value:y' }, { kind: 'remove-nodes', nodes: ['node:b'], reconnect: true }, { kind: 'remove-input', value: 'value:x' },
    ])
  })

  it('takes a selected wire off every slot that it enters, but not off nodes that go too', () => {
    expect(removalOf(editorWith(['value:a']), false)).toEqual([{ kind: 'disconnect', node: 'node:b', slot: 0 }, { kind: 'disconnect', node: 'node:b', slot: 1 }])
    expect(removalOf(editorWith(['value:a', 'node:b']), false)).toEqual([{ kind: 'remove-nodes', nodes: ['node:b'], reconnect: false }])
  })
})
