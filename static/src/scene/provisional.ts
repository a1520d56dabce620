/** Where everything stands until the layout has answered: what was there stays, with its wires, and what is new is put among it. */
import { spare } from '../document/release'
import type { LayoutResult } from '../layout/types'
import { around, grown } from './arrange'
import { carried, type Carried } from './carried-lines'
import type { Spot } from './flow'
import { Newcomers } from './newcomers'
import { PlacedScene } from './placed'
import type { Scene } from './scene'
import type { Run } from './splice'
import { turned, turnedBack, type Standing } from './standing'
import { EVEN, route, type Points } from './ways'

/** that many wires are led around what is in their way */
const MOST_LED = 120
/** a wire that runs no further than this along the flow goes straight there */
const SHORT = 30
/** a label needs as much of its wire along the flow */
const LABEL_ROOM = 20
const LABEL = { aside: 7, below: 11 }

/**
 * The scene in the places of an earlier one. `wish`: the left upper corner of an item that was asked for at a place. Null: it is too different for
 * that: much is new, or another scope is open.
 */
export function provisional(before: PlacedScene, next: Scene, wish: (item: number) => Spot | null): PlacedScene | null {
  if (before.scene.graph !== next.graph || before.scene.direction !== next.direction) return null
  const nest = nestFor(before, next)
  const same = nest === null ? null : carried(before, next)
  if (!same || nest === null) return null
  const placed = new Provisional(before, next, same, nest).placed(wish)
  spare.give([same.was.buffer as ArrayBuffer, same.of.buffer as ArrayBuffer])
  return placed
}

/** The boxes of the open scopes. Null: one of them was not open; undefined: there are none. */
function nestFor(before: PlacedScene, next: Scene): LayoutResult['nest'] | null {
  const [{ nest }, keys] = [before.base, next.nesting?.nest.keys]
  if (!nest || !keys) return (nest === undefined) === (keys === undefined) ? undefined : null
  const boxes = { x: new Float32Array(keys.length), y: new Float32Array(keys.length), width: new Float32Array(keys.length), height: new Float32Array(keys.length) }
  for (let container = 0; container < keys.length; container++) {
    const own = before.containerWithKey(keys[container], container)
    if (own < 0) return null
    boxes.x[container] = nest.x[own]
    boxes.y[container] = nest.y[own]
    boxes.width[container] = nest.width[own]
    boxes.height[container] = nest.height[own]
  }
  return { ...boxes, memory: nest.memory }
}

class Provisional {
  private readonly x: Float32Array
  private readonly y: Float32Array
  private readonly standing: Standing
  private readonly was: Int32Array
  private readonly of: Int32Array
  /** wires that run otherwise than before */
  private readonly ways = new Map<number, Points>()
  private led = 0

  constructor(private readonly before: PlacedScene, private readonly next: Scene, private readonly same: Carried, private readonly nest: LayoutResult['nest']) {
    this.was = same.was
    this.of = same.of
    this.x = spare.take(Float32Array, next.count)
    this.y = spare.take(Float32Array, next.count)
    this.standing = turned(next, this.x, this.y)
  }

  placed(wish: (item: number) => Spot | null): PlacedScene {
    const { before, next, same: { fresh, touched } } = this
    next.targetAt = this.ports()
    this.stay()
    const beyond = { x: before.base.bounds.left, y: before.base.bounds.bottom + 40 }
    new Newcomers(before, next, this.was, this.standing, fresh, wish, beyond).place()
    this.findWays()
    const { base } = before
    const grew = [...fresh, ...touched.filter((item) => this.was[item] >= 0 && this.isLarger(item)), ...this.strays()]
    const nest = grown(next, { ...base, nest: this.nest }, this.x, this.y, grew)
    const lines = this.lines()
    const layout: LayoutResult = {
      x: this.x, y: this.y, ...lines, targetX: next.targetAt, nest, bounds: around(next, base, this.x, this.y, grew, nest), rank: new Int32Array(), milliseconds: 0,
    }
    return new PlacedScene(next, layout, { lines: { labelX: lines.labelX, labelY: lines.labelY, edgeBoxes: this.edgeBoxes(lines) }, provisional: true })
  }

