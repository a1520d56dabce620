/** Properties that every layout keeps, on random graphs of all shapes, and on shapes known to be hard. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layout } from './layout'
import { brokenLaws } from './laws'
import { REACH } from './local'
import { gainsNothing } from './gain'
import { NEAR, type LayoutInput, type LayoutMemory, type LayoutResult } from './types'

/** what Vitest runs in */
const node = globalThis as unknown as { process: { cpuUsage(since?: object): { user: number; system: number } } }

interface Link {
  from: number
  to: number
  value?: number
  label?: number
}

/** A graph of boxes; a value per source unless a link says otherwise, ports spread over the sides. */
function graph(count: number, links: Link[], options: { direction?: 'down' | 'right'; keys?: number[]; sizes?: [number, number][] } = {}): LayoutInput {
  const size = (i: number): [number, number] => options.sizes?.[i] ?? [60 + ((i * 37) % 90), 24 + ((i * 53) % 70)]
  const seen = new Set<number>()
  const into = new Int32Array(count)
  for (const { to } of links) into[to]++
  const at = new Int32Array(count)
  const breadth = (i: number): number => size(i)[options.direction === 'right' ? 1 : 0]
  return {
    count,
    width: Float32Array.from({ length: count }, (_, i) => size(i)[0]),
    height: Float32Array.from({ length: count }, (_, i) => size(i)[1]),
    key: Uint32Array.from({ length: count }, (_, i) => options.keys?.[i] ?? i),
    source: Uint32Array.from(links, (l) => l.from),
    target: Uint32Array.from(links, (l) => l.to),
    value: Uint32Array.from(links, (l) => l.from * 4 + (l.value ?? 0)),
    sourceX: Float32Array.from(links, (l) => breadth(l.from) * (0.5 + 0.12 * (l.value ?? 0))),
    targetX: Float32Array.from(links, (l) => (breadth(l.to) * ++at[l.to]) / (into[l.to] + 1)),
    labelWidth: Float32Array.from(links, (l) => {
      const value = l.from * 4 + (l.value ?? 0)
      const first = !seen.has(value)
      seen.add(value)
      return first ? (l.label ?? 0) : 0
    }),
    direction: options.direction ?? 'down',
  }
}

const anyLinks = (count: number, links: number, kind: 'acyclic' | 'any'): fc.Arbitrary<Link[]> =>
  fc.array(
    fc
      .record({ from: fc.nat(count - 1), to: fc.nat(count - 1), value: fc.nat(3), label: fc.constantFrom(0, 0, 30, 90, 160) })
      .map((l) => (kind === 'any' || l.from < l.to ? l : { ...l, from: l.to, to: l.from }))
      .filter((l) => kind === 'any' || l.from !== l.to),
    { maxLength: links },
  )

const anyGraph = (kind: 'acyclic' | 'any', direction: 'down' | 'right'): fc.Arbitrary<LayoutInput> =>
  fc.integer({ min: 2, max: 40 }).chain((count) => anyLinks(count, 70, kind).map((links) => graph(count, links, { direction })))

function memoryOf(input: LayoutInput, result: LayoutResult): LayoutMemory {
  return { key: input.key, x: result.x, y: result.y, rank: result.rank, trunks: result.trunks }
}

/** A chain of blocks: each forks into branches of different lengths, joins again, and has a skip edge; one mask feeds all. */
function blocks(count: number): Link[] {
  const links: Link[] = []
  let last = 1
  let next = 2
  for (let b = 0; b < count; b++) {
    const [a, c, d, join] = [next, next + 1, next + 2, next + 3]
    next += 4
    links.push({ from: last, to: a, label: 80 }, { from: last, to: c }, { from: a, to: d, label: 60 }, { from: d, to: join, label: 80 }, { from: c, to: join, label: 40 })
    links.push({ from: last, to: join }, { from: 0, to: d, label: 50 })
    last = join
  }
  return links
}

