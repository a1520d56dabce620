/** What lies before and behind nodes in their graph: near, far, in so many steps; and nodes of the same operator. */
import type { DocumentPort } from './ports'

const MOST = 200_000 // nodes; a walk ends there

export type Way = 'up' | 'down' | 'both'

/** How far from the nodes a walk came, and along which values. */
export interface Reach {
  /** steps from the nearest of the nodes, by node; without themselves */
  up: ReadonlyMap<string, number>
  down: ReadonlyMap<string, number>
  /** values that lead there: taken on the way up, made on the way down */
  taken: ReadonlySet<string>
  made: ReadonlySet<string>
}

/** A graph's nodes as neighbours. A node with bodies takes what its bodies take; a reader inside a body stands for the node that holds it. */
class Neighbours {
  private readonly holders = new Map<string, string | null>()

  constructor(private readonly document: DocumentPort, private readonly graph: string) {}

  /** every value of this graph that the node needs */
  taken(id: string): string[] {
    const node = this.document.node(id)
    if (!node) return []
    const found = node.inputs.filter((value) => value !== '')
    for (const body of node.bodies) this.takenInside(body, found)
    return found
  }

  /** the node of this graph that makes the value */
  maker(value: string): string | null {
    const made = this.document.producer(value)
    return made && this.document.node(made.node)?.graph === this.graph ? made.node : null
  }

  made(id: string): readonly string[] {
    return (this.document.node(id)?.outputs ?? []).filter((value) => value !== '')
  }

  /** the nodes of this graph that need the value */
  takers(value: string): string[] {
    const found = new Set<string>()
    for (const use of this.document.consumers(value)) {
      const node = this.standsFor(use.node)
      if (node !== null) found.add(node)
    }
    return [...found]
  }

  /** the node itself, or the one of this graph whose body it is in */
  standsFor(id: string): string | null {
    const within = this.document.node(id)?.graph
    if (within === undefined) return null
    return within === this.graph ? id : this.holder(within)
  }

  private holder(graph: string): string | null {
    const known = this.holders.get(graph)
    if (known !== undefined) return known
    const owner = this.document.owner(graph)
    const found = owner === null ? null : this.standsFor(owner)
    this.holders.set(graph, found)
    return found
  }

  private takenInside(body: string, found: string[]): void {
    const here = (value: string): boolean => value !== '' && this.document.value(value)?.graph === this.graph
    found.push(...(this.document.graph(body)?.outputs ?? []).filter(here))
    for (const id of this.document.nodeIds(body)) {
      const node = this.document.node(id)!
      found.push(...node.inputs.filter(here))
      for (const inner of node.bodies) this.takenInside(inner, found)
    }
  }
}

/** What these nodes of one graph depend on and feed, at most so many steps away. */
export function reachOf(document: DocumentPort, nodes: readonly string[], way: Way, steps: number): Reach {
  const graph = document.node(nodes[0] ?? '')?.graph ?? ''
  const near = new Neighbours(document, graph)
  const taken = new Set<string>()
  const made = new Set<string>()
  const before = (id: string): string[] => near.taken(id).flatMap((value) => { taken.add(value); return near.maker(value) ?? [] })
  const after = (id: string): string[] => near.made(id).flatMap((value) => { made.add(value); return near.takers(value) })
  return {
    up: way === 'down' ? new Map() : walk(nodes, before, steps),
    down: way === 'up' ? new Map() : walk(nodes, after, steps),
    taken, made,
  }
}

/** The ends of a value in a graph: who makes it and who takes it there. */
export function endsIn(document: DocumentPort, graph: string, value: string): string[] {
  const near = new Neighbours(document, graph)
  const maker = document.producer(value)
  return [...new Set([...(maker ? [near.standsFor(maker.node)] : []), ...near.takers(value)])].filter((id) => id !== null)
}

/** Every node that these nodes' inputs come from, near and far, without themselves. */
export function upstream(document: DocumentPort, nodes: readonly string[]): Set<string> {
  return new Set(reachOf(document, nodes, 'up', Infinity).up.keys())
}

/** Every node that reads what these nodes make, near and far, without themselves. */
export function downstream(document: DocumentPort, nodes: readonly string[]): Set<string> {
  return new Set(reachOf(document, nodes, 'down', Infinity).down.keys())
}

function walk(from: readonly string[], next: (id: string) => string[], steps: number): Map<string, number> {
  const found = new Map<string, number>()
  const own = new Set(from)
  let front: readonly string[] = from
  for (let step = 1; step <= steps && front.length > 0 && found.size < MOST; step++) {
    const reached: string[] = []
    for (const id of front) {
      for (const other of next(id)) {
        if (found.has(other) || own.has(other)) continue
        found.set(other, step)
        reached.push(other)
      }
    }
    front = reached
  }
  return found
}

/** All nodes of the graphs whose operator is one of theirs. */
export function sameOperator(document: DocumentPort, graphs: readonly string[], nodes: readonly string[]): string[] {
  const kinds = new Set(nodes.map((id) => document.node(id)).map((node) => `${node?.domain} ${node?.op_type}`))
  return graphs.flatMap((graph) => [...document.titles(graph)]).filter((one) => kinds.has(`${one.domain} ${one.op_type}`)).map((one) => one.id)
}
