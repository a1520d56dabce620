/** The open model as this page knows it: columns as they came, records made on demand, and what edits changed since. */
import type { Change, GraphView, ModelView, NodeView, RevisionMessage, Shape, UsesView, ValueView } from '../protocol/types'
import { Arrangement } from './arrangement'
import { noChanges, onlyInputsDiffer, sameIds, type ChangeSet } from './changes'
import { readColumns, type Columns, type OperatorFacts } from './columns'
import { IdTable } from './id-table'
import type { Use } from './links'
import { NodeOrder } from './order'
import { FLAG_IS_OUTPUT, operatorOf, VALUE_KINDS } from './records'
import { Rows, type EditedNode } from './rows'

export function decodeColumns(buffer: ArrayBuffer): ModelDocument {
  return new ModelDocument(readColumns(buffer))
}

export interface NodeSlot { node: string; slot: number }
export interface NodeTitle { id: string; name: string; op_type: string; domain: string }

const NONE = new Int32Array(0)

/**
 * Nodes and values have an index (`…At` methods: fast, for the scene) and an id (for everything else). An index is never
 * used twice: what an undo brings back has the index it had before.
 */
export class ModelDocument extends Rows {
  revision: number
  model: ModelView
  readonly arrangement: Arrangement
  private readonly standing = new NodeOrder()
  private nodeIndexes: IdTable | null = null
  private valueIndexes: IdTable | null = null
  /** of the model as it came */
  private interfaceIndexes: ReadonlyMap<string, number> | null = null

  constructor(columns: Columns) {
    super(columns)
    this.revision = columns.header.revision
    this.model = columns.header.model
    this.arrangement = new Arrangement(columns.header.arrangement)
  }

  // ---- by id

  get mainGraph(): string {
    return this.columns.header.graphs[0]?.id ?? ''
  }

  graph(id: string): GraphView | undefined {
    return this.graphs.get(id)
  }

  node(id: string): NodeView | undefined {
    const index = this.nodeIndex(id)
    return index < 0 ? undefined : this.nodeAt(index)
  }

  value(id: string): ValueView | undefined {
    const index = this.valueIndex(id)
    return index < 0 ? undefined : this.valueAt(index)
  }

  nodeIds(graph: string): string[] {
    return this.nodesOf(graph).map((index) => this.nodeIdAt(index))
  }

  /** What a list shows of a graph's nodes, in graph order; far cheaper than their records. */
  *titles(graph: string): Generator<NodeTitle> {
    for (const index of this.nodesOf(graph)) {
      const { op_type, domain } = this.operatorAt(index)
      yield { id: this.nodeIdAt(index), name: this.nodeNameAt(index), op_type, domain }
    }
  }

  /** How many nodes of each operator a graph has. */
  operatorCounts(graph: string): Map<OperatorFacts, number> {
    const counts = new Map<OperatorFacts, number>()
    for (const index of this.nodesOf(graph)) {
      const operator = this.operatorAt(index)
      counts.set(operator, (counts.get(operator) ?? 0) + 1)
    }
    return counts
  }

  /** Makes the tables of ids before the first edit needs them. */
  prepare(): void {
    this.nodeIndex('')
    this.valueIndex('')
  }

  /** Ids of every living value, in file order, new ones last. */
  valueIds(): string[] {
    const ids: string[] = []
    for (let index = 0; index < this.valueLimit; index++) if (!this.deadValues.has(index)) ids.push(this.valueIdAt(index))
    return ids
  }

  producer(value: string): NodeSlot | null {
    const index = this.valueIndex(value)
    return index < 0 ? null : this.named(this.links.producer(index))
  }

  /** Every slot that takes the value, in bodies too. */
  consumers(value: string): NodeSlot[] {
    const index = this.valueIndex(value)
    return index < 0 ? [] : this.links.uses(index).map((use) => this.named(use)!)
  }

  /** The node that holds the graph as its body; null for the main graph and functions. */
  owner(graph: string): string | null {
    const index = this.ownerOf(graph)
    return index < 0 ? null : this.nodeIdAt(index)
  }

  /** -1 when there is no such node, or no longer */
  nodeIndex(id: string): number {
    this.nodeIndexes ??= new IdTable(this.columns.strings, this.columns.nodeId, this.newNodeIds)
    const index = this.nodeIndexes.get(id)
    return index >= 0 && this.deadNodes.has(index) ? -1 : index
  }

  valueIndex(id: string): number {
    this.interfaceIndexes = null
    this.valueIndexes ??= new IdTable(this.columns.strings, this.columns.valueId, this.newValueIds)
    const index = this.valueIndexes.get(id)
    return index >= 0 && this.deadValues.has(index) ? -1 : index
  }

