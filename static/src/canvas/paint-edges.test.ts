/** Wires: what sets them apart stays when they are selected. */
import { expect, it } from 'vitest'
import { documentOf, mainGraph, node, value } from '../document/encode.fixture'
import { theme } from '../theme'
import { Camera } from './camera'
import { InView, type Frame, type Marks } from './frame'
import { detailAt } from './lod'
import { paintEdges, paintLabels } from './paint-edges'
import { laidOut } from './picture.fixture'
import { SvgDrawing } from './svg-drawing'

it('draws a captured value dashed, also where it is selected', () => {
  const body = { id: 'graph:b', name: 'b', parent: 'graph:', inputs: [], outputs: [] }
  const document = documentOf({
    graphs: [mainGraph(['value:x'], ['value:y']), body],
    nodes: [node('n', 'Neg', ['value:x'], ['value:m']), node('l', 'If', ['value:x'], ['value:y'], { bodies: ['graph:b'] }), node('i', 'Abs', ['value:m'], ['value:i'], { graph: 'graph:b' })],
    values: [value('value:x', { kind: 'input' }), value('value:m'), value('value:y', { kind: 'output', is_output: true }), value('value:i', { graph: 'graph:b' })],
  })
  const placed = laidOut(document)
  const captured = [...placed.scene.value.keys()].filter((edge) => placed.scene.captures(edge))
  expect(captured).toHaveLength(1)
  const painted = (accentEdges: ReadonlySet<number>): string => {
    const drawing = new SvgDrawing({ measureText: () => ({ width: 10 }) as TextMetrics, baseline: () => 4 })
    const camera = new Camera()
    Object.assign(camera, { width: 2000, height: 2000 })
    camera.jump({ x: placed.bounds.left - 100, y: placed.bounds.top - 100, zoom: 1 })
    const view = new InView()
    view.edges = Int32Array.from(captured)
    view.edgeCount = 1
    const marks = { accentEdges, hoverValue: -1, hitEdges: new Set<number>() } as unknown as Marks
    const frame: Frame = { context: drawing, placed, camera, theme: theme('light'), detail: detailAt(1), marks, motion: null, left: 0, focused: false }
    paintEdges(frame, view)
    return drawing.finished({ x: 0, y: 0, width: 1, height: 1 }, 1, '', '#FFFFFF')
  }
  expect(painted(new Set())).toContain('stroke-dasharray="4 4"')
  const selected = painted(new Set(captured))
  expect(selected).toContain('stroke-dasharray="4 4"')
  expect(selected).toContain(theme('light').accent)
})

it.each([0.9, 0.6])('keeps the type beside a wire clear of the ring around its selected node, at a zoom of %d', (zoom) => {
  const placed = laidOut(documentOf({
    graphs: [mainGraph(['value:x'], ['value:y'])], nodes: [node('n', 'Neg', ['value:x'], ['value:m']), node('a', 'Add', ['value:m', 'value:x'], ['value:y'])],
    values: [value('value:x', { kind: 'input' }), value('value:m', { dtype: 'float32', shape: [2] }), value('value:y', { kind: 'output', is_output: true })],
  }))
  const neg = placed.itemOfNode('n')
  const camera = new Camera()
  Object.assign(camera, { width: 2000, height: 2000 })
  camera.jump({ x: placed.bounds.left - 100, y: placed.bounds.top - 100, zoom })
  const drawing = new SvgDrawing({ measureText: () => ({ width: 10 }) as TextMetrics, baseline: () => 0 })
  const view = new InView()
  view.edges = Int32Array.from(placed.scene.source.keys())
  view.edgeCount = view.edges.length
  const marks = { accentEdges: new Set<number>(), hoverValue: -1, selectedItems: new Set([neg]) } as unknown as Marks
  paintLabels({ context: drawing, placed, camera, theme: theme('light'), detail: detailAt(1), marks, motion: null, left: 0, focused: false }, view)
  const middle = Number(/y="([\d.-]+)"[^>]*>2  f32/.exec(drawing.finished({ x: 0, y: 0, width: 1, height: 1 }, 1, '', '#FFFFFF'))?.[1])
  expect(middle - 6).toBeGreaterThanOrEqual(placed.boxOf(neg).bottom + 4 / zoom)
})
