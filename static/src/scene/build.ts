/** Builds the scene of one graph from the document: which boxes there are and what joins them. */
import type { ModelDocument } from '../document/model'
import { drawnWith, takerOf } from '../document/row-constants'
import type { ScopeTree } from '../scopes/tree'
import { Cards, isRow, withRoom, type Card } from './card'
import { ClosedScopes, type Closed } from './closed'
import type { Direction } from './flow'
import type { Measure } from './measure'
import { closedScopes, Nest, nodesWithin, type Fold } from './nest'
import { CAPTURED, INPUT, keyOf, Labels, LOOSE, NODE, OUTPUT, Scene, SCOPE, type ItemKind, type Label, type SceneParts } from './scene'
import { ScopeCards } from './scope-card'
import { Wires } from './wires'

export function sceneParts(document: ModelDocument, measure: Measure): SceneParts {
  return { cards: new Cards(document, measure), labels: new Labels(measure), scopes: new ScopeCards(document, measure), closed: new ClosedScopes() }
}

/** `fold`: which scopes are open; without one the graph is flat. */
export function buildScene(document: ModelDocument, graph: string, parts: SceneParts, fold: Fold | null = null, direction: Direction = 'down'): Scene {
  return new SceneBuilder(document, graph, parts, fold, direction).build()
}

/**
 * The scene after a change that is not structural: only what shows one of these nodes or values is made anew. Cards of what
 * changed must have been dropped.
 */
export function touchScene(scene: Scene, nodes: Iterable<number>, values: Iterable<number>, parts: SceneParts): Scene {
  const { document } = scene
  const cards = new Map<number, Card>()
  const labels = new Map<number, Label | null>()
  const touchNode = (node: number): void => {
    const item = scene.itemShowing(node)
    if (item < 0) return
    if (scene.kind[item] === SCOPE) {
      cards.set(item, roomForWires(parts.scopes.card(scene.nesting!.nest.fold.tree, scene.index[item]), item, scene.wires, scene.direction))
      return
    }
    const entering = scene.incoming(item).filter((edge) => scene.slot[edge] >= 0).length
    cards.set(item, parts.cards.node(node, Math.max(entering, document.outputsAt(node).length), scene.direction))
  }
  for (const node of nodes) touchNode(drawnWith(document, node))
  for (const value of values) {
    for (const item of scene.pillsOf(value)) cards.set(item, parts.cards.pill(pillText(document, value)))
    if (document.producerOf(value) < 0 || isRow(document, value)) for (const use of document.usesAt(value)) touchNode(use.node)
    const [first, end] = scene.edgesOf(value)
    if (first < end) labels.set(first, parts.labels.of(document.typeAt(value)))
  }
  return scene.touched(cards, labels)
}

/** A closed scope's card is as high as the wires on its sides need; below it they have room. */
export function roomForWires(card: Card, item: number, wires: Wires, direction: Direction): Card {
  return direction === 'right' ? withRoom(card, Math.max(wires.incoming(item).length, wires.valuesLeaving(item)), direction) : card
}

/** The containers of what is open; bodies are added to it. `earlier`: see Nest. */
export function nestOf(fold: Fold, { scopes }: SceneParts, earlier?: Nest): Nest {
  return new Nest(fold, closedScopes(fold), (scope) => keyOf(SCOPE, fold.numbers.all(fold.tree)[scope]), (scope) => scopes.title(fold.tree, scope), earlier)
}

export function pillText(document: ModelDocument, value: number): string {
  return document.valueNameAt(value) || '(no name)'
}

const UNKNOWN = 0
const ROW = 1
const WIRE = 2

class SceneBuilder {
  private readonly kind: ItemKind[] = []
  private readonly index: number[] = []
  private readonly cards: Card[] = []
  /** by value index: the item it leaves from, -1 for none; and values in the order in which they got one */
  private readonly origin: Int32Array
  private readonly originated: number[] = []
  /** by value index: whether it is a row or a wire */
  private readonly shownAs: Uint8Array
  // edges as they are found: by target
  private readonly value: number[] = []
  private readonly target: number[] = []
  private readonly slot: number[] = []
  private readonly nest: Nest | null
  /** per item, see Nesting */
  private readonly container: number[] = []
  /** what is in an open body hangs on the node that holds it */
  private readonly hung: { from: number; to: number }[] = []
  /** nodes whose bodies are closed: they take what these take, once everything that makes it is there */
  private readonly waiting: { node: number; item: number }[] = []
  /** the graphs whose nodes are seen, and the containers they are */
  private readonly inSight: Map<string, number>
  /** per scope of the tree: the item of the closed one; -1: none yet */
  private readonly scopeItem = new Map<number, number>()
  /** the constants that each node shows in rows */
  private readonly rows = new Map<number, number[]>()
  /** per value: the last item of a scope that it was led to */
  private readonly ledTo: Int32Array

