/** Nodes without edges: they stay where they stood or were asked for, beside what is there. */
import { describe, expect, it } from 'vitest'
import { layout } from './layout'
import { brokenLaws } from './laws'
import { PUT, type LayoutInput, type LayoutMemory, type LayoutResult } from './types'

/** A chain of so many nodes, and so many without edges after it. */
function input(chain: number, alone: number): LayoutInput {
  const count = chain + alone
  const edges = Math.max(0, chain - 1)
  return {
    count, width: new Float32Array(count).fill(80), height: new Float32Array(count).fill(24), key: Uint32Array.from({ length: count }, (_, i) => i),
    source: Uint32Array.from({ length: edges }, (_, i) => i), target: Uint32Array.from({ length: edges }, (_, i) => i + 1), value: Uint32Array.from({ length: edges }, (_, i) => i),
    sourceX: new Float32Array(edges).fill(40), targetX: new Float32Array(edges).fill(40), labelWidth: new Float32Array(edges).fill(60), direction: 'down',
  }
}

function memory(of: LayoutInput, result: LayoutResult, wish?: { key: number; x: number; y: number }): LayoutMemory {
  const more = wish ? [wish] : []
  return {
    key: Uint32Array.from([...of.key, ...more.map((one) => one.key)]), x: Float32Array.from([...result.x, ...more.map((one) => one.x)]),
    y: Float32Array.from([...result.y, ...more.map((one) => one.y)]), rank: Int32Array.from([...result.rank, ...more.map(() => PUT)]), trunks: result.trunks,
  }
}

describe('a node without edges', () => {
  const before = input(6, 0)
  const first = layout(before)

  it('stands where it was asked for when nothing is there', () => {
    const next = input(6, 1)
    const result = layout(next, memory(before, first, { key: 6, x: 300, y: 90 }))
    expect([result.x[6], result.y[6]]).toEqual([300, 90])
    expect(Array.from(result.x.slice(0, 6))).toEqual(Array.from(first.x))
    expect(result.bounds.right).toBeGreaterThanOrEqual(380)
  })

  it('that is taller than what is looked at around it stands on nothing, however far below its corner', () => {
    const next = input(40, 1)
    next.width[40] = 300
    next.height[40] = 4000
    const tall = layout(input(40, 0))
    const result = layout(next, memory(input(40, 0), tall, { key: 40, x: tall.x[0]! - 100, y: tall.y[0]! - 1500 }))
    expect(brokenLaws(next, result)).toEqual([])
  })

  it('stands beside nodes, wires and labels that are in its way, but near', () => {
    const next = input(6, 1)
    const result = layout(next, memory(before, first, { key: 6, x: first.x[2]!, y: first.y[2]! }))
    expect(brokenLaws(next, result)).toEqual([])
    expect(Math.hypot(result.x[6]! - first.x[2]!, result.y[6]! - first.y[2]!)).toBeLessThan(250)
  })

  it('stays where it is after other changes, and may be the only one', () => {
    const next = input(6, 1)
    const result = layout(next, memory(before, first, { key: 6, x: 300, y: 90 }))
    const again = layout(input(6, 1), memory(next, result))
    expect([again.x[6], again.y[6]]).toEqual([300, 90])
    const only = layout(input(0, 1), { key: Uint32Array.of(0), x: Float32Array.of(50), y: Float32Array.of(-40), rank: Int32Array.of(PUT) })
    expect([only.x[0], only.y[0], only.bounds.top]).toEqual([50, -40, -40])
  })

  it('that was asked for far out stays there after other changes', () => {
    const far = layout(input(6, 1), memory(before, first, { key: 6, x: 4000, y: 3000 }))
    const shorter = input(5, 0)
    const next: LayoutInput = { ...input(5, 1), key: Uint32Array.of(...shorter.key, 6) }
    const again = layout(next, memory(input(6, 1), far))
    expect([again.x[5], again.y[5]]).toEqual([4000, 3000])
  })

  it('that has just lost its last wire stays where it stood', () => {
    const cut: LayoutInput = { ...input(5, 1), key: before.key }
    const result = layout(cut, memory(before, first))
    expect([result.x[5], result.y[5]]).toEqual([first.x[5], first.y[5]])
    expect(brokenLaws(cut, result)).toEqual([])
  })

  it('goes to its row once it gets a wire', () => {
    const next = input(6, 1)
    const result = layout(next, memory(before, first, { key: 6, x: 900, y: 900 }))
    const wired = input(7, 0)
    const after = layout(wired, memory(next, result))
    expect(brokenLaws(wired, after)).toEqual([])
    expect(after.x[6]).toBeLessThan(300)
    expect(after.y[6]).toBeGreaterThan(after.y[5]!)
  })
})
