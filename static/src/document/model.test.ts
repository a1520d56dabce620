/** The document: decoding the columns, and following edits. */
import { describe, expect, it } from 'vitest'
import type { Delta, RevisionMessage } from '../protocol/types'
import { ColumnsError } from './columns'
import { documentOf, encode, mainGraph, node, value, type Records } from './encode.fixture'
import { decodeColumns } from './model'

const CHAIN: Records = {
  graphs: [mainGraph(['value:x'], ['value:y'])],
  nodes: [
    node('node:a', 'Conv', ['value:x', 'value:w', ''], ['value:h'], { family: 'matmul', input_names: ['X', 'W', 'B'], output_names: ['Y'], attributes: { group: { type: 'INT', value: 2 }, __proto__x: { type: 'STRING', value: 'ü☃𝄞' } } }),
    node('node:b', 'Relu', ['value:h'], ['value:y'], { input_names: ['X'], output_names: ['Y'], doc: 'says something' }),
  ],
  values: [
    value('value:x', { kind: 'input' }), value('value:w', { kind: 'initializer', shape: [4, 3], bytes: 48 }),
    value('value:h', { inferred: true, shape: [1, null, 'N'] }), value('value:y', { kind: 'output', is_output: true, name: 'ü☃𝄞 out', shape: null }),
  ],
}

function message(delta: Delta, revision = 1): RevisionMessage {
  return { session: 's', revision, how: 'edit', target: null, kind: 'k', title: '', author: '', author_name: '', client: null, at: '', delta, created: [], unsaved: true }
}

describe('decodeColumns', () => {
  it('gives back every record as it was written', () => {
    const document = documentOf(CHAIN, 7)
    expect(document.revision).toBe(7)
    expect(document.nodeIds('graph:')).toEqual(['node:a', 'node:b'])
    for (const wanted of CHAIN.nodes) expect({ ...document.node(wanted.id)!, attributes: { ...document.node(wanted.id)!.attributes } }).toEqual(wanted)
    for (const wanted of CHAIN.values) expect(document.value(wanted.id)).toEqual(wanted)
  })

  it('knows who makes and who takes a value', () => {
    const document = documentOf(CHAIN)
    expect(document.producer('value:h')).toEqual({ node: 'node:a', slot: 0 })
    expect(document.producer('value:x')).toBeNull()
    expect(document.consumers('value:w')).toEqual([{ node: 'node:a', slot: 1 }])
    expect(document.consumers('value:y')).toEqual([])
  })

  it('keeps both slots of a node that takes a value twice', () => {
    const document = documentOf({ ...CHAIN, nodes: [node('node:a', 'Add', ['value:x', 'value:x'], ['value:h'])] })
    expect(document.consumers('value:x')).toEqual([{ node: 'node:a', slot: 0 }, { node: 'node:a', slot: 1 }])
  })

  it('refuses what is no snapshot, another format, and one that was cut', () => {
    const good = encode(CHAIN)
    expect(() => decodeColumns(new TextEncoder().encode('<html>not found').buffer)).toThrow(ColumnsError)
    expect(() => decodeColumns(good.slice(0, good.byteLength - 16))).toThrow('cut')
    const other = good.slice(0)
    new DataView(other).setUint32(4, 99, true)
    expect(() => decodeColumns(other)).toThrow('format 99')
  })
})

describe('the indexes of what a graph takes in and gives out', () => {
  const LISTED = ['value:x', 'value:w', 'value:nowhere', 'value:y']

  it('are the same before and after the tables of all ids are made, initializers that a graph lists among its inputs included', () => {
    const document = documentOf({ ...CHAIN, graphs: [mainGraph(['value:x', 'value:w'], ['value:y'])] })
    const before = document.indexesInInterface(LISTED)
    document.prepare()
    expect(before).toEqual([0, 1, 3])
    expect(document.indexesInInterface(LISTED)).toEqual(before)
  })

  it('follow edits', () => {
    const document = documentOf(CHAIN)
    document.indexesInInterface(['value:x'])
    document.apply(message([{ table: 'value', id: 'value:x', after: null }, { table: 'value', id: 'value:nowhere', after: value('value:nowhere', { kind: 'input' }) }]))
    expect(document.indexesInInterface(LISTED)).toEqual([1, 4, 3])
  })
})

