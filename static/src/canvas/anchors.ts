/** What stays where it is on screen when an edit changes the layout. */
import type { ChangeSet } from '../document/changes'
import type { ModelDocument } from '../document/model'
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
