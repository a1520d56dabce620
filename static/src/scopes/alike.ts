/** Finds identical scopes: the same operators, attributes, types of weights, and wiring among them, whatever everything is called. */
import type { Draft } from './draft'
import type { Flow } from './flow'
import { membersOf, type Levels } from './levels'
import { mix } from './looks'
import type { ScopeTree } from './tree'

/**
 * A number per scope, the same for identical ones; -1 where there is no other like it. Each scope is looked at as its members and the
 * wires between them: what a member looks like, with all that leads to it, and again with all that it leads to.
 */
export function repeats(flow: Flow, draft: Draft, levels: Levels, looks: Int32Array): Int32Array {
  const { nodes, count } = levels
  const look = new Int32Array(count)
  look.set(looks)
  const forward = new Int32Array(count)
  const backward = new Int32Array(count)
  const members = membersOf(levels)
  const label = (wire: number): number => mix(mix(looks[flow.ins[wire]], flow.inSlots[wire]), looks[levels.takers[wire]])
  const keys = new Map<string, number[]>()
  for (let scope = draft.count - 1; scope >= 0; scope--) {
    const [from, to] = [members.start[scope], members.start[scope + 1]]
    for (let i = from; i < to; i++) {
      const member = members.items[i]
      let led = 0
      for (let k = levels.inStart[member]; k < levels.inStart[member + 1]; k++) led = (led + mix(label(levels.wires[k]), forward[levels.ins[k]])) | 0
      forward[member] = mix(look[member], led)
      backward[member] = 0
    }
    let [low, high, size] = [0, 0, 0]
    for (let i = to - 1; i >= from; i--) {
      const member = members.items[i]
      backward[member] = mix(look[member], backward[member])
      for (let k = levels.inStart[member]; k < levels.inStart[member + 1]; k++) {
        const maker = levels.ins[k]
        backward[maker] = (backward[maker] + mix(label(levels.wires[k]), backward[member])) | 0
      }
      low = (low + mix(forward[member], backward[member])) | 0
      high = (high + mix(backward[member], ~forward[member])) | 0
      size += 1
    }
    look[nodes + scope] = mix(low, mix(high, size))
    if (scope === 0) continue
    const key = `${low} ${high} ${size}`
    const alike = keys.get(key)
    if (alike) alike.push(scope)
    else keys.set(key, [scope])
  }
  const repeat = new Int32Array(draft.count).fill(-1)
  let number = 0
  for (const alike of keys.values()) {
    if (alike.length < 2) continue
    for (const scope of alike) repeat[scope] = number
    number += 1
  }
  return repeat
}

/** How many identical blocks a scope stands for: 1 when it is no run, or when an edit made one of its blocks unlike the others. */
export function timesAlike(tree: ScopeTree, scope: number): number {
  if (tree.times[scope] < 2) return 1
  const [first, ...others] = blocksOf(tree, scope)
  return tree.repeat[first!] >= 0 && others.every((block) => tree.repeat[block] === tree.repeat[first!]) ? tree.times[scope] : 1
}

function blocksOf(tree: ScopeTree, scope: number): readonly number[] {
  return tree.times[scope] > 1 ? tree.children(scope).flatMap((child) => blocksOf(tree, child)) : [scope]
}