describe('a rewiring', () => {
  const FAN: Records = {
    graphs: [mainGraph(['value:x'], [])],
    nodes: [node('node:a', 'Relu', ['value:x'], ['value:h']), node('node:b', 'Add', ['value:h', 'value:h'], ['value:p']), node('node:c', 'Sum', ['', 'value:h'], ['value:q'])],
    values: [value('value:x', { kind: 'input' }), ...['h', 'p', 'q'].map((name) => value(`value:${name}`))],
  }
  const uses = { table: 'uses', id: 'value:h', after: { value: 'value:x', nodes: ['node:b', 'node:c'], slots: [1, 1] } } as const
  const back = { table: 'uses', id: 'value:x', after: { value: 'value:h', nodes: ['node:b', 'node:c'], slots: [1, 1] } } as const
  const delta = (change: typeof uses | typeof back): Delta => [{ ...change, after: { ...change.after, nodes: [...change.after.nodes], slots: [...change.after.slots] } }]

  it('gives slots another value, and leaves the others as they are', () => {
    const document = documentOf(FAN)
    document.node('node:b') // a record that was made before follows, too
    const changes = document.apply(message(delta(uses)))
    expect(document.node('node:b')!.inputs).toEqual(['value:h', 'value:x'])
    expect(document.node('node:c')!.inputs).toEqual(['', 'value:x'])
    expect(document.consumers('value:h')).toEqual([{ node: 'node:b', slot: 0 }])
    expect(document.consumers('value:x')).toEqual([{ node: 'node:a', slot: 0 }, { node: 'node:b', slot: 1 }, { node: 'node:c', slot: 1 }])
    expect(document.inputAt(document.nodeIndex('node:b'), 1)).toBe(document.valueIndex('value:x'))
    expect(Array.from(document.inputsAt(document.nodeIndex('node:c')))).toEqual([-1, document.valueIndex('value:x')])
    expect(changes).toMatchObject({ nodes: new Set(['node:b', 'node:c']), graphs: new Set(['graph:']), structural: true })
  })

  it('is taken back by its inverse', () => {
    const document = documentOf(FAN)
    document.apply(message(delta(uses)))
    document.apply(message(delta(back), 2))
    for (const wanted of FAN.nodes) expect(document.node(wanted.id)!.inputs).toEqual(wanted.inputs)
    expect(document.consumers('value:x')).toEqual([{ node: 'node:a', slot: 0 }])
    expect(document.consumers('value:h').length).toBe(3)
  })

  it('goes together with other edits of the same nodes, before and after it', () => {
    const document = documentOf(FAN)
    document.apply(message([{ table: 'node', id: 'node:b', after: { ...document.node('node:b')!, name: 'first' } }]))
    document.apply(message(delta(uses), 2))
    expect(document.node('node:b')).toMatchObject({ name: 'first', inputs: ['value:h', 'value:x'] })
    document.apply(message([{ table: 'node', id: 'node:c', after: { ...document.node('node:c')!, name: 'last' } }], 3))
    document.apply(message(delta(back), 4))
    expect(document.node('node:c')).toMatchObject({ name: 'last', inputs: ['', 'value:h'] })
    document.apply(message([{ table: 'node', id: 'node:c', after: null }], 5))
    expect(document.consumers('value:h')).toEqual([{ node: 'node:b', slot: 0 }, { node: 'node:b', slot: 1 }])
  })
})

