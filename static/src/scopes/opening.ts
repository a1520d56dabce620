/** What is shown open: at first, and after an edit changed the tree. */
import type { ScopeTree } from './tree'

const FEW = 15 // boxes that a picture needs to say something
const CALM = 64 // boxes that are taken in at a glance
const SOME = 12 // boxes that what holds scopes may always bring, so that no crowd of single nodes hides the model's shape
const WHOLE = 100 // boxes up to which all is shown, but for runs
const MANY = 150
const SLIGHT = 2 // boxes; a scope of no more says less closed than open

/** Whether a node has a box of its own: constants may be rows. */
export type Drawn = (node: number) => boolean

/** How many boxes are directly in a scope, scopes left out. */
function boxesOf(tree: ScopeTree, scope: number, drawn: Drawn): number {
  let boxes = 0
  for (const node of tree.nodes(scope)) if (drawn(node)) boxes += 1
  return boxes
}

/** The scopes directly in one that open with it: closed, each would hide one or two boxes. */
export function slightIn(tree: ScopeTree, scope: number, drawn: Drawn): number[] {
  const slight = tree.children(scope).filter((child) => tree.times[child] === 1 && tree.children(child).length === 0 && boxesOf(tree, child, drawn) <= SLIGHT)
  return slight.length > MANY / 2 ? [] : slight
}

/** Boxes that opening a scope puts in the place of its one. */
function within(tree: ScopeTree, scope: number, drawn: Drawn): number {
  const opened = slightIn(tree, scope, drawn)
  return boxesOf(tree, scope, drawn) + tree.children(scope).length - opened.length + opened.reduce((sum, child) => sum + boxesOf(tree, child, drawn), 0)
}

/** Boxes when all but the runs is open. */
function everything(tree: ScopeTree, drawn: Drawn): number {
  let boxes = 0
  const open = [0]
  for (let scope = open.pop(); scope !== undefined; scope = open.pop()) {
    boxes += boxesOf(tree, scope, drawn)
    for (const child of tree.children(scope)) {
      if (tree.times[child] > 1) boxes += 1
      else open.push(child)
    }
  }
  return boxes
}

/**
 * Paths of the scopes to show open (the graph itself is, always). Level by level, as long as the picture stays calm; runs of identical
 * blocks stay closed unless there would be next to nothing to see, and what holds one or two boxes opens with what is around it. Between
 * about 15 and 150 boxes, where the graph has them.
 */
export function openAtFirst(tree: ScopeTree, drawn: Drawn): Set<string> {
  const open = new Set<string>()
  const boxesIn = new Map<number, number>()
  const cost = (scope: number): number => {
    let boxes = boxesIn.get(scope)
    if (boxes === undefined) boxesIn.set(scope, (boxes = within(tree, scope, drawn)))
    return boxes - 1
  }
  let boxes = 0
  let closed: number[] = []
  /** What is in it and does not open along. */
  const add = (scope: number): number[] => {
    if (scope > 0) open.add(tree.path(scope))
    const along = slightIn(tree, scope, drawn)
    for (const child of along) open.add(tree.path(child))
    boxes += cost(scope) + (scope > 0 ? 0 : 1)
    return tree.children(scope).filter((child) => !along.includes(child))
  }
  const calm = everything(tree, drawn) <= WHOLE ? WHOLE : CALM
  let level = add(0)
  while (level.length > 0) {
    const plain = level.filter((scope) => tree.times[scope] === 1)
    closed.push(...level.filter((scope) => tree.times[scope] > 1))
    const opened: number[] = []
    if (boxes + plain.reduce((sum, scope) => sum + cost(scope), 0) <= calm) opened.push(...plain)
    else { // what holds scopes is opened as far as it fits; of those that hold only nodes all, or none
      const holders = plain.filter((scope) => tree.children(scope).length > 0).sort((a, b) => cost(a) - cost(b))
      let room = Math.max(calm - boxes, Math.min(MANY - boxes, SOME))
      for (const scope of holders) if (cost(scope) <= room) { opened.push(scope); room -= cost(scope) }
      closed.push(...plain.filter((scope) => !opened.includes(scope)))
    }
    level = opened.flatMap(add)
  }
  while (boxes < FEW) { // the smallest that helps, so that much stays in reach
    closed = closed.filter((scope) => boxes + cost(scope) <= MANY)
    if (closed.length === 0) break
    const next = closed.reduce((best, scope) => (tree.nodeCount[scope] > tree.nodeCount[best] ? scope : best))
    closed = closed.filter((scope) => scope !== next)
    closed.push(...add(next))
  }
  return open
}

/**
 * The open scopes after an edit. An edit within a block makes it unlike its neighbours, and a run falls into shorter ones: blocks that were in
 * sight stay in sight.
 */
export function openAfter(before: ScopeTree, after: ScopeTree, open: ReadonlySet<string>): Set<string> {
  const now = new Set<string>()
  const isOpenTo = (scope: number): boolean => {
    for (let around = scope; around > 0; around = before.parent[around]) if (!open.has(before.path(around))) return false
    return true
  }
  for (const path of open) if (after.find(path) > 0) now.add(path)
  for (let scope = 1; scope < after.count; scope++) {
    if (before.find(after.path(scope)) > 0) continue
    const inSight = (child: number): boolean => {
      if (after.times[child] > 1) return after.children(child).every(inSight)
      const known = before.find(after.path(child))
      if (known < 0) return false
      return isOpenTo(before.parent[known])
    }
    const nodeInSight = (node: number): boolean => before.scopeOf(node) >= 0 && isOpenTo(before.scopeOf(node))
    if (after.children(scope).some(inSight) || (after.times[scope] === 1 && after.nodes(scope).some(nodeInSight))) now.add(after.path(scope))
  }
  return now
}
