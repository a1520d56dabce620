/** Nodes that were put somewhere by hand, over a layout that knows nothing of it: they stand there, and their wires follow. */
import type { LayoutResult } from '../layout/types'
import type { Bounds } from './placed'
import type { Scene } from './scene'
import { ASIDE, beside, boxOf, meet, turned, turnedBack } from './standing'
import { route, type Points } from './ways'

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

const BORDER = 16

/** Open scopes reach around what was moved in them, and those around them likewise. */
export function grown(scene: Scene, { nest }: LayoutResult, x: Float32Array, y: Float32Array, items: Iterable<number>): LayoutResult['nest'] {
  const { nesting } = scene
  if (!nest || !nesting) return nest
  const [left, top, width, height] = [nest.x.slice(), nest.y.slice(), nest.width.slice(), nest.height.slice()]
  const reach = (container: number, box: Bounds): void => {
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
