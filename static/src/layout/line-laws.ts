/** What lines keep from one another, and which way they run, for tests: each broken law is one line of text. */
import type { LayoutInput, LayoutNest } from './types'

export type Point = [number, number]

export interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

/** Lines of different values that run beside one another are this far apart, measured across the flow; where they come to ports of one node, as far as those. */
export const APART = 8
const SLACK = 0.6
/** heights are told apart by this, pixels; nothing is further up than the lowest band */
const BAND = 120
const LOWEST = -100

interface Piece { e: number; from: Point; to: Point }

/** Lines of different values keep apart wherever they run beside one another; `lines` run downwards, one per edge, but for those that go back up, which stand apart. */
export function checkApart({ source, target, value, sourceX }: LayoutInput, targetX: Float32Array, lines: readonly Point[][], broken: string[]): void {
  const pieces: Piece[] = []
  lines.forEach((line, e) => {
    const falling = line.slice(1).map((to, k) => ({ e, from: line[k], to }))
    if (falling.every(({ from, to }) => to[1] > from[1])) pieces.push(...falling)
  })
  const least = (a: number, b: number): number =>
    Math.min(APART, source[a] === source[b] ? Math.abs(sourceX[a] - sourceX[b]) : APART, target[a] === target[b] ? Math.abs(targetX[a] - targetX[b]) : APART) - SLACK
  const near = new Set<string>()
  for (const band of inBands(pieces)) {
    band.sort((a, b) => leftOf(a) - leftOf(b))
    for (let i = 0; i < band.length; i++) {
      const end = Math.max(band[i].from[0], band[i].to[0]) + APART
      for (let j = i + 1; j < band.length && leftOf(band[j]) < end; j++) {
        const [one, other] = [band[i], band[j]]
        if (value[other.e] !== value[one.e] && distance(one, other) < least(one.e, other.e)) near.add([one.e, other.e].sort((a, b) => a - b).join(' and '))
      }
    }
  }
  for (const names of near) broken.push(`edges ${names} run too near to one another`)
}

/** Pieces by the heights that they pass, so that not all are held against all. */
function inBands(pieces: readonly Piece[]): Piece[][] {
  const bands: Piece[][] = []
  for (const piece of pieces) for (let band = Math.floor(piece.from[1] / BAND); band <= Math.floor(piece.to[1] / BAND); band++) (bands[band - LOWEST] ??= []).push(piece)
  return bands.filter((band) => band !== undefined)
}

function leftOf({ from, to }: Piece): number {
  return Math.min(from[0], to[0])
}

/** How near two pieces come, across, at heights that both have; infinity where they cross. */
function distance(a: Piece, b: Piece): number {
  const [top, bottom] = [Math.max(a.from[1], b.from[1]), Math.min(a.to[1], b.to[1])]
  if (bottom - top < 2 * SLACK) return Infinity
  const [above, below] = [across(a, top) - across(b, top), across(a, bottom) - across(b, bottom)]
  return above * below < 0 && Math.abs(above - below) > SLACK ? Infinity : Math.min(Math.abs(above), Math.abs(below))
}

function across({ from, to }: Piece, y: number): number {
  return from[0] + ((to[0] - from[0]) * (y - from[1])) / (to[1] - from[1])
}

/**
 * What an edge leads to stands below what it comes from, if nothing goes in a circle through both: nodes, or, where one is in a
 * container that the other is not in, that container.
 */
export function checkFalling(input: LayoutInput, nodes: readonly Box[], boxes: readonly Box[], nest: LayoutNest | null, broken: string[]): void {
  const { count, source, target, direction } = input
  const around = (thing: number): number => (thing < count ? (nest?.of[thing] ?? -1) : nest!.parent[thing - count])
  const chain = (thing: number): number[] => { const found = [thing]; for (let c = around(thing); c >= 0; c = nest!.parent[c]) found.push(count + c); return found }
  const ends = Array.from(source, (from, e) => {
    const [a, b] = [chain(from), chain(target[e])]
    while (a.length > 1 && b.length > 1 && a[a.length - 1] === b[b.length - 1]) { a.pop(); b.pop() }
    return [a[a.length - 1], b[b.length - 1]]
  })
  const out = new Map<number, Set<number>>()
  for (const [a, b] of ends) out.set(a, (out.get(a) ?? new Set()).add(b))
  const reaches = (from: number, to: number): boolean => {
    const seen = new Set([from])
    for (const thing of seen) for (const next of out.get(thing) ?? []) seen.add(next)
    return seen.has(to)
  }
  const box = (thing: number): Box => (thing < count ? nodes[thing] : boxes[thing - count])
  ends.forEach(([a, b], e) => {
    const [upper, lower] = [box(a), box(b)]
    const falls = direction === 'right' ? lower.left >= upper.right : lower.top >= upper.bottom
    if (a !== b && !falls && !reaches(b, a)) broken.push(`edge ${e} runs against the flow`)
  })
}
