/** Find: what is typed, what fits it, in which order, and what is said when it cannot be searched for. */
import { describe, expect, it } from 'vitest'
import { documentOf, mainGraph, node, value } from '../document/encode.fixture'
import type { ModelDocument } from '../document/model'
import type { NodeView, ValueView } from '../protocol/types'
import { ExpressionTooSlow } from './expressions'
import { find, type FindResult, idOfHit } from './search'
import { findRows, openAtFirst } from './search-hits'
import { SearchMemory } from './search-memory'
import type { Tried } from './search-match'
import { parseQuery } from './search-query'
import { bodyPath } from './graphs'

const tryHere = (sources: readonly string[], texts: readonly string[]): Promise<Tried> => Promise.resolve(new Map(sources.map((source) => [source, new Set(texts.filter((text) => new RegExp(source, 'i').test(text)))])))

const ints = (...items: number[]): Record<string, unknown> => ({ type: 'INTS', value: items })
const attributes = (set: Record<string, unknown>): Partial<NodeView> => ({ attributes: set as NodeView['attributes'] })

function model(): ModelDocument {
  const values: ValueView[] = [
    value('value:x', { kind: 'input', shape: [1, 3, 'H', 'W'] }),
    value('value:w', { name: 'a.conv.weight', kind: 'initializer', shape: [64, 3, 1, 1], bytes: 768 }), value('value:v', { name: 'b.conv.weight', kind: 'initializer', shape: [64, 64, 3, 3], bytes: 9, dtype: 'float16' }),
    value('value:c1', { name: '/a/conv/Conv_output_0', shape: [1, 64, 'H', 'W'] }), value('value:r1', { name: '/a/Relu_output_0', shape: [1, 64, 'H', 'W'] }),
    value('value:c2', { name: '/b/conv/Conv_output_0', shape: [1, 64, 'H', 'W'], dtype: 'float16' }), value('value:t', { name: 'out', shape: null, dtype: '', is_output: true, kind: 'output' }),
    value('value:unread', { name: 'hid\u202eden', dtype: 'int32', shape: [] }), value('value:y', { graph: 'graph:f', name: 'inner' }), value('value:z:0', { name: 'dense:0', graph: 'graph:f' }),
  ]
  const nodes = [
    node('n1', 'Conv', ['value:x', 'value:w'], ['value:c1'], { name: '/a/conv/Conv', ...attributes({ kernel_shape: ints(1, 1), auto_pad: { type: 'STRING', value: 'SAME_UPPER' } }) }),
    node('n2', 'Relu', ['value:c1'], ['value:r1'], { name: '/a/Relu' }),
    node('n3', 'Conv', ['value:r1', 'value:v'], ['value:c2'], { name: '/b/conv/Conv', ...attributes({ kernel_shape: ints(3, 3), alpha: { type: 'FLOAT', value: 0.20000000298023224 } }) }),
    node('n4', 'ConvTranspose', ['value:c2'], ['value:t'], { name: '/b/up one', domain: 'my.ops' }),
    node('n6', 'Cast', [], [], { name: 'x9', ...attributes({ to: { type: 'INT', value: 9 } }) }), node('n7', 'Cast', [], [], { name: 'x10', ...attributes({ to: { type: 'INT', value: 10 } }) }),
    node('n5', 'Gelu', ['value:y'], ['value:z:0'], { graph: 'graph:f', name: 'inside' }),
  ]
  return documentOf({ graphs: [mainGraph(['value:x'], ['value:t']), { id: 'graph:f', name: 'f', parent: null, inputs: [], outputs: ['value:z:0'] }], nodes, values })
}

async function results(text: string, tryExpressions = tryHere, document = model()): Promise<FindResult> {
  let last: FindResult | null = null
  await find(document, text, 'graph:', new AbortController().signal, tryExpressions, (result) => { last = result }, new SearchMemory())
  return last!
}
async function ids(text: string): Promise<string[]> {
  const document = model()
  const { best, graphs } = await results(text)
  return [...best.map(({ hit }) => hit), ...graphs.flatMap((found) => [...found.all()])].map((hit) => idOfHit(document, hit))
}

