/** One graph as boxes and wires: what there is to lay out and draw, before it has a place. */
import type { ModelDocument } from '../document/model'
import type { TypeFacts } from '../document/records'
import type { LayoutInput } from '../layout/types'
import type { Card, Cards } from './card'
import { fit, type Measure } from './measure'
import { typeText } from './text'

/** What an item is. A loose value has no producer although it should; a captured one comes from an outer graph. */
export const NODE = 0
export const INPUT = 1
export const OUTPUT = 2
export const LOOSE = 3
export const CAPTURED = 4
export type ItemKind = 0 | 1 | 2 | 3 | 4

/** A wire's label, shared by all wires of the same type. */
export interface Label { text: string; width: number; inferred: boolean }

const MOST_LABEL = 220
const MOST_STEP = 28
const PORT_MARGIN = 12

/** Items and edges are indexes; columns are parallel arrays. */
export class Scene {
  constructor(
    readonly document: ModelDocument,
    readonly graph: string,
    readonly kind: Uint8Array,
    /** the document's index of the node, or of a pill's value */
    readonly index: Uint32Array,
    readonly cards: readonly Card[],
    /** edges, those of one value beside each other */
    readonly source: Uint32Array,
    readonly target: Uint32Array,
    readonly value: Uint32Array,
    /** the input slot that the edge enters; -1: a body of the target takes the value, or it ends in an output pill */
    readonly slot: Int32Array,
    /** on a value's first edge only */
    readonly labels: readonly (Label | null)[],
  ) {
    this.key = new Uint32Array(cards.length)
    this.width = new Float32Array(cards.length)
    this.height = new Float32Array(cards.length)
    for (let item = 0; item < cards.length; item++) {
      this.key[item] = keyOf(kind[item] as ItemKind, index[item])
      this.width[item] = cards[item].width
      this.height[item] = cards[item].height
    }
    this.sourceX = new Float32Array(source.length)
    this.targetX = new Float32Array(source.length)
    this.outStart = grouped(source, this.count)
    this.inStart = grouped(target, this.count)
    this.outEdges = listed(source, this.outStart)
    this.inEdges = listed(target, this.inStart)
    this.sortBySlot()
    this.placePorts()
  }

  readonly key: Uint32Array
  readonly width: Float32Array
  readonly height: Float32Array
  /** where edges leave and enter, from the item's left side */
  readonly sourceX: Float32Array
  readonly targetX: Float32Array
  private readonly outStart: Uint32Array
  private readonly outEdges: Uint32Array
  private readonly inStart: Uint32Array
  private readonly inEdges: Uint32Array
  private nodeItems: Map<number, number> | null = null
  private valueItems: Map<number, number[]> | null = null
  private valueEdges: Map<number, number> | null = null

  get count(): number {
    return this.kind.length
  }

  get edgeCount(): number {
    return this.source.length
  }

  /** edges that leave the item, in output slot order */
  outgoing(item: number): Uint32Array {
    return this.outEdges.subarray(this.outStart[item], this.outStart[item + 1])
  }

  /** edges that enter the item, in input slot order */
  incoming(item: number): Uint32Array {
    return this.inEdges.subarray(this.inStart[item], this.inStart[item + 1])
  }

  /** The id that is selected with the item: a node's, or a pill's value's. */
  idOf(item: number): string {
    return this.kind[item] === NODE ? this.document.nodeIdAt(this.index[item]) : this.document.valueIdAt(this.index[item])
  }

  /** -1 when the node is not in this graph */
  itemOfNode(node: number): number {
    if (!this.nodeItems) {
      this.nodeItems = new Map()
      for (let item = 0; item < this.count; item++) if (this.kind[item] === NODE) this.nodeItems.set(this.index[item], item)
    }
    return this.nodeItems.get(node) ?? -1
  }

  /** pills of the value */
  pillsOf(value: number): readonly number[] {
    if (!this.valueItems) {
      this.valueItems = new Map()
      for (let item = 0; item < this.count; item++) {
        if (this.kind[item] === NODE) continue
        const known = this.valueItems.get(this.index[item])
        if (known) known.push(item)
        else this.valueItems.set(this.index[item], [item])
      }
    }
    return this.valueItems.get(value) ?? []
  }

