/** Finds nodes and values by name, operator, dtype or shape, in slices so that 50k nodes never stop the page. */
import { shapeText } from '../forms/literals'
import { typeable } from '../scene/text'
import type { NodeView, ValueView } from '../protocol/types'
import type { DocumentPort } from './ports'

export interface Query { op: string | null; type: string | null; words: string[] }
export interface Found { id: string; what: 'node' | 'value'; name: string; detail: string; graph: string }
export interface FindResult { found: Found[]; total: number; done: boolean }

const SHOWN = 5000 // results kept; the count goes on
const SLICE = 8 // ms of work between two breaths

/** `op:Conv` the operator's beginning, `type:f16` dtype or shape, everything else a part of a name or operator. */
export function parseQuery(text: string): Query {
  const query: Query = { op: null, type: null, words: [] }
  for (const part of text.trim().toLowerCase().split(/\s+/).filter(Boolean)) {
    if (part.startsWith('op:')) query.op = part.slice(3)
    else if (part.startsWith('type:')) query.type = part.slice(5)
    else if (typeable(part) !== '') query.words.push(typeable(part))
  }
  return query
}

export function isEmpty(query: Query): boolean {
  return !query.op && !query.type && query.words.length === 0
}

function nodeMatches(query: Query, node: NodeView): boolean {
  if (query.type) return false
  const op = node.op_type.toLowerCase()
  if (query.op && !op.startsWith(query.op)) return false
  const name = typeable(node.name).toLowerCase()
  return query.words.every((word) => name.includes(word) || op.includes(word))
}

function valueMatches(query: Query, value: ValueView): boolean {
  if (query.op) return false
  const name = typeable(value.name).toLowerCase()
  const shape = query.type || query.words.some((word) => /[×x\d]/.test(word)) ? shapeText(value.shape).toLowerCase() : ''
  if (query.type && !value.dtype.toLowerCase().includes(query.type) && !shape.includes(query.type.replaceAll('x', '×'))) return false
  return query.words.every((word) => name.includes(word) || (word.includes('×') && shape.includes(word)))
}

/** 0 for the very name, 1 when its last part is the word, 2 when it begins with it, 3 for anything else. */
function rankOf(name: string, query: Query): number {
  const word = query.words.join(' ')
  const lower = name.toLowerCase()
  if (word === '' || lower === word) return 0
  if (lower.slice(lower.lastIndexOf('/') + 1) === word || lower.slice(lower.lastIndexOf('.') + 1) === word) return 1
  return lower.startsWith(word) ? 2 : 3
}

/** Everything that matches, the best fitting names first, the given graph before others; yields to the page every 8 ms. */
export async function find(document: DocumentPort, text: string, first: string, signal: AbortSignal, onProgress: (result: FindResult) => void): Promise<void> {
  const query = parseQuery(text)
  if (isEmpty(query)) return onProgress({ found: [], total: 0, done: true })
  const byRank: Found[][] = [[], [], [], []]
  let total = 0
  const tell = (done: boolean): void => onProgress({ found: byRank.flat().slice(0, SHOWN), total, done })
  const seen = new Set<string>()
  let breath = performance.now()
  const add = (found: Found): void => {
    total += 1
    const rank = byRank[rankOf(found.name, query)]!
    if (rank.length < SHOWN) rank.push(found)
  }
  const look = (id: string): void => {
    if (id === '' || seen.has(id)) return
    seen.add(id)
    const value = document.value(id)
    if (value && valueMatches(query, value)) add({ id, what: 'value', name: value.name, detail: valueDetail(value), graph: value.graph })
  }
  const isStopped = async (): Promise<boolean> => {
    if (performance.now() - breath <= SLICE) return false
    tell(false)
    await new Promise((resolve) => setTimeout(resolve, 0))
    breath = performance.now()
    return signal.aborted
  }
  for (const graph of [first, ...[...document.graphs.keys()].filter((id) => id !== first)]) {
    for (const id of document.graph(graph)?.inputs ?? []) look(id)
    for (const id of document.nodeIds(graph)) {
      const node = document.node(id)
      if (!node) continue
      if (nodeMatches(query, node)) add({ id, what: 'node', name: node.name, detail: nodeDetail(node), graph })
      node.inputs.forEach(look)
      node.outputs.forEach(look)
      if (await isStopped()) return
    }
  }
  for (const id of document.valueIds()) { // what no node reads, such as initializers without use
    look(id)
    if (await isStopped()) return
  }
  if (!signal.aborted) tell(true)
}

/** `Conv node`; `node` alone when its name says the operator already. Never only the operator: a value may have the same name. */
function nodeDetail(node: NodeView): string {
  const last = node.name.slice(node.name.lastIndexOf('/') + 1)
  return last.toLowerCase().startsWith(node.op_type.toLowerCase()) ? 'node' : `${node.op_type} node`
}

function valueDetail(value: ValueView): string {
  return value.kind === 'intermediate' ? (value.is_output ? 'output' : 'value') : value.kind
}
