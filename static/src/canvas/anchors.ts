/** What stays where it is on screen when an edit changes the layout. */
import type { ChangeSet } from '../document/changes'
import type { ModelDocument } from '../document/model'
import type { Spot } from '../scene/flow'
import type { PlacedScene } from '../scene/placed'
import { keyOf, NODE, type Scene } from '../scene/scene'

export const MOST_ANCHORS = 50

/** Keys: of what is selected, then of what was edited. `scene`: the one that is shown. */
export function anchorsOf(document: ModelDocument, scene: Scene | null, selection: ReadonlySet<string>, changes: ChangeSet): number[] {
  const nodes = [...selection, ...changes.nodes].map((id) => document.nodeIndex(id)).filter((index) => index >= 0).slice(0, MOST_ANCHORS)
  const wasAlone = (index: number): boolean => {
    const item = scene?.itemOfNode(index) ?? -1
    return item >= 0 && scene!.incoming(item).length + scene!.outgoing(item).length === 0
  }
  // a node that gets its first wire goes to where the wire comes from, not the other way round
  const makers = nodes.filter(wasAlone).flatMap((index) => Array.from(document.inputsAt(index), (value) => (value < 0 ? -1 : document.producerOf(value)))).filter((index) => index >= 0)
  return [...nodes.filter((index) => !wasAlone(index)), ...makers].map((index) => keyOf(NODE, index))
}

/** a node that went less than this aside, in pixels, was given its place */
const STILL = 8

/**
 * The anchors with the node that was put somewhere last: before all of them when it comes to stand there, and later where nothing else holds.
 * `before`: what was laid out last; `shown`: where it stood before there was a layout with it.
 */
export function heldBy(anchors: readonly number[], put: number | null, before: PlacedScene | null, shown: PlacedScene | null, next: PlacedScene): readonly number[] {
  if (put === null || next.itemWithKey(put) < 0) return anchors
  if (before && before.itemWithKey(put) >= 0) return anchors.length > 0 ? anchors : [put]
  return shown && hasItsPlace(shown, next, put) ? [put, ...anchors] : anchors
}

/** Whether a new node goes where it was put: false, if what is around it goes another way as one, because it had no room there. */
function hasItsPlace(before: PlacedScene, next: PlacedScene, key: number): boolean {
  const [was, is] = [before.itemWithKey(key), next.itemWithKey(key)]
  if (was < 0) return false
  const { scene: { nesting, count, key: keys } } = next
  const container = nesting?.of[is] ?? -1
  const moves = (from: number, to: number): Spot => ({ x: next.x[to] - before.x[from], y: next.y[to] - before.y[from] })
  const alike = (one: Spot, other: Spot): boolean => Math.hypot(one.x - other.x, one.y - other.y) < STILL
  const own = moves(was, is)
  let [first, second] = [{ far: Infinity, move: own }, { far: Infinity, move: own }] // the nearest two
  for (let item = 0; item < count; item++) {
    const from = item === is || (nesting?.of[item] ?? -1) !== container ? -1 : before.itemWithKey(keys[item], item)
    if (from < 0) continue
    const move = moves(from, item)
    if (alike(move, own)) return true
    const far = Math.hypot(before.x[from] - before.x[was], before.y[from] - before.y[was])
    if (far < first.far) [first, second] = [{ far, move }, first]
    else if (far < second.far) second = { far, move }
  }
  return first.far === Infinity || (second.far < Infinity && !alike(first.move, second.move))
}
