/** Builds the scene of one graph from the document: which boxes there are and what joins them. */
import type { ModelDocument } from '../document/model'
import { isTensor, type Card } from './card'
import { CAPTURED, INPUT, LOOSE, NODE, OUTPUT, Scene, type ItemKind, type Label, type SceneParts } from './scene'

export function buildScene(document: ModelDocument, graph: string, parts: SceneParts): Scene {
  return new SceneBuilder(document, graph, parts).build()
}

class SceneBuilder {
  private readonly kind: ItemKind[] = []
  private readonly index: number[] = []
  private readonly cards: Card[] = []
  /** value index → the item it leaves from */
  private readonly origin = new Map<number, number>()
  private readonly itemOfNode = new Map<number, number>()
  // edges as they are found: by target
  private readonly value: number[] = []
  private readonly target: number[] = []
  private readonly slot: number[] = []

  constructor(private readonly document: ModelDocument, private readonly graph: string, private readonly parts: SceneParts) {}

  build(): Scene {
    const { document } = this
    const io = document.graph(this.graph)
    const inputs = this.indexes(io?.inputs ?? []).filter((value) => !isTensor(document, value))
    const outputs = this.indexes(io?.outputs ?? [])
    const nodes = document.nodesOf(this.graph)
    for (const value of inputs) if (!this.origin.has(value)) this.addPill(value, INPUT)
    for (const node of nodes) this.addNode(node)
    const captures = this.captures(nodes)
    for (const node of nodes) this.addInputs(node, captures.get(node))
    for (const value of outputs) this.addOutput(value)
    return this.finish()
  }

  private addPill(value: number, kind: ItemKind): number {
    const name = this.document.valueNameAt(value)
    const item = this.add(kind, value, this.parts.cards.pill(name === '' ? '(no name)' : name))
    if (kind !== OUTPUT) this.origin.set(value, item)
    return item
  }

  private add(kind: ItemKind, index: number, card: Card): number {
    this.kind.push(kind)
    this.index.push(index)
    this.cards.push(card)
    return this.kind.length - 1
  }

  private addNode(node: number): void {
    const inputs = this.document.inputsAt(node)
    const outputs = this.document.outputsAt(node)
    let entering = 0
    for (let slot = 0; slot < inputs.length; slot++) if (inputs[slot] >= 0 && !isTensor(this.document, inputs[slot])) entering++
    const item = this.add(NODE, node, this.parts.cards.node(node, Math.max(entering, outputs.length)))
    this.itemOfNode.set(node, item)
    // of two nodes that claim one value, which is an error, the first has it
    for (let slot = 0; slot < outputs.length; slot++) {
      if (outputs[slot] >= 0 && !this.origin.has(outputs[slot])) this.origin.set(outputs[slot], item)
    }
  }

  private addInputs(node: number, captured: ReadonlySet<number> | undefined): void {
    const item = this.itemOfNode.get(node)!
    const inputs = this.document.inputsAt(node)
    for (let slot = 0; slot < inputs.length; slot++) {
      const value = inputs[slot]
      if (value >= 0 && !isTensor(this.document, value)) this.addEdge(value, item, slot)
    }
    if (captured) for (const value of captured) this.addEdge(value, item, -1)
  }

  private addOutput(value: number): void {
    const item = this.addPill(value, OUTPUT)
    if (!isTensor(this.document, value)) this.addEdge(value, item, -1)
  }

  private addEdge(value: number, target: number, slot: number): void {
    if (!this.origin.has(value)) this.addPill(value, this.document.graphOfValue(value) === this.graph ? LOOSE : CAPTURED)
    this.value.push(value)
    this.target.push(target)
    this.slot.push(slot)
  }

  /** Values of this graph that only the bodies of a node take: the node waits for them too, so it has wires for them. */
  private captures(nodes: readonly number[]): Map<number, Set<number>> {
    const found = new Map<number, Set<number>>()
    for (const node of nodes) {
      if (!this.document.hasBodies(node)) continue
      const taken = new Set<number>()
      for (const body of this.document.nodeAt(node).bodies) this.capturesOf(body, taken)
      const own = this.document.inputsAt(node)
      for (let slot = 0; slot < own.length; slot++) taken.delete(own[slot])
      found.set(node, taken)
    }
    return found
  }

  private capturesOf(body: string, taken: Set<number>): void {
    const take = (value: number): void => {
      if (value >= 0 && this.origin.has(value) && this.document.graphOfValue(value) === this.graph) taken.add(value)
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
    const rank = new Map<number, number>()
    for (const value of this.origin.keys()) rank.set(value, rank.size)
    const order = sortedByRank(this.value, rank)
    const source = new Uint32Array(count)
    const target = new Uint32Array(count)
    const value = new Uint32Array(count)
    const slot = new Int32Array(count)
    const labels: (Label | null)[] = []
    for (let edge = 0; edge < count; edge++) {
      const from = order[edge]
      value[edge] = this.value[from]
      source[edge] = this.origin.get(value[edge])!
      target[edge] = this.target[from]
      slot[edge] = this.slot[from]
      labels.push(edge > 0 && value[edge - 1] === value[edge] ? null : this.parts.labels.of(this.document.typeAt(value[edge])))
    }
    return new Scene(this.document, this.graph, Uint8Array.from(this.kind), Uint32Array.from(this.index), this.cards, source, target, value, slot, labels)
  }

  private indexes(ids: readonly string[]): number[] {
    return ids.map((id) => this.document.valueIndex(id)).filter((value) => value >= 0)
  }
}

function sortedByRank(values: readonly number[], rank: ReadonlyMap<number, number>): Uint32Array {
  const start = new Uint32Array(rank.size + 1)
  for (const value of values) start[rank.get(value)! + 1]++
  for (let i = 0; i < rank.size; i++) start[i + 1] += start[i]
  const order = new Uint32Array(values.length)
  values.forEach((value, edge) => { order[start[rank.get(value)!]++] = edge })
  return order
}
