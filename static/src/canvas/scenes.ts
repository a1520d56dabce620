/** The scene of the graph that is shown: made of the document as it is folded, after an edit from the scene before it. */
import type { ChangeSet } from '../document/changes'
import type { ModelDocument } from '../document/model'
import { drawnWith } from '../document/row-constants'
import { buildScene, sceneParts, touchScene } from '../scene/build'
import type { Direction } from '../scene/flow'
import type { Measure } from '../scene/measure'
import { patchedScene } from '../scene/patched'
import type { Scene, SceneParts } from '../scene/scene'
import { Folding } from './folding'

export class Scenes {
  readonly folding = new Folding()
  /** which way graphs run */
  direction: Direction = 'down'
  /** the newest scene, on the stage or on its way there */
  newest: Scene | null = null
  private parts: SceneParts | null = null

  constructor(private readonly measure: Measure) {}

  /** Nothing that was measured holds any more. Returns whether anything was. */
  forget(): boolean {
    const measured = this.parts !== null
    this.parts = null
    return measured
  }

  /** The scene as the document is now; `changes` are all that happened since the last one, where that is known. */
  build(document: ModelDocument, graph: string, changes?: ChangeSet): Scene {
    if (changes) this.dropCards(document, changes)
    const parts = (this.parts ??= sceneParts(document, this.measure))
    const scene = this.newest
    if (changes) this.folding.changed(changes)
    const fold = this.folding.of(document, graph)
    const sameFold = (scene?.nesting?.nest.fold ?? null) === fold
    const known = changes && scene?.document === document && scene.graph === graph && scene.direction === this.direction ? scene : null
    if (known && changes && !changes.structural && sameFold) {
      const indexes = (ids: Set<string>, index: (id: string) => number): number[] => Array.from(ids, index).filter((found) => found >= 0)
      this.newest = touchScene(known, indexes(changes.nodes, (id) => document.nodeIndex(id)), indexes(changes.values, (id) => document.valueIndex(id)), parts)
    } else {
      this.newest = (known && changes && patchedScene(known, changes, parts, fold)) ?? buildScene(document, graph, parts, fold, this.direction)
    }
    performance.mark('scalpel:scene')
    return this.newest
  }

  /** What a change shows in: the nodes themselves, and those that have a row for a changed value. */
  private dropCards(document: ModelDocument, changes: ChangeSet): void {
    const { parts } = this
    if (!parts) return
    const tree = this.newest?.nesting?.nest.fold.tree
    const dropped = (node: number): void => {
      parts.cards.drop(node)
      if (tree && node >= 0) parts.closed.drop(tree, tree.scopeOf(node))
    }
    for (const id of changes.nodes) {
      const node = document.nodeIndexEver(id)
      dropped(node)
      dropped(drawnWith(document, node))
      // a new node is in the scope of a neighbour
      if (tree && changes.structural && node >= 0 && tree.scopeOf(node) < 0) for (const value of [...Array.from(document.inputsAt(node)), ...Array.from(document.outputsAt(node))]) touched(document, value, dropped)
    }
    for (const id of changes.values) touched(document, document.valueIndex(id), dropped)
  }
}

/** The nodes that make or take a value. */
function touched(document: ModelDocument, value: number, node: (index: number) => void): void {
  if (value < 0) return
  const producer = document.producerOf(value)
  if (producer >= 0) node(producer)
  for (const use of document.usesAt(value)) node(use.node)
}
