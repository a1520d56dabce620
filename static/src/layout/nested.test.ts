/** Properties that every nested layout keeps, on random graphs in random scopes. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layoutNested } from './nested'
import { brokenNesting } from './nested-laws'
import { PUT, type LayoutInput, type LayoutMemory, type LayoutResult } from './types'

interface Link { from: number; to: number; value: number; label: number }

/** `of`: the container of each node; `parent`: of each container, one that comes before it. */
function nested(count: number, links: Link[], of: number[], parent: number[], direction: 'down' | 'right' = 'down'): LayoutInput {
  const size = (i: number): [number, number] => [60 + ((i * 37) % 90), 24 + ((i * 53) % 70)]
  const sorted = [...links].sort((a, b) => a.from * 4 + a.value - (b.from * 4 + b.value))
  const into = new Int32Array(count)
  for (const { to } of sorted) into[to]++
  const at = new Int32Array(count)
  const seen = new Set<number>()
  const breadth = (i: number): number => size(i)[direction === 'right' ? 1 : 0]
  return {
    count, direction,
    width: Float32Array.from({ length: count }, (_, i) => size(i)[0]), height: Float32Array.from({ length: count }, (_, i) => size(i)[1]),
    key: Uint32Array.from({ length: count }, (_, i) => i),
    source: Uint32Array.from(sorted, (l) => l.from), target: Uint32Array.from(sorted, (l) => l.to), value: Uint32Array.from(sorted, (l) => l.from * 4 + l.value),
    sourceX: Float32Array.from(sorted, (l) => breadth(l.from) * (0.5 + 0.12 * l.value)),
    targetX: Float32Array.from(sorted, (l) => (breadth(l.to) * ++at[l.to]) / (into[l.to] + 1)),
    labelWidth: Float32Array.from(sorted, (l) => {
      const first = !seen.has(l.from * 4 + l.value)
      seen.add(l.from * 4 + l.value)
      return first ? l.label : 0
    }),
    nest: { of: Int32Array.from(of), parent: Int32Array.from(parent), key: Uint32Array.from(parent, (_, c) => 10000 + c), title: new Float32Array(parent.length).fill(120) },
  }
}

const anyNested = (kind: 'acyclic' | 'any', direction: 'down' | 'right' = 'down'): fc.Arbitrary<LayoutInput> =>
  fc.record({ count: fc.integer({ min: 2, max: 30 }), containers: fc.integer({ min: 0, max: 8 }) }).chain(({ count, containers }) =>
    fc.record({
      links: fc.array(fc.record({ from: fc.nat(count - 1), to: fc.nat(count - 1), value: fc.nat(3), label: fc.constantFrom(0, 0, 30, 90, 160) }), { maxLength: 60 }),
      of: fc.array(fc.integer({ min: -1, max: containers - 1 }), { minLength: count, maxLength: count }),
      parent: fc.tuple(...Array.from({ length: containers }, (_, c) => fc.integer({ min: -1, max: c - 1 }))),
    }).map(({ links, of, parent }) => {
      const found = kind === 'any' ? links : links.filter((l) => l.from !== l.to).map((l) => (l.from < l.to ? l : { ...l, from: l.to, to: l.from }))
      return nested(count, found, of, parent, direction)
    }))

function memoryOf({ nest }: LayoutResult): LayoutMemory {
  return { key: new Uint32Array(), x: new Float32Array(), y: new Float32Array(), rank: new Int32Array(), nest: nest!.memory }
}

/** The input with one more node, of no edges, in a container. */
function withNode(input: LayoutInput, container: number): LayoutInput {
  const nest = { ...input.nest!, of: Int32Array.of(...input.nest!.of, container) }
  return { ...input, count: input.count + 1, width: Float32Array.of(...input.width, 80), height: Float32Array.of(...input.height, 24), key: Uint32Array.of(...input.key, input.count), nest }
}

/** The memory, with a place for the node that comes next: so far from the corner of the container. */
function asking(input: LayoutInput, result: LayoutResult, container: number, x: number, y: number): LayoutMemory {
  return { ...memoryOf(result), within: container < 0 ? undefined : input.nest!.key[container], key: Uint32Array.of(input.count), x: Float32Array.of(x), y: Float32Array.of(y), rank: Int32Array.of(PUT) }
}

/** Where a node stands, from another one. */
function apart({ x, y }: LayoutResult, node: number, from: number): [number, number] {
  return [x[node] - x[from], y[node] - y[from]]
}

