/** The scopes of a graph: which nodes belong together, what contains what, what is there several times, and what to show open at first. */
import type { ModelDocument } from '../document/model'
import { repeats } from './alike'
import { Draft } from './draft'
import { constantsGoWithTakers, place, rowsGoWithTakers } from './evidence'
import { finished } from './finished'
import { flowOf } from './flow'
import { levelsOf } from './levels'
import { looksOf } from './looks'
import { addRuns } from './runs'
import { runsOf, type KnownRun } from './known-runs'
import { separate } from './separate'
import { findBlocks } from './structure'

export type Origin = 'names' | 'metadata' | 'structure' | 'none'

export interface ScopeTree {
  /** scope 0 is the graph itself; a scope comes before those within it */
  readonly count: number
  /** -1 for scope 0 */
  readonly parent: Int32Array
  /** the last part, as shown */
  name(scope: number): string
  /** stable across edits, unique */
  path(scope: number): string
  /** -1: there is no such scope (any more) */
  find(path: string): number
  /** innermost scope of a node, by its index in the document; -1 for a node of another graph */
  scopeOf(node: number): number
  /** scopes directly in it, in the order of the graph */
  children(scope: number): readonly number[]
  /** nodes directly in it, as indexes of the document, in the order of the graph */
  nodes(scope: number): readonly number[]
  /** all nodes in it */
  readonly nodeCount: Uint32Array
  /** elements of the initializers that nodes in it read, bodies included, each counted once */
  readonly parameters: Float64Array
  /** scopes of one number are identical: the same operators, attributes, types of weights and wiring; -1: there is no other like it */
  readonly repeat: Int32Array
  /** 1, or N for a scope that stands for a run of N identical siblings: its children are these, or shorter runs of them */
  readonly times: Uint32Array
  readonly origin: Origin
  /** a run that was there before an edit could not be kept */
  readonly torn: boolean
  /** what nodes were when the tree was made as a whole: how they looked, and which nodes they took from, by input slot */
  readonly made: { look(node: number): number; makers(node: number): readonly number[] }
}

const SAID = 0.3 // of the nodes: with less, names are no description of the graph

/**
 * The tree of one graph, body or function. Every node is in exactly one scope, and no scope has only one node.
 *
 * Whatever scopes are open, the boxes and nodes in sight do not feed each other in a circle, unless the nodes of the graph themselves do
 * (then a layout has to treat a wire as a back edge): a scope that would, such as a module that is called twice, is parted into `name`,
 * `name (2)` …, and siblings with something between them that hangs on both sides make no run.
 *
 * The tree of a revision is made once, whoever asks. Runs stay from one revision to the next, whatever became of the blocks in them.
 */
export function scopeTree(document: ModelDocument, graph: string): ScopeTree {
  const trees = treesOf(document)
  let tree = trees.get(graph)
  if (!tree) trees.set(graph, (tree = grown(document, graph, known.get(document)!.runs.get(graph)?.runs ?? [])))
  return tree
}

/** The graph's tree at this revision is known from the one before it: nobody has to make it. */
export function keepTree(document: ModelDocument, graph: string, tree: ScopeTree): void {
  treesOf(document).set(graph, tree)
}

function treesOf(document: ModelDocument): Map<string, ScopeTree> {
  let trees = known.get(document)
  if (trees?.revision !== document.revision) {
    const runs = trees?.runs ?? new Map<string, RunsOf>()
    trees?.byGraph.forEach((tree, graph) => { if (runs.get(graph)?.times !== tree.times) runs.set(graph, { times: tree.times, runs: runsOf(tree, runs.get(graph)?.runs ?? []) }) })
    known.set(document, (trees = { revision: document.revision, byGraph: new Map(), runs }))
  }
  return trees.byGraph
}

/** The runs of a graph that its reader knows; `times`: of the last tree, which those patched from it share. */
interface RunsOf { times: Uint32Array; runs: readonly KnownRun[] }

/** of the revision that each document is at */
const known = new WeakMap<ModelDocument, { revision: number; byGraph: Map<string, ScopeTree>; runs: Map<string, RunsOf> }>()

function grown(document: ModelDocument, graph: string, runs: readonly KnownRun[]): ScopeTree {
  const flow = flowOf(document, graph)
  const draft = new Draft(new Int32Array(flow.count))
  const evidence = place(document, flow, draft)
  let origin: Origin = evidence.byMetadata > evidence.byName ? 'metadata' : 'names'
  if (evidence.known < evidence.asked * SAID) draft.scopeOf.fill(0)
  draft.prune(flow.fixed)
  const named = draft.count > 1
  const found = findBlocks(document, flow, draft)
  if (found) constantsGoWithTakers(flow, draft)
  const separated = separate(flow, draft)
  if (separated.split) draft.prune(flow.fixed)
  const moved = rowsGoWithTakers(document, flow, draft)
  if (moved) draft.prune(flow.fixed)
  if (!named) origin = found ? 'structure' : 'none'
  const levels = (!separated.split && !moved && separated.levels) || levelsOf(flow, draft)
  const looks = looksOf(document, flow)
  const repeat = repeats(flow, draft, levels, looks)
  const torn = !addRuns(draft, levels, repeat, runs)
  return finished(document, flow, draft, looks, repeat, origin, torn)
}