describe('a layout', () => {
  test.each(['down', 'right'] as const)('of any acyclic graph keeps all laws and runs %s', (direction) => {
    fc.assert(
      fc.property(anyGraph('acyclic', direction), (input) => {
        const result = layout(input)
        expect(brokenLaws(input, result)).toEqual([])
        for (let e = 0; e < input.source.length; e++) expect(result.rank[input.target[e]]).toBeGreaterThan(result.rank[input.source[e]])
      }),
      { numRuns: 8 },
    )
  })

  test('of a graph with cycles, self loops and isolated nodes keeps all laws', () => {
    fc.assert(
      fc.property(anyGraph('any', 'down'), (input) => {
        expect(brokenLaws(input, layout(input))).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  test('is the same every time', () => {
    fc.assert(
      fc.property(anyGraph('any', 'down'), (input) => {
        const first = { ...layout(input), milliseconds: 0 }
        expect({ ...layout(input), milliseconds: 0 }).toEqual(first)
      }),
      { numRuns: 30 },
    )
  })

  test('of nothing is empty', () => {
    expect(layout(graph(0, [])).bounds).toEqual({ left: 0, top: 0, right: 0, bottom: 0 })
  })

  test('draws a chain as one straight line', () => {
    const input = graph(50, Array.from({ length: 49 }, (_, i) => ({ from: i, to: i + 1, label: 80 })))
    const result = layout(input)
    expect(brokenLaws(input, result)).toEqual([])
    expect(result.points.length).toBe(2 * 2 * 49)
  })

  test('stands the labels of straight lines beside their arrows', () => {
    const input = graph(6, Array.from({ length: 5 }, (_, i) => ({ from: i, to: i + 1, label: 80 })))
    const result = layout(input)
    expect(brokenLaws(input, result)).toEqual([])
    for (let i = 0; i < 5; i++) expect(result.y[i + 1] - result.y[i] - input.height[i]).toBe(24) // a label of 14 and some air
  })

  test('lines the boxes of the main path of residual blocks up', () => {
    const links = blocks(30).filter((l) => l.from !== 0).map((l) => ({ ...l, from: l.from - 1, to: l.to - 1 }))
    const input = graph(1 + 4 * 30, links)
    const result = layout(input)
    expect(brokenLaws(input, result)).toEqual([])
    const axis = (i: number): number => result.x[i] + input.width[i] / 2
    for (let b = 1; b < 30; b++) expect(Math.abs(axis(4 * b) - axis(0))).toBeLessThan(1)
  })

  test('keeps the main path on one line however deep it is', () => {
    const blockCount = 2000
    const links = blocks(blockCount).filter((l) => l.from !== 0).map((l) => ({ ...l, from: l.from - 1, to: l.to - 1 }))
    const input = graph(1 + 4 * blockCount, links)
    const { x } = layout(input)
    const axes = Array.from({ length: blockCount }, (_, b) => x[4 * (b + 1)] + input.width[4 * (b + 1)] / 2)
    expect(Math.max(...axes) - Math.min(...axes)).toBeLessThan(1.1)
  })

  test('of hundreds of blocks does not wander sideways', () => {
    const result = layout(graph(2 + 4 * 500, blocks(500)))
    expect(result.bounds.right - result.bounds.left).toBeLessThan(1200)
  })

  test('puts thousands of isolated nodes into a grid', () => {
    const result = layout(graph(4000, []))
    const { right, bottom } = result.bounds
    expect(right / bottom).toBeGreaterThan(0.5)
    expect(right / bottom).toBeLessThan(4)
  })

  test('shares one trunk among the edges of a value, however many blocks it feeds', () => {
    const input = graph(2 + 4 * 200, blocks(200))
    const result = layout(input)
    const columns = new Set<number>()
    for (let e = 0; e < input.source.length; e++) {
      if (input.source[e] !== 0) continue
      for (let k = result.pointStart[e] + 2; k < result.pointStart[e + 1] - 1; k++) columns.add(result.points[2 * k])
    }
    expect(columns.size).toBeLessThan(220)
  })

  test.each([
    ['3000 siblings', graph(3002, [...Array(3000).keys()].flatMap((i) => [{ from: 0, to: i + 1, label: 60 }, { from: i + 1, to: 3001, label: 60 }]))],
    ['a node with 10,000 producers', graph(10001, [...Array(10000).keys()].map((i) => ({ from: i, to: 10000 })))],
    ['a ladder of nested skips', graph(4000, [...Array(3999).keys()].flatMap((i) => (i < 1990 ? [{ from: i, to: i + 1 }, { from: i, to: 3999 - i }] : [{ from: i, to: i + 1 }])))],
    ['5000 pairs', graph(10000, [...Array(5000).keys()].map((i) => ({ from: 2 * i, to: 2 * i + 1 })))],
    ['a cycle through 3000 nodes', graph(3000, [...Array(3000).keys()].map((i) => ({ from: i, to: (i + 1) % 3000 })))],
  ])('of %s takes a moment, not minutes', { timeout: 60_000 }, (_name, input) => {
    const before = node.process.cpuUsage()
    const result = layout(input)
    const { user, system } = node.process.cpuUsage(before)
    expect(user + system).toBeLessThan(5_000_000) // microseconds of the processor: others may be at work, too
    expect(result.x.every(Number.isFinite) && result.points.every(Number.isFinite)).toBe(true)
  })
})

describe('a warm start', () => {
  const base = graph(2 + 4 * 30, blocks(30))
  const cold = layout(base)

  test.each(['down', 'right'] as const)('of the unchanged graph moves nothing, running %s', (direction) => {
    const same = graph(base.count, blocks(30), { direction })
    const cold = layout(same)
    const result = layout(same, memoryOf(same, cold))
    expect(result.x).toEqual(cold.x)
    expect(result.y).toEqual(cold.y)
    for (let k = 0; k < cold.points.length; k++) expect(Math.abs(result.points[k] - cold.points[k])).toBeLessThan(0.01)
  })

  test('keeps nearly all nodes where they were when a node is inserted', () => {
    const links = blocks(30)
    const split = links.findIndex((l) => l.from === 50)
    const inserted = base.count
    links.push({ from: inserted, to: links[split].to, label: 80 })
    links[split] = { ...links[split], to: inserted }
    const input = graph(base.count + 1, links)
    const result = layout(input, memoryOf(base, cold))
    expect(brokenLaws(input, result)).toEqual([])
    expect(movedAcross(base, cold, input, result)).toBeLessThan(8)
  })

  test('keeps nearly all nodes where they were when a node is removed', () => {
    const gone = 61
    const keys = [...Array(base.count).keys()].filter((i) => i !== gone)
    const links = blocks(30).filter((l) => l.from !== gone && l.to !== gone).map((l) => ({ ...l, from: keys.indexOf(l.from), to: keys.indexOf(l.to) }))
    const sizes = keys.map((i): [number, number] => [base.width[i], base.height[i]])
    const input = graph(keys.length, links, { keys, sizes })
    const result = layout(input, memoryOf(base, cold))
    expect(brokenLaws(input, result)).toEqual([])
    expect(movedAcross(base, cold, input, result)).toBeLessThan(8)
  })

  test.each(['down', 'right'] as const)('keeps all laws whatever changed, running %s', (direction) => {
    const pair = fc.integer({ min: 2, max: 30 }).chain((count) => fc.tuple(anyLinks(count, 50, 'any'), anyLinks(count, 50, 'any')).map(([a, b]) => [graph(count, a, { direction }), graph(count, [...a.slice(0, 40), ...b.slice(0, 4)], { direction })]))
    fc.assert(
      fc.property(pair, ([before, after]) => {
        expect(brokenLaws(after, layout(after, memoryOf(before, layout(before))))).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  test.each(['down', 'right'] as const)('keeps all laws when things were only taken away, running %s', (direction) => {
    const taken = fc.integer({ min: 3, max: 30 }).chain((count) => fc.tuple(fc.constant(count), anyLinks(count, 50, 'any'), fc.nat(count - 1), fc.array(fc.nat(49), { minLength: 1, maxLength: 3 }), fc.boolean()))
    fc.assert(
      fc.property(taken, ([count, links, gone, cut, takesNode]) => {
        const before = graph(count, links, { direction })
        const first = layout(before)
        const keys = [...Array(count).keys()].filter((i) => !takesNode || i !== gone)
        const left = links.filter(({ from, to }, k) => !cut.includes(k) && keys.includes(from) && keys.includes(to)).map((link) => ({ ...link, from: keys.indexOf(link.from), to: keys.indexOf(link.to) }))
        const after = graph(keys.length, left, { direction, keys, sizes: keys.map((i) => [before.width[i], before.height[i]]) })
        expect(gainsNothing(before, after)).toBe(true)
        const result = layout(after, { ...memoryOf(before, first), nothingNew: true })
        expect(brokenLaws(after, result)).toEqual([])
      }),
      { numRuns: 100 },
    )
  })

  test.each([['a chain', []], ['a net with skips', [{ from: 5, to: 34 }, { from: 10, to: 29 }, { from: 15, to: 24 }]]])('lets all of %s stand where it stood when it is cut in the middle', (_, skips) => {
    const links: Link[] = [...Array.from({ length: 39 }, (__, i) => ({ from: i, to: i + 1, label: 80 })), ...skips]
    const before = graph(40, links)
    const first = layout(before)
    const after = graph(40, links.filter(({ from }) => from !== 19))
    const result = layout(after, { ...memoryOf(before, first), nothingNew: gainsNothing(before, after) })
    for (let i = 0; i < 40; i++) {
      expect(Math.abs(result.x[i] - first.x[i])).toBeLessThan(1)
      expect(Math.abs(result.y[i] - first.y[i])).toBeLessThan(24) // gaps in which fewer lines bend are lower
    }
  })

  /** A memory in which one more key is asked for at a place. */
  function askedAt(input: LayoutInput, result: LayoutResult, key: number, x: number, y: number): LayoutMemory {
    return { key: Uint32Array.of(...input.key, key), x: Float32Array.of(...result.x, x), y: Float32Array.of(...result.y, y), rank: Int32Array.of(...result.rank, NEAR), trunks: result.trunks }
  }

  test.each(['down', 'right'] as const)('puts a new node at the end of a wire where it was asked for, as near as its rows allow, running %s', (direction) => {
    const links = Array.from({ length: 30 }, (_, i): Link => ({ from: i, to: i + 1, label: 80 }))
    const before = graph(31, links, { direction })
    const first = layout(before)
    const right = direction === 'right'
    for (const [from, beside, aside] of [[3, 6, 300], [10, 25, -260]] as const) {
      const wanted = { x: first.x[beside] + (right ? 0 : aside), y: first.y[beside] + (right ? aside : 0) }
      const input = graph(32, [...links, { from, to: 31 }], { direction })
      const result = layout(input, askedAt(before, first, 31, wanted.x, wanted.y))
      expect(brokenLaws(input, result)).toEqual([])
      expect(result.rank[31]).toBe(first.rank[beside])
      const is = right ? result.y[31] - result.y[beside] : result.x[31] - result.x[beside]
      expect(is).toBeCloseTo(aside, 0)
    }
  })

  test('puts a node that is spliced into a long wire into the row that was asked for', () => {
    const links: Link[] = [...Array.from({ length: 30 }, (_, i): Link => ({ from: i, to: i + 1, label: 80 })), { from: 2, to: 28, label: 80 }]
    const before = graph(31, links)
    const first = layout(before)
    for (const row of [5, 15, 26]) {
      const input = graph(32, [...links.slice(0, -1), { from: 2, to: 31, label: 80 }, { from: 31, to: 28, label: 80 }])
      const result = layout(input, askedAt(before, first, 31, first.x[28] + 100, first.y[row]))
      expect(brokenLaws(input, result)).toEqual([])
      expect(result.rank[31]).toBe(row)
    }
  })

  test('keeps all laws wherever a new node was asked for', () => {
    const asked = fc.integer({ min: 2, max: 24 }).chain((count) => fc.tuple(fc.constant(count), anyLinks(count, 40, 'any'), fc.nat(count - 1), fc.option(fc.nat(count - 1)), fc.integer({ min: -300, max: 900 }), fc.integer({ min: -300, max: 1500 })))
    fc.assert(
      fc.property(asked, ([count, links, from, to, x, y]) => {
        const before = graph(count, links)
        const input = graph(count + 1, [...links, { from, to: count }, ...(to === null ? [] : [{ from: count, to }])])
        expect(brokenLaws(input, layout(input, askedAt(before, layout(before), count, x, y)))).toEqual([])
      }),
      { numRuns: 100 },
    )
  })

  test('moves nodes of a large graph sideways only in the few rows around those that something new stands in or passes', () => {
    const links = blocks(400)
    const large = graph(2 + 4 * 400, links)
    const first = layout(large)
    fc.assert(
      fc.property(fc.nat(links.length - 1), (split) => {
        const more = links.map((l, k) => (k === split ? { ...l, to: large.count } : l)).concat({ from: large.count, to: links[split].to, label: 80 })
        const input = graph(large.count + 1, more)
        const result = layout(input, memoryOf(large, first))
        const before = standingIn(large, first)
        const after = standingIn(input, result)
        const changed = new Set([result.rank[large.count]])
        for (let i = 0; i < large.count; i++) if (after[result.rank[i]] !== before[first.rank[i]]) changed.add(result.rank[i])
        const isNear = (row: number): boolean => [...changed].some((at) => Math.abs(at - row) <= REACH)
        for (let i = 0; i < large.count; i++) if (Math.abs(first.x[i] - result.x[i]) > 0.6) expect(result.rank[i]).toSatisfy(isNear)
      }),
      { numRuns: 8 },
    )
  })

  test('moves nothing sideways in the largest part of a graph when another part changes', () => {
    const many = blocks(12)
    const count = 2 + 4 * 12
    const beside = fc.integer({ min: 2, max: 8 }).chain((nodes) => fc.tuple(fc.constant(nodes), anyLinks(nodes, 8, 'acyclic'), anyLinks(nodes, 8, 'acyclic')))
    const both = (nodes: number, links: Link[]): LayoutInput => graph(count + nodes, [...many, ...links.map((l) => ({ ...l, from: l.from + count, to: l.to + count }))])
    fc.assert(
      fc.property(beside, ([nodes, a, b]) => {
        const before = both(nodes, a)
        const old = layout(before)
        const now = layout(both(nodes, b), memoryOf(before, old))
        for (let i = 0; i < count; i++) {
          expect(now.x[i]).toBe(old.x[i])
          expect(now.y[i] - now.y[0]).toBe(old.y[i] - old.y[0])
        }
      }),
      { numRuns: 25 },
    )
  })

  test('keeps all laws when the memory knows none of the nodes', () => {
    const strangers = { ...base, key: base.key.map((k) => k + 100000) }
    expect(brokenLaws(strangers, layout(strangers, memoryOf(base, cold)))).toEqual([])
  })
})

/** Per row what stands in it and which values pass it. */
function standingIn({ source, target, value, key }: LayoutInput, { rank }: LayoutResult): string[] {
  const rows: Set<string>[] = []
  const put = (row: number, name: string): void => { (rows[row] ??= new Set()).add(name) }
  rank.forEach((row, i) => { put(row, `${key[i]}`) })
  source.forEach((from, e) => { for (let row = rank[from] + 1; row < rank[target[e]]; row++) put(row, `value ${value[e]}`) })
  return rows.map((names) => [...names].sort().join())
}

function movedAcross(before: LayoutInput, old: LayoutResult, after: LayoutInput, now: LayoutResult): number {
  const was = new Map(Array.from(before.key, (key, i) => [key, old.x[i]]))
  let moved = 0
  after.key.forEach((key, i) => {
    const x = was.get(key)
    if (x !== undefined && Math.abs(x - now.x[i]) > 0.6) moved++
  })
  return moved
}
