/** Parts scopes that could not be drawn as one box: whose boxes would feed each other in a circle, as a module does that is called twice. */
import type { Draft } from './draft'
import type { Flow } from './flow'
import { levelsOf, type Levels } from './levels'

const PASSES = 12

/**
 * Splits what stands in a circle into parts, `name`, `name (2)` …, until no scope's members feed each other in a circle, the wires of the
 * graph itself apart. Whether anything was split; `levels` as they are after that, where that is known.
 */
export function separate(flow: Flow, draft: Draft): { split: boolean; levels: Levels | null } {
  for (let pass = 0; pass < PASSES; pass++) {
    const levels = levelsOf(flow, draft)
    const circles = outermost(draft, circlesOf(levels))
    if (circles.length === 0 || !splitAll(flow, draft, circles)) return { split: pass > 0, levels }
  }
  return { split: true, levels: null }
}

/** Members that all feed each other, some way round: two or more in each list. */
function circlesOf(levels: Levels): number[][] {
  const { order, count, inStart, ins, outStart, outs } = levels
  const place = new Int32Array(count)
  order.forEach((member, at) => { place[member] = at })
  let sorted = true
  for (let member = 0; member < count && sorted; member++) for (let i = inStart[member]; i < inStart[member + 1]; i++) if (place[ins[i]] >= place[member]) sorted = false
  return sorted ? [] : strongComponents(count, outStart, outs).filter((one) => one.length > 1)
}

/** Tarjan's, without recursion. */
function strongComponents(count: number, outStart: Uint32Array, outs: Int32Array): number[][] {
  const found: number[][] = []
  const index = new Int32Array(count).fill(-1)
  const low = new Int32Array(count)
  const next = outStart.slice(0, count)
  const onStack = new Uint8Array(count)
  const stack: number[] = []
  let counter = 0
  for (let root = 0; root < count; root++) {
    if (index[root] >= 0) continue
    const path = [root]
    while (path.length > 0) {
      const at = path.at(-1)!
      if (index[at] < 0) {
        index[at] = low[at] = counter++
        stack.push(at)
        onStack[at] = 1
      }
      if (next[at] < outStart[at + 1]) {
        const to = outs[next[at]++]
        if (index[to] < 0) path.push(to)
        else if (onStack[to]) low[at] = Math.min(low[at], index[to])
        continue
      }
      path.pop()
      if (path.length > 0) low[path.at(-1)!] = Math.min(low[path.at(-1)!], low[at])
      if (low[at] !== index[at]) continue
      const one: number[] = []
      for (let member = -1; member !== at;) {
        member = stack.pop()!
        onStack[member] = 0
        one.push(member)
      }
      found.push(one)
    }
  }
  return found
}

/** Circles within scopes that stand in a circle themselves wait for the next pass. */
function outermost(draft: Draft, circles: number[][]): number[][] {
  const nodes = draft.scopeOf.length
  const turning = new Set(circles.flat())
  return circles.filter(([member]) => {
    for (let scope = member < nodes ? draft.scopeOf[member] : draft.parent[member - nodes]; scope > 0; scope = draft.parent[scope]) if (turning.has(nodes + scope)) return false
    return true
  })
}

function splitAll(flow: Flow, draft: Draft, circles: readonly number[][]): boolean {
  const nodes = flow.count
  const circleOf = new Map<number, number>()
  circles.forEach((members, circle) => members.forEach((member) => circleOf.set(member, circle)))
  const memberOf = new Int32Array(nodes).fill(-1)
  for (let p = 0; p < nodes; p++) {
    if (circleOf.has(p)) memberOf[p] = p
    for (let scope = draft.scopeOf[p]; scope > 0 && memberOf[p] < 0; scope = draft.parent[scope]) if (circleOf.has(nodes + scope)) memberOf[p] = nodes + scope
  }
  const inCircle: number[][] = circles.map(() => [])
  for (const p of flow.order) if (memberOf[p] >= 0) inCircle[circleOf.get(memberOf[p])!].push(p)
  let split = false
  for (const members of inCircle) if (splitOne(flow, draft, members, memberOf, circleOf)) split = true
  return split
}

/** Goes through the nodes of a circle as they could run, staying in a member as long as it can: each stay is a part. */
function splitOne(flow: Flow, draft: Draft, members: readonly number[], memberOf: Int32Array, circleOf: ReadonlyMap<number, number>): boolean {
  const nodes = flow.count
  const circle = circleOf.get(memberOf[members[0]])!
  const within = (p: number): boolean => memberOf[p] >= 0 && circleOf.get(memberOf[p]) === circle
  const waiting = new Map<number, number>()
  const ready = new Map<number, number[]>()
  const put = (p: number): void => {
    const list = ready.get(memberOf[p])
    if (list) list.push(p)
    else ready.set(memberOf[p], [p])
  }
  for (const p of members) {
    let count = 0
    for (let i = flow.inStart[p]; i < flow.inStart[p + 1]; i++) if (within(flow.ins[i])) count += 1
    waiting.set(p, count)
    if (count === 0) put(p)
  }
  const parts = new Map<number, number>()
  let split = false
  while (ready.size > 0) {
    const member = chosen(ready, nodes)
    const list = ready.get(member)!
    const part = parts.get(member) ?? 0
    parts.set(member, part + 1)
    const clones = new Map<number, number>()
    for (let at = 0; at < list.length; at++) {
      const p = list[at]
      if (part > 0 && member >= nodes) {
        draft.scopeOf[p] = cloned(draft, draft.scopeOf[p], member - nodes, clones)
        split = true
      }
      for (let i = flow.outStart[p]; i < flow.outStart[p + 1]; i++) {
        const to = flow.outs[i]
        if (!within(to)) continue
        const left = waiting.get(to)! - 1
        waiting.set(to, left)
        if (left === 0) put(to)
      }
    }
    ready.delete(member)
  }
  return split
}

/** Single nodes first; then the member that most can be done of. */
function chosen(ready: ReadonlyMap<number, number[]>, nodes: number): number {
  let best = -1
  for (const [member, list] of ready) {
    if (member < nodes) return member
    if (best < 0 || list.length > ready.get(best)!.length) best = member
  }
  return best
}

/** The scope that stands for this one, which is `top` or within it, in a part of it. */
function cloned(draft: Draft, scope: number, top: number, clones: Map<number, number>): number {
  let clone = clones.get(scope)
  if (clone !== undefined) return clone
  const around = scope === top ? draft.parent[top] : cloned(draft, draft.parent[scope], top, clones)
  clone = draft.addPart(around, scope, scope === top)
  clones.set(scope, clone)
  return clone
}