  /** What is in another scope than before, and stands outside of it. */
  private strays(): number[] {
    const { before: { scene }, next: { nesting, width, height, count }, nest, x, y } = this
    if (!nesting || !nest || nesting.nest.fold.tree.parent === scene.nesting?.nest.fold.tree.parent) return []
    const found: number[] = []
    for (let item = 0; item < count; item++) {
      const around = nesting.of[item]
      if (around < 0) continue
      const [left, top] = [nest.x[around], nest.y[around]]
      if (x[item] < left || y[item] < top || x[item] + width[item] > left + nest.width[around] || y[item] + height[item] > top + nest.height[around]) found.push(item)
    }
    return found
  }

  private isLarger(item: number): boolean {
    const { next, before: { scene }, was } = this
    return next.width[item] > scene.width[was[item]] || next.height[item] > scene.height[was[item]]
  }

  /** A box of another size keeps the middle of the side that wires enter. */
  private stay(): void {
    const { before: { base, scene }, next, was, same, standing } = this
    for (const { from, to, length } of same.items) {
      this.x.set(base.x.subarray(from, from + length), to)
      this.y.set(base.y.subarray(from, from + length), to)
    }
    for (const item of same.touched) if (was[item] >= 0) standing.x[item] += (scene.side(was[item]) - next.side(item)) / 2
  }

  /** Ports where the layout has moved them to, at boxes that take as many wires as before. */
  private ports(): Float32Array {
    const { before: { scene }, next, same, was } = this
    const at = spare.copy(next.entersAt)
    for (const { from, to, length } of same.edges) at.set(scene.targetAt.subarray(from, from + length), to)
    for (const item of same.touched) {
      const entering = next.incoming(item)
      const entered = was[item] < 0 ? null : scene.incoming(was[item])
      const asBefore = entered?.length === entering.length && scene.side(was[item]) === next.side(item)
      for (let i = 0; i < entering.length; i++) at[entering[i]] = asBefore ? scene.targetAt[entered![i]] : next.entersAt[entering[i]]
    }
    return at
  }

  private findWays(): void {
    const { next, of, same } = this
    for (const item of same.touched) {
      for (const edges of [next.incoming(item), next.outgoing(item)]) for (const edge of edges) if (!this.ways.has(edge)) this.ways.set(edge, of[edge] < 0 ? this.led++ < MOST_LED ? this.way(edge) : this.straight(edge) : this.bent(edge))
    }
  }

  /** Both ends of a wire, as seen along the flow. */
  private ends(edge: number): [from: Spot, to: Spot] {
    const { next, standing: { x, y, height } } = this
    const [source, target] = [next.source[edge], next.target[edge]]
    return [{ x: x[source] + next.sourceAt[edge], y: y[source] + height[source] }, { x: x[target] + next.targetAt[edge], y: y[target] }]
  }

  private way(edge: number): Points {
    const [from, to] = this.ends(edge)
    return to.y > from.y && to.y - from.y < SHORT ? this.straight(edge) : turnedBack(this.next, route(this.next, this.standing, edge))
  }

  private straight(edge: number): Points {
    const [from, to] = this.ends(edge)
    const middle = (from.y + to.y) / 2
    return turnedBack(this.next, Math.abs(from.x - to.x) < EVEN ? [from.x, from.y, to.x, to.y] : [from.x, from.y, from.x, middle, to.x, middle, to.x, to.y])
  }

  /** As it ran, with its ends where they are now. */
  private bent(edge: number): Points {
    const { before: { base: { points, pointStart } }, next, of } = this
    const old = Array.from(points.subarray(2 * pointStart[of[edge]], 2 * pointStart[of[edge] + 1]))
    const way = turnedBack(next, old)
    const [from, to] = this.ends(edge)
    const last = way.length - 2
    if (last === 2 && Math.abs(from.x - to.x) >= EVEN) return this.straight(edge)
    if (way[2] === way[0]) way[2] = from.x
    if (way[last - 2] === way[last]) way[last - 2] = to.x
    way.splice(0, 2, from.x, from.y)
    way.splice(last, 2, to.x, to.y)
    return turnedBack(next, way)
  }