describe('what is typed', () => {
  it('is words, keys, quotes, negation and expressions', () => {
    const { terms, error } = parseQuery(' Conv op:Relu -op:Cast kernel_shape:1,1 "two words" name:"a b" /conv\\d+$/ -/x y/i')
    expect(error).toBeNull()
    expect(terms.map(({ key, attribute, negated, pattern }) => [key, attribute, negated, pattern.what === 'text' ? pattern.text : `/${pattern.source}/`])).toEqual([
      ['any', '', false, 'conv'], ['op', '', false, 'relu'], ['op', '', true, 'cast'], ['attribute', 'kernel_shape', false, '1,1'],
      ['any', '', false, 'two words'], ['name', '', false, 'a b'], ['any', '', false, '/conv\\d+$/'], ['any', '', true, '/x y/'],
    ])
  })
  it('may be a name with slashes or double colons', () => {
    expect(parseQuery('/a/conv/Conv onnx::Conv_1').terms.map(({ key, pattern }) => [key, pattern])).toEqual([['any', { what: 'text', text: '/a/conv/conv', whole: false }], ['any', { what: 'text', text: 'onnx::conv_1', whole: false }]])
  })
})

describe('find', () => {
  it('finds by part of a name, of nodes and values', async () => expect(await ids('a/relu')).toEqual(['n2', 'value:r1']))
  it('finds the very operator where there is one, else those that begin so', async () => {
    expect(await ids('op:conv')).toEqual(['n1', 'n3'])
    expect(await ids('op:con')).toEqual(['n1', 'n3', 'n4'])
  })
  it('finds by attributes: lists as a whole, * for any item, numbers by value, texts by a part', async () => {
    expect(await ids('op:Conv kernel_shape:1,1')).toEqual(['n1'])
    expect(await ids('kernel_shape:[3, *]')).toEqual(['n3'])
    expect(await ids('kernel_shape:')).toEqual(['n1', 'n3'])
    expect(await ids('alpha:0.2')).toEqual(['n3'])
    expect(await ids('auto_pad:same')).toEqual(['n1'])
    expect(await ids('attr:alpha')).toEqual(['n3'])
  })
  it('finds an attribute that stands for a dtype by the name that the card shows, by others, and by its number', async () => {
    for (const text of ['to:bool', 'to:9', 'to:/^bool$/', 'attr:bool']) expect(await ids(text), text).toEqual(['n6'])
    for (const text of ['to:f16', 'to:fp16', 'to:float16', 'to:10']) expect(await ids(text), text).toEqual(['n7'])
    expect(await ids('to:float')).toEqual([])
  })
  it('finds nodes by the whole name of an attribute, without a key', async () => {
    expect(await ids('Kernel_Shape')).toEqual(['n1', 'n3'])
    expect(await ids('kernel_sh')).toEqual([])
    expect(await ids('name:kernel_shape')).toEqual([])
  })
  it('finds values by dtype and shape, and nodes by those of their values', async () => {
    expect(await ids('dtype:fp16')).toEqual(['value:v', 'value:c2'])
    expect(await ids('shape:1,64,*,*')).toEqual(['value:c1', 'value:r1', 'value:c2'])
    expect(await ids('shape:1x64…')).toEqual([])
    expect(await ids('shape:1,64,…')).toEqual(['value:c1', 'value:r1', 'value:c2'])
    expect(await ids('64×h')).toEqual(['value:c1', 'value:r1', 'value:c2'])
    expect(await ids('op:Relu dtype:float16')).toEqual([])
    expect(await ids('op:Conv dtype:float16')).toEqual(['n3'])
  })
  it('finds initializers, and nodes by what they take and make', async () => {
    expect(await ids('init:weight')).toEqual(['value:w', 'value:v'])
    expect(await ids('op:Conv init:b.conv')).toEqual(['n3'])
    expect(await ids('in:a/relu')).toEqual(['n3'])
    expect(await ids('out:a/relu')).toEqual(['n2'])
    expect(await ids('takes:a/relu')).toEqual(['n3'])
    expect(await ids('makes:a/relu')).toEqual(['n2'])
  })
  it('leaves out what is negated, and takes text in quotes as it stands', async () => {
    expect(await ids('-op:Conv /a')).toEqual(['n2'])
    expect(await ids('"up one"')).toEqual(['n4'])
    expect(await ids('domain:my.ops')).toEqual(['n4'])
  })
  it('finds by regular expressions', async () => {
    expect(await ids('/^.b.conv.+0$/')).toEqual(['value:c2'])
    expect(await ids('op:/^Conv./')).toEqual(['n4'])
    expect(await ids('kernel_shape:/^3/')).toEqual(['n3'])
  })
  it('puts the very name first, and the graph in sight before others', async () => {
    expect(await ids('relu_output_0')).toEqual(['value:r1'])
    expect((await results('conv')).best).toHaveLength(2)
    expect((await ids('in'))).toEqual(['n5', 'value:y'])
  })
  it('finds what no node reads, and names with characters that nobody types', async () => {
    expect(await ids('hidden')).toEqual(['value:unread'])
    expect(await ids('hid\u200bden')).toEqual(['value:unread'])
  })
  it('takes a name with a colon as a name', async () => expect(await ids('dense:0')).toEqual(['value:z:0']))
  it('says what cannot be searched for, in one line', async () => {
    expect((await results('/a(/')).error).toMatch(/no complete regular expression/)
    expect((await results('colour:red')).error).toMatch(/^Nothing can be found by colour:/)
    expect((await results('/(a+)+$/', () => Promise.reject(new ExpressionTooSlow()))).error).toMatch(/takes too long/)
  })
  it('stops when told to', async () => {
    const stop = new AbortController()
    stop.abort()
    let heard = 0
    await find(model(), 'conv', 'graph:', stop.signal, tryHere, () => { heard += 1 }, new SearchMemory())
    expect(heard).toBe(0)
  })
})

