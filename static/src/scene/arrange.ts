/** Nodes that were put somewhere by hand, over a layout that knows nothing of it: they stand there, and their wires follow. */
import type { LayoutResult } from '../layout/types'
import { spotIn } from './flow'
import type { Scene } from './scene'

export interface Box { left: number; top: number; right: number; bottom: number }
export type Points = number[]

/** What places and notes of a graph are measured from: where the layout puts its first node, which goes along when all is shifted. */
export function originOf(scene: Scene, base: LayoutResult): { x: number; y: number } {
  const first = scene.document.nodesOf(scene.graph)[0]
  const item = first === undefined ? -1 : scene.itemShowing(first)
  return item < 0 ? { x: 0, y: 0 } : { x: base.x[item], y: base.y[item] }
}

/** The open scope that an item is in, and its left upper corner: what places in it are measured from. */
export function cornerOf(scene: Scene, base: LayoutResult, item: number): { within: string; x: number; y: number } {
  const container = scene.nesting?.of[item] ?? -1
  if (container < 0 || !base.nest) return { within: '', ...originOf(scene, base) }
  return { within: scene.nesting!.nest.path(container), x: base.nest.x[container], y: base.nest.y[container] }
}

/** What a place was measured from: also a scope that the node is in no more, or before it was in one. Null: that is not open. */
export function cornerFrom(scene: Scene, base: LayoutResult, item: number, { graph, within }: { graph: string; within: string }): { x: number; y: number } | null {
  const own = cornerOf(scene, base, item)
  if (own.within === within) return own
  if (within === '') return graph === scene.graph ? originOf(scene, base) : null
  const nest = scene.nesting?.nest
  for (let container = 0; nest && base.nest && container < nest.count; container++) if (nest.path(container) === within) return { x: base.nest.x[container], y: base.nest.y[container] }
  return null
}

const STUB = 18
const ASIDE = 22
const CLEAR = 6
/** boxes that a wire is led around at most; beyond that it takes the straight way */
const MOST_BOXES = 400

/** The layout with these items (by index) at their own left upper corners; `apart`: others make room for them. */
export function arrange(scene: Scene, base: LayoutResult, asked: ReadonlyMap<number, { x: number; y: number }>, apart = false): LayoutResult {
  if (asked.size === 0) return base
  const places = apart ? withRoom(scene, base, asked) : asked
  const x = base.x.slice()
  const y = base.y.slice()
  for (const [item, place] of places) {
    x[item] = place.x
    y[item] = place.y
  }
  const rerouted = new Map<number, Points>()
  const standing = turned(scene, x, y)
  for (const item of places.keys()) {
    for (const edge of [...scene.incoming(item), ...scene.outgoing(item)]) if (!rerouted.has(edge)) rerouted.set(edge, turnedBack(scene, route(scene, standing, edge)))
  }
  const { pointStart, points } = joined(base, rerouted)
  const labelX = base.labelX.slice()
  const labelY = base.labelY.slice()
  for (const [edge, way] of rerouted) {
    if (Number.isNaN(labelX[edge])) continue
    labelX[edge] = way[0]! + 7
    labelY[edge] = way[1]! + 11
  }
  const nest = grown(scene, base, x, y, places.keys())
  return { ...base, x, y, pointStart, points, labelX, labelY, nest, bounds: around(scene, base, x, y, places.keys(), nest) }
}

/** What would lie below a moved node stands beside it, across the flow, on the nearer side where there is room. */
function withRoom(scene: Scene, base: LayoutResult, asked: ReadonlyMap<number, { x: number; y: number }>): ReadonlyMap<number, { x: number; y: number }> {
  const places = new Map(asked)
  const [x, y] = [base.x.slice(), base.y.slice()]
  for (const [item, place] of asked) {
    x[item] = place.x
    y[item] = place.y
  }
  const standing = turned(scene, x, y)
  for (const [item] of asked) {
    const moved = boxOf(standing, item)
    for (let other = 0; other < scene.count; other++) {
      if (places.has(other) || !meet(boxOf(standing, other), moved)) continue
      const before = beside(standing, other, moved.left - ASIDE - standing.width[other], -1)
      const behind = beside(standing, other, moved.right + ASIDE, 1)
      standing.x[other] = Math.abs(before - standing.x[other]) <= Math.abs(behind - standing.x[other]) ? before : behind
      places.set(other, { x: x[other], y: y[other] })
    }
  }
  return places
}

