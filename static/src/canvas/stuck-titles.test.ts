/** Names of open scopes at the edge of the view. */
import { expect, test } from 'vitest'
import { documentOf, mainGraph, node, value } from '../document/encode.fixture'
import { layoutNested } from '../layout/nested'
import { buildScene, sceneParts } from '../scene/build'
import { PathNumbers } from '../scene/nest'
import { PlacedScene } from '../scene/placed'
import { scopeTree } from '../scopes/tree'
import { Camera } from './camera'
import { stuckTitles } from './stuck-titles'

const NAMES = ['/a/in', '/a/b/one', '/a/b/two', '/a/b/three', '/a/out', '/c/first', '/c/last']

/** Scope a with b in it, and c below; all open. */
function placed(): PlacedScene {
  const nodes = NAMES.map((name, at) => node(`n${at}`, 'Relu', [at === 0 ? 'value:x' : `value:${at - 1}`], [`value:${at}`], { name }))
  const document = documentOf({ graphs: [mainGraph(['value:x'], ['value:6'])], nodes, values: [value('value:x', { kind: 'input' }), ...NAMES.map((_, at) => value(`value:${at}`))] })
  const tree = scopeTree(document, 'graph:')
  const open = new Set(Array.from({ length: tree.count }, (_, scope) => tree.path(scope)))
  const scene = buildScene(document, 'graph:', sceneParts(document, { width: (text) => text.length * 6 }), { tree, open, numbers: new PathNumbers() })
  return new PlacedScene(scene, layoutNested(scene.layoutInput()))
}

function camera(x: number, y: number, zoom = 1): Camera {
  return Object.assign(new Camera(), { x, y, zoom, width: 800, height: 400 })
}

function box(scene: PlacedScene, name: string) {
  const { nest } = scene.scene.nesting!
  return scene.boxOfContainer(Array.from(nest.scopes, (_, container) => container).find((container) => nest.title(container).text === name)!)
}

test('nothing is at the edge while the corners of all scopes in view are seen', () => {
  expect(stuckTitles(placed(), camera(-300, -50))).toEqual([])
})

test('of a scope that begins above, the name stays at the top, and those of inner scopes stand beside it', () => {
  const scene = placed()
  const found = stuckTitles(scene, camera(-300, box(scene, 'b').top + 40))
  expect(found.map(({ text }) => text)).toEqual(['a', 'b'])
  expect(found[1].y).toBe(found[0].y)
  expect(found[1].x).toBeGreaterThan(found[0].x + found[0].width + 12)
})

test('a scope that begins left of the view keeps its name in view', () => {
  const scene = placed()
  const { left, top } = box(scene, 'a')
  const [a] = stuckTitles(scene, camera(left + 20, top - 100))
  expect(a).toMatchObject({ text: 'a' })
  expect(a.x).toBeGreaterThan(0)
  expect(a.y).toBeGreaterThan(100)
})

test('the name goes with the scope that leaves the view, and is not written where names are not', () => {
  const scene = placed()
  const { bottom } = box(scene, 'a')
  expect(stuckTitles(scene, camera(-300, bottom - 30)).map(({ text }) => text)).toEqual([])
  expect(stuckTitles(scene, camera(-300, box(scene, 'b').top + 40, 0.2))).toEqual([])
})
