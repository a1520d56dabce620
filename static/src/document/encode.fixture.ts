/** For tests: writes a small document, given as records, as the snapshot's columns. */
import type { GraphView, ModelView, NodeView, ValueView } from '../protocol/types'
import { FORMAT, NODE_OF, VALUE_OF } from './columns'
import { decodeColumns, type ModelDocument } from './model'
import { VALUE_KINDS } from './records'

export interface Records { graphs: GraphView[]; nodes: NodeView[]; values: ValueView[]; /** what the exporter wrote about nodes, by id */ scopes?: Record<string, string>; /** every id is a string of its own, also where it is only a prefix and a name */ plainIds?: boolean }

export function node(id: string, op_type: string, inputs: string[], outputs: string[], rest: Partial<NodeView> = {}): NodeView {
  return { id, graph: 'graph:', name: id, op_type, domain: '', family: 'arithmetic', inputs, outputs, input_names: [], output_names: [], attributes: {}, bodies: [], ...rest }
}

export function value(id: string, rest: Partial<ValueView> = {}): ValueView {
  return { id, graph: 'graph:', name: id.replace('value:', ''), dtype: 'float32', shape: ['N', 8], kind: 'intermediate', inferred: false, is_output: false, bytes: 0, ...rest }
}

export function mainGraph(inputs: string[], outputs: string[]): GraphView {
  return { id: 'graph:', name: 'main', parent: null, inputs, outputs }
}

export function documentOf(records: Records, revision = 0): ModelDocument {
  return decodeColumns(encode(records, revision))
}

const MODEL: ModelView = {
  name: 'm', ir_version: 10, producer: '', producer_version: '', domain: '', model_version: '0', opset_imports: [], metadata: [], functions: [], doc: '', parameters: 0, weight_bytes: 0,
}

type Column = { type: 'u8' | 'u32' | 'i32' | 'f64'; items: number[] }

export function encode({ graphs, nodes, values, scopes = {}, plainIds = false }: Records, revision = 0): ArrayBuffer {
  const strings: string[] = ['']
  const known = new Map([['', 0]])
  const text = (s: string): number => {
    if (!known.has(s)) known.set(s, strings.push(s) - 1)
    return known.get(s)!
  }
  const number = (id: string, prefix: string, bits: number, name: string): number => (!plainIds && id === prefix + name ? bits + text(name) : text(id))
  const nameOf = new Map(values.map((v) => [v.id, v.name]))
  const valueIndex = new Map(values.map((v, i) => [v.id, i]))
  const graphIndex = new Map(graphs.map((g, i) => [g.id, i]))
  const wires = (ids: string[]): number[] => ids.map((id) => (id === '' ? -1 : valueIndex.get(id)!))
  const u32 = (items: number[]): Column => ({ type: 'u32', items })
  const starts = (lists: unknown[][]): Column => u32(lists.reduce<number[]>((all, list) => { all.push(all[all.length - 1] + list.length); return all }, [0]))
  const attributes = nodes.map((n) => Object.entries(n.attributes))
  const columns: Record<string, Column> = {
    node_id: u32(nodes.map((n) => number(n.id, 'node:', NODE_OF, nameOf.get(n.outputs[0]) || n.name))), node_name: u32(nodes.map((n) => text(n.name))), node_doc: u32(nodes.map((n) => text(n.doc ?? ''))), node_scope: u32(nodes.map((n) => text(scopes[n.id] ?? ''))),
    node_graph: u32(nodes.map((n) => graphIndex.get(n.graph)!)), node_op: u32(nodes.map((_, i) => i)),
    node_in_start: starts(nodes.map((n) => n.inputs)), node_in: { type: 'i32', items: nodes.flatMap((n) => wires(n.inputs)) },
    node_out_start: starts(nodes.map((n) => n.outputs)), node_out: { type: 'i32', items: nodes.flatMap((n) => wires(n.outputs)) },
    node_attr_start: starts(attributes), attr_name: u32(attributes.flat().map(([name]) => text(name))), attr_view: u32(attributes.flat().map(([, view]) => text(JSON.stringify(view)))),
    body_start: starts(nodes.map((n) => n.bodies)), body: u32(nodes.flatMap((n) => n.bodies.map((id) => graphIndex.get(id)!))),
    value_id: u32(values.map((v) => number(v.id, 'value:', VALUE_OF, v.name))), value_name: u32(values.map((v) => text(v.name))), value_dtype: u32(values.map((v) => text(v.dtype))),
    value_shape: u32(values.map((v) => text(JSON.stringify(v.shape)))), value_doc: u32(values.map((v) => text(v.doc ?? ''))),
    value_graph: u32(values.map((v) => graphIndex.get(v.graph)!)),
    value_kind: { type: 'u8', items: values.map((v) => VALUE_KINDS.indexOf(v.kind)) },
    value_flags: { type: 'u8', items: values.map((v) => (v.inferred ? 1 : 0) + (v.is_output ? 2 : 0)) },
    value_bytes: { type: 'f64', items: values.map((v) => v.bytes) }, value_elements: u32(values.map((v) => text(v.elements ?? ''))),
  }
  const ends = strings.reduce<number[]>((all, s) => [...all, (all[all.length - 1] ?? 0) + s.length], [])
  const blobs: [string, string, Uint8Array, number][] = [['strings', 'utf8', new TextEncoder().encode(strings.join('')), 0], ['string_ends', 'u32', bytes(u32(ends)), ends.length]]
  for (const [name, column] of Object.entries(columns)) blobs.push([name, column.type, bytes(column), column.items.length])
  blobs[0][3] = blobs[0][2].length
  const operators = nodes.map((n) => ({ op_type: n.op_type, domain: n.domain, family: n.family, input_names: n.input_names, output_names: n.output_names, variadic_input: false, variadic_output: false, overload: n.overload, function: n.function }))
  const header = { revision, model: MODEL, graphs, operators, counts: { nodes: nodes.length, values: values.length, strings: strings.length } }
  return joined(header, blobs)
}

function bytes(column: Column): Uint8Array {
  const array = { u8: Uint8Array, u32: Uint32Array, i32: Int32Array, f64: Float64Array }[column.type].from(column.items)
  return new Uint8Array(array.buffer)
}

function joined(header: object, blobs: [string, string, Uint8Array, number][]): ArrayBuffer {
  const padded = (length: number): number => Math.ceil(length / 8) * 8
  const base = padded(12 + new TextEncoder().encode(JSON.stringify(header)).length + 200 * blobs.length)
  const sections: Record<string, object> = {}
  let at = base
  for (const [name, type, blob, length] of blobs) {
    sections[name] = { offset: at, length, type }
    at += padded(blob.length)
  }
  const head = new TextEncoder().encode(JSON.stringify({ ...header, sections }))
  const file = new Uint8Array(at).fill(0x20, 0, base)
  file.set(new TextEncoder().encode('SCLP'))
  new DataView(file.buffer).setUint32(4, FORMAT, true)
  new DataView(file.buffer).setUint32(8, base - 12, true)
  file.set(head, 12)
  at = base
  for (const [, , blob] of blobs) {
    file.set(blob, at)
    at += padded(blob.length)
  }
  return file.buffer
}
