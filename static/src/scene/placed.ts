/** A scene with places: where every box stands and every wire runs, and boxes around wires to find them quickly. */
import type { LayoutMemory, LayoutResult } from '../layout/types'
import type { Scene } from './scene'

export interface Bounds { left: number; top: number; right: number; bottom: number }

export class PlacedScene {
  readonly x: Float32Array
  readonly y: Float32Array
  readonly pointStart: Uint32Array
  readonly points: Float32Array
  readonly labelX: Float32Array
  readonly labelY: Float32Array
  readonly bounds: Bounds
  /** left, top, right, bottom of each edge's polyline */
  readonly edgeBoxes: Float32Array

  constructor(readonly scene: Scene, readonly layout: LayoutResult) {
    this.x = layout.x
    this.y = layout.y
    this.pointStart = layout.pointStart
    this.points = layout.points
    this.labelX = layout.labelX
    this.labelY = layout.labelY
    this.bounds = layout.bounds
    this.edgeBoxes = boxes(scene.edgeCount, layout)
  }

  memory(): LayoutMemory {
    return { key: this.scene.key.slice(), x: this.x.slice(), y: this.y.slice(), rank: this.layout.rank.slice() }
  }

  /** Where the item with this key stands; -1: it is not there. */
  itemWithKey(key: number): number {
    this.keys ??= new Map(Array.from(this.scene.key, (known, item) => [known, item]))
    return this.keys.get(key) ?? -1
  }

  private keys: Map<number, number> | null = null

  boxOf(item: number): Bounds {
    return { left: this.x[item], top: this.y[item], right: this.x[item] + this.scene.width[item], bottom: this.y[item] + this.scene.height[item] }
  }
}

function boxes(edges: number, { pointStart, points }: LayoutResult): Float32Array {
  const found = new Float32Array(edges * 4)
  for (let edge = 0; edge < edges; edge++) {
    let left = Infinity
    let top = Infinity
    let right = -Infinity
    let bottom = -Infinity
    for (let p = pointStart[edge] * 2; p < pointStart[edge + 1] * 2; p += 2) {
      if (points[p] < left) left = points[p]
      if (points[p] > right) right = points[p]
      if (points[p + 1] < top) top = points[p + 1]
      if (points[p + 1] > bottom) bottom = points[p + 1]
    }
    found[edge * 4] = left
    found[edge * 4 + 1] = top
    found[edge * 4 + 2] = right
    found[edge * 4 + 3] = bottom
  }
  return found
}

export function union(all: Iterable<Bounds>): Bounds | null {
  let found: Bounds | null = null
  for (const one of all) {
    found = found
      ? { left: Math.min(found.left, one.left), top: Math.min(found.top, one.top), right: Math.max(found.right, one.right), bottom: Math.max(found.bottom, one.bottom) }
      : { ...one }
  }
  return found
}
