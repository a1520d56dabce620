/** The scene after a small structural edit, from the one before it: what the edit did not touch is taken over, not made again. */
import type { ChangeSet } from '../document/changes'
import type { ModelDocument } from '../document/model'
import { takerOf } from '../document/row-constants'
import { isRow, isTensor, type Card } from './card'
import { nestOf, pillText } from './build'
import type { Fold, Nest } from './nest'
import { CAPTURED, INPUT, LOOSE, NODE, OUTPUT, Scene, SCOPE, type Label, type SceneParts } from './scene'
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
    const indexes = (ids: readonly string[]): number[] => ids.map((id) => document.valueIndex(id)).filter((value) => value >= 0)
    const inputs = new Set(indexes(io?.inputs ?? []).filter((value) => !isTensor(document, value)))
    const outputs = indexes(io?.outputs ?? [])
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
    const wires = this.wires(items.now, items.ofNode, items.kind.length)
    for (const node of this.restyled) {
      const item = items.ofNode(node)
      if (item >= 0) items.cards[item] = this.card(node)
      else if (this.hidden(node)) throw new Unpatchable()
    }
    for (const value of this.touched) for (const pill of before.pillsOf(value)) items.cards[items.now[pill]] = this.parts.cards.pill(pillText(document, value))
    return new Scene(document, before.graph, items.kind, items.index, items.cards, wires.wires, wires.labels, nest && { nest, of: items.of, hung: before.nesting!.hung }, before.direction, undefined, before.rows)
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

  /** Items as they are now, and the number that each earlier one has (-1: it is gone). */
  private items(): { kind: Uint8Array; index: Uint32Array; of: Int32Array; cards: Card[]; now: Int32Array; ofNode: (node: number) => number } {
    const { before, removed, nest } = this
    const comers = this.comers()
    const count = before.count - removed.size + comers.length
    const kind = new Uint8Array(count)
    const index = new Uint32Array(count)
    const of = new Int32Array(nest ? count : 0)
    const cards = new Array<Card>(count)
    const now = new Int32Array(before.count).fill(-1)
    const fresh = new Map<number, number>()
    let to = 0
    let next = 0
    for (let item = 0; item <= before.count; item++) {
      for (; next < comers.length && comers[next].at === item; next++) {
        const { node } = comers[next]
        kind[to] = NODE
        index[to] = node
        cards[to] = this.card(node)
        if (nest) of[to] = nest.containerOf(nest.fold.tree.scopeOf(node))
        fresh.set(node, to++)
      }
      if (item === before.count || removed.has(item)) continue
      kind[to] = before.kind[item]
      index[to] = before.index[item]
      cards[to] = before.cards[item]
      if (nest) of[to] = before.nesting!.of[item]
      now[item] = to++
    }
    const ofNode = (node: number): number => {
      const was = before.itemOfNode(node)
      return was >= 0 ? now[was] : (fresh.get(node) ?? -1)
    }
    if (nest) for (const node of this.changed) if (ofNode(node) >= 0) of[ofNode(node)] = nest.containerOf(nest.fold.tree.scopeOf(node))
    return { kind, index, of, cards, now, ofNode }
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
  private wires(now: Int32Array, ofNode: (node: number) => number, items: number): { wires: Wires; labels: (Label | null)[] } {
    const { before, document } = this
    const bundles = [...this.touched].map((value) => this.bundle(value, now, ofNode)).filter((one) => one !== null).sort((a, b) => a.source - b.source || a.outputSlot - b.outputSlot)
    const anew = new Uint8Array(document.valueLimit)
    for (const value of this.touched) anew[value] = 1
    let count = bundles.reduce((sum, { ends }) => sum + ends.length, 0)
    for (let edge = 0; edge < before.edgeCount; edge++) count += 1 - anew[before.value[edge]]
    const source = new Uint32Array(count)
    const target = new Uint32Array(count)
    const value = new Uint32Array(count)
    const slot = new Int32Array(count)
    const labels = new Array<Label | null>(count)
    let to = 0
    let next = 0
    const add = (bundle: Bundle): void => {
      bundle.ends.forEach((end, i) => {
        source[to] = bundle.source
        target[to] = end.target
        value[to] = bundle.value
        slot[to] = end.slot
        labels[to++] = i > 0 ? null : this.parts.labels.of(document.typeAt(bundle.value))
      })
    }
    const comesFirst = ({ source: from, outputSlot }: Bundle, edge: number): boolean => {
      const other = now[before.source[edge]]
      return from < other || (from === other && outputSlot < (document.producerAt(before.value[edge])?.slot ?? 0))
    }
    for (let edge = 0; edge < before.edgeCount; edge++) {
      if (anew[before.value[edge]]) continue
      while (next < bundles.length && comesFirst(bundles[next], edge)) add(bundles[next++])
      source[to] = now[before.source[edge]]
      target[to] = now[before.target[edge]]
      value[to] = before.value[edge]
      slot[to] = before.slot[edge]
      labels[to++] = before.labels[edge]
    }
    while (next < bundles.length) add(bundles[next++])
    return { wires: new Wires(items, document.valueLimit, source, target, value, slot), labels }
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