  constructor(private readonly document: ModelDocument, private readonly graph: string, private readonly parts: SceneParts, fold: Fold | null, private readonly direction: Direction) {
    this.inSight = new Map([[graph, -1]])
    this.origin = new Int32Array(document.valueLimit).fill(-1)
    this.shownAs = new Uint8Array(document.valueLimit)
    this.ledTo = new Int32Array(fold ? document.valueLimit : 0).fill(-1)
    this.nest = fold && nestOf(fold, parts)
  }

  build(): Scene {
    const { document } = this
    const io = document.graph(this.graph)
    for (const value of this.indexes(io?.inputs ?? [])) if (this.isWire(value) && this.origin[value] < 0) this.addPill(value, INPUT)
    const nodes = document.nodesOf(this.graph)
    for (const node of nodes) {
      if (this.isRowOf(node)) continue
      const scope = this.nest ? this.nest.hiding(node) : -1
      const item = scope < 0 ? this.addNode(node) : this.addScope(scope)
      if (document.opensAt(node) && !(scope < 0 && this.openBodies(node, item))) this.waiting.push({ node, item })
    }
    for (const { node, item } of this.waiting) this.addCaptures(node, item)
    for (const value of this.indexes(io?.outputs ?? [])) this.addOutput(value)
    for (const [value, readers] of this.unmade()) {
      const container = this.inSight.get(document.graphOfValue(value))
      if (container === undefined) this.addPill(value, CAPTURED)
      else this.addPill(value, LOOSE, this.around(readers, container))
    }
    return this.finish()
  }

  private isWire(value: number): boolean {
    if (this.shownAs[value] === UNKNOWN) this.shownAs[value] = isRow(this.document, value) ? ROW : WIRE
    return this.shownAs[value] === WIRE
  }

  /** Whether the node is a constant that another one shows in a row. */
  private isRowOf(node: number): boolean {
    const taker = takerOf(this.document, node)
    if (taker < 0) return false
    const others = this.rows.get(taker)
    if (others) others.push(node)
    else this.rows.set(taker, [node])
    return true
  }

  private addPill(value: number, kind: ItemKind, container = -1): number {
    const item = this.add(kind, value, this.parts.cards.pill(pillText(this.document, value)), container)
    if (kind !== OUTPUT) this.originate(value, item)
    return item
  }

  /** Values in wires that nothing in sight makes, with the items that read them. */
  private unmade(): Map<number, number[]> {
    const found = new Map<number, number[]>()
    this.value.forEach((value, edge) => {
      if (this.origin[value] >= 0) return
      const readers = found.get(value)
      if (readers) readers.push(this.target[edge])
      else found.set(value, [this.target[edge]])
    })
    return found
  }

  /** The innermost scope in `container`, a graph's, that all these items are in. */
  private around(items: readonly number[], container: number): number {
    const parent = this.nest?.parent
    if (!parent) return container
    const graphs = new Set(this.inSight.values())
    let shared: number[] | null = null
    for (const item of items) {
      let chain: number[] = []
      for (let at = this.container[item]; at >= 0 && at !== container; at = parent[at]) chain = graphs.has(at) ? [] : [...chain, at]
      shared = shared ? shared.filter((one) => chain.includes(one)) : chain
    }
    return shared?.[0] ?? container
  }

  private add(kind: ItemKind, index: number, card: Card, container: number): number {
    this.kind.push(kind)
    this.container.push(container)
    this.index.push(index)
    this.cards.push(card)
    return this.kind.length - 1
  }

  private originate(value: number, item: number): void {
    this.origin[value] = item
    this.originated.push(value)
  }

