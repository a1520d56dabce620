/** Questions about the graphs of a document: which node holds a body, what a body is called, whether types were inferred. */
import type { ChangeSet } from '../document/changes'
import { MAIN_GRAPH } from '../state'
import type { NodeView } from '../protocol/types'
import type { DocumentPort } from './ports'

const LOOKED_AT = 300 // nodes that show whether inference has spoken

/** The node whose attribute holds this graph; undefined for the main graph and functions. */
export function ownerOf(document: DocumentPort, graph: string): string | undefined {
  const parent = document.graph(graph)?.parent
  return parent ? document.nodeIds(parent).find((id) => document.node(id)?.bodies.includes(graph)) : undefined
}

/** `choose · then_branch`, or a function's name. */
export function bodyTitle(document: DocumentPort, graph: string): string {
  const owner = ownerOf(document, graph)
  const node = owner === undefined ? undefined : document.node(owner)
  return node ? `${node.name || node.op_type} · ${graph.split('.').at(-1) ?? ''}` : functionName(document, graph)
}

/** The titles of the bodies around it too, from the outermost to its own, as far as `here`: `loop · body › choose · then_branch`. */
export function bodyPath(document: DocumentPort, graph: string, here: string): string {
  const parent = document.graph(graph)?.parent ?? null
  const title = bodyTitle(document, graph)
  return parent === null || parent === MAIN_GRAPH || parent === here ? title : `${bodyPath(document, parent, here)} › ${title}`
}

/** `Gelu`, `Gelu · fast` where it is one of several overloads. */
export function functionName(document: DocumentPort, graph: string): string {
  const found = document.graph(graph)
  return [found?.name || 'function', found?.overload].filter(Boolean).join(' · ')
}

/** The attribute that holds the graph: `then_branch`. */
export function bodyName(node: NodeView, graph: string): string {
  const holders = Object.entries(node.attributes).filter(([, attribute]) => attribute.type === 'GRAPH' || attribute.type === 'GRAPHS').map(([name]) => name)
  return holders.find((name) => graph.endsWith(`.${name}`)) ?? holders[node.bodies.indexOf(graph)] ?? ''
}

/** The graph of the model's own function that the node calls. */
export function functionOf(document: DocumentPort, node: NodeView): string | undefined {
  return node.function !== undefined && document.graph(node.function) ? node.function : undefined
}

export function hasInferredTypes(document: DocumentPort): boolean {
  return document.nodeIds(MAIN_GRAPH).slice(0, LOOKED_AT).some((id) => document.node(id)?.outputs.some((output) => document.value(output)?.inferred))
}

/** Whether an input or output is among what changed. */
export function namesInterface(changes: ChangeSet, document: DocumentPort): boolean {
  for (const id of changes.values) {
    const value = document.value(id)
    if (value && (value.kind === 'input' || value.is_output)) return true
  }
  return false
}
