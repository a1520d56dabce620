/** For tests: what is true of every tree of scopes. */
import type { ModelDocument } from '../document/model'
import { openAtFirst, type Drawn } from './opening'
import type { ScopeTree } from './tree'

/** What is wrong with the tree of a graph, as sentences. */
export function faults(document: ModelDocument, graph: string, tree: ScopeTree): string[] {
  const found: string[] = []
  const nodes = document.nodesOf(graph)
  const seen = new Map<number, number>()
  const paths = new Set<string>()
  for (let scope = 0; scope < tree.count; scope++) {
    if (scope > 0 && tree.parent[scope] >= scope) found.push(`scope ${scope} comes before the one around it`)
    if (scope > 0 && (tree.name(scope) === '' || tree.path(scope) === '')) found.push(`scope ${scope} has no name`)
    if (paths.has(tree.path(scope))) found.push(`two scopes have the path ${tree.path(scope)}`)
    if (tree.find(tree.path(scope)) !== scope) found.push(`${tree.path(scope)} does not lead to its scope`)
    paths.add(tree.path(scope))
    for (const node of tree.nodes(scope)) {
      if (seen.has(node)) found.push(`node ${node} is in two scopes`)
      if (tree.scopeOf(node) !== scope) found.push(`node ${node} is elsewhere by scopeOf`)
      seen.set(node, scope)
    }
    const within = tree.nodes(scope).length + tree.children(scope).reduce((sum, child) => sum + tree.nodeCount[child], 0)
    if (within !== tree.nodeCount[scope]) found.push(`scope ${scope} counts ${tree.nodeCount[scope]} of ${within} nodes`)
    if (scope > 0 && within < 2) found.push(`scope ${tree.path(scope)} has only one node`)
  }
  if (seen.size !== nodes.length) found.push(`${seen.size} of ${nodes.length} nodes are in a scope`)
  for (const scope of turning(document, nodes, tree)) found.push(`boxes in ${tree.path(scope) || 'the graph'} feed each other in a circle`)
  return found
}

/** Scopes whose members feed each other in a circle, in a graph whose nodes do not. */
function turning(document: ModelDocument, nodes: readonly number[], tree: ScopeTree): number[] {
  const wires: [number, number][] = []
  for (const node of nodes) {
    for (let slot = 0; slot < document.inputCountAt(node); slot++) {
      const value = document.inputAt(node, slot)
      const maker = value < 0 ? -1 : document.producerOf(value)
      if (maker >= 0 && tree.scopeOf(maker) >= 0) wires.push([maker, node])
    }
  }
  if (circles(wires.map(([a, b]) => [`n${a}`, `n${b}`, 0])).size > 0) return []
  const above = (scope: number): number[] => (scope < 0 ? [] : [...above(tree.parent[scope]), scope])
  const between = wires.map(([a, b]): [string, string, number] => {
    const x = [...above(tree.scopeOf(a)).map((scope) => `s${scope}`), `n${a}`]
    const y = [...above(tree.scopeOf(b)).map((scope) => `s${scope}`), `n${b}`]
    let at = 0
    while (x[at] === y[at] && at < x.length - 1) at += 1
    return [x[at], y[at], Number(x[at - 1].slice(1))]
  })
  return [...circles(between)]
}

/** The groups of those wires that no order of the things puts forward. */
function circles(wires: readonly [string, string, number][]): Set<number> {
  const waiting = new Map<string, number>()
  const outs = new Map<string, string[]>()
  for (const [from, to] of wires) {
    waiting.set(to, (waiting.get(to) ?? 0) + 1)
    if (!waiting.has(from)) waiting.set(from, 0)
    const known = outs.get(from)
    if (known) known.push(to)
    else outs.set(from, [to])
  }
  const ready = [...waiting].filter(([, count]) => count === 0).map(([thing]) => thing)
  for (let thing = ready.pop(); thing !== undefined; thing = ready.pop()) {
    waiting.delete(thing)
    for (const to of outs.get(thing) ?? []) {
      const left = waiting.get(to)! - 1
      waiting.set(to, left)
      if (left === 0) ready.push(to)
    }
  }
  return new Set(wires.filter(([from, to]) => waiting.has(from) && waiting.has(to)).map(([, , group]) => group))
}

/** Boxes that are in sight at first. */
export function boxesAtFirst(tree: ScopeTree, drawn: Drawn): number {
  const open = openAtFirst(tree, drawn)
  let boxes = 0
  const scopes = [0]
  for (let scope = scopes.pop(); scope !== undefined; scope = scopes.pop()) {
    boxes += tree.nodes(scope).filter(drawn).length
    for (const child of tree.children(scope)) {
      if (open.has(tree.path(child))) scopes.push(child)
      else boxes += 1
    }
  }
  return boxes
}
