/** One graph as boxes and wires: what there is to lay out and draw, before it has a place. */
import type { ModelDocument } from '../document/model'
import type { TypeFacts } from '../document/records'
import { spare } from '../document/release'
import { drawnWith } from '../document/row-constants'
import type { LayoutInput } from '../layout/types'
import type { Card, Cards } from './card'
import type { ClosedScopes } from './closed'
import { spotIn, type Direction, type Spot } from './flow'
import { fit, type Measure } from './measure'
import { nodesWithin, shownPath, type Nest } from './nest'
import type { ScopeCards } from './scope-card'
import type { Splice } from './splice'
import { typeText } from './text'
import type { Wires } from './wires'

/** What an item is. A loose value has no producer although it should; a captured one comes from an outer graph. A scope is closed. */
export const NODE = 0
export const INPUT = 1
export const OUTPUT = 2
export const LOOSE = 3
export const CAPTURED = 4
export const SCOPE = 5
/** from here on values are none: they stand for what a node and its open bodies have in common */
const HUNG = 2 ** 31
export type ItemKind = 0 | 1 | 2 | 3 | 4 | 5
const KINDS = 6

/** The open scopes of a scene, and the container of each item (-1: none). */
export interface Nesting { nest: Nest; of: Int32Array; /** bodies that are open stand behind their nodes: joined in the layout, by no wire */ hung: readonly { from: number; to: number }[] }

/** A wire's label, shared by all wires of the same type. */
export interface Label { text: string; width: number; inferred: boolean }

/** The scene that an edit made this one from, and what of it stayed; `near`: items at which anything may be otherwise. */
export interface Descent { from: Scene; items: Splice; edges: Splice; near: ReadonlySet<number> }

/** Columns of a scene that are known; `touched`: items of which the ports are to be placed. */
export interface Carried extends Pick<Scene, 'key' | 'width' | 'height' | 'room' | 'sourceAt' | 'entersAt'> { touched: Iterable<number> }

const MOST_LABEL = 220
/** Kept for the label of a wire whose type is not known yet, so that most types need no other layout when they are found. To the right it costs length. */
const UNKNOWN_ROOM: Readonly<Record<Direction, number>> = { down: 128, right: 96 }
const MOST_STEP: Readonly<Record<Direction, number>> = { down: 14, right: 12 }
/** between the outermost ports and the ends of their side */
const PORT_MARGIN: Readonly<Record<Direction, number>> = { down: 12, right: 6 }

const NO_ROWS: ReadonlyMap<number, readonly number[]> = new Map()

/** Items and edges are indexes; columns are parallel arrays. */
export class Scene {
  readonly key: Uint32Array
  readonly width: Float32Array
  readonly height: Float32Array
  /** where edges leave and enter, along the side of the item: from its left end, or from its upper one where the graph runs to the right */
  readonly sourceAt: Float32Array
  /** as the layout that the scene is shown in has moved them */
  targetAt: Float32Array
  /** where edges enter before a layout moved their ports: what a layout is asked with */
  readonly entersAt: Float32Array
  /** per edge: how much the layout keeps free for its label */
  readonly room: Float32Array
  readonly source: Uint32Array
  readonly target: Uint32Array
  readonly value: Uint32Array
  readonly slot: Int32Array
  /** for the first picture after an edit, then forgotten */
  descent: Descent | null = null
  private nodeItems: Int32Array | null = null
  private valueItems: Map<number, number[]> | null = null
  private scopeItems: Map<number, number> | null = null

