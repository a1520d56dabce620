/** A scene with places: where every box stands and every wire runs, and boxes around wires to find them quickly. */
import { spare } from '../document/release'
import { gainsNothing } from '../layout/gain'
import type { LayoutMemory, LayoutResult, NestResult } from '../layout/types'
import type { Spot } from './flow'
import { NODE, type Scene } from './scene'

export interface Bounds { left: number; top: number; right: number; bottom: number }

/** `earlier`: another scene in the same layout, of which a placed one takes over what is the same; `lines`: where labels stand and boxes around wires are, when that is known. */
interface PlacedFrom { earlier?: PlacedScene; base?: LayoutResult; lines?: Pick<PlacedScene, 'labelX' | 'labelY' | 'edgeBoxes'>; provisional?: boolean }

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

  /** the layout before nodes were moved by hand, which the next one continues */
  readonly base: LayoutResult
  /** it stands in for a layout that is still to come, which does not go on from it */
  readonly provisional: boolean

  constructor(readonly scene: Scene, readonly layout: LayoutResult, { earlier, base = layout, lines, provisional = false }: PlacedFrom = {}) {
    this.base = base
    this.provisional = provisional
    if (layout.targetX) scene.targetAt = layout.targetX.subarray(0, scene.edgeCount)
    this.x = layout.x
    this.y = layout.y
    this.pointStart = layout.pointStart
    this.points = layout.points
    const known = lines ?? (scene.direction === 'right' ? labelsAlongWires(scene, layout) : { labelX: labelsAtWires(scene, layout), labelY: layout.labelY })
    this.labelX = known.labelX
    this.labelY = known.labelY
    this.bounds = layout.bounds
    this.edgeBoxes = lines?.edgeBoxes ?? (earlier?.layout === layout ? earlier.edgeBoxes : boxes(scene.edgeCount, layout))
    this.items = earlier?.layout === layout ? earlier.items : null
  }

  /** Boxes of the open scopes, as the scene's nest has them. */
  get nest(): NestResult | null {
    return this.layout.nest ?? null
  }

  boxOfContainer(container: number): Bounds {
    const { x, y, width, height } = this.layout.nest!
    return { left: x[container], top: y[container], right: x[container] + width[container], bottom: y[container] + height[container] }
  }

  /** The box of what has this key: an item, or an open scope; null: it is not there. */
  boxWithKey(key: number): Bounds | null {
    const item = this.itemWithKey(key)
    if (item >= 0) return this.boxOf(item)
    const container = this.containerWithKey(key)
    return container < 0 ? null : this.boxOfContainer(container)
  }

  /** The open scope with this key; -1: there is none. `near`: where it may be. */
  containerWithKey(key: number, near = -1): number {
    const keys = this.scene.nesting?.nest.keys ?? NO_KEYS
    const found = nearby(keys, key, near)
    if (found >= 0) return found
    this.containers ??= itemsByKey(keys)
    return this.containers[key] ?? -1
  }

  private containers: Int32Array | null = null

  /** What a layout of `next` starts from: boxes of another size keep their middle. Undefined: one is flat, the other has scopes, or they run in different directions. */
  memory(next: Scene): LayoutMemory | undefined {
    if (this.provisional) throw new Error('no layout goes on from provisional places')
    const { rank, trunks, nest } = this.base
    if ((nest === undefined) !== (next.nesting === null) || this.scene.direction !== next.direction) return undefined
    if (nest) return { key: new Uint32Array(), x: new Float32Array(), y: new Float32Array(), rank: new Int32Array(), nest: nest.memory }
    const x = this.base.x.slice()
    const y = this.base.y.slice()
    const across = next.direction === 'right' ? y : x
    for (let item = 0; item < next.count; item++) {
      const was = this.itemWithKey(next.key[item])
      if (was >= 0) across[was] += (this.scene.side(was) - next.side(item)) / 2
    }
    return {
      key: this.scene.key.slice(), x, y, rank: rank.slice(), nothingNew: gainsNothing(this.scene, next),
      trunks: trunks && { key: trunks.key.slice(), slot: trunks.slot.slice(), start: trunks.start.slice(), x: trunks.x.slice() },
    }
  }

  /** The item with this key; -1: it is not there. `near`: where it may be: few edits move items by much. */
  itemWithKey(key: number, near = -1): number {
    const found = nearby(this.scene.key, key, near)
    if (found >= 0) return found
    this.items ??= itemsByKey(this.scene.key)
    return this.items[key] ?? -1
  }

  /** The item of a node that is shown itself; -1: it is not. */
  itemOfNode(id: string): number {
    const { scene } = this
    const node = scene.document.nodeIndex(id)
    const item = node < 0 ? -1 : scene.itemOfNode(node)
    return item >= 0 && scene.kind[item] === NODE && scene.index[item] === node ? item : -1
  }

  private items: Int32Array | null

  /** The place on the side of an item that wires enter ('in') or leave ('out'), so far along that side. */
  endOn(item: number, side: 'in' | 'out', at: number): Spot {
    const { x, y } = this.scene.spotOn(item, side, at)
    return { x: this.x[item] + x, y: this.y[item] + y }
  }

  boxOf(item: number): Bounds {
    return { left: this.x[item], top: this.y[item], right: this.x[item] + this.scene.width[item], bottom: this.y[item] + this.scene.height[item] }
  }
}

