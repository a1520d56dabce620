/** Places until the layout answers: after any edits what was there stays, and what is new stands somewhere and is joined. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { layoutNested } from '../layout/nested'
import { anyEdit, edited, graphOf, type Step } from './edits.fixture'
import { PlacedScene } from './placed'
import { provisional } from './provisional'

const FAR = 0.01

/** What is wrong with provisional places: each one goes on from the one before it, or from a layout where there was none. */
function wrongPlaces(steps: Iterable<Step>): string[] {
  const wrong: string[] = []
  let placed: PlacedScene | null = null
  for (const { before, patched, built } of steps) {
    const from: PlacedScene = placed?.scene === before ? placed : new PlacedScene(before, layoutNested(before.layoutInput()))
    placed = provisional(from, patched ?? built, () => ({ x: 7, y: 8 }))
    if (!placed) continue
    seen += 1
    wrong.push(...moved(from, placed), ...badLines(placed), ...outside(placed))
  }
  return wrong
}

let seen = 0

function moved(from: PlacedScene, placed: PlacedScene): string[] {
  const found: string[] = []
  const { scene } = placed
  for (let item = 0; item < scene.count; item++) {
    const was = from.itemWithKey(scene.key[item])
    const { left, top, right, bottom } = placed.boxOf(item)
    if (![left, top].every(Number.isFinite)) found.push(`${scene.cards[item].title} stands nowhere`)
    if (was < 0) continue
    const old = from.boxOf(was)
    const across = scene.direction === 'right' ? top + bottom - old.top - old.bottom : left + right - old.left - old.right
    const along = scene.direction === 'right' ? left - old.left : top - old.top
    if (Math.abs(across) + Math.abs(along) > FAR) found.push(`${scene.cards[item].title} moved by ${across / 2} ${along}`)
  }
  return found
}

function badLines(placed: PlacedScene): string[] {
  const found: string[] = []
  const { scene, points, pointStart, edgeBoxes } = placed
  for (let edge = 0; edge < scene.edgeCount; edge++) {
    const way = points.subarray(2 * pointStart[edge], 2 * pointStart[edge + 1])
    const from = placed.endOn(scene.source[edge], 'out', scene.sourceAt[edge])
    const to = placed.endOn(scene.target[edge], 'in', scene.targetAt[edge])
    const off = Math.abs(way[0] - from.x) + Math.abs(way[1] - from.y) + Math.abs(way.at(-2)! - to.x) + Math.abs(way.at(-1)! - to.y)
    if (!(off < FAR) || way.length < 4 || way.some(Number.isNaN)) found.push(`wire ${edge} does not join its ends: ${off}`)
    const across = scene.direction === 'right' ? 1 : 0
    if (Math.abs(way[across] - way[2 + across]) + Math.abs(way.at(across - 2)! - way.at(across - 4)!) > FAR) found.push(`wire ${edge} leaves or enters aslant`)
    const box = [0, 1].flatMap((axis) => { const all = way.filter((_, i) => i % 2 === axis); return [Math.min(...all), Math.max(...all)] })
    if (edgeBoxes[4 * edge] > box[0] + FAR || edgeBoxes[4 * edge + 2] < box[1] - FAR || edgeBoxes[4 * edge + 1] > box[2] + FAR || edgeBoxes[4 * edge + 3] < box[3] - FAR) found.push(`wire ${edge} is not in its box`)
  }
  return found
}

/** What stands outside of the open scope that it is in. */
function outside(placed: PlacedScene): string[] {
  const { nesting, count, cards } = placed.scene
  return Array.from({ length: count }, (_, item) => item).filter((item) => {
    const container = nesting?.of[item] ?? -1
    if (container < 0) return false
    const [box, around] = [placed.boxOf(item), placed.boxOfContainer(container)]
    return box.left < around.left - FAR || box.right > around.right + FAR || box.top < around.top - FAR || box.bottom > around.bottom + FAR
  }).map((item) => `${cards[item].title} is outside of its scope`)
}

test.each([['down, with open scopes', true, 'down'], ['to the right, without scopes', false, 'right'], ['to the right, with open scopes', true, 'right']] as const)('after any edits what was there stays, and every wire joins its ends, %s', (_, folded, direction) => {
  seen = 0
  fc.assert(
    fc.property(fc.integer({ min: 6, max: 24 }), fc.array(fc.nat(1000), { minLength: 48, maxLength: 48 }), fc.array(anyEdit, { minLength: 1, maxLength: 6 }), (count, takes, list) => {
      expect(wrongPlaces(edited(graphOf(count, takes), list, folded, direction))).toEqual([])
    }),
    { numRuns: 40 },
  )
  expect(seen).toBeGreaterThan(40)
})

/** Which of those before it each node of a graph takes both of its inputs from. */
function takesOf(count: number, from: (at: number) => [first: number, second: number]): number[] {
  return Array.from({ length: count }, (_, at) => from(at).map((one) => one + 1)).flat()
}

test.each(['down', 'right'] as const)('a node in a wire to far away stands about where the layout will put it, %s', (direction) => {
  const last = 59
  const document = graphOf(last + 1, takesOf(last + 1, (at) => (at === 6 ? [4, 4] : at === last ? [last - 1, 5] : [at - 1, at - 1])))
  const [{ before, built, patched }] = edited(document, [{ what: 'insert', at: 7, to: 0 }], false, direction)
  const from = new PlacedScene(before, layoutNested(before.layoutInput()))
  const next = patched ?? built
  const [soon, settled] = [provisional(from, next, () => null)!, new PlacedScene(next, layoutNested(next.layoutInput(), from.memory(next)))]
  const [item, maker] = ['new0', 'n5'].map((id) => next.itemOfNode(document.nodeIndex(id))) as [number, number]
  const off = (placed: PlacedScene): [number, number] => [placed.boxOf(item).left - placed.boxOf(maker).left, placed.boxOf(item).top - placed.boxOf(maker).top]
  expect(Math.hypot(off(soon)[0] - off(settled)[0], off(soon)[1] - off(settled)[1])).toBeLessThan(200)
})