  /** `earlier`: a scene with the same items and wires, of which this one takes over whatever is the same; `carried`: what is known of a scene with other ones. */
  constructor(
    readonly document: ModelDocument,
    readonly graph: string,
    readonly kind: Uint8Array,
    /** the document's index of the node, or of a pill's value; the number of a closed scope in the tree */
    readonly index: Uint32Array,
    readonly cards: readonly Card[],
    readonly wires: Wires,
    /** on a value's first edge only */
    readonly labels: readonly (Label | null)[],
    /** null: the graph is shown flat */
    readonly nesting: Nesting | null,
    readonly direction: Direction,
    earlier?: Scene,
    /** by node: the constants that it shows in rows */
    readonly rows: ReadonlyMap<number, readonly number[]> = earlier?.rows ?? NO_ROWS,
    carried?: Carried,
  ) {
    this.source = wires.source
    this.target = wires.target
    this.value = wires.value
    this.slot = wires.slot
    if (carried) {
      ;({ key: this.key, width: this.width, height: this.height, room: this.room, sourceAt: this.sourceAt, entersAt: this.entersAt } = carried)
      this.targetAt = this.entersAt
      for (const item of carried.touched) this.placePortsOf(item)
      return
    }
    this.room = new Float32Array(labels.length)
    for (let edge = 0; edge < labels.length; edge++) this.room[edge] = roomOf(labels[edge], wires.isFirst(edge), direction)
    this.key = earlier?.key ?? keysOf(kind, index, nesting)
    if (earlier) this.nodeItems = earlier.nodeItems
    if (earlier) this.valueItems = earlier.valueItems
    if (earlier) this.scopeItems = earlier.scopeItems
    if (earlier && cards.every((card, item) => card.width === earlier.width[item] && card.height === earlier.height[item])) {
      ;({ width: this.width, height: this.height, sourceAt: this.sourceAt, entersAt: this.entersAt, targetAt: this.targetAt } = earlier)
      return
    }
    this.width = new Float32Array(cards.length)
    this.height = new Float32Array(cards.length)
    for (let item = 0; item < cards.length; item++) {
      this.width[item] = cards[item].width
      this.height[item] = cards[item].height
    }
    this.sourceAt = new Float32Array(this.edgeCount)
    this.targetAt = this.entersAt = new Float32Array(this.edgeCount)
    this.placePorts()
  }

  get count(): number {
    return this.kind.length
  }

  /** whether any scope is closed */
  get folds(): boolean {
    return this.nesting !== null && this.kind.includes(SCOPE)
  }

  get edgeCount(): number {
    return this.source.length
  }

  /** How long the sides are that wires leave and enter: the lower and the upper one, or the right and the left one. */
  side(item: number): number {
    return this.direction === 'right' ? this.height[item] : this.width[item]
  }

  /** From the item's left upper corner: a place on the side that wires enter ('in') or leave ('out'), so far along it. */
  spotOn(item: number, side: 'in' | 'out', at: number): Spot {
    return spotIn(this.direction, at, side === 'in' ? 0 : this.direction === 'right' ? this.width[item] : this.height[item])
  }

  /** edges that leave the item, in output slot order */
  outgoing(item: number): Uint32Array {
    return this.wires.outgoing(item)
  }

  /** edges that enter the item, in input slot order */
  incoming(item: number): Uint32Array {
    return this.wires.incoming(item)
  }

  /** the value's edges are [first, end) */
  edgesOf(value: number): [first: number, end: number] {
    return this.wires.edgesOf(value)
  }

  /** The id of the item: a node's, or a pill's value's; a closed scope has its path. */
  idOf(item: number): string {
    if (this.kind[item] === SCOPE) return `${SCOPE_ID}${this.scopePath(item)}`
    return this.kind[item] === NODE ? this.document.nodeIdAt(this.index[item]) : this.document.valueIdAt(this.index[item])
  }

  /** The path of the scope that the item stands for. */
  scopePath(item: number): string {
    return this.nesting!.nest.fold.tree.path(this.index[item])
  }

  /** The same for people. */
  shownPath(item: number): string {
    return shownPath(this.nesting!.nest.fold.tree, this.index[item])
  }

  /** The ids that are selected with the item: its own, or those of all nodes in a closed scope. */
  idsOf(item: number): string[] {
    if (this.kind[item] !== SCOPE) return [this.idOf(item)]
    return nodesWithin(this.nesting!.nest.fold.tree, this.index[item]).map((node) => this.document.nodeIdAt(node))
  }