/** The first free place for the item from there on, at its height. */
export function beside(standing: Standing, item: number, from: number, way: 1 | -1): number {
  const { x, width } = standing
  let at = from
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const box = { ...boxOf(standing, item), left: at, right: at + width[item] }
    let next = at
    for (let other = 0; other < x.length; other++) {
      if (other === item || !meet(box, boxOf(standing, other))) continue
      next = way > 0 ? Math.max(next, x[other] + width[other] + ASIDE) : Math.min(next, x[other] - ASIDE - width[item])
    }
    if (next === at) return at
    at = next
  }
  return at
}

const MOST_TRIES = 20

export function meet(one: Box, other: Box): boolean {
  return one.left < other.right && one.right > other.left && one.top < other.bottom && one.bottom > other.top
}

const BORDER = 16

/** Open scopes reach around what was moved in them, and those around them likewise. */
export function grown(scene: Scene, { nest }: LayoutResult, x: Float32Array, y: Float32Array, items: Iterable<number>): LayoutResult['nest'] {
  const { nesting } = scene
  if (!nest || !nesting) return nest
  const [left, top, width, height] = [nest.x.slice(), nest.y.slice(), nest.width.slice(), nest.height.slice()]
  const reach = (container: number, box: Box): void => {
    if (container < 0) return
    const right = Math.max(left[container] + width[container], box.right + BORDER)
    const bottom = Math.max(top[container] + height[container], box.bottom + BORDER)
    left[container] = Math.min(left[container], box.left - BORDER)
    top[container] = Math.min(top[container], box.top - 2 * BORDER)
    width[container] = right - left[container]
    height[container] = bottom - top[container]
    reach(nesting.nest.parent[container], { left: left[container], top: top[container], right, bottom })
  }
  for (const item of items) reach(nesting.of[item], boxOf({ x, y, width: scene.width, height: scene.height }, item))
  return { ...nest, x: left, y: top, width, height }
}

function joined(base: LayoutResult, rerouted: ReadonlyMap<number, Points>): { pointStart: Uint32Array; points: Float32Array } {
  const edges = base.pointStart.length - 1
  const pointStart = new Uint32Array(edges + 1)
  for (let edge = 0; edge < edges; edge++) pointStart[edge + 1] = pointStart[edge] + (rerouted.has(edge) ? rerouted.get(edge)!.length / 2 : base.pointStart[edge + 1] - base.pointStart[edge])
  const points = new Float32Array(pointStart[edges] * 2)
  for (let edge = 0; edge < edges; edge++) {
    const way = rerouted.get(edge)
    if (way) points.set(way, pointStart[edge] * 2)
    else points.set(base.points.subarray(base.pointStart[edge] * 2, base.pointStart[edge + 1] * 2), pointStart[edge] * 2)
  }
  return { pointStart, points }
}

export function around(scene: Scene, base: LayoutResult, x: Float32Array, y: Float32Array, items: Iterable<number>, nest: LayoutResult['nest']): LayoutResult['bounds'] {
  const bounds = { ...base.bounds }
  for (let container = 0; nest && container < nest.x.length; container++) {
    bounds.left = Math.min(bounds.left, nest.x[container])
    bounds.top = Math.min(bounds.top, nest.y[container])
    bounds.right = Math.max(bounds.right, nest.x[container] + nest.width[container])
    bounds.bottom = Math.max(bounds.bottom, nest.y[container] + nest.height[container])
  }
  for (const item of items) {
    bounds.left = Math.min(bounds.left, x[item])
    bounds.top = Math.min(bounds.top, y[item])
    bounds.right = Math.max(bounds.right, x[item] + scene.width[item])
    bounds.bottom = Math.max(bounds.bottom, y[item] + scene.height[item])
  }
  return bounds
}

/** Where boxes stand and how large they are, turned so that the flow is downwards. */
export interface Standing { x: Float32Array; y: Float32Array; width: Float32Array; height: Float32Array }

export function turned(scene: Scene, x: Float32Array, y: Float32Array): Standing {
  return scene.direction === 'right' ? { x: y, y: x, width: scene.height, height: scene.width } : { x, y, width: scene.width, height: scene.height }
}

