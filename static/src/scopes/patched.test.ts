/** A tree of scopes that follows small edits: it says of the nodes what a tree made afresh would say. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { documentOf, mainGraph, node, value } from '../document/encode.fixture'
import type { ChangeSet } from '../document/changes'
import type { ModelDocument } from '../document/model'
import type { Change, NodeView } from '../protocol/types'
import { faults } from './laws'
import { timesAlike } from './alike'
import { patchedTree } from './patched'
import { scopeTree, type ScopeTree } from './tree'

/** A chain of nodes of these names; `op` by number. */
function chain(names: readonly string[], op: (at: number) => string): ModelDocument {
  const nodes = names.map((name, at) => node(`n${at}`, op(at), [at === 0 ? 'value:x' : `value:y${at - 1}`], [`value:y${at}`], { name }))
  const values = [value('value:x', { kind: 'input' }), ...names.map((_, at) => value(`value:y${at}`, {}))]
  return documentOf({ graphs: [mainGraph(['value:x'], [`value:y${names.length - 1}`])], nodes, values })
}

const NAMES = ['/stem/a', '/stem/b', '/body/c', '/body/d', '/head/e', '/head/f']
const different = (at: number): string => ['Relu', 'Neg', 'Abs', 'Sqrt', 'Exp', 'Log'][at]

/** Puts a node between n2 and n3. */
function insertNode(document: ModelDocument, name: string): ChangeSet {
  const fresh = node('new', 'Tanh', ['value:y2'], ['value:z'], { name })
  const after = document.node('n3')!
  return apply(document, 1, [
    { table: 'value', id: 'value:z', before: null, after: value('value:z', {}) },
    { table: 'node', id: 'new', before: null, after: fresh },
    { table: 'node', id: 'n3', before: after, after: { ...after, inputs: ['value:z'] } },
  ])
}

function apply(document: ModelDocument, revision: number, delta: unknown[]): ChangeSet {
  return document.apply({ revision, delta: delta as Change[] } as never)
}

function told(tree: ScopeTree, document: ModelDocument): unknown {
  return document.nodesOf('graph:').map((index) => [document.nodeIdAt(index), tree.path(tree.scopeOf(index))])
}

test('a node that comes joins the scope of what it takes from, as in a tree made afresh', () => {
  const document = chain(NAMES, different)
  const before = scopeTree(document, 'graph:')
  const changes = insertNode(document, '')
  const patched = patchedTree(before, document, 'graph:', changes)!
  expect(told(patched, document)).toEqual(told(scopeTree(document, 'graph:'), document))
  expect(patched.nodes(patched.find('body')).map((index) => document.nodeIdAt(index))).toEqual(['n2', 'new', 'n3'])
  expect(patched.nodeCount[patched.find('body')]).toBe(3)
})

test('a name says where a node belongs', () => {
  const document = chain(NAMES, different)
  const before = scopeTree(document, 'graph:')
  const patched = patchedTree(before, document, 'graph:', insertNode(document, '/head/g'))!
  expect(patched.path(patched.scopeOf(document.nodeIndex('new')))).toBe('head')
})

test('a node that goes leaves its scope, and comes back to where it stood in it', () => {
  const document = chain(['/stem/a', '/stem/b', '/body/c', '/body/d', '/body/e', '/head/f', '/head/g'], (at) => ['Relu', 'Neg', 'Abs', 'Sqrt', 'Exp', 'Log', 'Sin'][at])
  const before = scopeTree(document, 'graph:')
  const gone = document.node('n3') as NodeView
  const without = patchedTree(before, document, 'graph:', apply(document, 1, [{ table: 'node', id: 'n3', before: gone, after: null }]))!
  expect(without.nodes(without.find('body')).map((index) => document.nodeIdAt(index))).toEqual(['n2', 'n4'])
  expect(without.nodeCount[without.find('body')]).toBe(2)
  const back = patchedTree(without, document, 'graph:', apply(document, 2, [{ table: 'node', id: 'n3', before: null, after: gone }]))!
  expect(told(back, document)).toEqual(told(before, document))
  expect(back.nodeCount).toEqual(before.nodeCount)
})