  /**
   * The indexes of ids from a graph's inputs or outputs, without those that are not there. As long as the model is as it came, without
   * the table of all ids, which takes too long to make before the first picture.
   */
  indexesInInterface(ids: readonly string[]): number[] {
    if (this.valueIndexes === null && this.revision === this.columns.header.revision) this.interfaceIndexes ??= this.valuesOfInterfaces()
    const known = this.interfaceIndexes
    const indexes = ids.map((id) => known?.get(id) ?? this.valueIndex(id))
    return indexes.every((index) => index >= 0) ? indexes : indexes.filter((index) => index >= 0)
  }

  private valuesOfInterfaces(): Map<string, number> {
    const { valueKind, valueFlags } = this.columns
    const input = VALUE_KINDS.indexOf('input')
    const found = new Map<string, number>()
    for (let index = 0; index < valueKind.length; index++) if (valueKind[index] === input || (valueFlags[index] & FLAG_IS_OUTPUT) !== 0) found.set(this.valueIdAt(index), index)
    return found
  }

  /** The index of a node that is there, or was; -1 when there never was one. */
  nodeIndexEver(id: string): number {
    this.nodeIndex(id)
    return this.nodeIndexes!.get(id)
  }

  valueIndexEver(id: string): number {
    this.valueIndex(id)
    return this.valueIndexes!.get(id)
  }

  // ---- changes

  /** Takes a revision over; the revisions before it must have been applied (see `revision`). */
  apply(message: RevisionMessage): ChangeSet {
    const changes = noChanges()
    const nodes = message.delta.filter((change) => change.table === 'node')
    for (const change of nodes) this.unlink(change.id)
    for (const change of message.delta) if (change.table === 'value') this.putValue(change.id, change.after, changes)
    for (const change of nodes) this.putNode(change.id, change.after, changes)
    for (const change of message.delta) if (change.table === 'uses') this.rewire(change.id, change.after, changes)
    for (const change of message.delta) this.putRest(change, changes)
    this.revision = message.revision
    return changes
  }

  /** Takes newly inferred types over; what the model declares stays. Returns the ids of the values that changed. */
  applyTypes(types: Record<string, { dtype: string; shape: Shape } | null>): Set<string> {
    const changed = new Set<string>()
    for (const [id, type] of Object.entries(types)) {
      const index = this.valueIndex(id)
      if (index < 0) continue
      const before = this.typeAt(index)
      const declared = !before.inferred && before.dtype !== '' && before.shape !== null
      if (declared || (type === null && !before.inferred)) continue
      const after = type ? { ...type, inferred: true } : { dtype: '', shape: null, inferred: false }
      if (after.dtype === before.dtype && after.inferred === before.inferred && sameShape(after.shape, before.shape)) continue
      this.setValue(index, { ...this.valueAt(index), ...after })
      changed.add(id)
    }
    return changed
  }

  private putValue(id: string, after: ValueView | null, changes: ChangeSet): void {
    changes.values.add(id)
    const known = this.valueIndex(id)
    const before = known < 0 ? null : this.valueAt(known)
    const index = this.valueSlot(id)
    if (before) changes.graphs.add(before.graph)
    if (after) changes.graphs.add(after.graph)
    if (!before || !after || before.kind !== after.kind || before.is_output !== after.is_output || before.graph !== after.graph || before.bytes > 0 !== after.bytes > 0) changes.structural = true
    if (after) {
      this.deadValues.delete(index)
      this.setValue(index, after)
    } else {
      this.deadValues.add(index)
    }
  }

  private setValue(index: number, after: ValueView): void {
    this.values.set(index, after)
    this.editedValues.set(index, { dtype: after.dtype, shape: after.shape, inferred: after.inferred })
  }

  private unlink(id: string): void {
    const index = this.nodeIndex(id)
    if (index >= 0) this.links.unlink(index, this.inputsAt(index), this.outputsAt(index))
  }

