/** Rows of the columns as the records that the rest of the page knows: NodeView and ValueView. */
import type { AttributeView, NodeView, Shape, ValueKind, ValueView } from '../protocol/types'
import type { Columns, OperatorFacts } from './columns'

export const VALUE_KINDS: readonly ValueKind[] = ['input', 'output', 'initializer', 'intermediate']
export const FLAG_INFERRED = 1
export const FLAG_IS_OUTPUT = 2

/** What a value holds; one object for all values of the same type, so that what is derived from it can be kept with it. */
export interface TypeFacts { dtype: string; shape: Shape; inferred: boolean }

/** Names by slot; a variadic slot repeats its name with a number. */
export function slotNames(names: readonly string[], variadic: boolean, count: number): string[] {
  const found: string[] = []
  for (let slot = 0; slot < count; slot++) found.push(slotName(names, variadic, slot))
  return found
}

export function slotName(names: readonly string[], variadic: boolean, slot: number): string {
  const last = names.length - 1
  if (variadic && last >= 0 && slot >= last) return `${names[last]}${slot - last + 1}`
  return names[slot] ?? ''
}

export function nodeView(columns: Columns, index: number): NodeView {
  const { strings, header } = columns
  const operator = header.operators[columns.nodeOp[index]]
  const inputs = valueIds(columns, columns.nodeIn, columns.nodeInStart[index], columns.nodeInStart[index + 1])
  const outputs = valueIds(columns, columns.nodeOut, columns.nodeOutStart[index], columns.nodeOutStart[index + 1])
  const bodies: string[] = []
  for (let i = columns.bodyStart[index]; i < columns.bodyStart[index + 1]; i++) bodies.push(header.graphs[columns.body[i]].id)
  const view: NodeView = {
    id: strings.idAt(columns.nodeId[index]),
    graph: header.graphs[columns.nodeGraph[index]].id,
    name: strings.at(columns.nodeName[index]),
    op_type: operator.op_type,
    domain: operator.domain,
    family: operator.family,
    inputs, outputs,
    input_names: slotNames(operator.input_names, operator.variadic_input, inputs.length),
    output_names: slotNames(operator.output_names, operator.variadic_output, outputs.length),
    attributes: attributes(columns, index),
    bodies,
  }
  const doc = strings.at(columns.nodeDoc[index])
  if (doc) view.doc = doc
  if (operator.overload) view.overload = operator.overload
  if (operator.function) view.function = operator.function
  return view
}

function valueIds(columns: Columns, items: Int32Array, from: number, to: number): string[] {
  const ids: string[] = []
  for (let i = from; i < to; i++) ids.push(items[i] < 0 ? '' : columns.strings.idAt(columns.valueId[items[i]]))
  return ids
}

function attributes(columns: Columns, index: number): Record<string, AttributeView> {
  // no prototype: an attribute may be called __proto__ or constructor
  const found: Record<string, AttributeView> = Object.create(null) as Record<string, AttributeView>
  for (let i = columns.nodeAttrStart[index]; i < columns.nodeAttrStart[index + 1]; i++) {
    found[columns.strings.at(columns.attrName[i])] = JSON.parse(columns.strings.at(columns.attrView[i])) as AttributeView
  }
  return found
}

export function valueView(columns: Columns, index: number): ValueView {
  const { strings, header } = columns
  const flags = columns.valueFlags[index]
  const view: ValueView = {
    id: strings.idAt(columns.valueId[index]),
    graph: header.graphs[columns.valueGraph[index]].id,
    name: strings.at(columns.valueName[index]),
    dtype: strings.at(columns.valueDtype[index]),
    shape: parseShape(strings.at(columns.valueShape[index])),
    kind: VALUE_KINDS[columns.valueKind[index]],
    inferred: (flags & FLAG_INFERRED) !== 0,
    is_output: (flags & FLAG_IS_OUTPUT) !== 0,
    bytes: columns.valueBytes[index],
  }
  const elements = strings.at(columns.valueElements[index])
  if (elements) view.elements = elements
  const doc = strings.at(columns.valueDoc[index])
  if (doc) view.doc = doc
  return view
}

export function parseShape(text: string): Shape {
  return text === '' ? null : (JSON.parse(text) as Shape)
}

export function operatorOf(view: NodeView): OperatorFacts {
  return {
    op_type: view.op_type, domain: view.domain, family: view.family,
    input_names: view.input_names, output_names: view.output_names, variadic_input: false, variadic_output: false,
    overload: view.overload, function: view.function,
  }
}
