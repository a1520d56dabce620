/** What is shown open: at first, and after an edit changed the tree. */
import type { ScopeTree } from './tree'

const FEW = 15 // boxes that a picture needs to say something
const CALM = 64 // boxes that are taken in at a glance
const SOME = 12 // boxes that what holds scopes may always bring, so that no crowd of single nodes hides the model's shape
const WHOLE = 100 // boxes up to which all is shown, but for runs
const MANY = 150

/** Boxes that opening a scope puts in the place of its one. */
function within(tree: ScopeTree, scope: number): number {
  return tree.children(scope).length + tree.nodes(scope).length
}

/** Boxes when all but the runs is open. */
function everything(tree: ScopeTree): number {
  let boxes = 0
  const open = [0]
  for (let scope = open.pop(); scope !== undefined; scope = open.pop()) {
    boxes += tree.nodes(scope).length
    for (const child of tree.children(scope)) {
      if (tree.times[child] > 1) boxes += 1
      else open.push(child)
    }
  }
  return boxes
}

/**
 * Paths of the scopes to show open (the graph itself is, always). Level by level, as long as the picture stays calm; runs of identical
 * blocks stay closed unless there would be next to nothing to see. Between about 15 and 150 boxes, where the graph has them.
 */
export function openAtFirst(tree: ScopeTree): Set<string> {
  const open = new Set<string>()
  let boxes = within(tree, 0)
  const add = (scope: number): void => {
    open.add(tree.path(scope))
    boxes += within(tree, scope) - 1
  }
  const calm = everything(tree) <= WHOLE ? WHOLE : CALM
  let closed: number[] = []
  let level = [...tree.children(0)]
  while (level.length > 0) {
    const plain = level.filter((scope) => tree.times[scope] === 1)
    closed.push(...level.filter((scope) => tree.times[scope] > 1))
    const cost = (scope: number): number => within(tree, scope) - 1
    const opened: number[] = []
    if (boxes + plain.reduce((sum, scope) => sum + cost(scope), 0) <= calm) opened.push(...plain)
    else { // what holds scopes is opened as far as it fits; of those that hold only nodes all, or none
      const holders = plain.filter((scope) => tree.children(scope).length > 0).sort((a, b) => cost(a) - cost(b))
      let room = Math.max(calm - boxes, Math.min(MANY - boxes, SOME))
      for (const scope of holders) if (cost(scope) <= room) { opened.push(scope); room -= cost(scope) }
      closed.push(...plain.filter((scope) => !opened.includes(scope)))
    }
    opened.forEach(add)
    level = opened.flatMap((scope) => tree.children(scope))
  }
  while (boxes < FEW) { // the smallest that helps, so that much stays in reach
    closed = closed.filter((scope) => boxes + within(tree, scope) - 1 <= MANY)
    if (closed.length === 0) break
    const next = closed.reduce((best, scope) => (tree.nodeCount[scope] > tree.nodeCount[best] ? scope : best))
    closed = closed.filter((scope) => scope !== next)
    add(next)
    closed.push(...tree.children(next))
  }
  return open
}

/**
 * The open scopes after an edit. An edit within a block makes it unlike its neighbours, and a run falls into shorter ones: blocks that were in
 * sight stay in sight.
 */
export function openAfter(before: ScopeTree, after: ScopeTree, open: ReadonlySet<string>): Set<string> {
  const now = new Set<string>()
  for (const path of open) if (after.find(path) > 0) now.add(path)
  for (let scope = 1; scope < after.count; scope++) {
    if (after.times[scope] === 1 || before.find(after.path(scope)) > 0) continue
    const inSight = (child: number): boolean => {
      if (after.times[child] > 1) return after.children(child).every(inSight)
      const known = before.find(after.path(child))
      if (known < 0) return false
      for (let around = before.parent[known]; around > 0; around = before.parent[around]) if (!open.has(before.path(around))) return false
      return true
    }
    if (after.children(scope).some(inSight)) now.add(after.path(scope))
  }
  return now
}