  /** the value's edges are [first, end) */
  edgesOf(value: number): [first: number, end: number] {
    if (!this.valueEdges) {
      this.valueEdges = new Map()
      for (let edge = this.edgeCount - 1; edge >= 0; edge--) this.valueEdges.set(this.value[edge], edge)
    }
    const first = this.valueEdges.get(value)
    if (first === undefined) return [0, 0]
    let end = first
    while (end < this.edgeCount && this.value[end] === value) end++
    return [first, end]
  }

  layoutInput(): LayoutInput {
    return {
      count: this.count,
      width: this.width.slice(), height: this.height.slice(), key: this.key.slice(),
      source: this.source.slice(), target: this.target.slice(), value: this.value.slice(),
      sourceX: this.sourceX.slice(), targetX: this.targetX.slice(),
      labelWidth: this.labelWidths(),
      direction: 'down',
    }
  }

  private labelWidths(): Float32Array {
    const widths = new Float32Array(this.edgeCount)
    for (let edge = 0; edge < widths.length; edge++) widths[edge] = this.labels[edge]?.width ?? 0
    return widths
  }

  /** Edges stand by value; into a node they go by slot, what its bodies take last. */
  private sortBySlot(): void {
    const { inStart, inEdges, slot } = this
    const place = (edge: number): number => (slot[edge] < 0 ? Infinity : slot[edge])
    for (let item = 0; item < this.count; item++) {
      let sorted = true
      for (let i = inStart[item] + 1; i < inStart[item + 1] && sorted; i++) sorted = place(inEdges[i - 1]) <= place(inEdges[i])
      if (!sorted) this.incoming(item).sort((a, b) => place(a) - place(b) || a - b)
    }
  }

  /** Wires stand side by side around the middle: one place per value below, one per wire above, in slot order. */
  private placePorts(): void {
    const { inStart, inEdges, outStart, outEdges, value, width } = this
    for (let item = 0; item < this.count; item++) {
      const first = inStart[item]
      const entering = inStart[item + 1] - first
      for (let i = 0; i < entering; i++) this.targetX[inEdges[first + i]] = portX(width[item], i, entering)
      let values = 0
      for (let i = outStart[item]; i < outStart[item + 1]; i++) if (i === outStart[item] || value[outEdges[i]] !== value[outEdges[i - 1]]) values++
      let at = -1
      for (let i = outStart[item]; i < outStart[item + 1]; i++) {
        if (i === outStart[item] || value[outEdges[i]] !== value[outEdges[i - 1]]) at++
        this.sourceX[outEdges[i]] = portX(width[item], at, values)
      }
    }
  }
}

/** The same item has the same key in every scene of a document. */
export function keyOf(kind: ItemKind, index: number): number {
  return index * 5 + kind
}

function portX(width: number, at: number, count: number): number {
  if (count === 1) return width / 2
  const step = Math.min(MOST_STEP, (width - 2 * PORT_MARGIN) / (count - 1))
  return width / 2 + (at - (count - 1) / 2) * step
}

/** Counting sort, kept stable so that edges stay in slot order. */
function grouped(of: Uint32Array, count: number): Uint32Array {
  const start = new Uint32Array(count + 1)
  for (const item of of) start[item + 1]++
  for (let item = 0; item < count; item++) start[item + 1] += start[item]
  return start
}

function listed(of: Uint32Array, start: Uint32Array): Uint32Array {
  const next = start.slice()
  const edges = new Uint32Array(of.length)
  for (let edge = 0; edge < of.length; edge++) edges[next[of[edge]]++] = edge
  return edges
}

/** Labels by type; a document's types are shared objects. */
export class Labels {
  private readonly labels = new WeakMap<TypeFacts, { label: Label | null }>()

  constructor(private readonly measure: Measure) {}

  of(type: TypeFacts): Label | null {
    let known = this.labels.get(type)
    if (!known) {
      const text = fit(typeText(type.dtype, type.shape), 'row', MOST_LABEL, this.measure)
      known = { label: text === '' ? null : { text, width: this.measure.width(text, 'row'), inferred: type.inferred } }
      this.labels.set(type, known)
    }
    return known.label
  }
}

export interface SceneParts { cards: Cards; labels: Labels }
