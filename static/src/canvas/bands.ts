/** What touches an area: found by bands across the flow, so that a frame or a tile does not look at everything in a large graph. */
import { spare } from '../document/release'
import type { LayoutResult } from '../layout/types'
import type { Bounds, PlacedScene } from '../scene/placed'

/** fewer are looked at one by one */
const MANY = 5000
/** Looks at everything before the bands are made: most layouts after edits are seen in a few frames only. */
const LOOKS_BEFORE = 4
/** Bands at most, from the finest on; what reaches over too many bands of one kind stands in those of the next, or in none. */
const BANDS = [2048, 128]
const LONG = 6

/** Things by the band in which they begin. */
class Bands {
  private readonly from: number
  private readonly step: number
  private readonly count: number
  private readonly start: Uint32Array
  readonly things: Uint32Array
  private readonly longer: Bands | Uint32Array

  constructor(begin: Float32Array, end: Float32Array, of: Uint32Array, kind = 0) {
    this.from = least(begin)
    const to = most(end)
    this.count = BANDS[kind]
    this.step = Math.max(1, (to - this.from) / this.count)
    const long: number[] = []
    this.start = new Uint32Array(this.count + 1)
    for (let i = 0; i < of.length; i++) {
      const first = this.bandOf(begin[of[i]])
      if (this.bandOf(end[of[i]]) - first >= LONG) long.push(of[i])
      else this.start[first + 1]++
    }
    for (let at = 0; at < this.count; at++) this.start[at + 1] += this.start[at]
    const next = this.start.slice()
    this.things = spare.take(Uint32Array, of.length - long.length)
    for (let i = 0, aside = 0; i < of.length; i++) {
      if (long[aside] === of[i]) aside++
      else this.things[next[this.bandOf(begin[of[i]])]++] = of[i]
    }
    const rest = Uint32Array.from(long)
    this.longer = kind + 1 < BANDS.length ? new Bands(begin, end, rest, kind + 1) : rest
  }

  /** What may touch the stretch. */
  look(from: number, to: number, visit: (thing: number) => void): void {
    const first = this.start[Math.max(0, this.bandOf(from) - LONG + 1)]
    const last = this.start[this.bandOf(to) + 1]
    for (let i = first; i < last; i++) visit(this.things[i])
    if (this.longer instanceof Bands) this.longer.look(from, to, visit)
    else for (let i = 0; i < this.longer.length; i++) visit(this.longer[i])
  }

  private bandOf(at: number): number {
    return Math.min(this.count - 1, Math.max(0, Math.floor((at - this.from) / this.step)))
  }
}

interface Known { edgeLooks: number; itemLooks: number; edges: Bands | null; items: Bands | null }
const knownOf = new WeakMap<LayoutResult, Known>()

function known(placed: PlacedScene): Known {
  let found = knownOf.get(placed.layout)
  if (!found) knownOf.set(placed.layout, (found = { edgeLooks: 0, itemLooks: 0, edges: null, items: null }))
  return found
}

/** Gives back what was made for a layout that is not used any more. */
export function forgetBands(layout: LayoutResult): void {
  const { edges = null, items = null } = knownOf.get(layout) ?? {}
  for (const bands of [edges, items]) if (bands) spare.give([bands.things.buffer as ArrayBuffer])
  knownOf.delete(layout)
}

/** Bands of what begins and ends there. Both columns are given back. */
function bandsOf(begin: Float32Array, end: Float32Array): Bands {
  const all = numbers(begin.length)
  const bands = new Bands(begin, end, all)
  spare.give([begin, end, all].map(({ buffer }) => buffer as ArrayBuffer))
  return bands
}

/** Visits each edge whose box touches the area, in no order. */
export function edgesTouching(placed: PlacedScene, { left, top, right, bottom }: Bounds, visit: (edge: number) => void): void {
  const { edgeBoxes } = placed
  const total = edgeBoxes.length / 4
  const touches = (at: number): boolean => edgeBoxes[at] <= right && edgeBoxes[at + 1] <= bottom && edgeBoxes[at + 2] >= left && edgeBoxes[at + 3] >= top
  const memory = known(placed)
  const along = placed.scene.direction === 'right' ? 0 : 1
  if (total >= MANY && ++memory.edgeLooks > LOOKS_BEFORE) memory.edges ??= bandsOf(column(edgeBoxes, along), column(edgeBoxes, along + 2))
  if (memory.edges) memory.edges.look(along === 0 ? left : top, along === 0 ? right : bottom, (edge) => { if (touches(edge * 4)) visit(edge) })
  else for (let edge = 0, at = 0; edge < total; edge++, at += 4) if (touches(at)) visit(edge)
}

/** Visits each item whose box touches the area, in no order; `least`: how large items count at least, across and along. */
export function itemsTouching(placed: PlacedScene, { left, top, right, bottom }: Bounds, least: number, visit: (item: number) => void): void {
  const { scene, x, y } = placed
  const { width, height } = scene
  const touches = (item: number): boolean => x[item] <= right && y[item] <= bottom && x[item] + Math.max(width[item], least) >= left && y[item] + Math.max(height[item], least) >= top
  const memory = known(placed)
  const isRight = scene.direction === 'right'
  if (scene.count >= MANY && ++memory.itemLooks > LOOKS_BEFORE) memory.items ??= isRight ? bandsOf(spare.copy(x), sum(x, width)) : bandsOf(spare.copy(y), sum(y, height))
  if (memory.items) memory.items.look((isRight ? left : top) - least, isRight ? right : bottom, (item) => { if (touches(item)) visit(item) })
  else for (let item = 0; item < scene.count; item++) if (touches(item)) visit(item)
}

function least(all: Float32Array): number {
  let found = Infinity
  for (let i = 0; i < all.length; i++) if (all[i] < found) found = all[i]
  return found
}

function most(all: Float32Array): number {
  let found = -Infinity
  for (let i = 0; i < all.length; i++) if (all[i] > found) found = all[i]
  return found
}

function numbers(count: number): Uint32Array {
  const found = spare.take(Uint32Array, count)
  for (let i = 0; i < count; i++) found[i] = i
  return found
}

function column(boxes: Float32Array, side: number): Float32Array {
  const found = spare.take(Float32Array, boxes.length / 4)
  for (let i = 0, at = side; i < found.length; i++, at += 4) found[i] = boxes[at]
  return found
}

function sum(one: Float32Array, other: Float32Array): Float32Array {
  const found = spare.copy(one)
  for (let i = 0; i < found.length; i++) found[i] += other[i]
  return found
}