test('after ten thousand edits a scope is still found', () => {
  const document = chain(['/stem/a', '/stem/b', '/body/c', '/body/d', '/body/e', '/head/f', '/head/g'], (at) => ['Relu', 'Neg', 'Abs', 'Sqrt', 'Exp', 'Log', 'Sin'][at])
  const gone = document.node('n3') as NodeView
  let tree = scopeTree(document, 'graph:')
  for (let k = 0; k < 10_000; k++) {
    const [before, after] = k % 2 === 0 ? [gone, null] : [null, gone]
    tree = patchedTree(tree, document, 'graph:', apply(document, k + 1, [{ table: 'node', id: 'n3', before, after }]))!
  }
  expect(tree.path(tree.find('head'))).toBe('head')
})

/** Six blocks of two nodes; an insertion of a node between n2 and n3 is one within a block. */
function blocks(): ModelDocument {
  const names = Array.from({ length: 12 }, (_, at) => `/layers.${at >> 1}/${at % 2}`)
  return chain(names, (at) => ['Relu', 'Neg'][at % 2])
}

const TAKEN_OUT = (document: ModelDocument): unknown[] => [
  { table: 'node', id: 'n3', before: document.node('n3'), after: { ...document.node('n3')!, inputs: ['value:y2'] } },
  { table: 'node', id: 'new', before: document.node('new'), after: null },
  { table: 'value', id: 'value:z', before: value('value:z', {}), after: null },
]

test.each([['named into it', '/layers.1/new'], ['of no name', '']])('a node within a block of a run, %s, leaves the run as it is', (_, name) => {
  const document = blocks()
  const before = scopeTree(document, 'graph:')
  const run = [...before.times].findIndex((times) => times > 1)
  const patched = patchedTree(before, document, 'graph:', insertNode(document, name))!
  expect(patched.path(patched.scopeOf(document.nodeIndex('new')))).toBe('layers.1')
  expect([patched.name(run), patched.times[run], patched.children(run).length]).toEqual(['layers.0–5', 6, 6])
  expect(timesAlike(before, run)).toBe(6)
  expect(timesAlike(patched, run)).toBe(1)
  expect(faults(document, 'graph:', patched)).toEqual([])
})

test('an edit within a run that is undone leaves the tree that was there, with what is identical', () => {
  const document = blocks()
  const before = scopeTree(document, 'graph:')
  const patched = patchedTree(before, document, 'graph:', insertNode(document, '/layers.1/new'))!
  const back = patchedTree(patched, document, 'graph:', apply(document, 2, TAKEN_OUT(document)))!
  expect(told(back, document)).toEqual(told(before, document))
  expect([back.repeat, back.times, back.nodeCount]).toEqual([before.repeat, before.times, before.nodeCount])
})

test('an attribute of a node in a run makes its block unlike the others until it is undone', () => {
  const document = blocks()
  const before = scopeTree(document, 'graph:')
  const run = [...before.times].findIndex((times) => times > 1)
  const plain = document.node('n4')!
  const changed = { ...plain, attributes: { alpha: { type: 'FLOAT', value: 2 } } } as NodeView
  const patched = patchedTree(before, document, 'graph:', apply(document, 1, [{ table: 'node', id: 'n4', before: plain, after: changed }]))!
  expect([patched.times[run], timesAlike(patched, run)]).toEqual([6, 1])
  const back = patchedTree(patched, document, 'graph:', apply(document, 2, [{ table: 'node', id: 'n4', before: changed, after: plain }]))!
  expect(timesAlike(back, run)).toBe(6)
})

test('a run keeps its name and place when its tree has to be made afresh, and its block comes back into it', () => {
  const document = blocks()
  scopeTree(document, 'graph:')
  const gone = ['n4', 'n5'].map((id) => document.node(id)!)
  const joined = document.node('n6')!
  const turned = (there: boolean): unknown[] => [
    ...gone.map((one) => ({ table: 'node', id: one.id, before: there ? null : one, after: there ? one : null })),
    { table: 'node', id: 'n6', before: joined, after: { ...joined, inputs: [there ? 'value:y5' : 'value:y3'] } },
  ]
  apply(document, 1, turned(false))
  const without = scopeTree(document, 'graph:')
  const run = without.find('layers.0…')
  expect([without.name(run), without.times[run]]).toEqual(['layers.0–5', 5])
  apply(document, 2, turned(true))
  const back = scopeTree(document, 'graph:')
  expect([back.name(run), back.times[run], back.count]).toEqual(['layers.0–5', 6, without.count + 1])
})

