/** The rows of the document by index: as the columns gave them, or as an edit left them. Fast: the scene reads through these. */
import type { AttributeView, GraphView, NodeView, ValueKind, ValueView } from '../protocol/types'
import type { Columns, OperatorFacts } from './columns'
import { Links, type Use } from './links'
import { FLAG_INFERRED, FLAG_IS_OUTPUT, nodeView, parseShape, VALUE_KINDS, valueView, type TypeFacts } from './records'

export interface EditedNode { view: NodeView; operator: OperatorFacts; inputs: Int32Array; outputs: Int32Array }

export class Rows {
  /** by id, main graph first */
  readonly graphs = new Map<string, GraphView>()
  protected readonly columns: Columns
  protected readonly links: Links
  protected readonly nodes = new Map<number, NodeView>()
  protected readonly values = new Map<number, ValueView>()
  protected readonly editedNodes = new Map<number, EditedNode>()
  /** inputs of nodes of which nothing else was edited */
  protected readonly rewiredNodes = new Map<number, Int32Array>()
  protected readonly editedValues = new Map<number, TypeFacts>()
  protected readonly deadNodes = new Set<number>()
  protected readonly deadValues = new Set<number>()
  protected readonly newNodeIds: string[] = []
  protected readonly newValueIds: string[] = []
  protected readonly order = new Map<string, number[]>()
  protected owners: Map<string, number> | null = null
  /** by the string index of the shape */
  private readonly types: (TypeFacts & { dtypeIndex: number })[][]
  private readonly attributeViews = new Map<number, AttributeView>()

  constructor(columns: Columns) {
    this.columns = columns
    this.types = new Array<(TypeFacts & { dtypeIndex: number })[]>(columns.strings.length)
    for (const graph of columns.header.graphs) this.graphs.set(graph.id, graph)
    this.links = new Links(
      columns.nodeId.length, columns.valueId.length,
      { start: columns.nodeInStart, items: columns.nodeIn }, { start: columns.nodeOutStart, items: columns.nodeOut },
    )
    const orders = columns.header.graphs.map((): number[] => [])
    for (let index = 0; index < columns.nodeGraph.length; index++) orders[columns.nodeGraph[index]].push(index)
    columns.header.graphs.forEach((graph, i) => this.order.set(graph.id, orders[i]))
  }

  get nodeCount(): number {
    return this.columns.nodeId.length + this.newNodeIds.length - this.deadNodes.size
  }

  /** indexes of nodes are below this */
  get nodeLimit(): number {
    return this.columns.nodeId.length + this.newNodeIds.length
  }

  get valueLimit(): number {
    return this.columns.valueId.length + this.newValueIds.length
  }

  nodesOf(graph: string): number[] {
    return this.order.get(graph) ?? []
  }

  nodeAt(index: number): NodeView {
    const known = this.nodes.get(index) ?? this.editedNodes.get(index)?.view
    if (known) return known
    const made = nodeView(this.columns, index)
    const inputs = this.rewiredNodes.get(index)
    if (inputs) made.inputs = Array.from(inputs, (value) => (value < 0 ? '' : this.valueIdAt(value)))
    this.nodes.set(index, made)
    return made
  }

  valueAt(index: number): ValueView {
    const known = this.values.get(index)
    if (known) return known
    const made = valueView(this.columns, index)
    this.values.set(index, made)
    return made
  }

  nodeIdAt(index: number): string {
    const base = this.columns.nodeId
    return index < base.length ? this.columns.strings.idAt(base[index]) : this.newNodeIds[index - base.length]
  }

  valueIdAt(index: number): string {
    const base = this.columns.valueId
    return index < base.length ? this.columns.strings.idAt(base[index]) : this.newValueIds[index - base.length]
  }

  nodeNameAt(index: number): string {
    return this.editedNodes.get(index)?.view.name ?? this.columns.strings.at(this.columns.nodeName[index])
  }

  /** the scope that the exporter wrote about the node, outermost part first with slashes between; '' when it wrote none */
  scopeAt(index: number): string {
    const { nodeScope, strings } = this.columns
    return index < nodeScope.length ? strings.at(nodeScope[index]) : ''
  }

  valueNameAt(index: number): string {
    return this.values.get(index)?.name ?? this.columns.strings.at(this.columns.valueName[index])
  }

  operatorAt(index: number): OperatorFacts {
    return this.editedNodes.get(index)?.operator ?? this.columns.header.operators[this.columns.nodeOp[index]]
  }

