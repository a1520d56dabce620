/** Scenes: which boxes and wires a graph has, what stands on them, and how wide they are. */
import { describe, expect, it } from 'vitest'
import { documentOf, mainGraph, node, value, type Records } from '../document/encode.fixture'
import type { ModelDocument } from '../document/model'
import type { Change, NodeView, ValueView } from '../protocol/types'
import { buildScene, sceneParts, touchScene } from './build'
import { fit, type Measure } from './measure'
import { PlacedScene } from './placed'
import { tensorOfRow } from './ports'
import { CAPTURED, INPUT, LOOSE, NODE, OUTPUT, type Scene } from './scene'
import { drawable, shortDtype, typeText, typeable, visible } from './text'

const MEASURE: Measure = { width: (text) => text.length * 6 }

function sceneOf(document: ModelDocument, graph = 'graph:'): Scene {
  return buildScene(document, graph, sceneParts(document, MEASURE))
}

function named(scene: Scene): string[] {
  return Array.from({ length: scene.count }, (_, item) => `${scene.kind[item]}:${scene.cards[item].title}`)
}

function wires(scene: Scene): string[] {
  return Array.from(scene.source, (source, edge) => `${scene.cards[source].title}>${scene.cards[scene.target[edge]].title}@${scene.slot[edge]}`)
}

const CONV: Records = {
  graphs: [mainGraph(['value:x', 'value:w'], ['value:y'])],
  nodes: [
    node('node:conv', 'Conv', ['value:x', 'value:w', 'value:b'], ['value:h'], {
      family: 'matmul', input_names: ['X', 'W', 'B'],
      attributes: { kernel_shape: { type: 'INTS', value: [3, 3] }, pads: { type: 'INTS', value: [1, 1, 1, 1] }, strides: { type: 'INTS', value: [1, 1] }, group: { type: 'INT', value: 1 } },
    }),
    node('node:add', 'Add', ['value:h', 'value:h'], ['value:y']),
    node('node:odd', 'Sub', ['value:h', 'value:ghost'], ['value:z']),
  ],
  values: [
    value('value:x', { kind: 'input' }), value('value:w', { kind: 'input', shape: [8, 3, 3, 3], bytes: 864 }), value('value:b', { kind: 'initializer', dtype: 'float16', shape: [8], bytes: 16 }),
    value('value:h', { inferred: true, shape: ['N', 8, null] }), value('value:y', { kind: 'output', is_output: true }), value('value:z'), value('value:ghost', { shape: null, dtype: '' }),
  ],
}

