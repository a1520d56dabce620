/** Which scopes hide things, and which are around them. */
import { SCOPE, type Scene } from '../scene/scene'
import { itemsFor } from './marks'

/** Paths of the innermost scopes of what is hidden in closed ones. */
export function hidingPaths(scene: Scene, ids: Iterable<string>): string[] {
  const tree = scene.nesting?.nest.fold.tree
  const paths = new Set<string>()
  for (const node of tree ? nodesFor(scene, ids) : []) {
    const item = scene.itemShowing(node)
    if (item >= 0 && scene.kind[item] === SCOPE) paths.add(tree!.path(tree!.scopeOf(node)))
  }
  return [...paths]
}

/** Nodes where ids are seen; a value that has a wire or a pill of its own is seen already. */
function nodesFor(scene: Scene, ids: Iterable<string>): number[] {
  const { document } = scene
  const found: number[] = []
  for (const id of ids) {
    const node = document.nodeIndex(id)
    if (node >= 0) { found.push(node); continue }
    const value = document.valueIndex(id)
    if (value < 0) continue
    const [first, end] = scene.edgesOf(value)
    if (first < end || scene.pillsOf(value).length > 0) continue
    const producer = document.producerOf(value)
    if (producer >= 0) found.push(producer)
    else found.push(...document.usesAt(value).map((use) => use.node))
  }
  return found
}

/** Closed scopes that hold some of the things, and the innermost open one that is around all of them; null: the graph itself is. */
export interface Around { closed: string[]; open: string | null }

export function scopesAround(scene: Scene, ids: Iterable<string>): Around {
  const nest = scene.nesting?.nest
  if (!nest) return { closed: [], open: null }
  const items = new Set<number>()
  for (const id of ids) for (const item of itemsFor(scene, id)) items.add(item)
  let around = -2 // nothing yet
  const closed: string[] = []
  for (const item of items) {
    if (scene.kind[item] === SCOPE) closed.push(scene.scopePath(item))
    around = around === -2 ? scene.nesting!.of[item] : common(nest.parent, nest.depth, around, scene.nesting!.of[item])
  }
  return { closed, open: around < 0 ? null : nest.path(around) }
}

/** The innermost container that is around both. */
function common(parent: Int32Array, depth: Int32Array, one: number, other: number): number {
  let [a, b] = [one, other]
  while (a !== b && a >= 0 && b >= 0) {
    if (depth[a] >= depth[b]) a = parent[a]
    else b = parent[b]
  }
  return a === b ? a : -1
}
