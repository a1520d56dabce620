/** Functions and bodies in bodies, in place: what is seen of them, and what has to be opened for it. */
import { describe, expect, it } from 'vitest'
import { documentOf, mainGraph, node, value, type Records } from '../document/encode.fixture'
import { brokenNesting } from '../layout/nested-laws'
import { layoutNested } from '../layout/nested'
import { buildScene, sceneParts } from '../scene/build'
import type { Measure } from '../scene/measure'
import { PathNumbers } from '../scene/nest'
import { PlacedScene } from '../scene/placed'
import { LOOSE, type Scene } from '../scene/scene'
import { scopeTree } from '../scopes/tree'
import { theme } from '../theme'
import { Folding } from './folding'
import { graphAt, hiding, showsIn } from './hidden'
import { firstInside } from './inside'
import { MarkBook } from './marks'
import { everything, svgSteps } from './picture'
import { Walk } from './walk'

const MEASURE: Measure = { width: (text) => text.length * 6 }

function titles(scene: Scene): string[] {
  return scene.cards.map((card) => card.title)
}

function wires(scene: Scene): string[] {
  return Array.from(scene.source, (source, edge) => `${scene.cards[source].title}>${scene.cards[scene.target[edge]].title}`)
}

describe('a function that is open in place', () => {
  const call = (id: string, takes: string, makes: string) => node(id, 'Twice', [takes], [makes], { domain: 'my', function: 'graph:my::Twice:' })
  const records: Records = {
    graphs: [mainGraph(['value:x'], ['value:z']), { id: 'graph:my::Twice:', name: 'Twice', parent: null, inputs: ['value:i'], outputs: ['value:o'] }],
    nodes: [call('node:one', 'value:x', 'value:y'), call('node:two', 'value:y', 'value:z'), node('node:add', 'Add', ['value:i', 'value:i'], ['value:o'], { graph: 'graph:my::Twice:' })],
    values: [
      value('value:x', { kind: 'input' }), value('value:y'), value('value:z', { is_output: true }),
      value('value:i', { graph: 'graph:my::Twice:', kind: 'input' }), value('value:o', { graph: 'graph:my::Twice:', is_output: true }),
    ],
  }
  const opened = (...bodies: string[]): Scene => {
    const document = documentOf(records)
    return buildScene(document, 'graph:', sceneParts(document, MEASURE), { tree: scopeTree(document, 'graph:'), open: new Set(), numbers: new PathNumbers(), bodies: new Set(bodies) })
  }

  it('stands below the node that calls it, with its own inputs and outputs, by all laws', () => {
    const scene = opened('node:one')
    expect(titles(scene)).toEqual(['x', 'Twice', 'i', 'Add', 'o', 'Twice', 'z'])
    expect(scene.nesting!.nest.name(0)).toBe('function Twice · node:one')
    expect(scene.nesting!.nest.title(0).text).toBe('Twice · node:one')
    const input = scene.layoutInput()
    expect(brokenNesting(input, layoutNested(input))).toEqual([])
  })

  it('is seen at one of its calls', () => {
    expect(opened('node:one', 'node:two').nesting!.nest.count).toBe(1)
  })

  it('is announced by a row of the node', () => {
    expect(opened().cards[1].rows).toEqual([{ name: 'function', value: '', opens: true, slot: -1 }])
  })

  it('turns the sign of its row', () => {
    const turnedSigns = (bodies: string[]): number => {
      const triangle = /M([-\d.]+) ([-\d.]+)L([-\d.]+) ([-\d.]+)L([-\d.]+) ([-\d.]+)Z/g
      const scene = opened(...bodies)
      const placed = new PlacedScene(scene, layoutNested(scene.layoutInput()))
      const steps = svgSteps(placed, everything(placed), theme('light'), 1, '', { measureText: () => ({ width: 10 }) as TextMetrics, baseline: () => 4 })
      for (let step = steps.next(); ; step = steps.next()) if (step.done) return [...step.value.matchAll(triangle)].filter((one) => one[2] === one[4]).length
    }
    expect([[], ['node:one']].map(turnedSigns)).toEqual([0, 1])
  })

  it('hides what is in it until its first call is opened, and that is said', () => {
    expect(hiding(opened(), ['node:add', 'value:o'])).toEqual({ paths: [], nodes: ['node:one'] })
    expect(hiding(opened('node:two'), ['node:add'])).toEqual({ paths: [], nodes: [] })
    expect(showsIn(opened(), 'graph:my::Twice:')).toBe(true)
    expect(showsIn(opened(), 'graph:elsewhere')).toBe(false)
  })
})