/** A node that takes from one block and feeds a later one, beside what is between them: `there`, or taken out again. */
function joined(document: ModelDocument, there: boolean, ...fresh: NodeView[]): ChangeSet {
  const taker = node('n6', 'Relu', ['value:y5'], ['value:y6'], { name: '/layers.3/0' })
  return apply(document, there ? 1 : 2, [
    ...fresh.flatMap((one) => one.outputs.map((id) => ({ table: 'value', id, after: there ? value(id, {}) : null }))),
    ...fresh.map((one) => ({ table: 'node', id: one.id, after: there ? one : null })),
    { table: 'node', id: 'n6', after: there ? { ...taker, op_type: 'Add', inputs: ['value:y5', fresh.at(-1)!.outputs[0]!] } : taker },
  ])
}

test.each([['on the wire', false], ['beside it', true]])('a node between two blocks of a run, %s, is in the run', (_, beside) => {
  const document = blocks()
  const before = scopeTree(document, 'graph:')
  const taker = document.node('n6')!
  const fresh = node('new', 'Tanh', [beside ? 'value:y3' : 'value:y5'], ['value:z'], { name: '/between' })
  const changes = beside ? joined(document, true, fresh) : apply(document, 1, [{ table: 'value', id: 'value:z', after: value('value:z', {}) }, { table: 'node', id: 'new', after: fresh }, { table: 'node', id: 'n6', after: { ...taker, inputs: ['value:z'] } }])
  const patched = patchedTree(before, document, 'graph:', changes)
  expect(patched === null).toBe(beside)
  const tree = patched ?? scopeTree(document, 'graph:')
  const run = tree.find('layers.0…')
  expect([tree.name(run), tree.times[run], tree.scopeOf(document.nodeIndex('new'))]).toEqual(['layers.0–5', 6, run])
  expect(told(scopeTree(document, 'graph:'), document)).toEqual(told(tree, document))
  expect(faults(document, 'graph:', tree)).toEqual([])
})

test('a run that an edit tears comes back when that is undone', () => {
  const document = blocks()
  const before = scopeTree(document, 'graph:')
  const module = ['a', 'b'].map((name, at) => node(name, 'Tanh', [at === 0 ? 'value:y3' : 'value:za'], [`value:z${name}`], { name: `/between/${name}` }))
  expect(patchedTree(before, document, 'graph:', joined(document, true, ...module))).toBeNull()
  const without = scopeTree(document, 'graph:')
  expect([without.torn, without.name(without.find('layers.0…'))]).toEqual([true, 'layers.0–2'])
  expect(patchedTree(without, document, 'graph:', joined(document, false, ...module))).toBeNull()
  expect(told(scopeTree(document, 'graph:'), document)).toEqual(told(before, document))
})

test.each([
  ['into the scope around both ends', '/layers.0/b/relu', '/layers.0/c/exp', 'layers.0'],
  ['into the graph itself', '/one/relu', '/two/exp', ''],
])('a node on a wire between scopes comes %s, whether its name says so or says nothing', (_, maker, taker, scope) => {
  const [from, to] = [maker, taker].map((name) => name.slice(0, name.lastIndexOf('/')))
  for (const name of ['', `/${scope}/new`]) {
    const document = chain([`${from}/a`, `${from}/b`, maker, taker, `${to}/y`, `${to}/z`], different)
    const before = scopeTree(document, 'graph:')
    const patched = patchedTree(before, document, 'graph:', insertNode(document, name))!
    expect(patched.path(patched.scopeOf(document.nodeIndex('new')))).toBe(scope)
    if (name) expect(told(scopeTree(document, 'graph:'), document)).toEqual(told(patched, document))
  }
})

test('a node behind the only one of its module stands beside it, and makes no box of the two', () => {
  const document = chain(['/mlp/gate/MatMul', '/mlp/Sigmoid', '/mlp/up/MatMul', '/mlp/Mul', '/out/a', '/out/b'], different)
  const before = scopeTree(document, 'graph:')
  const patched = patchedTree(before, document, 'graph:', insertNode(document, '/mlp/new'))!
  expect(patched.path(patched.scopeOf(document.nodeIndex('new')))).toBe('mlp')
  const afresh = scopeTree(document, 'graph:')
  expect([told(afresh, document), afresh.count]).toEqual([told(patched, document), before.count])
})

