/** How often each operator is there, graph by graph, counted a few milliseconds at a time. */
import type { Family } from '../protocol/types'
import type { DocumentPort } from './ports'

export interface OperatorTally {
  op_type: string
  domain: string
  family: Family
  /** in the whole model */
  count: number
  /** in the graph that is shown */
  here: number
}
export interface Tallies { nodes: number; kinds: OperatorTally[] }

const SLICE = 4 // ms of counting
const REST = 12 // ms for everything else

/** Most frequent first; null when it was given up. */
export async function countAll(document: DocumentPort, shown: string, signal: AbortSignal): Promise<Tallies | null> {
  const found = new Map<string, OperatorTally & { first: string }>()
  let nodes = 0
  let breath = performance.now()
  for (const graph of document.graphs.keys()) {
    for (const { id, domain, op_type } of document.titles(graph)) {
      const key = `${domain} ${op_type}`
      const tally = found.get(key) ?? { op_type, domain, family: 'custom' as Family, count: 0, here: 0, first: id }
      tally.count += 1
      if (graph === shown) tally.here += 1
      found.set(key, tally)
      nodes += 1
      if (nodes % 32 === 0 && performance.now() - breath > SLICE) {
        await new Promise((resolve) => setTimeout(resolve, REST))
        if (signal.aborted) return null
        breath = performance.now()
      }
    }
  }
  const kinds = [...found.values()].map(({ first, ...tally }) => ({ ...tally, family: document.node(first)?.family ?? 'custom' }))
  return { nodes, kinds: kinds.sort((a, b) => b.count - a.count || a.op_type.localeCompare(b.op_type)) }
}

/** Every node of an operator in one graph. */
export function nodesOf(document: DocumentPort, graph: string, operator: { op_type: string; domain: string }): string[] {
  const ids: string[] = []
  for (const one of document.titles(graph)) if (one.op_type === operator.op_type && one.domain === operator.domain) ids.push(one.id)
  return ids
}

/** The graph to look for an operator in: the one that is shown, else the first that has it. */
export function graphWith(document: DocumentPort, shown: string, operator: { op_type: string; domain: string }): string | undefined {
  return [shown, ...document.graphs.keys()].find((graph) => nodesOf(document, graph, operator).length > 0)
}