it('shows hits by scope with counts, and joins scopes that hold nothing else', async () => {
  const { graphs, best } = await results('kernel_shape:')
  const rows = (open: boolean): string[] => findRows(graphs, best, 'graph:', () => 'f', () => open).map((row) => `${'  '.repeat(row.depth)}${row.what === 'group' ? `${row.label} ${row.count}` : 'hit'}`)
  expect(rows(false)).toEqual(['a 1', 'b 1'])
  expect(rows(true)).toEqual(['a 1', '  hit', 'b 1', '  hit'])
})

it('names the group of hits whose name was searched for, where there are others', async () => {
  const { graphs, best } = await results('conv')
  const rows = findRows(graphs, best, 'graph:', () => 'f', () => true).slice(0, 3)
  expect(rows.map((row) => `${'  '.repeat(row.depth)}${row.what === 'group' ? `${row.label} ${row.count}` : 'hit'}`)).toEqual(['Best matches 2', '  hit', '  hit'])
})

const ROOM = 24

/** the rows at first of a search for MatMul in nodes of these names: `scope count` or `hit` */
async function atFirst(names: readonly string[]): Promise<string[]> {
  const document = documentOf({ graphs: [mainGraph([], [])], values: [], nodes: names.map((name, at) => node(`n${at}`, name.includes('MatMul') ? 'MatMul' : 'Relu', [], [], { name })) })
  const { graphs } = await results('op:MatMul', tryHere, document)
  const open = openAtFirst(graphs, 'graph:', ROOM)
  return findRows(graphs, [], 'graph:', () => '', (key) => open.has(key)).map((row) => (row.what === 'group' ? `${row.label} ${row.count}` : 'hit'))
}
const times = (count: number, name: (at: number) => string): string[] => Array.from({ length: count }, (_, at) => name(at))

it('shows hits at once, however deep they lie and many they are', async () => {
  const rows = await atFirst(times(400, (at) => `/model/layers.${at >> 2}/attn/q/${at % 4 === 0 ? 'MatMul' : `Relu_${at % 4}`}`))
  expect(rows.slice(0, ROOM).filter((row) => row === 'hit').length).toBeGreaterThanOrEqual(8)
  expect(rows.filter((row) => row === 'hit').length).toBeLessThan(ROOM)
})

it('opens a scope with more hits than the panel has rows only when nothing else can be read', async () => {
  const few = times(8, (at) => `/few/MatMul_${at}`)
  const many = (scope: string): string[] => times(300, (at) => `/${scope}/MatMul_${at}`)
  expect(await atFirst([...many('many'), ...few])).toEqual(['many 300', 'few 8', ...times(8, () => 'hit')])
  expect((await atFirst([...many('many'), ...many('more')])).slice(0, 3)).toEqual(['many 300', 'hit', 'hit'])
})

it('says of a body in a body in what it lies, as far as the graph in sight', () => {
  const graph = (id: string, parent: string): { id: string; name: string; parent: string; inputs: string[]; outputs: string[] } => ({ id, name: '', parent, inputs: [], outputs: [] })
  const document = documentOf({
    graphs: [mainGraph([], []), graph('graph:loop.body', 'graph:'), graph('graph:loop.body.if.then_branch', 'graph:loop.body')], values: [],
    nodes: [node('l', 'Loop', [], [], { name: '/Loop', bodies: ['graph:loop.body'] }), node('i', 'If', [], [], { name: '/If', graph: 'graph:loop.body', bodies: ['graph:loop.body.if.then_branch'] })],
  })
  expect(bodyPath(document, 'graph:loop.body.if.then_branch', 'graph:')).toBe('/Loop · body › /If · then_branch')
  expect(bodyPath(document, 'graph:loop.body.if.then_branch', 'graph:loop.body')).toBe('/If · then_branch')
})
