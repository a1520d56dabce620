/** The scene after a small structural edit, from the one before it: what the edit did not touch is taken over, not made again. */
import type { ChangeSet } from '../document/changes'
import type { ModelDocument } from '../document/model'
import { spare } from '../document/release'
import { takerOf } from '../document/row-constants'
import { isRow, isTensor, type Card } from './card'
import { nestOf, pillText } from './build'
import type { Fold, Nest } from './nest'
import { CAPTURED, INPUT, keyOf, LOOSE, NODE, OUTPUT, roomOf, Scene, SCOPE, type Label, type SceneParts } from './scene'
import { Splice } from './splice'
import { Wires } from './wires'

/** nodes and values; of more, the scene is built afresh */
const MOST = 64

/**
 * What `buildScene` would make of the document after these changes; null when it has to. So it is when the edit was in something that is
 * closed, in a body or about a node with bodies, when it changed the graph's inputs or outputs, and when values have no producer.
 * Cards of what changed must have been dropped.
 */
export function patchedScene(before: Scene, changes: ChangeSet, parts: SceneParts, fold: Fold | null): Scene | null {
  if (changes.nodes.size + changes.values.size > MOST || !sameFold(before.nesting?.nest.fold ?? null, fold)) return null
  return new Patcher(before, parts, fold && nestOf(fold, parts, before.nesting?.nest)).patch(changes)
}

/** Whether the same scopes are open, and no bodies. */
function sameFold(one: Fold | null, other: Fold | null): boolean {
  if (!one || !other) return one === other
  return one.tree.parent === other.tree.parent && one.open === other.open && one.flat === other.flat && one.numbers === other.numbers && !one.bodies && !other.bodies
}

/** The wires of one value: where they come from, and each target with its slot. */
interface Bundle { value: number; source: number; outputSlot: number; ends: { target: number; slot: number }[] }

/** Items as they are now; `now`: the number that each earlier one has (-1: it is gone); `same`: none came or went. */
interface Items extends Pick<Scene, 'kind' | 'index' | 'key' | 'width' | 'height'> {
  of: Int32Array | null
  cards: Card[]
  now: Int32Array
  splice: Splice
  comers: { node: number; at: number }[]
  ofNode(node: number): number
}

/** Why a scene is not patched. */
class Unpatchable extends Error {}

class Patcher {
  private readonly document: ModelDocument
  private readonly changed = new Set<number>()
  private readonly removed = new Set<number>()
  private readonly added: number[] = []
  /** values of which every wire is made anew */
  private readonly touched = new Set<number>()
  /** nodes and pills that may look otherwise */
  private readonly restyled = new Set<number>()
  private readonly firstNode: number
  private readonly firstOutput: number

  constructor(private readonly before: Scene, private readonly parts: SceneParts, private readonly nest: Nest | null) {
    this.document = before.document
    let at = 0
    while (at < before.count && before.kind[at] === INPUT) at++
    this.firstNode = at
    at = before.count
    while (at > this.firstNode && before.kind[at - 1] !== NODE && before.kind[at - 1] !== SCOPE) at--
    this.firstOutput = at
  }

  patch(changes: ChangeSet): Scene | null {
    try {
      if (!this.hasSamePills()) return null
      for (const id of changes.nodes) this.takeNode(this.document.nodeIndexEver(id))
      for (const id of changes.values) this.takeValue(this.document.valueIndexEver(id))
      return this.made()
    } catch (thrown) {
      if (thrown instanceof Unpatchable) return null
      throw thrown
    }
  }

  private hasSamePills(): boolean {
    const { document, before, firstNode, firstOutput } = this
    const io = document.graph(before.graph)
    const inputs = new Set(document.indexesInInterface(io?.inputs ?? []).filter((value) => !isTensor(document, value)))
    const outputs = document.indexesInInterface(io?.outputs ?? [])
    let outputPills = 0
    for (let item = firstOutput; item < before.count; item++) if (before.kind[item] === OUTPUT) outputPills++
    return inputs.size === firstNode && [...inputs].every((value, item) => before.index[item] === value)
      && outputs.length === outputPills && outputs.every((value, i) => before.kind[firstOutput + i] === OUTPUT && before.index[firstOutput + i] === value)
  }