  /** Where the node is seen: its own item, that of the node which has it in a row, or the closed scope that hides it; -1 when it is not in this graph. */
  itemShowing(node: number): number {
    const drawn = drawnWith(this.document, node)
    const own = this.itemOfNode(drawn)
    if (own >= 0 || !this.nesting) return own
    const scope = this.nesting.nest.hiding(drawn)
    return scope < 0 ? -1 : this.itemOfScope(scope)
  }

  /** The item of a closed scope; -1 when it is open or hidden. */
  itemOfScope(scope: number): number {
    if (!this.scopeItems) {
      this.scopeItems = new Map()
      for (let item = 0; item < this.count; item++) if (this.kind[item] === SCOPE) this.scopeItems.set(this.index[item], item)
    }
    return this.scopeItems.get(scope) ?? -1
  }

  /** -1 when the node is not in this graph, a row of another one, or hidden in a closed scope */
  itemOfNode(node: number): number {
    if (!this.nodeItems) {
      this.nodeItems = spare.take(Int32Array, this.document.nodeLimit).fill(-1)
      for (let item = 0; item < this.count; item++) if (this.kind[item] === NODE) this.nodeItems[this.index[item]] = item
    }
    return this.nodeItems[node] ?? -1
  }

  /** pills of the value */
  pillsOf(value: number): readonly number[] {
    if (!this.valueItems) {
      this.valueItems = new Map()
      for (let item = 0; item < this.count; item++) {
        if (this.kind[item] === NODE || this.kind[item] === SCOPE) continue
        const known = this.valueItems.get(this.index[item])
        if (known) known.push(item)
        else this.valueItems.set(this.index[item], [item])
      }
    }
    return this.valueItems.get(value) ?? []
  }

  /** The same items and wires with other looks: `cards` and `labels` by item and edge. */
  touched(cards: ReadonlyMap<number, Card>, labels: ReadonlyMap<number, Label | null>): Scene {
    const allCards = this.cards.slice()
    for (const [item, card] of cards) allCards[item] = card
    const allLabels = this.labels.slice()
    for (const [edge, label] of labels) allLabels[edge] = label
    return new Scene(this.document, this.graph, this.kind, this.index, allCards, this.wires, allLabels, this.nesting, this.direction, this)
  }

  /** Whether a layout of `other` serves this scene too: the same boxes and wires, and labels that find room. */
  fits(other: Scene): boolean {
    return this.graph === other.graph && this.direction === other.direction && same(this.key, other.key) && same(this.width, other.width) && same(this.height, other.height)
      && same(this.source, other.source) && same(this.target, other.target) && same(this.value, other.value)
      && noMore(this.room, other.room) && this.nestedAs(other)
  }

  private nestedAs(other: Scene): boolean {
    if (!this.nesting || !other.nesting) return this.nesting === other.nesting
    return this.nesting === other.nesting || (same(this.nesting.of, other.nesting.of) && this.nesting.nest.sameAs(other.nesting.nest))
  }

  /** Whether the wire brings a value from outside into a body: to the node that holds it, or into the open body itself. */
  captures(edge: number): boolean {
    const target = this.target[edge]
    if (this.kind[target] !== NODE) return false
    if (this.slot[edge] < 0) return true
    const container = this.nesting ? this.nesting.of[target] : -1
    return container >= 0 && this.nesting!.nest.body(container) !== undefined && this.document.graphOfValue(this.value[edge]) !== this.document.graphOfNode(this.index[target])
  }

  /** Takes over how much room the labels have in the layout of `other`, which this scene is shown in. */
  settleIn(other: Scene): void {
    this.room.set(other.room)
  }

