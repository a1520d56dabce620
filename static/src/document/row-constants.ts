/** Constants that only one node takes are rows of that node, as initializers are, and no boxes of their own. */
import type { ModelDocument } from './model'

/** The node that shows this one in a row: it alone takes what this constant makes; -1: the node has a box. */
export function takerOf(document: ModelDocument, node: number): number {
  const { op_type, domain } = document.operatorAt(node)
  if (op_type !== 'Constant' || (domain !== '' && domain !== 'ai.onnx')) return -1
  if (document.inputCountAt(node) > 0 || document.outputCountAt(node) !== 1) return -1
  const value = document.outputAt(node, 0)
  if (value < 0 || document.useCountAt(value) !== 1 || document.isOutputAt(value) || document.producerOf(value) !== node) return -1
  const taker = document.usesAt(value)[0].node
  return document.graphOfNode(taker) === document.graphOfNode(node) && !givenOutByBodies(document).has(value) ? taker : -1
}

/** The node that is drawn where this one is seen: it, or the one that it is a row of. */
export function drawnWith(document: ModelDocument, node: number): number {
  const taker = node < 0 ? -1 : takerOf(document, node)
  return taker < 0 ? node : taker
}

/** Whether the value is made by a constant that is a row. */
export function isRowConstant(document: ModelDocument, value: number): boolean {
  const producer = document.producerOf(value)
  return producer >= 0 && takerOf(document, producer) >= 0
}

const known = new WeakMap<ModelDocument, { revision: number; values: ReadonlySet<number> }>()
const NONE: ReadonlySet<number> = new Set()

/** Values of outer graphs that bodies give out as they are: no node in them takes those. */
function givenOutByBodies(document: ModelDocument): ReadonlySet<number> {
  if (document.graphs.size < 2) return NONE
  const { revision } = document
  const found = known.get(document)
  if (found?.revision === revision) return found.values
  const values = new Set<number>()
  for (const graph of document.graphs.values()) {
    for (const value of document.indexesInInterface(graph.outputs)) if (document.graphOfValue(value) !== graph.id) values.add(value)
  }
  known.set(document, { revision, values })
  return values
}