/** A chain of equal blocks, each in a container and with an inner container; one mask feeds them all. */
function blocks(count: number, open: (block: number) => boolean = () => true, direction: 'down' | 'right' = 'down'): LayoutInput {
  const links: Link[] = []
  const of: number[] = [-1, -1]
  const parent: number[] = []
  let last = 1
  let next = 2
  for (let b = 0; b < count; b++) {
    const outer = open(b) ? parent.push(-1) - 1 : -1
    const inner = open(b) ? parent.push(outer) - 1 : -1
    const [a, c, d, join] = [next, next + 1, next + 2, next + 3]
    next += 4
    of.push(outer, inner, inner, outer)
    links.push({ from: last, to: a, value: 0, label: 80 }, { from: a, to: c, value: 0, label: 60 }, { from: c, to: d, value: 0, label: 0 }, { from: d, to: join, value: 0, label: 80 })
    links.push({ from: last, to: join, value: 0, label: 0 }, { from: 0, to: d, value: 0, label: 50 })
    last = join
  }
  return nested(next, links, of, parent, direction)
}

/** The same, of nodes that are of one size in all blocks; what goes down the chain enters those with two inputs by the second. */
function alike(count: number, direction: 'down' | 'right'): LayoutInput {
  const input = blocks(count, () => true, direction)
  const into = new Int32Array(input.count)
  for (let i = 2; i < input.count; i++) [input.width[i], input.height[i]] = [60 + 20 * ((i - 2) % 4), 24]
  const middle = (node: number): number => (direction === 'right' ? input.height : input.width)[node] / 2
  input.source.forEach((source, e) => {
    const target = input.target[e]
    input.sourceX[e] = middle(source)
    input.targetX[e] = (target - 2) % 4 < 2 ? middle(target) : middle(target) - 6 + 12 * into[target]++
  })
  return input
}

