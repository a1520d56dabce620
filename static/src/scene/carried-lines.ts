/** What a scene has in common with the one before it: its items, its wires, and which items changed. */
import { spare } from '../document/release'
import type { PlacedScene } from './placed'
import type { Descent, Scene } from './scene'
import { runsOf, type Run } from './splice'

/** more boxes or wires than these are new, and places are left to the layout */
const MOST_NEW_ITEMS = 64
const MOST_NEW_WIRES = 400

/** Per item and per edge of a scene the earlier one (-1: it is new), those as runs, and in order the items that came or at which anything changed. */
export interface Carried { was: Int32Array; of: Int32Array; items: readonly Run[]; edges: readonly Run[]; fresh: readonly number[]; touched: readonly number[] }

/** Null: much is new. The two tables are the caller's to give back. */
export function carried(before: PlacedScene, next: Scene): Carried | null {
  const { descent } = next
  return descent?.from === before.scene ? descended(next, descent) : compared(before, next)
}

/** What the edit knows: nothing else is looked at. */
function descended(next: Scene, { from, items, edges, near }: Descent): Carried | null {
  if (items.fresh.length > MOST_NEW_ITEMS) return null
  const [was, of] = [items.earlier(), edges.earlier()]
  const same: Run[] = []
  let fresh = 0
  for (const edge of edges.fresh) {
    const old = earlierWire(from, next, edge, was)
    if (old < 0 && ++fresh > MOST_NEW_WIRES) return null
    if (old >= 0) same.push({ from: (of[edge] = old), to: edge, length: 1 })
  }
  const touched = new Set(items.fresh)
  for (const item of near) if (isOther(from, next, was, item)) touched.add(item)
  for (const edge of edges.fresh) if (of[edge] < 0) touched.add(next.source[edge]).add(next.target[edge])
  return { was, of, items: items.runs, edges: [...edges.runs, ...same], fresh: items.fresh, touched: [...touched].sort((a, b) => a - b) }
}

function compared(before: PlacedScene, next: Scene): Carried | null {
  const was = spare.take(Int32Array, next.count)
  const fresh: number[] = []
  let by = 0 // how many places further up or down things stood in the list: the same for nearly all after an edit
  for (let item = 0; item < next.count; item++) {
    was[item] = before.itemWithKey(next.key[item], item + by)
    if (was[item] >= 0) by = was[item] - item
    else if (fresh.push(item) > MOST_NEW_ITEMS) return null
  }
  const of = carriedLines(before.scene, next, was)
  return of && { was, of, items: runsOf(was), edges: runsOf(of), fresh, touched: itemsTouched(before.scene, next, was, of) }
}

/**
 * Per edge of `next`, the edge of `before` that brings the same value from the same item to the same slot of the same item; -1: it is new.
 * `was`: per item of `next`, which one it was, or -1. Null: a great many are new.
 */
function carriedLines(before: Scene, next: Scene, was: Int32Array): Int32Array | null {
  const { source, target, value, slot, edgeCount } = next
  const { source: sources, target: targets, value: values, slot: slots } = before
  const of = spare.take(Int32Array, edgeCount)
  let by = 0
  let fresh = 0
  for (let edge = 0; edge < edgeCount; edge++) {
    let old = edge + by
    if (values[old] !== value[edge] || slots[old] !== slot[edge] || targets[old] !== was[target[edge]] || sources[old] !== was[source[edge]]) {
      old = earlierWire(before, next, edge, was)
      if (old >= 0) by = old - edge
      else if (++fresh > MOST_NEW_WIRES) return null
    }
    of[edge] = old
  }
  return of
}

function earlierWire(before: Scene, next: Scene, edge: number, was: Int32Array): number {
  const [from, to] = [was[next.source[edge]], was[next.target[edge]]]
  const [first, end] = before.edgesOf(next.value[edge])
  for (let old = first; old < end; old++) if (before.slot[old] === next.slot[edge] && before.target[old] === to && before.source[old] === from) return old
  return -1
}

/** Items at which wires came or went, or whose sides have another length. */
function itemsTouched(before: Scene, next: Scene, was: Int32Array, of: Int32Array): number[] {
  const touched = new Set<number>()
  for (let item = 0; item < next.count; item++) if (isOther(before, next, was, item)) touched.add(item)
  for (let edge = 0; edge < of.length; edge++) if (of[edge] < 0) touched.add(next.source[edge]).add(next.target[edge])
  return [...touched].sort((a, b) => a - b)
}

function isOther(before: Scene, next: Scene, was: Int32Array, item: number): boolean {
  const old = was[item]
  if (old < 0 || before.width[old] !== next.width[item] || before.height[old] !== next.height[item]) return true
  const { inStart, outStart } = next.wires
  const { inStart: inBefore, outStart: outBefore } = before.wires
  return inStart[item + 1] - inStart[item] !== inBefore[old + 1] - inBefore[old] || outStart[item + 1] - outStart[item] !== outBefore[old + 1] - outBefore[old]
}