/** A stem whose value every block of a run takes, beside what the block before it made; without the run there are no scopes. */
function dense(): ModelDocument {
  const nodes = [node('s0', 'Abs', ['value:x'], ['value:s0'], { name: '/stem/a' }), node('s1', 'Sqrt', ['value:s0'], ['value:s1'], { name: '/stem/b' })]
  for (let at = 0; at < 4; at++) {
    nodes.push(node(`c${at}`, 'Concat', ['value:s1', at === 0 ? 'value:s1' : `value:r${at - 1}`], [`value:c${at}`], { name: `/layers.${at}/concat` }))
    nodes.push(node(`r${at}`, 'Relu', [`value:c${at}`], [`value:r${at}`], { name: `/layers.${at}/relu` }))
  }
  const made = nodes.flatMap(({ outputs }) => outputs.map((id) => value(id)))
  return documentOf({ graphs: [mainGraph(['value:x'], ['value:r3'])], nodes, values: [value('value:x', { kind: 'input' }), ...made] })
}

/** Puts a node into the wire from the stem to some of the blocks, or takes it out again. */
function between(document: ModelDocument, revision: number, fresh: NodeView, blocks: number[], there: boolean): ChangeSet {
  const takers = blocks.map((at) => document.node(`c${at}`)!)
  const [from, to] = there ? ['value:s1', 'value:z'] : ['value:z', 'value:s1']
  return apply(document, revision, [
    { table: 'value', id: 'value:z', before: null, after: there ? value('value:z') : null },
    { table: 'node', id: fresh.id, before: null, after: there ? fresh : null },
    ...takers.map((one) => ({ table: 'node', id: one.id, before: one, after: { ...one, inputs: one.inputs.map((id, slot) => (id === from && slot === 0 ? to : id)) } })),
  ])
}

test('blocks of a run that take the same from outside through one more node are still identical, also when that goes again', () => {
  const document = dense()
  const before = scopeTree(document, 'graph:')
  const run = [...before.times].findIndex((times) => times > 1)
  const fresh = node('new', 'Tanh', ['value:s1'], ['value:z'], { name: '/stem/t' })
  const patched = patchedTree(before, document, 'graph:', between(document, 1, fresh, [1, 2], true))!
  const afresh = scopeTree(document, 'graph:')
  expect(told(patched, document)).toEqual(told(afresh, document))
  expect([...patched.times]).toEqual([...afresh.times])
  expect(before.children(run).map((block) => patched.repeat[block])).toEqual(before.children(run).map((block) => before.repeat[block]))
  const back = patchedTree(patched, document, 'graph:', between(document, 2, fresh, [1, 2], false))!
  expect(told(back, document)).toEqual(told(before, document))
})

test.each([
  ['within its block', { inputs: ['value:c1'], name: '/layers.1/t' }],
  ['from another place', { inputs: ['value:s1', 'value:r0'], name: '/stem/t' }],
])('a block of a run that takes something new %s asks for a new tree', (_, rest) => {
  const document = dense()
  const before = scopeTree(document, 'graph:')
  const fresh = node('new', 'Tanh', rest.inputs, ['value:z'], { name: rest.name })
  expect(patchedTree(before, document, 'graph:', between(document, 1, fresh, [1], true))).toBeNull()
})

test.each([['nothing', ['n2', 'n3']], ['one node', ['n2']]])('a scope of which %s is left asks for a new tree', (_, ids) => {
  const document = chain(NAMES, different)
  const before = scopeTree(document, 'graph:')
  const gone = ids.map((id) => ({ table: 'node', id, before: document.node(id), after: null }))
  expect(patchedTree(before, document, 'graph:', apply(document, 1, gone))).toBeNull()
})

test('a scope of which two nodes are left among single ones asks for a new tree, without it', () => {
  const document = chain(['/b/conv', '/b/act/a', '/b/act/b', '/b/act/c', '/d/e', '/d/f'], different)
  const before = scopeTree(document, 'graph:')
  expect(before.find('b/act')).toBeGreaterThan(0)
  const changes = apply(document, 1, [{ table: 'node', id: 'n2', before: document.node('n2'), after: null }])
  expect(patchedTree(before, document, 'graph:', changes)).toBeNull()
  expect(scopeTree(document, 'graph:').find('b/act')).toBe(-1)
})

