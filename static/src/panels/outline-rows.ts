/** The rows of the outline: a graph's inputs, its nodes in their scopes, its outputs. Only what is open is looked at. */
import type { ModelDocument } from '../document/model'
import { timesAlike } from '../scopes/alike'
import type { ScopeTree } from '../scopes/tree'
import { nameWithin } from '../scopes/within'
import { MAIN_GRAPH } from '../state'

export interface Leaf { what: 'leaf'; id: string; depth: number; label: string; name: string; detail: string; /** the value that a node without a name makes */ makes: string }
export interface ScopeRow { what: 'scope'; path: string; depth: number; label: string; times: number; nodes: number; parameters: number; /** of all parameters of the graph, 0 to 1 */ share: number; open: boolean }
/** leaves that few look for, closed until asked */
export interface GroupRow { what: 'group'; path: string; depth: number; label: string; count: number; open: boolean }
export type OutlineRow = Leaf | ScopeRow | GroupRow

const DEFAULTS = '\nInputs with a default'

export function outlineRows(document: ModelDocument, graph: string, tree: ScopeTree, open: ReadonlySet<string>): OutlineRow[] {
  const rows: OutlineRow[] = []
  const view = document.graph(graph)
  const plain = (id: string, detail: string, depth = 0): void => {
    const value = document.value(id)
    if (value) rows.push({ what: 'leaf', id, depth, label: value.name, name: value.name, detail, makes: '' })
  }
  const weights: string[] = [] // old files list every initializer as an input, too
  for (const id of view?.inputs ?? []) {
    if (graph === MAIN_GRAPH && document.bytesAt(document.valueIndex(id)) > 0) weights.push(id)
    else plain(id, 'input')
  }
  const within = (scope: number, depth: number): void => {
    for (const item of itemsOf(document, tree, scope)) {
      if (item < 0) scopeRow(-item, depth)
      else rows.push(leafOf(document, item, depth, scope === 0 ? '' : tree.path(scope)))
    }
  }
  const scopeRow = (scope: number, depth: number): void => {
    const path = tree.path(scope)
    const isOpen = open.has(path)
    rows.push({ what: 'scope', path, depth, label: tree.name(scope), times: timesAlike(tree, scope), nodes: tree.nodeCount[scope], parameters: tree.parameters[scope], share: tree.parameters[0] > 0 ? tree.parameters[scope] / tree.parameters[0] : 0, open: isOpen })
    if (isOpen) within(scope, depth + 1)
  }
  within(0, 0)
  for (const id of view?.outputs ?? []) if (!view?.inputs.includes(id)) plain(id, 'output')
  if (weights.length > 0) {
    rows.push({ what: 'group', path: DEFAULTS, depth: 0, label: DEFAULTS.trim(), count: weights.length, open: open.has(DEFAULTS) })
    if (open.has(DEFAULTS)) for (const id of weights) plain(id, 'input', 1)
  }
  return rows
}

function leafOf(document: ModelDocument, node: number, depth: number, path: string): Leaf {
  const name = document.nodeNameAt(node)
  const made = document.outputCountAt(node) > 0 ? document.outputAt(node, 0) : -1
  return { what: 'leaf', id: document.nodeIdAt(node), depth, label: path === '' ? name : nameWithin(name, path), name, detail: document.operatorAt(node).op_type, makes: name === '' && made >= 0 ? document.valueNameAt(made) : '' }
}

/** What is directly in a scope: nodes by index, scopes as their negative number, where their first node stands. */
function itemsOf(document: ModelDocument, tree: ScopeTree, scope: number): number[] {
  const scopes = tree.children(scope).map((child) => ({ child, first: firstPlace(document, tree, child) }))
  const items: number[] = []
  let next = 0
  for (const node of tree.nodes(scope)) {
    while (next < scopes.length && scopes[next].first < document.placeAt(node)) items.push(-scopes[next++].child)
    items.push(node)
  }
  while (next < scopes.length) items.push(-scopes[next++].child)
  return items
}

function firstPlace(document: ModelDocument, tree: ScopeTree, scope: number): number {
  const [node] = tree.nodes(scope)
  const [child] = tree.children(scope)
  return Math.min(node === undefined ? Infinity : document.placeAt(node), child === undefined ? Infinity : firstPlace(document, tree, child))
}

/** Every node in a scope. */
export function nodesWithin(document: ModelDocument, tree: ScopeTree, scope: number): string[] {
  return [...tree.nodes(scope).map((node) => document.nodeIdAt(node)), ...tree.children(scope).flatMap((child) => nodesWithin(document, tree, child))]
}

/** Scopes to open at first: level by level, as long as the outline stays a page or so. */
export function outlineAtFirst(tree: ScopeTree, room: number): Set<string> {
  const open = new Set<string>()
  const within = (scope: number): number => tree.children(scope).length + tree.nodes(scope).length
  let rows = within(0)
  for (let level = [...tree.children(0)]; level.length > 0;) {
    const added = level.reduce((sum, scope) => sum + within(scope), 0)
    const all = open.size === 0 && level.length === 1 // closed, it would hide the whole model
    if (rows + added > room && !all) break
    for (const scope of level) open.add(tree.path(scope))
    rows += added
    level = level.flatMap((scope) => tree.children(scope))
  }
  return open
}

/** Paths of the scopes around a node, outermost first. */
export function pathsAround(document: ModelDocument, tree: ScopeTree, id: string): string[] {
  const node = document.nodeIndex(id)
  const paths: string[] = []
  for (let scope = node < 0 ? -1 : tree.scopeOf(node); scope > 0; scope = tree.parent[scope]) paths.unshift(tree.path(scope))
  return paths
}