  graphOfNode(index: number): string {
    return this.editedNodes.get(index)?.view.graph ?? this.columns.header.graphs[this.columns.nodeGraph[index]].id
  }

  graphOfValue(index: number): string {
    return this.editedValues.has(index) ? this.valueAt(index).graph : this.columns.header.graphs[this.columns.valueGraph[index]].id
  }

  /** false: an edit took the node away */
  isNodeAt(index: number): boolean {
    return !this.deadNodes.has(index)
  }

  /** false: an edit took the value away */
  isValueAt(index: number): boolean {
    return !this.deadValues.has(index)
  }

  /** names of the operators that nodes had when the model was opened, or have by edits */
  operatorTypes(): string[] {
    return [...this.columns.header.operators, ...Array.from(this.editedNodes.values(), ({ operator }) => operator)].map(({ op_type }) => op_type)
  }

  /** value indexes by slot, -1 for an omitted optional */
  inputsAt(index: number): ArrayLike<number> {
    const edited = this.editedNodes.get(index)
    return edited?.inputs ?? this.rewiredNodes.get(index) ?? this.columns.nodeIn.subarray(this.columns.nodeInStart[index], this.columns.nodeInStart[index + 1])
  }

  outputsAt(index: number): ArrayLike<number> {
    const edited = this.editedNodes.get(index)
    return edited ? edited.outputs : this.columns.nodeOut.subarray(this.columns.nodeOutStart[index], this.columns.nodeOutStart[index + 1])
  }

  /** The same slot by slot, without making a list: for walks over all nodes. */
  inputCountAt(index: number): number {
    const edited = this.editedNodes.size > 0 ? this.editedNodes.get(index) : undefined
    return edited ? edited.inputs.length : this.columns.nodeInStart[index + 1] - this.columns.nodeInStart[index]
  }

  inputAt(index: number, slot: number): number {
    const edited = this.editedNodes.size > 0 ? this.editedNodes.get(index) : undefined
    const inputs = edited ? edited.inputs : this.rewiredNodes.size > 0 ? this.rewiredNodes.get(index) : undefined
    return inputs ? inputs[slot] : this.columns.nodeIn[this.columns.nodeInStart[index] + slot]
  }

  outputCountAt(index: number): number {
    const edited = this.editedNodes.size > 0 ? this.editedNodes.get(index) : undefined
    return edited ? edited.outputs.length : this.columns.nodeOutStart[index + 1] - this.columns.nodeOutStart[index]
  }

  outputAt(index: number, slot: number): number {
    const edited = this.editedNodes.size > 0 ? this.editedNodes.get(index) : undefined
    return edited ? edited.outputs[slot] : this.columns.nodeOut[this.columns.nodeOutStart[index] + slot]
  }

  hasBodies(index: number): boolean {
    const edited = this.editedNodes.get(index)
    return edited ? edited.view.bodies.length > 0 : this.columns.bodyStart[index + 1] > this.columns.bodyStart[index]
  }

  /** The graph of the model's own function that the node calls; '' when it calls none. */
  functionAt(index: number): string {
    const called = this.operatorAt(index).function
    return called !== undefined && this.graphs.has(called) ? called : ''
  }

  /** Whether the node has something in it that can be opened: bodies, or a function of the model. */
  opensAt(index: number): boolean {
    return this.hasBodies(index) || this.functionAt(index) !== ''
  }

  /** The graphs in a node: its bodies, and the function that it calls. */
  innerGraphsAt(index: number): readonly string[] {
    const bodies = this.hasBodies(index) ? this.nodeAt(index).bodies : []
    const called = this.functionAt(index)
    return called === '' ? bodies : [...bodies, called]
  }

  /** The attributes that are set, without making a record of the node. */
  attributesAt(index: number): [name: string, view: AttributeView][] {
    const edited = this.editedNodes.get(index)
    if (edited) return Object.entries(edited.view.attributes)
    const { nodeAttrStart, attrName, attrView, strings } = this.columns
    const found: [string, AttributeView][] = []
    for (let i = nodeAttrStart[index]; i < nodeAttrStart[index + 1]; i++) {
      let view = this.attributeViews.get(attrView[i])
      if (!view) {
        view = JSON.parse(strings.at(attrView[i])) as AttributeView
        this.attributeViews.set(attrView[i], view)
      }
      found.push([strings.at(attrName[i]), view])
    }
    return found
  }