  private takeNode(node: number): void {
    if (node < 0) return
    const { document, before } = this
    if (document.graphOfNode(node) !== before.graph || document.hasBodies(node) || this.hidden(node)) throw new Unpatchable()
    this.changed.add(node)
    this.restyled.add(node)
    const item = before.itemOfNode(node)
    if (item < 0 && (document.operatorAt(node).op_type === 'Constant' || this.wasRow(node))) throw new Unpatchable()
    if (item >= 0) {
      if (before.cards[item].rows.some((row) => row.opens)) throw new Unpatchable()
      for (const edge of before.incoming(item)) this.touched.add(before.value[edge])
      for (const edge of before.outgoing(item)) this.touched.add(before.value[edge])
    }
    if (document.isNodeAt(node)) {
      for (let slot = 0; slot < document.inputCountAt(node); slot++) this.touched.add(document.inputAt(node, slot))
      for (let slot = 0; slot < document.outputCountAt(node); slot++) this.touched.add(document.outputAt(node, slot))
      if (item < 0) this.added.push(node)
    } else if (item >= 0) {
      this.removed.add(item)
    }
    this.touched.delete(-1)
  }

  private takeValue(value: number): void {
    if (value < 0) return
    this.touched.add(value)
    const producer = this.document.producerOf(value)
    if (producer >= 0) this.restyled.add(producer)
    for (const { node } of this.document.usesAt(value)) this.restyled.add(node)
  }

  /** Whether the node is, or was, in a closed scope. */
  private hidden(node: number): boolean {
    return this.nest !== null && (this.nest.hiding(node) >= 0 || this.before.nesting!.nest.hiding(node) >= 0)
  }

  private wasRow(node: number): boolean {
    for (const rows of this.before.rows.values()) if (rows.includes(node)) return true
    return false
  }

  /** A constant becomes a row, or no longer is one, with the wires of others. */
  private assertSameRows(): void {
    const { before, document } = this
    for (const node of this.changed) {
      const rows = before.rows.get(node) ?? []
      if (rows.some((constant) => takerOf(document, constant) !== node)) throw new Unpatchable()
    }
    for (const value of this.touched) {
      const maker = document.producerOf(value)
      const taker = maker < 0 ? -1 : takerOf(document, maker)
      const wasRow = maker >= 0 && before.itemOfNode(maker) < 0
      if (taker < 0 ? wasRow && document.operatorAt(maker).op_type === 'Constant' && !this.hidden(maker) : !before.rows.get(taker)?.includes(maker)) throw new Unpatchable()
    }
  }

  private made(): Scene {
    const { before, document, nest } = this
    this.assertSameRows()
    const items = this.items()
    const wires = this.wires(items)
    const touched = wires.touched
    const restyle = (item: number, card: Card): void => {
      items.cards[item] = card
      items.width[item] = card.width
      items.height[item] = card.height
      touched.add(item)
    }
    for (const node of this.restyled) {
      const item = items.ofNode(node)
      if (item >= 0) restyle(item, this.card(node))
      else if (this.hidden(node)) throw new Unpatchable()
    }
    for (const value of this.touched) for (const pill of before.pillsOf(value)) restyle(items.now[pill], this.parts.cards.pill(pillText(document, value)))
    const { kind, index, cards, key, width, height } = items
    spare.give([items.now.buffer as ArrayBuffer])
    const scene = new Scene(
      document, before.graph, kind, index, cards, wires.wires, wires.labels, nest && { nest, of: items.of!, hung: before.nesting!.hung }, before.direction, undefined, before.rows,
      { key, width, height, room: wires.room, sourceAt: wires.sourceAt, entersAt: wires.entersAt, touched },
    )
    scene.descent = { from: before, items: items.splice, edges: wires.splice, near: touched }
    return scene
  }

