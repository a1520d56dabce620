/** Places for a scene: those of a layout, with nodes where hands put them, and until there is one those of the layout before. */
import { NEAR, PUT, type LayoutMemory, type LayoutResult } from '../layout/types'
import { arrange, cornerFrom } from '../scene/arrange'
import type { Spot } from '../scene/flow'
import { PlacedScene } from '../scene/placed'
import { provisional } from '../scene/provisional'
import { NODE, type Scene } from '../scene/scene'

/** Where a new node shall stand; `wired`: also one with wires, as near as its rows allow. */
export interface Expected extends Spot { wired?: true }

export class Placing {
  /** nodes that are being moved, and those whose move the server has not told of yet */
  moving: ReadonlyMap<string, Spot> | null = null
  /** until a layout has put it there */
  expected: Expected | null = null
  /** the key of that node, until it is shown where a layout put it */
  asked: number | null = null
  /** the place that the layout under way was asked for */
  private askedFor: Spot | null = null
  /** the places that layouts were arranged with */
  private readonly arrangedAs = new WeakMap<LayoutResult, string>()

  /** The scene with the nodes where hands put them. */
  arranged(scene: Scene, base: LayoutResult, before?: PlacedScene, isProvisional = false): PlacedScene {
    if (base.targetX) scene.targetAt = base.targetX.subarray(0, scene.edgeCount) // behind them: what holds open bodies beside their nodes
    const places = this.places(scene, base)
    if (places.size === 0) return new PlacedScene(scene, base, { earlier: before?.layout === base ? before : undefined, provisional: isProvisional })
    const said = [...places].map(([item, { x, y }]) => `${item} ${x} ${y}`).join() + String(this.moving === null)
    const same = before?.base === base && this.arrangedAs.get(before.layout) === said ? before : undefined
    const layout = same?.layout ?? arrange(scene, base, places, this.moving === null)
    this.arrangedAs.set(layout, said)
    return new PlacedScene(scene, layout, { earlier: same, base, provisional: isProvisional })
  }

  /** A scene without anything in it. */
  empty(scene: Scene): PlacedScene {
    return new PlacedScene(scene, NO_LAYOUT)
  }

  /** A scene that fits into the places of the one before it. */
  again(scene: Scene, before: PlacedScene): PlacedScene {
    scene.settleIn(before.scene)
    return this.arranged(scene, before.base, before)
  }

  /** The scene in the places of the one before it; null: it has to wait for its own. */
  atOnce(before: PlacedScene, scene: Scene): PlacedScene | null {
    const { expected } = this
    const wanted = expected ? firstNew(scene, before) : -1
    const placed = provisional(before, scene, (item) => (expected && item === wanted && (expected.wired || isAlone(scene, item)) ? { x: expected.x - scene.width[item] / 2, y: expected.y - scene.height[item] / 2 } : null))
    const { places } = scene.document.arrangement
    return placed && (places.size > 0 || this.moving) ? this.arranged(scene, placed.layout, placed, true) : placed
  }

  /** What the layout before left, and a place for the node that was asked for at one. */
  memory(scene: Scene, before: PlacedScene, afresh: boolean): LayoutMemory | undefined {
    const memory = before.memory(scene)
    if (memory) memory.afresh = afresh
    const { expected } = this
    this.askedFor = null
    if (!expected || !memory) return memory
    const item = firstNew(scene, before)
    if (item < 0) return memory
    const within = scene.nesting && scene.nesting.of[item] >= 0 ? scene.nesting.nest.keys[scene.nesting.of[item]] : undefined
    const open = within === undefined ? -1 : before.containerWithKey(within)
    const alone = isAlone(scene, item)
    if (!(alone || expected.wired) || (within !== undefined && open < 0)) {
      this.expected = null
      return memory
    }
    this.asked = scene.key[item]
    this.askedFor = expected
    const corner = open < 0 ? { x: 0, y: 0 } : { x: before.base.nest!.x[open], y: before.base.nest!.y[open] }
    return {
      ...memory, within, key: added(memory.key, scene.key[item]), rank: added(memory.rank, alone ? PUT : NEAR),
      x: added(memory.x, expected.x - scene.width[item] / 2 - corner.x), y: added(memory.y, expected.y - scene.height[item] / 2 - corner.y),
    }
  }

  /** The layout that was asked for with that memory is there; as long as newer ones come first, they are asked for the place too. */
  arrived(): void {
    if (this.askedFor === this.expected) this.expected = null
  }

  /** By item: left upper corners. */
  private places(scene: Scene, base: LayoutResult): Map<number, Spot> {
    const places = new Map<number, Spot>()
    const itemOf = (id: string): number => { const node = scene.document.nodeIndex(id); return node < 0 ? -1 : scene.itemOfNode(node) }
    for (const [id, { graph, [scene.direction]: spot }] of scene.document.arrangement.places) {
      const item = spot ? itemOf(id) : -1
      const corner = item < 0 ? null : cornerFrom(scene, base, item, { graph, within: spot!.within ?? '' })
      if (spot && corner) places.set(item, { x: corner.x + spot.x, y: corner.y + spot.y })
    }
    for (const [id, place] of this.moving ?? []) {
      const item = itemOf(id)
      if (item >= 0) places.set(item, place)
    }
    return places
  }
}

function isAlone(scene: Scene, item: number): boolean {
  return scene.incoming(item).length + scene.outgoing(item).length === 0
}

/** The new node that is asked for at a place; -1: there is none. */
function firstNew(scene: Scene, before: PlacedScene): number {
  return scene.key.findIndex((key, item) => scene.kind[item] === NODE && before.itemWithKey(key) < 0)
}

function added<T extends Uint32Array | Float32Array | Int32Array>(all: T, one: number): T {
  const longer = new (all.constructor as new (length: number) => T)(all.length + 1)
  longer.set(all)
  longer[all.length] = one
  return longer
}

const NO_LAYOUT: LayoutResult = {
  x: new Float32Array(), y: new Float32Array(), pointStart: new Uint32Array(1), points: new Float32Array(), labelX: new Float32Array(), labelY: new Float32Array(),
  bounds: { left: 0, top: 0, right: 1, bottom: 1 }, rank: new Int32Array(), milliseconds: 0,
}