describe('buildScene', () => {
  it('makes boxes of nodes and pills of inputs and outputs, but rows of initializers, defaults of inputs too', () => {
    const scene = sceneOf(documentOf(CONV))
    expect(named(scene)).toEqual([`${INPUT}:x`, `${NODE}:Conv`, `${NODE}:Add`, `${NODE}:Sub`, `${OUTPUT}:y`, `${LOOSE}:ghost`])
    expect(scene.cards[1].rows.map((row) => [row.name, row.value])).toEqual([['W', '8×3×3×3'], ['B', '8  f16'], ['pads', '1, 1, 1, 1']])
    expect(scene.cards[2].rows).toEqual([])
  })

  const constant = (id: string, attributes: NodeView['attributes']): NodeView => node(`node:${id}`, 'Constant', [], [`value:${id}`], { attributes })
  const WITH_CONSTANTS: Records = {
    graphs: [mainGraph(['value:x'], ['value:y', 'value:out'])],
    nodes: [
      constant('axes', { value: { type: 'TENSOR', value: 'int64[2]: 0, -1' } }), constant('scale', { value_float: { type: 'FLOAT', value: 0.5 } }), constant('large', { value: { type: 'TENSOR', value: 'float32[64, 3]' } }),
      constant('shared', { value: { type: 'TENSOR', value: 'int64[]: 1' } }), constant('out', { value: { type: 'TENSOR', value: 'int64[]: 2' } }),
      node('node:first', 'Custom', ['value:x', 'value:axes', 'value:scale', 'value:large', 'value:shared', 'value:out'], ['value:h'], { input_names: ['X', 'axes', 'scale', 'W', 's', 'o'] }),
      node('node:second', 'Add', ['value:h', 'value:shared'], ['value:y']),
    ],
    values: ['x', 'axes', 'scale', 'large', 'shared', 'out', 'h', 'y'].map((id) => value(`value:${id}`, { shape: null, dtype: '', ...(id === 'x' ? { kind: 'input' } : {}), is_output: id === 'y' || id === 'out' })),
  }

  it('makes rows of constants that one node alone takes, and boxes of others', () => {
    const scene = sceneOf(documentOf(WITH_CONSTANTS))
    expect(named(scene)).toEqual([`${INPUT}:x`, `${NODE}:1`, `${NODE}:2`, `${NODE}:Custom`, `${NODE}:Add`, `${OUTPUT}:y`, `${OUTPUT}:out`])
    expect(scene.cards[3].rows.map((row) => [row.name, row.value])).toEqual([['axes', '= [0, -1]  i64'], ['scale', '= 0.5'], ['W', '64×3']])
  })

  it('shows a constant that is a row at the node that has the row', () => {
    const document = documentOf(WITH_CONSTANTS)
    const scene = sceneOf(document)
    expect(scene.itemShowing(document.nodeIndex('node:axes'))).toBe(3)
    expect(tensorOfRow(scene, 3, 0)).toEqual({ value: document.valueIndex('value:axes'), slot: 1 })
  })

  it('says in the row what an edit puts into the constant', () => {
    const document = documentOf(WITH_CONSTANTS)
    const parts = sceneParts(document, MEASURE)
    const scene = buildScene(document, 'graph:', parts)
    const axes = document.node('node:axes')!
    document.apply({ revision: 1, delta: [{ table: 'node', id: 'node:axes', after: { ...axes, attributes: { value: { type: 'TENSOR', value: 'int64[1]: 7' } } } }] } as never)
    parts.cards.drop(document.nodeIndex('node:first'))
    expect(touchScene(scene, [document.nodeIndex('node:axes')], [], parts).cards[3].rows[0].value).toBe('= [7]  i64')
  })

  it('keeps the box of a constant that a body gives out as it is', () => {
    const scene = sceneOf(documentOf({
      graphs: [mainGraph(['value:x'], ['value:y']), { ...mainGraph([], ['value:c']), id: 'graph:if.then', name: 'then', parent: 'graph:' }],
      nodes: [constant('c', { value_int: { type: 'INT', value: 1 } }), node('node:if', 'If', ['value:x'], ['value:h'], { bodies: ['graph:if.then'] }), node('node:add', 'Add', ['value:h', 'value:c'], ['value:y'])],
      values: [value('value:x', { kind: 'input' }), value('value:c'), value('value:h'), value('value:y', { is_output: true })],
    }))
    expect(named(scene)).toContain(`${NODE}:1`)
  })

  it('says in a row what is in a scalar or short list', () => {
    const weight = (id: string, elements: string, shape: number[], dtype: string): ValueView => value(id, { kind: 'initializer', bytes: 4, elements, shape, dtype })
    const scene = sceneOf(documentOf({
      graphs: [mainGraph([], ['value:y'])],
      nodes: [node('node:q', 'Custom', ['value:scale', 'value:zero', 'value:to', 'value:word'], ['value:y'], { input_names: ['scale', 'zero', 'to', 'word'] })],
      values: [
        weight('value:scale', '0.018501389771699905', [], 'float32'), weight('value:zero', '114', [], 'uint8'), weight('value:to', '0, -1', [2], 'int64'),
        weight('value:word', 'NaN', [1], 'float32'), value('value:y', { is_output: true }),
      ],
    }))
    expect(scene.cards[0].rows.map((row) => row.value)).toEqual(['= 0.018501', '= 114  u8', '= [0, -1]  i64', '= [NaN]'])
  })

  it('has one wire per value and consumer slot, those of a value beside each other, and a label on the first', () => {
    const scene = sceneOf(documentOf(CONV))
    expect(wires(scene)).toEqual(['x>Conv@0', 'Conv>Add@0', 'Conv>Add@1', 'Conv>Sub@0', 'Add>y@-1', 'ghost>Sub@1'])
    expect(scene.labels.map((label) => label?.text ?? null)).toEqual(['N×8  f32', 'N×8×?  f32', null, null, 'N×8  f32', null])
    expect(scene.labels[1]!.inferred).toBe(true)
    expect(scene.edgesOf(scene.value[2])).toEqual([1, 4])
  })

  it('orders the places where wires enter by input slot, whatever the order of their producers', () => {
    const records: Records = {
      graphs: [mainGraph(['value:b', 'value:a'], [])],
      nodes: [node('node:s', 'Sub', ['value:a', 'value:b'], [])],
      values: [value('value:a', { kind: 'input' }), value('value:b', { kind: 'input' })],
    }
    const scene = sceneOf(documentOf(records))
    const [first, second] = scene.incoming(scene.itemOfNode(0))
    expect([scene.slot[first], scene.slot[second]]).toEqual([0, 1])
    expect(scene.targetAt[first]).toBeLessThan(scene.targetAt[second])
  })

  it('leaves two values of one node at two places, and all wires of one value at one', () => {
    const records: Records = {
      graphs: [mainGraph(['value:x'], [])],
      nodes: [node('node:s', 'Split', ['value:x'], ['value:a', 'value:b']), node('node:m', 'Mul', ['value:a', 'value:b'], []), node('node:n', 'Neg', ['value:a'], [])],
      values: [value('value:x', { kind: 'input' }), value('value:a'), value('value:b')],
    }
    const scene = sceneOf(documentOf(records))
    const xs = Array.from(scene.outgoing(scene.itemOfNode(0)), (edge) => scene.sourceAt[edge])
    expect(xs[0]).toBe(xs[1])
    expect(xs[2]).toBeGreaterThan(xs[1])
  })

  it('shows what a body takes from outside as a pill there and as a wire to its node here', () => {
    const records: Records = {
      graphs: [mainGraph(['value:c', 'value:x'], ['value:o']), { id: 'graph:then', name: 'then', parent: 'graph:', inputs: [], outputs: ['value:t'] }],
      nodes: [
        node('node:if', 'If', ['value:c'], ['value:o'], { bodies: ['graph:then'], attributes: { then_branch: { type: 'GRAPH', value: 'graph then' } } }),
        node('node:t', 'Neg', ['value:x'], ['value:t'], { graph: 'graph:then' }),
      ],
      values: [
        value('value:c', { kind: 'input', dtype: 'bool', shape: [] }), value('value:x', { kind: 'input' }), value('value:o', { kind: 'output', is_output: true }),
        value('value:t', { graph: 'graph:then', kind: 'output', is_output: true }),
      ],
    }
    const document = documentOf(records)
    expect(wires(sceneOf(document))).toEqual(['c>If@0', 'x>If@-1', 'If>o@-1'])
    expect(sceneOf(document).cards[2].rows).toMatchObject([{ name: 'then_branch', opens: true }])
    const body = sceneOf(document, 'graph:then')
    expect(named(body)).toEqual([`${NODE}:Neg`, `${OUTPUT}:t`, `${CAPTURED}:x`])
    expect(document.owner('graph:then')).toBe('node:if')
  })

  it('after a change that is not structural is what it would be if it were built afresh', () => {
    const document = documentOf(CONV)
    const parts = sceneParts(document, MEASURE)
    const before = buildScene(document, 'graph:', parts)
    const renamed = { ...document.value('value:x')!, name: 'a_much_longer_name_than_it_had_before' }
    const typed = { ...document.value('value:b')!, shape: [1234567890, 1234567890] }
    const conv = { ...document.node('node:conv')!, attributes: { kernel_shape: { type: 'INTS' as const, value: [5, 5] }, dilations: { type: 'INTS' as const, value: [2, 2] } } }
    const delta: Change[] = [{ table: 'value', id: 'value:x', after: renamed }, { table: 'value', id: 'value:b', after: typed }, { table: 'node', id: 'node:conv', after: conv }]
    const changes = document.apply({ session: '', revision: 1, how: 'edit', target: null, kind: '', title: '', author: '', author_name: '', client: null, at: '', created: [], unsaved: true, delta })
    expect(changes.structural).toBe(false)
    const conv_at = document.nodeIndex('node:conv')
    parts.cards.drop(conv_at)
    const touched = touchScene(before, [conv_at], ['value:x', 'value:b'].map((id) => document.valueIndex(id)), parts)
    const fresh = sceneOf(document)
    for (const column of ['key', 'width', 'height', 'source', 'target', 'value', 'slot', 'sourceAt', 'targetAt', 'room', 'cards', 'labels'] as const) expect(touched[column], column).toEqual(fresh[column])
    expect(touched.fits(before)).toBe(false)
    expect(touchScene(touched, [], [], parts).fits(touched)).toBe(true)
  })

  it('shows six rows at most and counts the rest', () => {
    const attributes = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`attribute_${i}`, { type: 'INT', value: i }]))
    const scene = sceneOf(documentOf({ graphs: [mainGraph([], [])], nodes: [node('node:n', 'Odd', [], [], { attributes })], values: [] }))
    expect(scene.cards[0].rows.length).toBe(5)
    expect(scene.cards[0].more).toBe('+ 4 more')
  })

  it('gives the layout copies, so that handing them over leaves the scene whole', () => {
    const scene = sceneOf(documentOf(CONV))
    const input = scene.layoutInput()
    expect(input.count).toBe(scene.count)
    expect(input.width.buffer).not.toBe(scene.width.buffer)
    expect(new Set(input.key).size).toBe(scene.count)
  })
})