  private card(node: number): Card {
    const { document } = this
    let entering = 0
    for (let slot = 0; slot < document.inputCountAt(node); slot++) if (this.isWire(document.inputAt(node, slot))) entering++
    return this.parts.cards.node(node, Math.max(entering, document.outputCountAt(node)), this.before.direction)
  }

  private isWire(value: number): boolean {
    return value >= 0 && !isRow(this.document, value)
  }

  private items(): Items {
    const { before, removed, nest } = this
    const comers = this.comers()
    const splice = new Splice(before.count, [...removed].sort((a, b) => a - b), comers.map(({ at }) => at))
    const now = splice.now()
    const kind = splice.column(before.kind)
    const index = splice.column(before.index)
    const key = splice.column(before.key)
    const width = splice.column(before.width)
    const height = splice.column(before.height)
    const of = nest && splice.column(before.nesting!.of)
    const fresh = new Map<number, number>()
    comers.forEach(({ node }, i) => {
      const item = splice.fresh[i]
      fresh.set(node, item)
      kind[item] = NODE
      index[item] = node
      key[item] = keyOf(NODE, node)
    })
    const ofNode = (node: number): number => {
      const was = before.itemOfNode(node)
      return was >= 0 ? now[was] : (fresh.get(node) ?? -1)
    }
    if (nest) for (const node of this.changed) if (ofNode(node) >= 0) of![ofNode(node)] = nest.containerOf(nest.fold.tree.scopeOf(node))
    return { kind, index, key, width, height, of, cards: splice.list(before.cards, comers.map(({ node }) => this.card(node))), now, ofNode, splice, comers }
  }

  /** The new nodes as they stand in the graph, each with the item that it comes before. */
  private comers(): { node: number; at: number }[] {
    const { before, document, removed } = this
    if (this.added.length === 0) return []
    const order = document.nodesOf(before.graph)
    const comers = this.added.map((node) => ({ node, place: order.indexOf(node), at: 0 })).sort((a, b) => a.place - b.place)
    for (const comer of comers) {
      let at = comer.place - 1
      while (at >= 0 && before.itemOfNode(order[at]) < 0) at--
      const after = at < 0 ? this.firstNode - 1 : before.itemOfNode(order[at])
      at = comer.place + 1
      while (at < order.length && before.itemOfNode(order[at]) < 0) at++
      comer.at = at === order.length ? this.firstOutput : before.itemOfNode(order[at])
      for (let item = after + 1; item < comer.at; item++) if (!removed.has(item)) throw new Unpatchable() // a closed scope: before or behind it?
    }
    return comers
  }

  /** All wires: those of values that were not touched as they were, those of others among them, in the order of what makes them. */
  private wires(items: Items): { wires: Wires; labels: (Label | null)[]; room: Float32Array; sourceAt: Float32Array; entersAt: Float32Array; touched: Set<number>; splice: Splice } {
    const { before, document } = this
    const { now, ofNode } = items
    const bundles = [...this.touched].map((value) => this.bundle(value, now, ofNode)).filter((one) => one !== null).sort((a, b) => a.source - b.source || a.outputSlot - b.outputSlot)
    const gone = this.goneWires()
    const splice = new Splice(before.edgeCount, gone, bundles.flatMap((bundle) => { const at = this.placeFor(bundle, items); return bundle.ends.map(() => at) }))
    const ends = bundles.flatMap((bundle) => bundle.ends.map((end, i) => ({ ...end, bundle, label: i > 0 ? null : this.parts.labels.of(document.typeAt(bundle.value)), isFirst: i === 0 })))
    const renumbered = (column: Uint32Array): Uint32Array => {
      const made = splice.column(column)
      if (!items.splice.same) for (let edge = 0; edge < made.length; edge++) made[edge] = now[made[edge]]
      return made
    }
    const source = renumbered(before.source)
    const target = renumbered(before.target)
    const value = splice.column(before.value)
    const slot = splice.column(before.slot)
    const room = splice.column(before.room)
    const touched = new Set<number>()
    for (const edge of gone) for (const end of [now[before.source[edge]], now[before.target[edge]]]) if (end >= 0) touched.add(end)
    ends.forEach((end, i) => {
      const edge = splice.fresh[i]
      source[edge] = end.bundle.source
      target[edge] = end.target
      value[edge] = end.bundle.value
      slot[edge] = end.slot
      room[edge] = roomOf(end.label, end.isFirst, before.direction)
      touched.add(source[edge]).add(target[edge])
    })
    return {
      wires: new Wires(items.kind.length, document.valueLimit, source, target, value, slot), labels: splice.list(before.labels, ends.map(({ label }) => label)), room,
      sourceAt: splice.column(before.sourceAt), entersAt: splice.column(before.entersAt), touched, splice,
    }
  }

