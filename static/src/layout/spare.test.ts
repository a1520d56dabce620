/** Lines that get a column of their own, and nodes that change their row, so that fewer lines cross. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arrange } from './arrange'
import { layout } from './layout'
import { brokenLaws } from './laws'
import { cut, turn, type Piece } from './piece'
import { spareCrossings } from './spare'
import type { LayoutInput } from './types'

/** One value per node, ports in the order of the links. */
function graph(count: number, links: [number, number][]): LayoutInput {
  const at = new Map<number, number>()
  const into = (node: number): number => links.filter(([, to]) => to === node).length
  const enter = (node: number): number => { at.set(node, (at.get(node) ?? 0) + 1); return at.get(node)! }
  return {
    count, direction: 'down', key: Uint32Array.from({ length: count }, (_, i) => i), width: new Float32Array(count).fill(80), height: new Float32Array(count).fill(30),
    source: Uint32Array.from(links, ([from]) => from), target: Uint32Array.from(links, ([, to]) => to), value: Uint32Array.from(links, ([from]) => from),
    sourceX: new Float32Array(links.length).fill(40), targetX: Float32Array.from(links, ([, to]) => (80 * enter(to)) / (into(to) + 1)), labelWidth: new Float32Array(links.length),
  }
}

const pieceOf = (input: LayoutInput): Piece => cut(turn(input)).pieces[0]!

/** The first node's value goes on to the right of one node and to the left of another. */
const TWO_SIDES: [number, number][] = [[0, 1], [1, 2], [0, 2], [2, 3], [0, 4], [3, 4]]

test('a value that enters one node on the right and another on the left goes down on both sides', () => {
  const before = arrange(pieceOf(graph(5, TWO_SIDES)))
  expect(before.crossings).toBe(1)
  expect(spareCrossings(before).crossings).toBe(0)
})

/** Two values go to two nodes, one of them to a third one below as well. */
const BOTH_TO_BOTH: [number, number][] = [[0, 2], [1, 2], [2, 3], [0, 3], [0, 4], [1, 4], [3, 5], [4, 6], [4, 7]]

test('a node goes down a row with those that follow it, where its lines then share the way of others', () => {
  const before = arrange(pieceOf(graph(8, BOTH_TO_BOTH)))
  const after = spareCrossings(before)
  expect(after.crossings).toBeLessThan(before.crossings)
  expect(after.ranks.rank[4]).toBeGreaterThan(before.ranks.rank[4]!)
})

test('what got a column of its own keeps it from edit to edit', () => {
  const input = graph(5, TWO_SIDES)
  const first = layout(input)
  const again = layout(input, { key: input.key, x: first.x, y: first.y, rank: first.rank, trunks: first.trunks })
  expect(again.points).toEqual(first.points)
})

test('there are never more crossings, and all laws hold', () => {
  const links = fc.array(fc.tuple(fc.nat(13), fc.nat(13)).filter(([a, b]) => a !== b).map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]), { minLength: 12, maxLength: 24 })
  fc.assert(
    fc.property(links, (all) => {
      const input = graph(14, all)
      const before = arrange(pieceOf(input))
      expect(spareCrossings(before).crossings).toBeLessThanOrEqual(before.crossings)
      expect(brokenLaws(input, layout(input))).toEqual([])
    }),
    { numRuns: 6 },
  )
})
