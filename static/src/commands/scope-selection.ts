/** Selecting all of a scope: the innermost one around what is selected; asked for again, the one around it. */
import { ModelDocument } from '../document/model'
import { scopeTree, type ScopeTree } from '../scopes/tree'
import type { Editor } from './editor'

/** Ids of the nodes of the smallest scope that holds all of these and more; of the whole graph at last. */
export function scopeAround(document: ModelDocument, graph: string, nodes: readonly string[]): string[] {
  const tree = scopeTree(document, graph)
  const indexes = nodes.map((id) => document.nodeIndex(id)).filter((node) => node >= 0 && tree.scopeOf(node) >= 0)
  if (indexes.length === 0) return []
  let scope = indexes.map((node) => tree.scopeOf(node)).reduce((one, other) => common(tree, one, other))
  while (scope > 0 && tree.nodeCount[scope]! <= indexes.length) scope = tree.parent[scope]!
  return nodesWithin(tree, scope).map((node) => document.nodeIdAt(node))
}

export function selectScope(editor: Editor): void {
  const { document, state } = editor
  const nodes = [...state.selection.peek()].filter((id) => editor.node(id))
  const graph = editor.node(nodes[0] ?? '')?.graph // perhaps a body that is open in place
  if (document instanceof ModelDocument && graph !== undefined) editor.select(scopeAround(document, graph, nodes))
}

function common(tree: ScopeTree, one: number, other: number): number {
  while (one !== other) { // a scope comes before those within it
    if (one > other) one = tree.parent[one]!
    else other = tree.parent[other]!
  }
  return one
}

function nodesWithin(tree: ScopeTree, scope: number): number[] {
  return [...tree.nodes(scope), ...tree.children(scope).flatMap((child) => nodesWithin(tree, child))]
}
