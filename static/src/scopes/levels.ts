/** The wires between the members of each scope: every wire counts once, between the two members of the innermost scope that holds both of its ends. */
import type { Draft } from './draft'
import { reversed, runOrder, type Flow } from './flow'

/** A member of a scope is a node, by position, or a scope within, as `nodes + scope`. */
export interface Levels {
  readonly nodes: number
  readonly count: number
  /** scope that a member is directly in; -1 for the graph itself */
  readonly around: Int32Array
  readonly inStart: Uint32Array
  /** members that feed a member, with the wire (index into the flow's `ins`) beside them */
  readonly ins: Int32Array
  readonly wires: Uint32Array
  /** node that takes, by wire */
  readonly takers: Int32Array
  readonly outStart: Uint32Array
  readonly outs: Int32Array
  /** members so that makers come before takers within every scope, unless scopes feed each other in a circle */
  readonly order: Int32Array
}

export function levelsOf(flow: Flow, draft: Draft): Levels {
  const { scopeOf, parent } = draft
  const nodes = flow.count
  const count = nodes + draft.count
  const depth = new Uint16Array(draft.count)
  const around = new Int32Array(count)
  for (let p = 0; p < nodes; p++) around[p] = scopeOf[p]
  for (let scope = 0; scope < draft.count; scope++) {
    around[nodes + scope] = parent[scope]
    depth[scope] = draft.depth(scope)
  }
  const wireCount = flow.ins.length
  const from = new Int32Array(wireCount)
  const to = new Int32Array(wireCount)
  const takers = new Int32Array(wireCount)
  const inStart = new Uint32Array(count + 1)
  for (let p = 0; p < nodes; p++) {
    for (let i = flow.inStart[p]; i < flow.inStart[p + 1]; i++) {
      let a = flow.ins[i]
      let b = p
      let x = scopeOf[a]
      let y = scopeOf[b]
      while (x !== y) {
        if (depth[x] >= depth[y]) { a = nodes + x; x = parent[x] } else { b = nodes + y; y = parent[y] }
      }
      from[i] = a
      to[i] = b
      takers[i] = p
      inStart[b + 1]++
    }
  }
  for (let member = 0; member < count; member++) inStart[member + 1] += inStart[member]
  const ins = new Int32Array(wireCount)
  const wires = new Uint32Array(wireCount)
  const next = inStart.slice()
  for (let i = 0; i < wireCount; i++) {
    const at = next[to[i]]++
    ins[at] = from[i]
    wires[at] = i
  }
  const { outStart, outs } = reversed(count, inStart, ins)
  return { nodes, count, around, inStart, ins, wires, takers, outStart, outs, order: runOrder(count, inStart, ins, outStart, outs) }
}

/** The members of every scope, in running order: those of scope s are items[start[s] .. start[s + 1]). */
export function membersOf(levels: Levels): { start: Uint32Array; items: Int32Array } {
  const scopes = levels.count - levels.nodes
  const start = new Uint32Array(scopes + 1)
  for (const scope of levels.around) if (scope >= 0) start[scope + 1]++
  for (let scope = 0; scope < scopes; scope++) start[scope + 1] += start[scope]
  const items = new Int32Array(start[scopes])
  const next = start.slice()
  for (const member of levels.order) if (levels.around[member] >= 0) items[next[levels.around[member]]++] = member
  return { start, items }
}