export function turnedBack({ direction }: Scene, way: Points): Points {
  const points: Points = []
  for (let p = 0; p < way.length; p += 2) {
    const { x, y } = spotIn(direction, way[p]!, way[p + 1]!)
    points.push(x, y)
  }
  return points
}

/** Leaves and enters vertically; downwards by a level that is free, upwards past both ends. */
export function route(scene: Scene, standing: Standing, edge: number): Points {
  const { x, y, height } = standing
  const source = scene.source[edge]
  const target = scene.target[edge]
  const from = { x: x[source] + scene.sourceAt[edge], y: y[source] + height[source] }
  const to = { x: x[target] + scene.targetAt[edge], y: y[target] }
  if (to.y - from.y >= 2 * STUB) return downwards(from, to, obstacles(standing, source, target, from, to))
  const [one, two] = [boxOf(standing, source), boxOf(standing, target)]
  const past = (column: number): Points => [from.x, from.y, from.x, from.y + STUB, column, from.y + STUB, column, to.y - STUB, to.x, to.y - STUB, to.x, to.y]
  const between = one.right < two.left ? [(one.right + two.left) / 2] : two.right < one.left ? [(two.right + one.left) / 2] : []
  const aside = [Math.max(one.right, two.right) + ASIDE, Math.min(one.left, two.left) - ASIDE].sort((a, b) => Math.abs(a - from.x) + Math.abs(a - to.x) - Math.abs(b - from.x) - Math.abs(b - to.x))
  const columns = [...between, ...aside]
  return past(columns.find((column) => free([one, two], past(column).slice(2, -2))) ?? columns[0]!)
}

function downwards(from: { x: number; y: number }, to: { x: number; y: number }, boxes: readonly Box[]): Points {
  const straight = Math.abs(from.x - to.x) < 1
  if (straight && free(boxes, [from.x, from.y, to.x, to.y])) return [from.x, from.y, to.x, to.y]
  const levels = [to.y - STUB, from.y + STUB, (from.y + to.y) / 2, ...boxes.flatMap((box) => [box.top - CLEAR - 2, box.bottom + CLEAR + 2])]
  const by = (level: number): Points => [from.x, from.y, from.x, level, to.x, level, to.x, to.y]
  const inside = levels.filter((level) => level >= from.y + CLEAR && level <= to.y - CLEAR)
  const found = inside.find((level) => free(boxes, by(level)))
  if (found !== undefined) return by(found)
  const columns = boxes.flatMap((box) => [box.left - ASIDE, box.right + ASIDE]).sort((a, b) => Math.abs(a - (from.x + to.x) / 2) - Math.abs(b - (from.x + to.x) / 2))
  const past = (column: number): Points => [from.x, from.y, from.x, from.y + STUB, column, from.y + STUB, column, to.y - STUB, to.x, to.y - STUB, to.x, to.y]
  const column = columns.slice(0, 40).find((one) => free(boxes, past(one)))
  return column === undefined ? by(to.y - STUB) : past(column)
}

function free(boxes: readonly Box[], way: Points): boolean {
  for (let p = 0; p + 3 < way.length; p += 2) {
    const left = Math.min(way[p]!, way[p + 2]!)
    const right = Math.max(way[p]!, way[p + 2]!)
    const top = Math.min(way[p + 1]!, way[p + 3]!)
    const bottom = Math.max(way[p + 1]!, way[p + 3]!)
    if (boxes.some((box) => left < box.right + CLEAR && right > box.left - CLEAR && top < box.bottom && bottom > box.top)) return false
  }
  return true
}

/** What stands between the two ends, but for the two themselves. */
function obstacles(standing: Standing, source: number, target: number, from: { x: number; y: number }, to: { x: number; y: number }): Box[] {
  const { x, y, width, height } = standing
  const found: Box[] = []
  const left = Math.min(from.x, to.x) - 200
  const right = Math.max(from.x, to.x) + 200
  for (let item = 0; item < x.length && found.length <= MOST_BOXES; item++) {
    if (item === source || item === target || x[item] > right || y[item] > to.y || x[item] + width[item] < left || y[item] + height[item] < from.y) continue
    found.push(boxOf(standing, item))
  }
  return found.length > MOST_BOXES ? [] : found
}

export function boxOf({ x, y, width, height }: Standing, item: number): Box {
  return { left: x[item], top: y[item], right: x[item] + width[item], bottom: y[item] + height[item] }
}