  /** Edges of the layout are those of the scene, then those that hold open bodies behind their nodes. */
  layoutInput(): LayoutInput {
    const input = this.wireInput()
    const hung = this.nesting?.hung ?? []
    if (hung.length === 0) return input
    const more = (all: Uint32Array, each: (one: { from: number; to: number }) => number): Uint32Array => Uint32Array.from([...all, ...hung.map(each)])
    const places = (all: Float32Array, each: (one: { from: number; to: number }) => number): Float32Array => Float32Array.from([...all, ...hung.map(each)])
    return {
      ...input, wires: this.edgeCount,
      source: more(input.source, ({ from }) => from), target: more(input.target, ({ to }) => to), value: more(input.value, ({ from }) => HUNG + from),
      sourceX: places(input.sourceX, ({ from }) => this.side(from) / 2), targetX: places(input.targetX, ({ to }) => this.side(to) / 2), labelWidth: places(input.labelWidth, () => 0),
    }
  }

  private wireInput(): LayoutInput {
    return {
      count: this.count,
      width: spare.copy(this.width), height: spare.copy(this.height), key: spare.copy(this.key),
      source: spare.copy(this.source), target: spare.copy(this.target), value: spare.copy(this.value),
      sourceX: spare.copy(this.sourceAt), targetX: spare.copy(this.entersAt),
      labelWidth: spare.copy(this.room),
      direction: this.direction, nest: this.nesting?.nest.layout(this.nesting.of),
    }
  }

  private placePorts(): void {
    const { count } = this
    for (let item = 0; item < count; item++) this.placePortsOf(item)
  }

  /** Wires stand side by side around the middle: one place per value where they leave, one per wire where they enter, in slot order. */
  private placePortsOf(item: number): void {
    const { value, direction, wires: { inStart, inEdges, outStart, outEdges } } = this
    const side = this.side(item)
    const first = inStart[item]
    const entering = inStart[item + 1] - first
    for (let i = 0; i < entering; i++) this.entersAt[inEdges[first + i]] = portAt(side, i, entering, direction)
    const from = outStart[item]
    const to = outStart[item + 1]
    const values = this.wires.valuesLeaving(item)
    let at = -1
    for (let i = from; i < to; i++) {
      if (i === from || value[outEdges[i]] !== value[outEdges[i - 1]]) at++
      this.sourceAt[outEdges[i]] = portAt(side, at, values, direction)
    }
  }
}

/** What a label needs, or may need once it is known. */
export function roomOf(label: Label | null, isFirst: boolean, direction: Direction): number {
  return label?.width ?? (isFirst ? UNKNOWN_ROOM[direction] : 0)
}

/** The same item has the same key in every scene of a document. */
export function keyOf(kind: ItemKind, index: number): number {
  return index * KINDS + kind
}

function keysOf(kind: Uint8Array, index: Uint32Array, nesting: Nesting | null): Uint32Array {
  const key = new Uint32Array(index.length)
  for (let item = 0; item < index.length; item++) key[item] = kind[item] === SCOPE ? nesting!.nest.keyOfScope(index[item]) : keyOf(kind[item] as ItemKind, index[item])
  return key
}

/** The place of one of so many ports on a side of this length. */
export function portAt(length: number, at: number, count: number, direction: Direction): number {
  if (count === 1) return length / 2
  const step = Math.min(MOST_STEP[direction], (length - 2 * PORT_MARGIN[direction]) / (count - 1))
  return length / 2 + (at - (count - 1) / 2) * step
}

function same(one: ArrayLike<number>, other: ArrayLike<number>): boolean {
  if (one === other) return true
  if (one.length !== other.length) return false
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false
  return true
}

/** Whether nothing of the one is more than what stands at its place in the other. */
function noMore(one: Float32Array, other: Float32Array): boolean {
  for (let i = 0; i < one.length; i++) if (one[i] > other[i]) return false
  return true
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

export interface SceneParts { cards: Cards; labels: Labels; scopes: ScopeCards; closed: ClosedScopes }

/** before the path, where a scope stands among ids */
export const SCOPE_ID = 'scope:'
