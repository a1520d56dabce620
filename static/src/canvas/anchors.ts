/** What stays where it is on screen when an edit changes the layout. */
import type { ChangeSet } from '../document/changes'
import type { ModelDocument } from '../document/model'
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

/** Whether a new node stands among what is around it as it stood before there was a layout: else it had no room there. */
function hasItsPlace(before: PlacedScene, next: PlacedScene, key: number): boolean {
  const [was, is] = [before.itemWithKey(key), next.itemWithKey(key)]
  if (was < 0) return false
  const [dx, dy] = [next.x[is] - before.x[was], next.y[is] - before.y[was]]
  const { scene: { nesting, count, key: keys } } = next
  const container = nesting?.of[is] ?? -1
  if (container < 0 && Math.hypot(dx, dy) < STILL) return true
  for (let item = 0; item < count; item++) {
    if (item === is || (nesting?.of[item] ?? -1) !== container) continue
    const own = before.itemWithKey(keys[item], item)
    if (own >= 0 && Math.hypot(next.x[item] - before.x[own] - dx, next.y[item] - before.y[own] - dy) < STILL) return true
  }
  return false
}
