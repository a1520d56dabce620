/** The wires of one graph by position: who feeds whom, in what order it can run, and what computes from constants only. */
import type { ModelDocument } from '../document/model'

export interface Flow {
  readonly count: number
  /** document index by position; the position of a node is its place in the graph's list */
  readonly nodes: readonly number[]
  /** by document index; -1: a node of another graph */
  readonly positionOf: Int32Array
  /** positions of the makers of what a node takes, with `inSlots` beside them; node p has [inStart[p], inStart[p + 1]) */
  readonly inStart: Uint32Array
  readonly ins: Int32Array
  readonly inSlots: Uint16Array
  readonly outStart: Uint32Array
  readonly outs: Int32Array
  /** positions so that makers come before takers; the list's own order where it is such an order; nodes on a cycle come last */
  readonly order: Int32Array
  /** 1: nothing that the node computes depends on an input of the model */
  readonly fixed: Uint8Array
}

export function isTensor(document: ModelDocument, value: number): boolean {
  return document.kindAt(value) === 'initializer' || document.bytesAt(value) > 0
}

export function flowOf(document: ModelDocument, graph: string): Flow {
  const nodes = document.nodesOf(graph).slice() // the document changes its own list
  const count = nodes.length
  const positionOf = new Int32Array(document.nodeLimit).fill(-1)
  for (let position = 0; position < count; position++) positionOf[nodes[position]] = position
  const inStart = new Uint32Array(count + 1)
  const wires = new Wires(2 * count)
  const fixed = new Uint8Array(count).fill(1)
  for (let position = 0; position < count; position++) {
    const node = nodes[position]
    const slots = document.inputCountAt(node)
    for (let slot = 0; slot < slots; slot++) {
      const value = document.inputAt(node, slot)
      if (value < 0) continue
      const maker = document.producerOf(value)
      const from = maker < 0 ? -1 : positionOf[maker]
      if (from >= 0) {
        wires.add(from, slot)
      } else if (!isTensor(document, value)) fixed[position] = 0
    }
    if (document.hasBodies(node)) {
      fixed[position] = 0
      for (const from of captured(document, node, positionOf)) wires.add(from, slots)
    }
    inStart[position + 1] = wires.count
  }
  const { ins, inSlots } = wires.made()
  const { outStart, outs } = reversed(count, inStart, ins)
  const order = runOrder(count, inStart, ins, outStart, outs)
  for (let at = 0; at < count; at++) {
    const position = order[at]
    for (let i = inStart[position]; i < inStart[position + 1]; i++) if (!fixed[ins[i]]) { fixed[position] = 0; break }
  }
  return { count, nodes, positionOf, inStart, ins, inSlots, outStart, outs, order, fixed }
}

/** Wires in the order in which they are found, in arrays that grow. */
class Wires {
  count = 0
  private ins: Int32Array
  private inSlots: Uint16Array

  constructor(room: number) {
    this.ins = new Int32Array(room)
    this.inSlots = new Uint16Array(room)
  }

  add(from: number, slot: number): void {
    if (this.count === this.ins.length) this.grow()
    this.ins[this.count] = from
    this.inSlots[this.count++] = slot
  }

  made(): { ins: Int32Array; inSlots: Uint16Array } {
    return { ins: this.ins.slice(0, this.count), inSlots: this.inSlots.slice(0, this.count) }
  }

  private grow(): void {
    const [ins, inSlots] = [new Int32Array(2 * this.count + 16), new Uint16Array(2 * this.count + 16)]
    ins.set(this.ins)
    inSlots.set(this.inSlots)
    this.ins = ins
    this.inSlots = inSlots
  }
}

/** Makers, in this graph, of what the bodies of a node read from around them. */
function captured(document: ModelDocument, node: number, positionOf: Int32Array): Set<number> {
  const found = new Set<number>()
  const bodies = [...document.nodeAt(node).bodies]
  for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) {
    for (const inner of document.nodesOf(body)) {
      for (let slot = 0; slot < document.inputCountAt(inner); slot++) {
        const value = document.inputAt(inner, slot)
        const maker = value < 0 ? -1 : document.producerOf(value)
        if (maker >= 0 && positionOf[maker] >= 0) found.add(positionOf[maker])
      }
      if (document.hasBodies(inner)) bodies.push(...document.nodeAt(inner).bodies)
    }
  }
  found.delete(positionOf[node])
  return found
}

/** The same wires from the maker's side. */
export function reversed(count: number, inStart: Uint32Array, ins: Int32Array): { outStart: Uint32Array; outs: Int32Array } {
  const outStart = new Uint32Array(count + 1)
  for (let i = 0; i < ins.length; i++) outStart[ins[i] + 1]++
  for (let at = 0; at < count; at++) outStart[at + 1] += outStart[at]
  const outs = new Int32Array(ins.length)
  const next = outStart.slice()
  for (let at = 0; at < count; at++) for (let i = inStart[at]; i < inStart[at + 1]; i++) outs[next[ins[i]]++] = at
  return { outStart, outs }
}

/** An order in which makers come before takers: the given one where it is one already; what lies on a cycle, or behind one, comes last. */
export function runOrder(count: number, inStart: Uint32Array, ins: Int32Array, outStart: Uint32Array, outs: Int32Array): Int32Array {
  const order = new Int32Array(count)
  let sorted = true
  for (let at = 0; at < count && sorted; at++) {
    order[at] = at
    for (let i = inStart[at]; i < inStart[at + 1]; i++) if (ins[i] >= at) sorted = false
  }
  if (sorted) return order
  const waiting = new Int32Array(count)
  let filled = 0
  for (let at = 0; at < count; at++) {
    waiting[at] = inStart[at + 1] - inStart[at]
    if (waiting[at] === 0) order[filled++] = at
  }
  for (let done = 0; done < filled; done++) {
    const at = order[done]
    for (let i = outStart[at]; i < outStart[at + 1]; i++) if (--waiting[outs[i]] === 0) order[filled++] = outs[i]
  }
  for (let at = 0; at < count && filled < count; at++) if (waiting[at] > 0) order[filled++] = at
  return order
}