  private lines(): Pick<LayoutResult, 'pointStart' | 'points' | 'labelX' | 'labelY'> {
    const { before, next, of, ways, same } = this
    const { base } = before
    const pointStart = spare.take(Uint32Array, next.edgeCount + 1)
    pointStart[0] = 0
    const starts = base.pointStart
    const kept = this.keptRuns()
    let at = 0
    for (const { from, to, length } of kept) {
      for (; at < to; at++) pointStart[at + 1] = pointStart[at] + ways.get(at)!.length / 2
      const by = pointStart[at] - starts[from]
      for (let old = from + 1; at < to + length; old++) pointStart[++at] = starts[old] + by
    }
    for (; at < next.edgeCount; at++) pointStart[at + 1] = pointStart[at] + ways.get(at)!.length / 2
    const points = spare.take(Float32Array, 2 * pointStart[next.edgeCount])
    const labelX = spare.take(Float32Array, next.edgeCount)
    const labelY = spare.take(Float32Array, next.edgeCount)
    for (const { from, to, length } of same.edges) {
      labelX.set(before.labelX.subarray(from, from + length), to)
      labelY.set(before.labelY.subarray(from, from + length), to)
    }
    for (const { from, to, length } of kept) points.set(base.points.subarray(2 * starts[from], 2 * starts[from + length]), 2 * pointStart[to])
    for (const [edge, way] of ways) {
      points.set(way, 2 * pointStart[edge])
      if (of[edge] < 0) labelX[edge] = labelY[edge] = NaN
      if (!next.wires.isFirst(edge)) continue
      const [room, apart] = next.direction === 'right' ? [way[2]! - way[0]!, LABEL_ROOM * 3] : [way[3]! - way[1]!, LABEL_ROOM]
      labelX[edge] = room < apart ? NaN : way[0]! + LABEL.aside
      labelY[edge] = room < apart ? NaN : way[1]! + LABEL.below
    }
    return { pointStart, points, labelX, labelY }
  }

  /** The runs of wires that run as before, in order. */
  private keptRuns(): Run[] {
    const { same, ways } = this
    const others = [...ways.keys()].sort((a, b) => a - b)
    const kept: Run[] = []
    let next = 0
    for (const { from, to, length } of [...same.edges].sort((a, b) => a.to - b.to)) {
      let begin = to
      while (next < others.length && others[next] < to + length) {
        const other = others[next++]
        if (other > begin) kept.push({ from: from + begin - to, to: begin, length: other - begin })
        begin = Math.max(begin, other + 1)
      }
      if (begin < to + length) kept.push({ from: from + begin - to, to: begin, length: to + length - begin })
    }
    return kept
  }

  private edgeBoxes({ pointStart, points }: Pick<LayoutResult, 'pointStart' | 'points'>): Float32Array {
    const { before, next, ways } = this
    const boxes = spare.take(Float32Array, 4 * next.edgeCount)
    for (const { from, to, length } of this.same.edges) boxes.set(before.edgeBoxes.subarray(4 * from, 4 * (from + length)), 4 * to)
    for (const edge of ways.keys()) boxes.set(boxAround(points, pointStart[edge], pointStart[edge + 1]), 4 * edge)
    return boxes
  }
}

function boxAround(points: Float32Array, first: number, end: number): [number, number, number, number] {
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let p = 2 * first; p < 2 * end; p += 2) {
    box[0] = Math.min(box[0], points[p])
    box[1] = Math.min(box[1], points[p + 1])
    box[2] = Math.max(box[2], points[p])
    box[3] = Math.max(box[3], points[p + 1])
  }
  return box
}