describe('a nested layout', () => {
  test('leads a chain straight through the borders of scopes, though not in their middle', () => {
    const links = [[0, 1], [1, 2], [2, 3], [3, 4]].map(([from, to]) => ({ from, to, value: 0, label: 80 })) // beside its lines, which are not in the middle so
    const input = nested(5, links, [-1, 0, 0, -1, 1], [-1, -1])
    const { points, pointStart } = layoutNested(input)
    for (const edge of [0, 2, 3]) {
      const ways = Array.from(points.subarray(2 * pointStart[edge], 2 * pointStart[edge + 1])).filter((_, at) => at % 2 === 0)
      expect(Math.max(...ways) - Math.min(...ways), `edge ${edge}`).toBeLessThan(1)
    }
  })
  test.each(['down', 'right'] as const)('of a chain of scopes that look alike has all of them in one line, running %s', (direction) => {
    const { nest } = layoutNested(alike(12, direction))
    const across = direction === 'right' ? nest!.y : nest!.x
    for (let b = 1; b < 12; b++) expect(Math.abs(across[2 * b] - across[0]), `block ${b}`).toBeLessThan(1)
  })

  test('of many scopes that each shift the line brings it back before it is far away', () => {
    const links = Array.from({ length: 40 }, (_, i) => ({ from: i, to: i + 1, value: i % 2 === 0 ? 2 : 0, label: 60 }))
    const { nest } = layoutNested(nested(41, links, Array.from({ length: 41 }, (_, i) => Math.floor((i + 1) / 2) - 1), new Array<number>(20).fill(-1)))
    expect(Math.max(...nest!.x) - Math.min(...nest!.x)).toBeLessThan(150)
  })

  test('leads a chain straight into low boxes, though by the second of two ports', () => {
    const input = alike(2, 'right')
    const { points, pointStart } = layoutNested(input)
    for (let e = 0; e < input.source.length; e++) {
      if (input.source[e] < 2 || input.target[e] !== input.source[e] + 1) continue
      const heights = Array.from(points.subarray(2 * pointStart[e], 2 * pointStart[e + 1])).filter((_, at) => at % 2 === 1)
      expect(Math.max(...heights) - Math.min(...heights), `edge ${e}`).toBeLessThan(1)
    }
  })

  test.each(['down', 'right'] as const)('of any acyclic graph keeps things in their boxes and lines out of foreign ones, running %s', (direction) => {
    fc.assert(fc.property(anyNested('acyclic', direction), (input) => {
      expect(brokenNesting(input, layoutNested(input))).toEqual([])
    }), { numRuns: 400 })
  })

  test('of any graph, with cycles, keeps them too', () => {
    fc.assert(fc.property(anyNested('any'), (input) => {
      expect(brokenNesting(input, layoutNested(input))).toEqual([])
    }), { numRuns: 300 })
  })

  test.each(['down', 'right'] as const)('that goes on from another one keeps them too, running %s', (direction) => {
    fc.assert(fc.property(anyNested('acyclic', direction), anyNested('acyclic', direction), (before, after) => {
      const result = layoutNested(after, memoryOf(layoutNested(before)))
      expect(brokenNesting(after, result)).toEqual([])
    }), { numRuns: 150 })
  })

  test('moves next to nothing when it is asked again from where it stands', () => {
    fc.assert(fc.property(anyNested('acyclic'), (input) => {
      const first = layoutNested(input)
      const again = layoutNested(input, memoryOf(first))
      const all = Array.from(first.rank.keys())
      for (const i of all) {
        const beside = all.find((other) => input.nest!.of[other] === input.nest!.of[i])!
        expect(Math.abs(again.y[i] - again.y[beside] - first.y[i] + first.y[beside])).toBeLessThan(30)
        expect(Math.abs(again.x[i] - again.x[beside] - first.x[i] + first.x[beside])).toBeLessThan(30)
      }
    }), { numRuns: 100 })
  })

  test.each(['down', 'right'] as const)('puts a node without edges where it was asked for in a scope, and leaves it there, running %s', (direction) => {
    const before = blocks(2, () => true, direction)
    const first = layoutNested(before)
    const next = withNode(before, 2)
    const [wide, high] = [first.nest!.width[2] + 40, first.nest!.height[2] + 40]
    const result = layoutNested(next, asking(before, first, 2, wide, high))
    expect(brokenNesting(next, result)).toEqual([])
    const [x, y] = apart(result, before.count, 6)
    expect(x).toBeCloseTo(first.nest!.x[2] + wide - first.x[6], 1)
    expect(y).toBeCloseTo(first.nest!.y[2] + high - first.y[6], 1)
    const wider = { ...next, width: next.width.map((one, i) => (i === 7 ? one + 60 : one)) }
    const again = layoutNested(wider, memoryOf(result))
    expect(brokenNesting(wider, again)).toEqual([])
    expect(apart(again, before.count, 6)).toEqual([expect.closeTo(x, 1), expect.closeTo(y, 1)])
  })

  test.each(['down', 'right'] as const)('lets a node without edges that was asked for anywhere stand in nothing\'s way, running %s', (direction) => {
    fc.assert(fc.property(anyNested('acyclic', direction), anyNested('acyclic', direction), fc.nat(7), fc.integer({ min: -200, max: 600 }), fc.integer({ min: -200, max: 600 }), (before, after, wanted, x, y) => {
      const container = Math.min(wanted, before.nest!.parent.length - 1)
      const next = withNode(before, container)
      const result = layoutNested(next, asking(before, layoutNested(before), container, x, y))
      expect(brokenNesting(next, result)).toEqual([])
      expect(brokenNesting(after, layoutNested(after, memoryOf(result)))).toEqual([])
    }), { numRuns: 150 })
  })

  test('makes identical blocks look identical', () => {
    const input = blocks(6)
    for (let i = 2; i < input.count; i++) {
      input.width[i] = 60 + 20 * ((i - 2) % 4)
      input.height[i] = 24
    }
    input.sourceX.fill(30)
    input.targetX.fill(30)
    const { x, y, nest } = layoutNested(input)
    for (let b = 1; b < 6; b++) {
      for (let i = 0; i < 4; i++) {
        expect(x[2 + 4 * b + i] - nest!.x[2 * b]).toBeCloseTo(x[2 + i] - nest!.x[0], 3)
        expect(y[2 + 4 * b + i] - nest!.y[2 * b]).toBeCloseTo(y[2 + i] - nest!.y[0], 3)
      }
    }
  })

  test('draws a value that many scopes take as one trunk between them', () => {
    const input = blocks(5)
    const result = layoutNested(input)
    const mask = Array.from(input.value.keys()).filter((e) => input.value[e] === 0)
    const begins = new Set(mask.map((e) => `${result.points[2 * result.pointStart[e]]} ${result.points[2 * result.pointStart[e] + 2]}`))
    expect(begins.size).toBe(1)
  })
})