  private putNode(id: string, after: NodeView | null, changes: ChangeSet): void {
    changes.nodes.add(id)
    const known = this.nodeIndex(id)
    const before = known < 0 ? null : this.nodeAt(known)
    const index = this.nodeSlot(id)
    if (before) changes.graphs.add(before.graph)
    if (after) changes.graphs.add(after.graph)
    if (!before || !after || before.graph !== after.graph || !sameIds(before.inputs, after.inputs) || !sameIds(before.outputs, after.outputs) || !sameIds(before.bodies, after.bodies) || (before.op_type === 'Constant') !== (after.op_type === 'Constant')) changes.structural = true
    if ((before?.bodies.length ?? 0) + (after?.bodies.length ?? 0) > 0) this.owners = null
    if (before && after && onlyInputsDiffer(before, after)) changes.rewired.set(id, this.inputsAt(index))
    if (!after) {
      this.deadNodes.add(index)
      if (before) this.standing.take(this.nodesOf(before.graph), before.graph, index)
      return
    }
    this.deadNodes.delete(index)
    const edited: EditedNode = { view: after, operator: operatorOf(after), inputs: this.indexesOf(after.inputs), outputs: this.indexesOf(after.outputs) }
    this.editedNodes.set(index, edited)
    this.rewiredNodes.delete(index)
    this.nodes.delete(index)
    this.links.link(index, edited.inputs, edited.outputs)
    if (before?.graph !== after.graph) {
      if (before) this.standing.take(this.nodesOf(before.graph), before.graph, index)
      this.insertInOrder(after.graph, index, edited.inputs)
    }
  }

  private rewire(id: string, after: UsesView, changes: ChangeSet): void {
    const moved: Use[] = []
    const value = this.valueSlot(after.value)
    after.nodes.forEach((node, i) => {
      const index = this.nodeIndex(node)
      if (index < 0) return
      const use = { node: index, slot: after.slots[i] }
      moved.push(use)
      if (!changes.nodes.has(node)) changes.rewired.set(node, this.inputsAt(index))
      changes.nodes.add(node)
      changes.graphs.add(this.graphOfNode(index))
      this.read(use, value, after.value)
    })
    this.links.move(this.valueSlot(id), value, moved)
    changes.structural = true
  }

  private read({ node, slot }: Use, value: number, id: string): void {
    const inputs = Int32Array.from(this.inputsAt(node))
    inputs[slot] = value
    const edited = this.editedNodes.get(node)
    if (edited) this.editedNodes.set(node, { ...edited, inputs, view: { ...edited.view, inputs: edited.view.inputs.map((old, at) => (at === slot ? id : old)) } })
    else this.rewiredNodes.set(node, inputs)
    this.nodes.delete(node)
  }

  private putRest(change: Change, changes: ChangeSet): void {
    if (change.table === 'graph') {
      const before = this.graphs.get(change.id)
      changes.graphs.add(change.id)
      const same = before && change.after && sameIds(before.inputs, change.after.inputs) && sameIds(before.outputs, change.after.outputs)
      if (!same) changes.structural = true
      if (change.after) this.graphs.set(change.id, change.after)
      else this.graphs.delete(change.id)
    } else if (change.table === 'place' || change.table === 'note') {
      this.arrangement.put(change)
    } else if (change.table === 'model') {
      changes.model = true
      if (change.after) this.model = change.after
    }
  }

  /** What stands earlier in its graph has a smaller number. */
  placeAt(index: number): number {
    return this.standing.placeOf(index)
  }

  private insertInOrder(graph: string, index: number, inputs: ArrayLike<number>): void {
    const order = this.order.get(graph) ?? []
    this.order.set(graph, order)
    const producers = new Set<number>()
    for (let slot = 0; slot < inputs.length; slot++) if (inputs[slot] >= 0) producers.add(this.links.producerOf(inputs[slot]))
    this.standing.put(order, graph, index, (node) => producers.has(node))
  }

  private indexesOf(ids: readonly string[]): Int32Array {
    if (ids.length === 0) return NONE
    return Int32Array.from(ids, (id) => (id === '' ? -1 : this.valueSlot(id)))
  }

  /** The index of an id, dead or alive; a new one for a new id. */
  private nodeSlot(id: string): number {
    this.nodeIndex(id)
    const known = this.nodeIndexes!.get(id)
    if (known >= 0) return known
    const index = this.nodeLimit
    this.newNodeIds.push(id)
    this.nodeIndexes!.add(id, index)
    return index
  }

  private valueSlot(id: string): number {
    this.valueIndex(id)
    const known = this.valueIndexes!.get(id)
    if (known >= 0) return known
    const index = this.valueLimit
    this.newValueIds.push(id)
    this.valueIndexes!.add(id, index)
    const unknown: ValueView = { id, graph: this.mainGraph, name: '', dtype: '', shape: null, kind: 'intermediate', inferred: false, is_output: false, bytes: 0 }
    this.setValue(index, unknown)
    return index
  }

  private named(use: Use | null): NodeSlot | null {
    return use && { node: this.nodeIdAt(use.node), slot: use.slot }
  }
}

function sameShape(a: Shape, b: Shape): boolean {
  return a === b || (a !== null && b !== null && a.length === b.length && a.every((dim, i) => dim === b[i]))
}