  /** The edges of values that were touched, in order. */
  private goneWires(): number[] {
    const gone: number[] = []
    for (const value of this.touched) {
      const [first, end] = this.before.edgesOf(value)
      for (let edge = first; edge < end; edge++) gone.push(edge)
    }
    return gone.sort((a, b) => a - b)
  }

  /** Before which of the earlier edges the wires of a value come: edges stand in the order of what makes their values. */
  private placeFor({ source, outputSlot }: Bundle, { kind, index, comers }: Items): number {
    const { before, document } = this
    const comer = kind[source] === NODE ? comers.find(({ node }) => node === index[source]) : undefined
    if (comer) return firstFrom(before.source, comer.at)
    const was = kind[source] === NODE ? before.itemOfNode(index[source]) : source
    let edge = firstFrom(before.source, was)
    while (edge < before.edgeCount && before.source[edge] === was && (this.touched.has(before.value[edge]) || outputSlot >= (document.producerAt(before.value[edge])?.slot ?? 0))) edge++
    return edge
  }

  /** Null: the value runs along no wire. */
  private bundle(value: number, now: Int32Array, ofNode: (node: number) => number): Bundle | null {
    const { before, document } = this
    const pills = before.pillsOf(value)
    if (pills.some((pill) => before.kind[pill] === LOOSE || before.kind[pill] === CAPTURED)) throw new Unpatchable()
    const ends: Bundle['ends'] = []
    for (const { node, slot } of document.usesAt(value)) {
      if (document.graphOfNode(node) !== before.graph) throw new Unpatchable() // a body takes it
      if (this.hidden(node)) throw new Unpatchable()
      ends.push({ target: ofNode(node), slot })
    }
    ends.sort((a, b) => a.target - b.target || a.slot - b.slot)
    for (const pill of pills) if (before.kind[pill] === OUTPUT) ends.push({ target: now[pill], slot: -1 })
    const [first, end] = before.edgesOf(value)
    for (let edge = first; edge < end; edge++) if (before.slot[edge] < 0 && before.kind[before.target[edge]] !== OUTPUT) throw new Unpatchable() // a body of that node gives it out
    if (ends.length === 0 || !this.isWire(value)) return null
    const input = pills.find((pill) => before.kind[pill] === INPUT)
    if (input !== undefined) return { value, source: now[input], outputSlot: 0, ends }
    const maker = document.producerAt(value)
    const source = maker && !this.hidden(maker.node) ? ofNode(maker.node) : -1
    if (source < 0 || this.hadOther(value, maker!.node)) throw new Unpatchable()
    return { value, source, outputSlot: maker!.slot, ends }
  }

  /** Whether a node that was not edited claimed the value, too. */
  private hadOther(value: number, maker: number): boolean {
    const { before } = this
    const [first, end] = before.edgesOf(value)
    if (first === end) return false
    const node = before.index[before.source[first]]
    return node !== maker && !this.changed.has(node)
  }
}

/** The first place in a column in order that holds `least` or more. */
function firstFrom(column: Uint32Array, least: number): number {
  let [from, to] = [0, column.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (column[middle] < least) from = middle + 1
    else to = middle
  }
  return from
}