describe('text', () => {
  it('makes names harmless: no control, direction or invisible characters, and no megabytes', () => {
    expect(drawable('a\u202Eb\u0000c\nd\u200Be')).toBe('a·b·c·d·e')
    expect(drawable('<img src=x>')).toBe('<img src=x>')
    expect(drawable('模型 مرحبا 𝄞')).toBe('模型 مرحبا 𝄞')
    expect(drawable('\ud834').length).toBe(1)
    expect(drawable('x'.repeat(1_000_000)).length).toBeLessThan(500)
  })

  it('shows what hides in a text, but leaves lines and what scripts and emoji need', () => {
    expect(visible('a\u202eb\u0007\n\tc\u200b d\u200de')).toBe('a·b·\n\tc· d·e')
    expect(visible('👩\u200d👧 می\u200cخواهم')).toBe('👩\u200d👧 می\u200cخواهم')
    expect(typeable('zero\u200bwidth\u202e')).toBe('zerowidth')
  })

  it('shortens types', () => {
    expect(typeText('float32', ['N', 64, null])).toBe('N×64×?  f32')
    expect(typeText('int64', [])).toBe('i64')
    expect(typeText('', null)).toBe('')
    expect(shortDtype('seq(tensor(float16))')).toBe('seq(f16)')
    expect(typeText('float32', Array.from({ length: 1000 }, () => 1))).toContain('(1000d)')
  })

  it('cuts text to a width, between whole characters', () => {
    expect(fit('abcdefgh', 'row', 30, MEASURE)).toBe('abcd…')
    expect(fit('abc', 'row', 30, MEASURE)).toBe('abc')
    expect(fit('𝄞𝄞𝄞𝄞𝄞𝄞', 'row', 32, MEASURE)).toBe('𝄞𝄞…')
  })
})