const NO_KEYS = new Uint32Array()

/** The place of a key, beside the one where it is expected; -1: it is not there. */
function nearby(keys: Uint32Array, key: number, near: number): number {
  if (near < 0) return -1
  if (keys[near] === key) return near
  if (keys[near - 1] === key) return near - 1
  return keys[near + 1] === key ? near + 1 : -1
}

function itemsByKey(key: Uint32Array): Int32Array {
  let most = -1
  for (let item = 0; item < key.length; item++) if (key[item] > most) most = key[item]
  const items = spare.take(Int32Array, most + 1).fill(-1)
  for (let item = 0; item < key.length; item++) items[key[item]] = item
  return items
}

/** A label left of its wire ends at the wire, however much more room was kept for it. */
function labelsAtWires({ labels, room }: Scene, { labelX, pointStart, points }: LayoutResult): Float32Array {
  const at = spare.copy(labelX)
  for (let edge = 0; edge < labels.length; edge++) {
    const label = labels[edge]
    if (label && label.width < room[edge] && labelX[edge] < points[pointStart[edge] * 2]) at[edge] += room[edge] - label.width
  }
  return at
}

/** how far the middle of a label is from the wire that it stands over or under */
const BESIDE = 11
/** how far a label keeps from the box where its wire begins: ports are drawn there */
const CLEAR = 8
/** the same in the layout, which also tells whether the label stands at the beginning of its wire or at the end */
const LAID_OUT = 14

/** The same where the graph runs to the right: a label stands in the middle of the room that was kept for it, close to its wire. */
function labelsAlongWires({ labels, room }: Scene, { labelX, labelY, pointStart, points }: LayoutResult): { labelX: Float32Array; labelY: Float32Array } {
  const x = spare.copy(labelX)
  const y = spare.copy(labelY)
  labels.forEach((label, edge) => {
    if (!label || Number.isNaN(labelY[edge])) return
    const [begin, end] = [2 * pointStart[edge], 2 * pointStart[edge + 1] - 2]
    x[edge] = Math.max(labelX[edge] + (room[edge] - label.width) / 2, points[begin] + CLEAR)
    for (const wire of [points[end + 1], points[begin + 1]]) {
      const far = labelY[edge] - wire
      if (Math.abs(Math.abs(far) - LAID_OUT) < 0.5) y[edge] = wire + Math.sign(far) * BESIDE
    }
  })
  return { labelX: x, labelY: y }
}

function boxes(edges: number, { pointStart, points }: LayoutResult): Float32Array {
  const found = spare.take(Float32Array, edges * 4)
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

export function isWithin(inner: Bounds, outer: Bounds): boolean {
  return inner.left >= outer.left && inner.top >= outer.top && inner.right <= outer.right && inner.bottom <= outer.bottom
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