  private addNode(node: number, within = -1): number {
    const { document } = this
    const item = this.kind.length
    const inputs = document.inputCountAt(node)
    const outputs = document.outputCountAt(node)
    let entering = 0
    for (let slot = 0; slot < inputs; slot++) {
      const value = document.inputAt(node, slot)
      if (value < 0 || !this.isWire(value)) continue
      this.addEdge(value, item, slot)
      entering++
    }
    // of two nodes that claim one value, which is an error, the first has it
    for (let slot = 0; slot < outputs; slot++) {
      const value = document.outputAt(node, slot)
      if (value >= 0 && this.origin[value] < 0) this.originate(value, item)
    }
    const container = within < 0 && this.nest ? this.nest.containerOf(this.nest.fold.tree.scopeOf(node)) : within
    return this.add(NODE, node, this.parts.cards.node(node, Math.max(entering, outputs), this.direction), container)
  }

  /** A closed scope, when its first node is met: wires of what all its nodes take from outside, one per value. */
  private addScope(scope: number): number {
    const known = this.scopeItem.get(scope)
    if (known !== undefined) return known
    const { tree } = this.nest!.fold
    const { card, made, taken } = this.parts.closed.of(tree, scope, () => this.closed(tree, scope))
    const item = this.add(SCOPE, scope, card, this.nest!.containerOf(tree.parent[scope]))
    this.scopeItem.set(scope, item)
    for (const value of made) if (this.origin[value] < 0) this.originate(value, item)
    for (const value of taken) this.lead(value, scope, item)
    return item
  }

  private closed(tree: ScopeTree, scope: number): Closed {
    const { document } = this
    const made: number[] = []
    const taken = new Set<number>()
    for (const node of nodesWithin(tree, scope)) {
      const outputs = document.outputCountAt(node)
      for (let slot = 0; slot < outputs; slot++) if (document.outputAt(node, slot) >= 0) made.push(document.outputAt(node, slot))
      const inputs = document.inputCountAt(node)
      for (let slot = 0; slot < inputs; slot++) {
        const value = document.inputAt(node, slot)
        if (this.comesFromOutside(value, scope)) taken.add(value)
      }
    }
    return { card: this.parts.scopes.card(tree, scope), made: Int32Array.from(made), taken: Int32Array.from(taken) }
  }

  private comesFromOutside(value: number, scope: number): boolean {
    if (value < 0 || !this.isWire(value)) return false
    const producer = this.document.producerOf(value)
    return producer < 0 || this.nest!.hiding(producer) !== scope
  }

  /** A wire to a closed scope, unless the value is made in it, or led there already. */
  private lead(value: number, scope: number, item: number): void {
    if (this.ledTo[value] === item || !this.comesFromOutside(value, scope)) return
    this.ledTo[value] = item
    this.addEdge(value, item, -1)
  }

  /** The bodies of a node that is open and the function that it calls, each in a container of its own. Whether it is open. */
  private openBodies(node: number, item: number): boolean {
    const { document, nest } = this
    if (!nest?.fold.bodies?.has(document.nodeIdAt(node))) return false
    for (const graph of document.innerGraphsAt(node)) {
      if (this.inSight.has(graph)) continue // a function is open at one of its calls
      const io = document.graph(graph)
      const isFunction = io?.parent === null
      const name = isFunction ? io.name : graph.split('.').at(-1) ?? ''
      const holder = document.nodeNameAt(node)
      const of = holder || (isFunction ? '' : this.cards[item].title)
      const title = [name, of].filter(Boolean).join(' · ') // what is cut off is the end
      const key = keyOf(SCOPE, nest.fold.numbers.of(graph))
      const nodes = document.nodesOf(graph)
      const container = nest.addBody({ graph, node, name: isFunction ? `function ${title}` : `${of} · ${name}`, nodes, key, title: this.parts.scopes.titleOf(title) }, this.container[item])
      this.inSight.set(graph, container)
      const first = this.kind.length
      for (const value of this.indexes(io?.inputs ?? [])) if (this.isWire(value) && this.origin[value] < 0) this.addPill(value, INPUT, container)
      for (const inner of nodes) {
        if (this.isRowOf(inner)) continue
        const at = this.addNode(inner, container)
        if (document.opensAt(inner) && !this.openBodies(inner, at)) this.waiting.push({ node: inner, item: at })
      }
      for (const value of this.indexes(io?.outputs ?? [])) this.addOutput(value, container)
      this.hang(item, first, container)
    }
    return true
  }