describe('a box of another width', () => {
  it('keeps its middle in the memory that the next layout starts from', () => {
    const document = documentOf({ graphs: [mainGraph(['value:x'], [])], nodes: [node('node:r', 'Relu', ['value:x'], [])], values: [value('value:x', { kind: 'input', name: 'a long name of an input' })] })
    const before = sceneOf(document)
    const layout = { x: Float32Array.of(100, 100), y: Float32Array.of(0, 80), pointStart: Uint32Array.of(0, 0), points: new Float32Array(), labelX: Float32Array.of(NaN), labelY: Float32Array.of(NaN), bounds: { left: 0, top: 0, right: 300, bottom: 100 }, rank: Int32Array.of(0, 1), milliseconds: 0 }
    document.apply({ session: '', revision: 1, how: 'edit', target: null, kind: 'rename-value', title: '', author: '', author_name: '', client: null, at: '', created: [], unsaved: true, delta: [{ table: 'value', id: 'value:x', after: value('value:x', { kind: 'input', name: 'x' }) }] })
    const after = sceneOf(document)
    const narrower = before.width[0]! - after.width[0]!
    expect(narrower).toBeGreaterThan(0)
    const { x } = new PlacedScene(before, layout).memory(after)!
    expect(Array.from(x)).toEqual([100 + narrower / 2, 100])
  })
})