test.each([['all of the graph', NAMES], ['all of one scope', NAMES.slice(2, 4)]])('nodes that come back find their scopes again after %s was removed', (_, names) => {
  const document = chain(NAMES, different)
  const gone = names.map((name) => document.node(`n${NAMES.indexOf(name)}`)!)
  const turned = (after: boolean): unknown[] => gone.map((one) => ({ table: 'node', id: one.id, before: after ? null : one, after: after ? one : null }))
  apply(document, 1, turned(false))
  const without = scopeTree(document, 'graph:')
  const changes = apply(document, 2, turned(true))
  const after = patchedTree(without, document, 'graph:', changes) ?? scopeTree(document, 'graph:')
  expect(told(after, document)).toEqual(told(scopeTree(document, 'graph:'), document))
  expect(after.find('body')).toBeGreaterThan(0)
})

test('nodes that come back stand in the order of the graph, whatever they take from', () => {
  const document = chain(NAMES, different)
  const order = (): string[] => document.nodesOf('graph:').map((index) => document.nodeIdAt(index))
  const gone = ['n4', 'n1', 'n2'].map((id) => document.node(id)!)
  apply(document, 1, gone.map((one) => ({ table: 'node', id: one.id, before: one, after: null })))
  expect(order()).toEqual(['n0', 'n3', 'n5'])
  apply(document, 2, gone.map((one) => ({ table: 'node', id: one.id, before: null, after: { ...one, inputs: [] } })))
  expect(order()).toEqual(['n0', 'n1', 'n2', 'n3', 'n4', 'n5'])
})

test('wherever nodes are put into wires and taken out again, patched scopes follow the laws of scopes', () => {
  const step = fc.record({ what: fc.constantFrom('insert', 'remove', 'undo'), value: fc.nat(), takers: fc.nat({ max: 15 }) })
  fc.assert(fc.property(fc.boolean(), fc.array(step, { minLength: 1, maxLength: 8 }), (inBlocks, steps) => {
    const document = inBlocks ? blocks() : dense()
    let tree = scopeTree(document, 'graph:')
    let undo: Change[] = []
    steps.forEach(({ what, value: at, takers }, revision) => {
      const delta = what === 'insert' ? insertion(document, at, takers, revision) : what === 'remove' ? removal(document, at) : undo
      if (delta.length === 0) return
      undo = delta.map((change) => ({ ...change, after: change.table === 'node' ? document.node(change.id) : document.value(change.id) }) as Change)
      tree = patchedTree(tree, document, 'graph:', apply(document, revision + 1, delta)) ?? scopeTree(document, 'graph:')
      expect(faults(document, 'graph:', tree)).toEqual([])
    })
  }), { numRuns: 100 })
})

/** Puts a node without a name into a wire. */
function insertion(document: ModelDocument, at: number, takers: number, number: number): Change[] {
  const wire = wireOf(document, at, takers)
  if (!wire) return []
  const made = `value:z${number}`
  return [
    { table: 'value', id: made, after: value(made) },
    { table: 'node', id: `new${number}`, after: node(`new${number}`, 'Tanh', [wire.value], [made], { name: '' }) },
    ...wire.takers.map((taker) => document.nodeAt(taker)).map((one): Change => ({ table: 'node', id: one.id, after: { ...one, inputs: one.inputs.map((id) => (id === wire.value ? made : id)) } })),
  ] as Change[]
}

/** Takes a node out; what takes from it takes what that took. */
function removal(document: ModelDocument, at: number): Change[] {
  const nodes = document.nodesOf('graph:').map((index) => document.nodeAt(index))
  const gone = nodes[at % nodes.length]!
  if (nodes.length < 6 || document.graph('graph:')!.outputs.includes(gone.outputs[0]!)) return []
  const readers = nodes.filter((one) => one.id !== gone.id && one.inputs.includes(gone.outputs[0]!))
  return [
    ...readers.map((one) => ({ table: 'node', id: one.id, after: { ...one, inputs: one.inputs.map((id) => (id === gone.outputs[0] ? gone.inputs[0]! : id)) } })),
    { table: 'node', id: gone.id, after: null },
    { table: 'value', id: gone.outputs[0]!, after: null },
  ] as Change[]
}

/** A value and some of the nodes that take it, in the order of the graph; null: nobody does. */
function wireOf(document: ModelDocument, at: number, some: number): { value: string; takers: number[] } | null {
  const makers = document.nodesOf('graph:')
  const made = document.outputAt(makers[at % makers.length]!, 0)
  const all = [...new Set(document.usesAt(made).map((use) => use.node))]
  const takers = makers.filter((node) => all.includes(node) && ((some >> (all.indexOf(node) % 4)) & 1) === 1)
  return takers.length > 0 ? { value: document.valueIdAt(made), takers } : null
}
