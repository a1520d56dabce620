/** What lies before and behind nodes: whole ancestries, direct neighbours, nodes of the same operator. */
import type { DocumentPort } from './ports'

const MOST = 200_000 // nodes; a walk ends there

/** Every node that these nodes' inputs come from, near and far, without themselves. */
export function upstream(document: DocumentPort, nodes: readonly string[]): Set<string> {
  return walk(nodes, (id) => (document.node(id)?.inputs ?? []).map((value) => document.producer(value)?.node))
}

/** Every node that reads what these nodes make, near and far, without themselves. */
export function downstream(document: DocumentPort, nodes: readonly string[]): Set<string> {
  return walk(nodes, (id) => (document.node(id)?.outputs ?? []).flatMap((value) => document.consumers(value).map((use) => use.node)))
}

function walk(from: readonly string[], next: (id: string) => (string | undefined)[]): Set<string> {
  const found = new Set<string>()
  const own = new Set(from)
  const open = [...from]
  while (open.length > 0 && found.size < MOST) {
    for (const id of next(open.pop()!)) {
      if (id === undefined || found.has(id) || own.has(id)) continue
      found.add(id)
      open.push(id)
    }
  }
  return found
}

/** All nodes of the graph whose operator is one of theirs. */
export function sameOperator(document: DocumentPort, graph: string, nodes: readonly string[]): string[] {
  const kinds = new Set(nodes.map((id) => document.node(id)).map((node) => `${node?.domain} ${node?.op_type}`))
  return [...document.titles(graph)].filter((one) => kinds.has(`${one.domain} ${one.op_type}`)).map((one) => one.id)
}