  /** Whether an attribute of this name, in lower case, is set. */
  hasAttributeAt(index: number, name: string): boolean {
    const edited = this.editedNodes.get(index)
    if (edited) return Object.keys(edited.view.attributes).some((one) => one.toLowerCase() === name)
    const { nodeAttrStart, attrName, strings } = this.columns
    for (let i = nodeAttrStart[index]; i < nodeAttrStart[index + 1]; i++) if (strings.at(attrName[i]).toLowerCase() === name) return true
    return false
  }

  /**
   * What a node shows, as a text that is equal for nodes that look alike: operator, tensors and constants it shows in rows, attributes. Null when it was
   * edited, or has slots without names (which are named after their values).
   */
  looksAt(index: number, isRow: (value: number) => boolean): string | null {
    const { columns } = this
    if (this.editedNodes.has(index) || this.rewiredNodes.has(index)) return null
    const names = this.operatorAt(index).input_names.length
    let looks = String(columns.nodeOp[index])
    for (let i = columns.nodeInStart[index]; i < columns.nodeInStart[index + 1]; i++) {
      const value = columns.nodeIn[i]
      if (value < 0 || !isRow(value)) continue
      if (names === 0 || this.editedValues.has(value)) return null
      const producer = this.producerOf(value)
      if (producer >= 0 && this.editedNodes.has(producer)) return null
      looks += ` ${i - columns.nodeInStart[index]}:${columns.valueShape[value]}:${columns.valueDtype[value]}:${columns.valueElements[value]}${producer < 0 ? '' : this.attributeLooks(producer)}`
    }
    return looks + this.attributeLooks(index)
  }

  private attributeLooks(index: number): string {
    const { nodeAttrStart, attrName, attrView } = this.columns
    let looks = ''
    for (let i = nodeAttrStart[index]; i < nodeAttrStart[index + 1]; i++) looks += `;${attrName[i]}:${attrView[i]}`
    return looks
  }

  kindAt(index: number): ValueKind {
    return this.editedValues.has(index) ? this.valueAt(index).kind : VALUE_KINDS[this.columns.valueKind[index]]
  }

  isOutputAt(index: number): boolean {
    if (this.editedValues.has(index)) return this.valueAt(index).is_output
    return (this.columns.valueFlags[index] & FLAG_IS_OUTPUT) !== 0
  }

  /** What is in a scalar or short list, with commas between; '' for every other value. */
  elementsAt(index: number): string {
    return this.editedValues.has(index) ? (this.valueAt(index).elements ?? '') : this.columns.strings.at(this.columns.valueElements[index])
  }

  bytesAt(index: number): number {
    return this.editedValues.has(index) ? this.valueAt(index).bytes : this.columns.valueBytes[index]
  }

  /** dtype and shape; the same object for all values of the same type */
  typeAt(index: number): TypeFacts {
    const edited = this.editedValues.get(index)
    if (edited) return edited
    const { valueDtype, valueShape, valueFlags, strings } = this.columns
    const inferred = (valueFlags[index] & FLAG_INFERRED) !== 0
    const alike = (this.types[valueShape[index]] ??= [])
    for (const known of alike) if (known.dtypeIndex === valueDtype[index] && known.inferred === inferred) return known
    const facts = { dtype: strings.at(valueDtype[index]), shape: parseShape(strings.at(valueShape[index])), inferred, dtypeIndex: valueDtype[index] }
    alike.push(facts)
    return facts
  }

  producerOf(value: number): number {
    return this.links.producerOf(value)
  }

  producerAt(value: number): Use | null {
    return this.links.producer(value)
  }

  usesAt(value: number): Use[] {
    return this.links.uses(value)
  }

  useCountAt(value: number): number {
    return this.links.useCount(value)
  }

  /** indexes of the nodes that call the graph as a function, in any graph */
  callersOf(graph: string): number[] {
    const found: number[] = []
    for (let index = 0; index < this.nodeLimit; index++) if (!this.deadNodes.has(index) && this.operatorAt(index).function === graph) found.push(index)
    return found
  }

  /** the index of the node whose body the graph is; -1 for the main graph and functions */
  ownerOf(graph: string): number {
    if (!this.owners) {
      this.owners = new Map()
      for (let index = 0; index < this.nodeLimit; index++) {
        if (this.deadNodes.has(index) || !this.hasBodies(index)) continue
        for (const body of this.nodeAt(index).bodies) this.owners.set(body, index)
      }
    }
    return this.owners.get(graph) ?? -1
  }
}
