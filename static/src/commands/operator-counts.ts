/** How often each operator is there, graph by graph. */
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

/** Most frequent first. */
export function countAll(document: DocumentPort, shown: string): Tallies {
  const found = new Map<string, OperatorTally>()
  let nodes = 0
  for (const graph of document.graphs.keys()) {
    for (const [{ op_type, domain, family }, count] of document.operatorCounts(graph)) {
      const key = `${domain} ${op_type}`
      let tally = found.get(key)
      if (!tally) found.set(key, (tally = { op_type, domain, family, count: 0, here: 0 }))
      tally.count += count
      if (graph === shown) tally.here += count
      nodes += count
    }
  }
  return { nodes, kinds: [...found.values()].sort((a, b) => b.count - a.count || a.op_type.localeCompare(b.op_type)) }
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
