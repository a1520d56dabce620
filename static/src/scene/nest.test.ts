/** Scenes of folded graphs: what is seen of closed scopes, and what is in open ones. */
import { describe, expect, it } from 'vitest'
import { documentOf, mainGraph, node, value, type Records } from '../document/encode.fixture'
import { brokenNesting } from '../layout/nested-laws'
import { layoutNested } from '../layout/nested'
import { scopeTree } from '../scopes/tree'
import { buildScene, sceneParts, touchScene } from './build'
import type { Direction } from './flow'
import type { Measure } from './measure'
import { PathNumbers, type Fold } from './nest'
import { reach } from './reach'
import { LOOSE, SCOPE, type Scene } from './scene'

const MEASURE: Measure = { width: (text) => text.length * 6 }

/** x → a/in → a/b/one → a/b/mid → a/b/two → a/out → after → y; a/in feeds a/b/two as well. */
const RECORDS: Records = {
  graphs: [mainGraph(['value:x'], ['value:y'])],
  nodes: [
    node('node:in', 'Relu', ['value:x'], ['value:1'], { name: '/a/in/Relu' }), node('node:one', 'Conv', ['value:1', 'value:w'], ['value:2'], { name: '/a/b/one', family: 'matmul' }),
    node('node:mid', 'Sin', ['value:2'], ['value:5'], { name: '/a/b/mid' }), node('node:two', 'Add', ['value:5', 'value:1'], ['value:3'], { name: '/a/b/two' }), node('node:out', 'Neg', ['value:3'], ['value:4'], { name: '/a/out' }),
    node('node:after', 'Abs', ['value:4'], ['value:y'], { name: '/after' }),
  ],
  values: [
    value('value:x', { kind: 'input' }), value('value:w', { kind: 'initializer', shape: [4, 5], bytes: 80 }), ...['1', '2', '3', '4', '5'].map((one) => value(`value:${one}`)),
    value('value:y', { kind: 'output', is_output: true }),
  ],
}

function folded(open: string[], records = RECORDS): { scene: Scene; fold: Fold } {
  const document = documentOf(records)
  const fold = { tree: scopeTree(document, 'graph:'), open: new Set(open), numbers: new PathNumbers() }
  return { scene: buildScene(document, 'graph:', sceneParts(document, MEASURE), fold), fold }
}

function titles(scene: Scene): string[] {
  return scene.cards.map((card) => card.title)
}

function wires(scene: Scene): string[] {
  return Array.from(scene.source, (source, edge) => `${scene.cards[source].title}>${scene.cards[scene.target[edge]].title}`)
}

function pathOf(fold: Fold, name: string): string {
  return fold.tree.path(Array.from({ length: fold.tree.count }, (_, scope) => scope).find((scope) => fold.tree.name(scope) === name)!)
}

describe('a folded scene', () => {
  it('shows a closed scope as one card, with one wire per value that comes in and goes out', () => {
    const { scene } = folded([])
    expect(titles(scene)).toEqual(['x', 'a', 'Abs', 'y'])
    expect(wires(scene)).toEqual(['x>a', 'a>Abs', 'Abs>y'])
  })

  it('has a value that nothing makes in the innermost open scope of its readers', () => {
    const broken = { ...RECORDS, nodes: RECORDS.nodes.filter(({ id }) => id !== 'node:in') }
    const { fold } = folded([], broken)
    const [a, b] = [pathOf(fold, 'a'), pathOf(fold, 'b')]
    const around = (open: string[]): string => {
      const { scene } = folded(open, broken)
      const container = scene.nesting!.of[Array.from(scene.kind).indexOf(LOOSE)]
      return container < 0 ? '' : scene.nesting!.nest.path(container)
    }
    expect([[], [a], [a, b]].map(around)).toEqual(['', a, b])
  })

  it('shows what is in an open scope, and inner scopes as cards in it', () => {
    const { fold } = folded([])
    const { scene } = folded([pathOf(fold, 'a')])
    expect(titles(scene)).toEqual(['x', 'Relu', 'b', 'Neg', 'Abs', 'y'])
    expect(wires(scene)).toEqual(['x>Relu', 'Relu>b', 'b>Neg', 'Neg>Abs', 'Abs>y'])
    expect(Array.from(scene.nesting!.of)).toEqual([-1, 0, 0, 0, -1, -1])
  })

  it('says on the card how many nodes, parameters and operators a scope holds', () => {
    const { scene } = folded([])
    expect(scene.cards[1].scope!.lines).toEqual(['5 nodes · 20 params · 100 %', 'Add · Conv · Neg + 2'])
    expect(scene.cards[1].scope!.shares[0]).toEqual({ family: expect.any(Number) as number, share: 0.8 })
  })

  it('finds the card that hides a node, and all nodes of a card', () => {
    const { scene } = folded([])
    expect(scene.itemOfNode(scene.document.nodeIndex('node:one'))).toBe(-1)
    expect(scene.kind[scene.itemShowing(scene.document.nodeIndex('node:one'))]).toBe(SCOPE)
    expect(scene.idsOf(1).sort()).toEqual(['node:in', 'node:mid', 'node:one', 'node:out', 'node:two'])
  })

  it('gives a scope the same key whether it is open or closed', () => {
    const { scene, fold } = folded([])
    const opened = buildScene(scene.document, 'graph:', sceneParts(scene.document, MEASURE), { ...fold, open: new Set([pathOf(fold, 'a')]) })
    expect(opened.nesting!.nest.key(0)).toBe(scene.key[1])
  })

  it('makes the card of a scope anew when a node in it changes', () => {
    const { scene } = folded([])
    const document = scene.document
    document.apply({ session: '', revision: 1, how: 'edit', target: null, kind: 'replace-node', title: '', author: '', author_name: '', client: null, at: '', created: [], unsaved: true, delta: [{ table: 'node', id: 'node:out', after: node('node:out', 'Erf', ['value:3'], ['value:4'], { name: '/a/out' }) }] })
    const touched = touchScene(scene, [document.nodeIndex('node:out')], [], sceneParts(document, MEASURE))
    expect(touched.cards[1].scope!.lines[1]).toBe('Add · Conv · Erf + 2')
  })

  it('is laid out by all laws of nesting, open and closed', () => {
    const { fold } = folded([])
    for (const open of [[], [pathOf(fold, 'a')], [pathOf(fold, 'a'), pathOf(fold, 'b')]]) {
      const input = folded(open).scene.layoutInput()
      expect(brokenNesting(input, layoutNested(input))).toEqual([])
    }
  })
})

