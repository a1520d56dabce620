/** Which wires a scene has in common with the one before it. */
import type { Scene } from './scene'

/** more wires than these are new, and places are left to the layout */
const MOST_NEW = 400

/**
 * Per edge of `next`, the edge of `before` that brings the same value from the same item to the same slot of the same item; -1: it is new.
 * `was`: per item of `next`, which one it was, or -1. Null: a great many are new.
 */
export function carriedLines(before: Scene, next: Scene, was: Int32Array): Int32Array | null {
  const { source, target, value, slot, edgeCount } = next
  const { source: sources, target: targets, value: values, slot: slots } = before
  const of = new Int32Array(edgeCount)
  let by = 0 // how many places further up or down they stood in the list: the same for nearly all after an edit
  let fresh = 0
  for (let edge = 0; edge < edgeCount; edge++) {
    let old = edge + by
    if (values[old] !== value[edge] || slots[old] !== slot[edge] || targets[old] !== was[target[edge]] || sources[old] !== was[source[edge]]) {
      const [from, to] = [was[source[edge]], was[target[edge]]]
      const [first, end] = before.edgesOf(value[edge])
      for (old = first; old < end; old++) if (slots[old] === slot[edge] && targets[old] === to && sources[old] === from) break
      if (old === end) old = -1
      else by = old - edge
      if (old < 0 && ++fresh > MOST_NEW) return null
    }
    of[edge] = old
  }
  return of
}

/** Items at which wires came or went, or whose sides have another length: 1 for those. */
export function itemsTouched(before: Scene, next: Scene, was: Int32Array, of: Int32Array): Uint8Array {
  const touched = new Uint8Array(next.count)
  const { inStart, outStart } = next.wires
  const { inStart: inBefore, outStart: outBefore } = before.wires
  const { width, height, source, target, count } = next
  for (let item = 0; item < count; item++) {
    const old = was[item]
    if (old < 0 || before.width[old] !== width[item] || before.height[old] !== height[item]
      || inStart[item + 1] - inStart[item] !== inBefore[old + 1] - inBefore[old] || outStart[item + 1] - outStart[item] !== outBefore[old + 1] - outBefore[old]) touched[item] = 1
  }
  for (let edge = 0; edge < of.length; edge++) if (of[edge] < 0) touched[source[edge]] = touched[target[edge]] = 1
  return touched
}
