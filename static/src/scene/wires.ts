/** The wires of a scene: from which item to which, and which of them leave and enter each item. */
import { spare } from '../document/release'

export class Wires {
  /** edges that leave item i: outEdges[outStart[i]] .. outEdges[outStart[i + 1] - 1]; those that enter it likewise */
  readonly outStart: Uint32Array
  readonly outEdges: Uint32Array
  readonly inStart: Uint32Array
  readonly inEdges: Uint32Array
  private firstOf: Int32Array | null = null

  /** Edges, those of one value beside each other; `items`: how many there are; `values`: indexes of values are below this. */
  constructor(
    private readonly items: number,
    private readonly values: number,
    readonly source: Uint32Array,
    readonly target: Uint32Array,
    readonly value: Uint32Array,
    /** the input slot that the edge enters; -1: a body of the target takes the value, or it ends in an output pill */
    readonly slot: Int32Array,
  ) {
    this.outStart = grouped(source, items)
    this.inStart = grouped(target, items)
    this.outEdges = listed(source, this.outStart, isOrdered(source))
    this.inEdges = listed(target, this.inStart, false)
    this.sortBySlot()
  }

  /** whether the edge is its value's first */
  isFirst(edge: number): boolean {
    return edge === 0 || this.value[edge] !== this.value[edge - 1]
  }

  outgoing(item: number): Uint32Array {
    return this.outEdges.subarray(this.outStart[item], this.outStart[item + 1])
  }

  incoming(item: number): Uint32Array {
    return this.inEdges.subarray(this.inStart[item], this.inStart[item + 1])
  }

  /** how many different values leave the item */
  valuesLeaving(item: number): number {
    const { outStart, outEdges, value } = this
    const first = outStart[item]
    const end = outStart[item + 1]
    let count = 0
    for (let i = first; i < end; i++) if (i === first || value[outEdges[i]] !== value[outEdges[i - 1]]) count++
    return count
  }

  /** the value's edges are [first, end) */
  edgesOf(value: number): [first: number, end: number] {
    if (!this.firstOf) {
      this.firstOf = spare.take(Int32Array, this.values).fill(-1)
      for (let edge = this.value.length - 1; edge >= 0; edge--) this.firstOf[this.value[edge]] = edge
    }
    const first = this.firstOf[value] ?? -1
    if (first < 0) return [0, 0]
    let end = first
    while (end < this.value.length && this.value[end] === value) end++
    return [first, end]
  }

  /** Edges stand by value; into a node they go by slot, what its bodies take last. */
  private sortBySlot(): void {
    const { inStart, inEdges, slot } = this
    const place = (edge: number): number => (slot[edge] < 0 ? Infinity : slot[edge])
    for (let item = 0; item < this.items; item++) {
      let sorted = true
      for (let i = inStart[item] + 1; i < inStart[item + 1] && sorted; i++) sorted = place(inEdges[i - 1]) <= place(inEdges[i])
      if (!sorted) this.incoming(item).sort((a, b) => place(a) - place(b) || a - b)
    }
  }
}

/** Counting sort, kept stable so that edges stay in slot order. */
function grouped(of: Uint32Array, count: number): Uint32Array {
  const start = spare.take(Uint32Array, count + 1).fill(0)
  for (let edge = 0; edge < of.length; edge++) start[of[edge] + 1]++
  for (let item = 0; item < count; item++) start[item + 1] += start[item]
  return start
}

function listed(of: Uint32Array, start: Uint32Array, ordered: boolean): Uint32Array {
  const edges = spare.take(Uint32Array, of.length)
  if (ordered) {
    for (let edge = 0; edge < of.length; edge++) edges[edge] = edge
    return edges
  }
  const next = spare.copy(start)
  for (let edge = 0; edge < of.length; edge++) edges[next[of[edge]]++] = edge
  spare.give([next.buffer as ArrayBuffer])
  return edges
}

function isOrdered(of: Uint32Array): boolean {
  for (let edge = 1; edge < of.length; edge++) if (of[edge] < of[edge - 1]) return false
  return true
}
