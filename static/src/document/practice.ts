/** A small model of no one's, with repeated blocks as real ones have: what a page practises on before the first model comes. */
import type { Family } from '../protocol/types'
import { Strings, type Columns, type OperatorFacts } from './columns'
import { ModelDocument } from './model'
import { FLAG_IS_OUTPUT, VALUE_KINDS } from './records'

const BLOCKS = 16
const SHAPES = ['[1, "sequence", 256]', '[256, 256]', '[256]']
/** Of one block: scope and operator, and what it takes: nodes of the block by number, -1 for the block's input; then the shape of its weight, if any. */
const BLOCK: readonly [scope: string, operator: string, takes: readonly number[], weight?: number][] = [
  ['norm', 'Mul', [-1], 2], ['attention/query', 'MatMul', [0], 1], ['attention/key', 'MatMul', [0], 1], ['attention/value', 'MatMul', [0], 1],
  ['attention', 'Transpose', [2]], ['attention', 'MatMul', [1, 4]], ['attention', 'Softmax', [5]], ['attention', 'MatMul', [6, 3]],
  ['attention/out', 'MatMul', [7], 1], ['', 'Add', [8, -1]], ['mlp/up', 'Gemm', [9], 1], ['mlp', 'Relu', [10]], ['mlp/down', 'Gemm', [11], 1], ['', 'Add', [12, 9]],
]
const FAMILIES: Readonly<Record<string, Family>> = { Mul: 'arithmetic', MatMul: 'matmul', Transpose: 'shape', Softmax: 'activation', Add: 'arithmetic', Gemm: 'matmul', Relu: 'activation' }
const ATTRIBUTES: Readonly<Record<string, readonly [name: string, view: string]>> = {
  Transpose: ['perm', '{"type": "INTS", "value": [0, 2, 1]}'], Softmax: ['axis', '{"type": "INT", "value": -1}'],
}

export function practiceModel(): ModelDocument {
  const texts = new Texts()
  const operators = Object.entries(FAMILIES).map(([op_type, family]): OperatorFacts => ({ op_type, domain: '', family, input_names: ['A', 'B'], output_names: ['C'], variadic_input: false, variadic_output: false }))
  const node = { name: [] as number[], operator: [] as number[], taken: [] as number[], takenStart: [0], made: [] as number[], attribute: [] as number[], view: [] as number[], attributeStart: [0] }
  const value = { name: [] as number[], shape: [] as number[], kind: [] as number[] }
  const add = (name: string, shape: number, kind: 'input' | 'initializer' | 'intermediate'): number => {
    value.shape.push(texts.add(SHAPES[shape]!))
    value.kind.push(VALUE_KINDS.indexOf(kind))
    return value.name.push(texts.add(name)) - 1
  }
  let into = add('tokens', 0, 'input')
  for (let block = 0; block < BLOCKS; block++) {
    const made: number[] = []
    BLOCK.forEach(([scope, op_type, takes, weight], at) => {
      const name = ['', `blocks.${block}`, ...(scope ? [scope] : []), `${op_type}_${at}`].join('/')
      for (const from of takes) node.taken.push(from < 0 ? into : made[from]!)
      if (weight !== undefined) node.taken.push(add(`${name}.weight`, weight, 'initializer'))
      node.takenStart.push(node.taken.length)
      node.name.push(texts.add(name))
      node.operator.push(operators.findIndex((one) => one.op_type === op_type))
      const attribute = ATTRIBUTES[op_type]
      if (attribute) { node.attribute.push(texts.add(attribute[0])); node.view.push(texts.add(attribute[1])) }
      node.attributeStart.push(node.attribute.length)
      made.push(add(`${name}_output`, 0, 'intermediate'))
    })
    node.made.push(...made)
    into = made.at(-1)!
  }
  const [nodes, values] = [node.name.length, value.name.length]
  const graph = { id: 'graph:', name: 'practice', parent: null, inputs: [texts.at(value.name[0]!)], outputs: [texts.at(value.name[into]!)] }
  const model = { name: 'practice', ir_version: 10, producer: '', producer_version: '', domain: '', model_version: '', opset_imports: [], metadata: [], functions: [], doc: '', parameters: 0, weight_bytes: 0 }
  const float32 = texts.add('float32')
  const columns: Columns = {
    header: { revision: 0, model, graphs: [graph], operators, counts: { nodes, values, strings: texts.length }, sections: {} },
    strings: texts.table(),
    nodeId: Uint32Array.from(node.name), nodeName: Uint32Array.from(node.name), nodeDoc: new Uint32Array(nodes), nodeScope: new Uint32Array(nodes), nodeGraph: new Uint32Array(nodes), nodeOp: Uint32Array.from(node.operator),
    nodeInStart: Uint32Array.from(node.takenStart), nodeIn: Int32Array.from(node.taken), nodeOutStart: Uint32Array.from({ length: nodes + 1 }, (_, at) => at), nodeOut: Int32Array.from(node.made),
    nodeAttrStart: Uint32Array.from(node.attributeStart), attrName: Uint32Array.from(node.attribute), attrView: Uint32Array.from(node.view), bodyStart: new Uint32Array(nodes + 1), body: new Uint32Array(),
    valueId: Uint32Array.from(value.name), valueName: Uint32Array.from(value.name), valueDtype: new Uint32Array(values).fill(float32), valueShape: Uint32Array.from(value.shape), valueDoc: new Uint32Array(values),
    valueGraph: new Uint32Array(values), valueKind: Uint8Array.from(value.kind), valueFlags: Uint8Array.from({ length: values }, (_, at) => (at === into ? FLAG_IS_OUTPUT : 0)),
    valueBytes: Float64Array.from(value.kind, (kind) => (VALUE_KINDS[kind] === 'initializer' ? 1024 : 0)), valueElements: new Uint32Array(values),
  }
  return new ModelDocument(columns)
}

/** Strings by number; the first is the empty one. */
class Texts {
  private readonly texts = ['']
  private readonly numbers = new Map([['', 0]])

  get length(): number {
    return this.texts.length
  }

  add(text: string): number {
    const known = this.numbers.get(text)
    if (known !== undefined) return known
    this.numbers.set(text, this.texts.length)
    return this.texts.push(text) - 1
  }

  at(number: number): string {
    return this.texts[number]!
  }

  table(): Strings {
    let end = 0
    return new Strings(this.texts.join(''), Uint32Array.from(this.texts, (text) => (end += text.length)))
  }
}