describe('a body in a body', () => {
  const [outer, inner] = ['graph:loop.body', 'graph:if.then_branch']
  const records: Records = {
    graphs: [mainGraph(['value:x', 'value:c'], ['value:y']), { id: outer, name: 'body', parent: 'graph:', inputs: ['value:s'], outputs: ['value:r'] }, { id: inner, name: 'then', parent: outer, inputs: [], outputs: ['value:t'] }],
    nodes: [
      node('node:pre', 'Abs', ['value:x'], ['value:p'], { name: '/a/pre' }), node('node:more', 'Exp', ['value:p'], ['value:m'], { name: '/a/more' }),
      node('node:loop', 'Loop', ['value:x'], ['value:y'], { bodies: [outer], name: '/a/loop' }), node('node:last', 'Sin', ['value:y'], ['value:z']),
      node('node:in', 'Neg', ['value:s'], ['value:n'], { graph: outer }), node('node:if', 'If', ['value:c'], ['value:r'], { graph: outer, bodies: [inner] }),
      node('node:t', 'Add', ['value:p', 'value:n'], ['value:t'], { graph: inner }),
    ],
    values: [
      value('value:x', { kind: 'input' }), value('value:c', { kind: 'input' }), ...['p', 'm', 'z'].map((one) => value(`value:${one}`)), value('value:y', { is_output: true }),
      value('value:s', { graph: outer, kind: 'input' }), value('value:n', { graph: outer }), value('value:r', { graph: outer, is_output: true }), value('value:t', { graph: inner, is_output: true }),
    ],
  }
  const opened = (open: string[], bodies: string[]): Scene => {
    const document = documentOf(records)
    return buildScene(document, 'graph:', sceneParts(document, MEASURE), { tree: scopeTree(document, 'graph:'), open: new Set(open), numbers: new PathNumbers(), bodies: new Set(bodies) })
  }

  it('that is closed in an open one has wires for what it takes from both graphs around it', () => {
    const scene = opened(['a'], ['node:loop'])
    expect(wires(scene)).toEqual(expect.arrayContaining(['Abs>If', 'Neg>If']))
    expect(wires(scene).filter((wire) => wire.startsWith('Abs>'))).toEqual(['Abs>Exp', 'Abs>If'])
  })

  it('is marked at what hides it: the node that holds it, or the card of its scope', () => {
    const book = new MarkBook()
    const finding = { code: 'c', message: '', validator: '', severity: 'warning' as const }
    book.setDiagnostics([{ ...finding, subjects: ['node:t', 'value:t'] }, { ...finding, subjects: ['node:if'] }])
    book.setHits(['node:t'])
    const at = (scene: Scene): unknown => {
      const { badges, hits } = book.of({ scene } as PlacedScene)
      return { badges: badges.map(({ item, count }) => `${scene.cards[item].title} ${count}`), hits: hits.map((item) => scene.cards[item].title) }
    }
    expect(at(opened(['a'], ['node:loop']))).toEqual({ badges: ['If 2'], hits: ['If'] })
    expect(at(opened(['a'], []))).toEqual({ badges: ['Loop 2'], hits: ['Loop'] })
    expect(at(opened([], []))).toEqual({ badges: ['a 2'], hits: ['a'] })
  })

  it('is what lies there, inside its box, and the graph around it outside of it', () => {
    const scene = opened(['a'], ['node:loop', 'node:if'])
    const placed = new PlacedScene(scene, layoutNested(scene.layoutInput()))
    const middle = (title: string): { x: number; y: number } => {
      const item = titles(scene).indexOf(title)
      return { x: placed.x[item] + scene.width[item] / 2, y: placed.y[item] + scene.height[item] / 2 }
    }
    expect(['Add', 'Neg', 'If', 'Loop', 'Sin'].map((title) => graphAt(placed, middle(title)))).toEqual([inner, outer, outer, 'graph:', 'graph:'])
  })

  it('is called by its node and its own name', () => {
    const { nest } = opened(['a'], ['node:loop', 'node:if']).nesting!
    expect([1, 2].map((container) => nest.title(container).text)).toEqual(['body · /a/loop', 'then_branch · node:if'])
  })

  it('is closed with all scopes', () => {
    const document = documentOf(records)
    const folding = new Folding()
    expect(folding.apply({ what: 'body', nodes: ['node:loop'], open: true }, document, 'graph:')).toBe(true)
    expect(folding.of(document, 'graph:')!.bodies).toEqual(new Set(['node:loop']))
    folding.apply({ what: 'close-all' }, document, 'graph:')
    expect(folding.of(document, 'graph:')!.bodies?.size ?? 0).toBe(0)
    expect(folding.apply({ what: 'close-all' }, document, 'graph:')).toBe(false)
  })

  it('has its way in from its node, and its way back', () => {
    const scene = opened(['a'], ['node:loop'])
    const placed = new PlacedScene(scene, layoutNested(scene.layoutInput()))
    const item = (title: string): number => titles(scene).indexOf(title)
    expect(firstInside(scene, item('Loop'))).toBe(item('Neg'))
    expect(['If', 'Exp'].map((title) => firstInside(scene, item(title)))).toEqual([-1, -1])
    const walk = new Walk()
    expect(walk.step(placed, item('Neg'), 'up')).toBe(item('s'))
    expect(walk.step(placed, item('s'), 'up')).toBe(item('Loop'))
    expect(walk.step(placed, item('Loop'), 'down')).toBe(item('s'))
  })

  it('holds what nothing in it makes any more', () => {
    const document = documentOf({ ...records, nodes: records.nodes!.filter((one) => one.id !== 'node:in') })
    const scene = buildScene(document, 'graph:', sceneParts(document, MEASURE), { tree: scopeTree(document, 'graph:'), open: new Set(['a']), numbers: new PathNumbers(), bodies: new Set(['node:loop', 'node:if']) })
    const { nest, of } = scene.nesting!
    expect(scene.kind[titles(scene).indexOf('n')]).toBe(LOOSE)
    expect(nest.body(of[titles(scene).indexOf('n')])?.graph).toBe(outer)
    const input = scene.layoutInput()
    expect(brokenNesting(input, layoutNested(input))).toEqual([])
  })

  it('is reached by opening all that is around it', () => {
    expect(hiding(opened([], []), ['node:t'])).toEqual({ paths: ['a'], nodes: ['node:if', 'node:loop'] })
  })
})