  /** A body hangs on its node by its inputs; one without inputs by the first thing in it that has wires and takes nothing, or else by the first. */
  private hang(item: number, first: number, container: number): void {
    const taking = new Set(this.target)
    const making = new Set(this.value.map((value) => this.origin[value]))
    const own: number[] = []
    for (let at = first; at < this.kind.length; at++) if (this.container[at] === container) own.push(at)
    const free = own.filter((at) => !taking.has(at))
    const inputs = free.filter((at) => this.kind[at] === INPUT)
    const wired = (at: number): boolean => taking.has(at) || making.has(at)
    for (const to of inputs.length > 0 ? inputs : [...free.filter(wired), ...own.filter(wired), ...own].slice(0, 1)) this.hung.push({ from: item, to })
  }

  private addOutput(value: number, container = -1): void {
    const item = this.addPill(value, OUTPUT, container)
    if (this.isWire(value)) this.addEdge(value, item, -1)
  }

  private addEdge(value: number, target: number, slot: number): void {
    this.value.push(value)
    this.target.push(target)
    this.slot.push(slot)
  }

  /** Values in sight that only the bodies of a node take: the node waits for them too, so it has wires for them. */
  private addCaptures(node: number, item: number): void {
    if (!this.document.hasBodies(node)) return
    const taken = new Set<number>()
    for (const body of this.document.nodeAt(node).bodies) this.capturesOf(body, taken)
    const own = this.document.inputsAt(node)
    for (let slot = 0; slot < own.length; slot++) taken.delete(own[slot])
    for (const value of taken) {
      if (this.kind[item] === SCOPE) this.lead(value, this.index[item], item)
      else this.addEdge(value, item, -1)
    }
  }

  private capturesOf(body: string, taken: Set<number>): void {
    const take = (value: number): void => {
      if (value >= 0 && this.origin[value] >= 0 && this.inSight.has(this.document.graphOfValue(value))) taken.add(value)
    }
    for (const node of this.document.nodesOf(body)) {
      const inputs = this.document.inputsAt(node)
      for (let slot = 0; slot < inputs.length; slot++) take(inputs[slot])
      if (this.document.hasBodies(node)) for (const inner of this.document.nodeAt(node).bodies) this.capturesOf(inner, taken)
    }
    for (const value of this.indexes(this.document.graph(body)?.outputs ?? [])) take(value)
  }

  /** Edges sorted by value, in the order in which nodes give their values, so that a value's edges stand together. */
  private finish(): Scene {
    const count = this.value.length
    const order = this.byOrigin()
    const source = new Uint32Array(count)
    const target = new Uint32Array(count)
    const value = new Uint32Array(count)
    const slot = new Int32Array(count)
    const labels: (Label | null)[] = []
    for (let edge = 0; edge < count; edge++) {
      const from = order[edge]
      value[edge] = this.value[from]
      source[edge] = this.origin[value[edge]]
      target[edge] = this.target[from]
      slot[edge] = this.slot[from]
      labels.push(edge > 0 && value[edge - 1] === value[edge] ? null : this.parts.labels.of(this.document.typeAt(value[edge])))
    }
    const wires = new Wires(this.kind.length, this.document.valueLimit, source, target, value, slot)
    for (const item of this.scopeItem.values()) this.cards[item] = roomForWires(this.cards[item]!, item, wires, this.direction)
    return new Scene(this.document, this.graph, Uint8Array.from(this.kind), Uint32Array.from(this.index), this.cards, wires, labels, this.nest && { nest: this.nest, of: Int32Array.from(this.container), hung: this.hung }, this.direction, undefined, this.rows)
  }

  private byOrigin(): Uint32Array {
    const { originated, value } = this
    const place = new Uint32Array(this.origin.length)
    for (let at = 0; at < originated.length; at++) place[originated[at]] = at
    const start = new Uint32Array(originated.length + 1)
    for (let edge = 0; edge < value.length; edge++) start[place[value[edge]] + 1]++
    for (let i = 1; i < start.length; i++) start[i] += start[i - 1]
    const order = new Uint32Array(value.length)
    for (let edge = 0; edge < value.length; edge++) order[start[place[value[edge]]]++] = edge
    return order
  }

  private indexes(ids: readonly string[]): number[] {
    return this.document.indexesInInterface(ids)
  }
}
