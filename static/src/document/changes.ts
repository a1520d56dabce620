/** What a revision, or newly inferred types, touched in the document. */
import type { NodeView } from '../protocol/types'

export interface ChangeSet {
  nodes: Set<string>
  values: Set<string>
  graphs: Set<string>
  /** the model's own facts: producer, opsets, metadata */
  model: boolean
  /** nodes, their wires or a graph's inputs and outputs changed: what is drawn where may change */
  structural: boolean
  /** of nodes of which nothing but the inputs changed, as many as before: the values that they took, by slot (-1: none) */
  rewired: Map<string, ArrayLike<number>>
}

export function noChanges(): ChangeSet {
  return { nodes: new Set(), values: new Set(), graphs: new Set(), model: false, structural: false, rewired: new Map() }
}

/** One change set for several that came in a row. */
export function mergeChanges(sets: Iterable<ChangeSet>): ChangeSet {
  const all = noChanges()
  for (const set of sets) {
    for (const id of set.nodes) {
      const rewired = set.rewired.get(id)
      if (!rewired) all.rewired.delete(id)
      else if (!all.nodes.has(id)) all.rewired.set(id, rewired)
      all.nodes.add(id)
    }
    for (const id of set.values) all.values.add(id)
    for (const id of set.graphs) all.graphs.add(id)
    all.model ||= set.model
    all.structural ||= set.structural
  }
  return all
}

/** Of a node without bodies: whether it is what it was, with other values in its input slots. */
export function onlyInputsDiffer(before: NodeView, after: NodeView): boolean {
  return before.bodies.length + after.bodies.length === 0 && before.inputs.length === after.inputs.length && sameIds(before.outputs, after.outputs)
    && before.op_type === after.op_type && before.domain === after.domain && before.graph === after.graph && before.name === after.name
    && before.overload === after.overload && before.function === after.function && JSON.stringify(before.attributes) === JSON.stringify(after.attributes)
}

export function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i])
}