describe('apply', () => {
  it('inserts a node on a wire, and takes it away again with the inverse', () => {
    const document = documentOf(CHAIN)
    const before = document.node('node:b')!
    const added = node('node:r', 'Relu', ['value:h'], ['value:r'])
    const changes = document.apply(message([
      { table: 'value', id: 'value:r', after: value('value:r') },
      { table: 'node', id: 'node:r', after: added },
      { table: 'node', id: 'node:b', after: { ...before, inputs: ['value:r'] } },
    ]))
    expect(changes.structural).toBe(true)
    expect([...changes.nodes].sort()).toEqual(['node:b', 'node:r'])
    expect(document.nodeIds('graph:')).toEqual(['node:a', 'node:r', 'node:b'])
    expect(document.consumers('value:h')).toEqual([{ node: 'node:r', slot: 0 }])
    expect(document.producer('value:r')).toEqual({ node: 'node:r', slot: 0 })

    const index = document.nodeIndex('node:r')
    document.apply(message([
      { table: 'node', id: 'node:r', after: null }, { table: 'node', id: 'node:b', after: before }, { table: 'value', id: 'value:r', after: null },
    ], 2))
    expect(document.revision).toBe(2)
    expect(document.node('node:r')).toBeUndefined()
    expect(document.value('value:r')).toBeUndefined()
    expect(document.consumers('value:h')).toEqual([{ node: 'node:b', slot: 0 }])
    expect(document.nodeCount).toBe(2)

    document.apply(message([{ table: 'value', id: 'value:r', after: value('value:r') }, { table: 'node', id: 'node:r', after: added }], 3))
    expect(document.nodeIndex('node:r')).toBe(index)
    expect(document.valueIds()).toContain('value:r')
  })

  it('calls a renamed value no change of structure', () => {
    const document = documentOf(CHAIN)
    const changes = document.apply(message([{ table: 'value', id: 'value:x', after: { ...document.value('value:x')!, name: 'image' } }]))
    expect(changes.structural).toBe(false)
    expect([...changes.graphs]).toEqual(['graph:'])
    expect(document.value('value:x')!.name).toBe('image')
    expect(document.valueNameAt(document.valueIndex('value:x'))).toBe('image')
  })

  it('moves a value from one producer to another in one delta', () => {
    const document = documentOf(CHAIN)
    const a = document.node('node:a')!
    const b = document.node('node:b')!
    document.apply(message([
      { table: 'node', id: 'node:a', after: { ...a, outputs: ['value:y'] } }, { table: 'node', id: 'node:b', after: { ...b, inputs: ['value:x'], outputs: ['value:h'] } },
    ]))
    expect(document.producer('value:y')).toEqual({ node: 'node:a', slot: 0 })
    expect(document.producer('value:h')).toEqual({ node: 'node:b', slot: 0 })
    expect(document.consumers('value:x').map((use) => use.node).sort()).toEqual(['node:a', 'node:b'])
  })

  it('takes changed inputs of a graph and the model over', () => {
    const document = documentOf(CHAIN)
    const changes = document.apply(message([
      { table: 'graph', id: 'graph:', after: mainGraph(['value:x', 'value:h'], ['value:y']) }, { table: 'model', id: 'model:', after: { ...document.model, producer: 'me' } },
    ]))
    expect(changes).toMatchObject({ structural: true, model: true })
    expect(document.graph('graph:')!.inputs).toEqual(['value:x', 'value:h'])
    expect(document.model.producer).toBe('me')
  })
})

describe('applyTypes', () => {
  it('fills what is unknown, replaces what was inferred, and leaves what is declared', () => {
    const document = documentOf(CHAIN)
    const changed = document.applyTypes({
      'value:y': { dtype: 'float32', shape: [2] }, 'value:h': { dtype: 'float32', shape: [5] }, 'value:x': { dtype: 'int64', shape: [9] }, 'value:gone': { dtype: 'int64', shape: [] },
    })
    expect([...changed].sort()).toEqual(['value:h', 'value:y'])
    expect(document.value('value:h')).toMatchObject({ shape: [5], inferred: true })
    expect(document.value('value:x')).toMatchObject({ dtype: 'float32', shape: ['N', 8] })
  })

  it('takes an inferred type away', () => {
    const document = documentOf(CHAIN)
    expect([...document.applyTypes({ 'value:h': null, 'value:x': null })]).toEqual(['value:h'])
    expect(document.value('value:h')).toMatchObject({ dtype: '', shape: null, inferred: false })
  })
})
