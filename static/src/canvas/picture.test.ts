/** Pictures that are written as text: what is in them, and that nothing else gets into them. */
import { describe, expect, it } from 'vitest'
import { documentOf, mainGraph, node, value } from '../document/encode.fixture'
import { laidOut } from './picture.fixture'
import { cutOut, everything, largestScale, MOST_PIXELS, MOST_SIDE, svgSteps, within } from './picture'
import { dotOf, quoted } from './dot'
import { escaped, SvgDrawing, type Ruler } from './svg-drawing'
import { theme } from '../theme'
import { buildScene, sceneParts } from '../scene/build'
import { PathNumbers } from '../scene/nest'
import { PlacedScene } from '../scene/placed'
import type { Scene } from '../scene/scene'
import { layoutNested } from '../layout/nested'
import { scopeTree } from '../scopes/tree'

const RULER: Ruler = { measureText: () => ({ width: 10 }) as TextMetrics, baseline: () => 4 }
const EVIL = '</text><script>alert(1)</script>"\'&\u0007'

const document = documentOf({
  graphs: [mainGraph(['value:x'], ['value:y'])],
  nodes: [node('node:r', 'Relu', ['value:x'], ['value:m'], { name: EVIL }), node('node:n', EVIL, ['value:m'], ['value:y'])],
  values: [value('value:x', { kind: 'input', name: EVIL }), value('value:m', { shape: [EVIL.slice(0, 8), 3] }), value('value:y', { kind: 'output', is_output: true })],
})

function svg(placed = laidOut(document)): string {
  const steps = svgSteps(placed, everything(placed), theme('light'), 2, EVIL, RULER)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

describe('an SVG', () => {
  it('holds every name as text that cannot end it', () => {
    const text = svg()
    expect(text).not.toMatch(/<script|<\/text><|\son\w+=|javascript:|<foreignObject|href/i)
    expect(text).toContain('&lt;/text&gt;&lt;script&gt;')
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/)
  })
  it('has text as text, fonts by name, and the size that was asked for', () => {
    const text = svg()
    const [, width, box] = /width="([\d.]+)" height="[\d.]+" viewBox="\S+ \S+ ([\d.]+) /.exec(text)!
    expect(Number(width)).toBeCloseTo(2 * Number(box))
    expect(text).toContain('font-family="&quot;Inter Variable&quot;, Inter')
    expect(text).toMatch(/<text x="[-\d.]+" y="[-\d.]+"[^<>]*>Relu<\/text>/)
    expect(text.match(/<g /g)!.length).toBe(text.match(/<\/g>/g)!.length)
  })
  it('keeps each text as wide as its place, in whichever font it is shown', () => {
    const all = svg().match(/<text [^>]*>/g)!
    expect(all.length).toBeGreaterThan(4)
    expect(all.every((one) => one.endsWith(' textLength="10" lengthAdjust="spacingAndGlyphs">'))).toBe(true)
  })
  it('moves text from the middle of its line to its baseline', () => {
    const drawing = new SvgDrawing(RULER)
    Object.assign(drawing, { font: '600 12px Inter', textBaseline: 'middle', textAlign: 'right' })
    drawing.fillText('a', 5, 10)
    expect(drawing.finished({ x: 0, y: 0, width: 1, height: 1 }, 1, '', '#FFFFFF')).toContain('<g font-size="12" font-weight="600" fill="#000000" text-anchor="end">\n<text x="5" y="14" ')
  })
})

describe('what cannot be written', () => {
  it('is escaped in XML and quoted in DOT', () => {
    expect(escaped('a\u0000b\ud800<"')).toBe('a·b·&lt;&quot;')
    expect(quoted('\\N "x"\n\\')).toBe('"\\\\N \\"x\\"\\n\\\\"')
  })
})

describe('a selection', () => {
  it('holds the wires between what is chosen, and no more of the graph than that', () => {
    const placed = laidOut(document)
    const items = [0, 1, 2, 3].filter((item) => placed.scene.kind[item] === 0)
    const cutting = cutOut(placed, new Set(items))
    expect(Array.from(cutting.items).sort()).toEqual(items)
    expect(Array.from(cutting.edges, (edge) => document.valueIdAt(placed.scene.value[edge]))).toEqual(['value:m'])
    expect(cutting.box.height).toBeLessThan(everything(placed).box.height)
  })
  it('is cut into pages that hold nothing else', () => {
    const placed = laidOut(document)
    const chosen = cutOut(placed, new Set([0]))
    const page = within(placed, everything(placed).box, chosen)
    expect([page.whole, [...page.items], [...page.edges]]).toEqual([false, [0], []])
  })
  it('is written as DOT with its operators, names and types', () => {
    const placed = laidOut(document)
    const cutting = everything(placed)
    const text = dotOf(placed.scene, cutting.items, cutting.edges, 'm')
    expect(text.match(/ -> /g)).toHaveLength(3)
    expect(text).toContain('label="Relu\\n</text><script>')
    expect(text.split('\n').every((line) => (line.replaceAll('\\\\', '').replaceAll('\\"', '').match(/"/g) ?? []).length % 2 === 0)).toBe(true)
  })
})

describe('scopes', () => {
  const scoped = (): Scene => {
    const names = ['/a/b/one', '/a/b/and', '/a/b/two', '/a/three', '/c/four', '/c/five']
    const nodes = names.map((name, at) => node(`node:${at}`, 'Relu', [`value:${at}`], [`value:${at + 1}`], { name }))
    const chain = documentOf({ graphs: [mainGraph(['value:0'], ['value:6'])], nodes, values: names.concat('').map((_, at) => value(`value:${at}`, at === 0 ? { kind: 'input' } : {})) })
    const tree = scopeTree(chain, 'graph:')
    const open = new Set(Array.from({ length: tree.count }, (_, scope) => scope).filter((scope) => tree.name(scope) !== 'c').map((scope) => tree.path(scope)))
    return buildScene(chain, 'graph:', sceneParts(chain, { width: (text) => text.length * 6 }), { tree, open, numbers: new PathNumbers() })
  }
  it('are clusters one in the other in DOT where they are open, and say what they hold where they are closed', () => {
    const scene = scoped()
    const text = dotOf(scene, Array.from(scene.kind.keys()), [], 'm')
    expect(text).toMatch(/subgraph cluster_0 \{\s+label="a"[^}]*three[^}]*subgraph cluster_1 \{\s+label="b"[^}]*one[^}]*two[^}]*\}\s+\}/)
    expect(text).toMatch(/label="c[^"]*2 nodes[^"]*" shape=folder/)
  })
  it('have their names in an SVG, and no minus to press', () => {
    const scene = scoped()
    const text = svg(new PlacedScene(scene, layoutNested(scene.layoutInput())))
    expect(text).toMatch(/<text [^>]*>b<\/text>/)
    expect(text.match(/<rect [^>]*width="9" height="1.5"/g)).toHaveLength(1) // the plus of the closed one
  })
})

describe('the size of a PNG', () => {
  it('keeps to what a browser draws, in sides and in all', () => {
    const tall = { width: 500, height: 100_000 }
    expect(largestScale(tall) * tall.height).toBeLessThanOrEqual(MOST_SIDE)
    const square = { width: 20_000, height: 20_000 }
    expect((largestScale(square) * square.width) ** 2).toBeLessThanOrEqual(MOST_PIXELS)
    expect(largestScale({ width: 800, height: 600 })).toBeGreaterThan(8)
  })
})