describe('what a node depends on', () => {
  it('is told node by node where scopes are closed: a scope on both sides of a node joins nothing', () => {
    const records: Records = {
      graphs: [mainGraph(['value:x'], [])],
      nodes: [
        node('node:a', 'Relu', ['value:x'], ['value:a'], { name: '/s/a' }), node('node:m', 'Neg', ['value:a'], ['value:m'], { name: '/m' }),
        node('node:b', 'Abs', ['value:m'], ['value:b'], { name: '/s/b' }), node('node:c', 'Exp', ['value:x'], ['value:c'], { name: '/s/c' }), node('node:k', 'Sin', ['value:c'], ['value:k'], { name: '/k' }),
      ],
      values: [value('value:x', { kind: 'input' }), ...['a', 'm', 'b', 'c', 'k'].map((one) => value(`value:${one}`))],
    }
    const document = documentOf(records)
    const scene = buildScene(document, 'graph:', sceneParts(document, MEASURE), { tree: scopeTree(document, 'graph:'), open: new Set(), numbers: new PathNumbers() })
    expect(scene.folds).toBe(true)
    const k = scene.itemOfNode(document.nodeIndex('node:k'))
    const m = scene.itemOfNode(document.nodeIndex('node:m'))
    expect(reach(scene, m, 'down')[k]).toBe(0)
    expect(reach(scene, k, 'up')[m]).toBe(0)
    expect(reach(scene, scene.pillsOf(document.valueIndex('value:x'))[0], 'down')[m]).toBe(1)
  })
})

describe('a body that is open in place', () => {
  const records: Records = {
    graphs: [mainGraph(['value:x', 'value:c'], ['value:y']), { id: 'graph:if.then_branch', name: 'then', parent: 'graph:', inputs: [], outputs: ['value:t'] }, { id: 'graph:if.else_branch', name: 'else', parent: 'graph:', inputs: [], outputs: ['value:e'] }],
    nodes: [
      node('node:pre', 'Abs', ['value:x'], ['value:p']), node('node:if', 'If', ['value:c'], ['value:y'], { bodies: ['graph:if.then_branch', 'graph:if.else_branch'], attributes: { then_branch: { type: 'GRAPH', value: null }, else_branch: { type: 'GRAPH', value: null } } }),
      node('node:t', 'Neg', ['value:p'], ['value:t'], { graph: 'graph:if.then_branch' }), node('node:k', 'Constant', [], ['value:e'], { graph: 'graph:if.else_branch' }),
    ],
    values: [
      value('value:x', { kind: 'input' }), value('value:c', { kind: 'input' }), value('value:p'), value('value:y', { is_output: true }),
      value('value:t', { graph: 'graph:if.then_branch', is_output: true }), value('value:e', { graph: 'graph:if.else_branch', is_output: true }),
    ],
  }
  const opened = (bodies: string[], direction: Direction = 'down'): Scene => {
    const document = documentOf(records)
    return buildScene(document, 'graph:', sceneParts(document, MEASURE), { tree: scopeTree(document, 'graph:'), open: new Set(), numbers: new PathNumbers(), bodies: new Set(bodies) }, direction)
  }

  it('stands in a container of its own, and what it takes from outside is led into it', () => {
    const scene = opened(['node:if'])
    expect([...titles(scene)].sort()).toEqual(['Abs', 'Constant', 'If', 'Neg', 'c', 'e', 't', 'x', 'y'])
    expect(scene.nesting!.nest.count).toBe(2)
    expect(wires(scene)).toContain('Abs>Neg')
    expect(scene.captures(wires(scene).indexOf('Abs>Neg'))).toBe(true)
    expect(wires(scene)).not.toContain('Abs>If')
  })

  it('is closed until it is opened: the node waits for what its bodies take', () => {
    const scene = opened([])
    expect(wires(scene)).toContain('Abs>If')
    expect(scene.nesting!.nest.count).toBe(0)
  })

  it.each(['down', 'right'] as const)('is laid out by all laws, behind its node, running %s', (direction) => {
    const scene = opened(['node:if'], direction)
    const input = scene.layoutInput()
    const result = layoutNested(input)
    expect(brokenNesting(input, result)).toEqual([])
    const card = scene.itemOfNode(scene.document.nodeIndex('node:if'))
    const along = direction === 'right' ? result.x : result.y
    for (const inner of ['node:k', 'node:t']) expect(along[scene.itemOfNode(scene.document.nodeIndex(inner))], inner).toBeGreaterThan(along[card])
  })
})
