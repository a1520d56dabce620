/** Where a node belongs that comes into a tree of scopes that is there. */
import type { ModelDocument } from '../document/model'
import { takerOf } from '../document/row-constants'
import { PART } from './draft'
import { isTensor } from './flow'
import { pathInName, pathOf } from './names'
import type { ScopeTree } from './tree'

/** -1: its scope is not there; `said`: its name says the scope, or it was in it before. */
export interface Home { scope: number; said: boolean }

/**
 * A node that was there when the tree was made comes back to where it was. Else it is where its name says; what a node beside it says, too, may
 * be drawn as another scope: parted, or found by structure where names are no description. A node that says nothing is where its wires are.
 */
export function homeOf(document: ModelDocument, graph: string, node: number, whole: ScopeTree, of: (node: number) => number): Home {
  const back = whole.scopeOf(node)
  if (back >= 0) return { scope: back, said: true }
  const shower = takerOf(document, node)
  if (shower >= 0 && of(shower) >= 0) return { scope: of(shower), said: true }
  const { makers, takers } = beside(document, graph, node, of)
  const between = betweenScopes(document, node, whole, of, makers, takers)
  const path = saidOf(document, node)
  if (path === null) return { scope: between, said: false }
  const found = whole.find(path)
  const drawnElsewhere = (found < 0 ? whole.origin !== 'names' && whole.origin !== 'metadata' : isAround(whole, found, between)) && [...makers, ...takers].some((one) => saidOf(document, one) === path)
  let named = between // no name says a run
  while (whole.times[named] > 1) named = whole.parent[named]
  return { scope: drawnElsewhere || whole.path(named).replace(PART, '') === path ? between : found, said: true }
}

/** The scope that the file says of a node, as far as it alone says it; null: nothing. */
function saidOf(document: ModelDocument, node: number): string | null {
  const told = document.scopeAt(node)
  if (told !== '') return pathOf(told)
  const named = pathInName(document.nodeNameAt(node))
  if (named !== null) return named
  const value = document.outputCountAt(node) > 0 ? document.outputAt(node, 0) : -1
  return value < 0 || document.isOutputAt(value) ? null : pathInName(document.valueNameAt(value))
}

/** Nodes of the graph that it takes from and that take from it; what reads in bodies is the node that has the body. */
function beside(document: ModelDocument, graph: string, node: number, of: (node: number) => number): { makers: number[]; takers: number[] } {
  const here = (one: number): number => {
    let at = one
    while (at >= 0 && document.graphOfNode(at) !== graph) {
      const owner = document.owner(document.graphOfNode(at))
      at = owner === null ? -1 : document.nodeIndex(owner)
    }
    return at >= 0 && of(at) >= 0 ? at : -1
  }
  const makers = Array.from(document.inputsAt(node), (value) => (value < 0 ? -1 : document.producerOf(value))).filter((maker) => maker >= 0 && of(maker) >= 0)
  const takers = Array.from(document.outputsAt(node)).flatMap((value) => (value < 0 ? [] : document.usesAt(value).map((use) => here(use.node)))).filter((taker) => taker >= 0)
  return { makers, takers }
}

/**
 * The innermost scope that holds what it takes from and one of those that take from it: outside of what only one end of a wire is in. Boxes feed
 * each other in no circle then that did not before. Inputs and outputs of the graph are ends, too, and in the graph itself.
 */
function betweenScopes(document: ModelDocument, node: number, tree: ScopeTree, of: (node: number) => number, makers: readonly number[], takers: readonly number[]): number {
  const maker = makers.find((one) => document.operatorAt(one).op_type !== 'Constant') ?? -1
  const isOut = Array.from(document.outputsAt(node)).some((value) => value >= 0 && document.isOutputAt(value))
  if (maker < 0) {
    const takesInput = Array.from(document.inputsAt(node)).some((value) => value >= 0 && document.producerOf(value) < 0 && !isTensor(document, value))
    return takesInput || takers.length === 0 ? 0 : of(takers[0])
  }
  if (takers.length === 0) return isOut ? 0 : of(maker)
  let innermost = 0
  for (const taker of takers) {
    const common = commonScope(tree, of(maker), of(taker))
    if (isAround(tree, innermost, common)) innermost = common
  }
  return innermost
}

/** The innermost scope that holds both. A scope's number is above that of the one around it. */
export function commonScope(tree: ScopeTree, one: number, other: number): number {
  let [a, b] = [one, other]
  while (a !== b) if (a > b) a = tree.parent[a]; else b = tree.parent[b]
  return a
}

/** Whether a scope is the other one or around it. */
export function isAround(tree: ScopeTree, scope: number, other: number): boolean {
  let at = other
  while (at > scope) at = tree.parent[at]
  return at === scope
}
