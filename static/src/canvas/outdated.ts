/** Pictures that are shown no more: their memory goes to those that come, and whoever still reads them is stopped. */
import { spare } from '../document/release'
import type { LayoutResult } from '../layout/types'
import type { PlacedScene } from '../scene/placed'
import type { Scene } from '../scene/scene'
import { forgetBands } from './bands'

/** boxes and wires: the memory of smaller graphs is left to the garbage collector */
const LARGE = import.meta.env.MODE === 'test' ? 0 : 5000

export class Outdated {
  private readonly placed = new Set<PlacedScene>()
  private readonly scenes = new Set<Scene>()

  /** It may be outdated from now on. */
  add(placed: PlacedScene | null): void {
    if (!placed || !isLarge(placed.scene)) return
    this.placed.add(placed)
    this.scenes.add(placed.scene)
  }

  /** A scene that may get no places. */
  addScene(scene: Scene): void {
    if (isLarge(scene)) this.scenes.add(scene)
  }

  /** Gives the memory of what is not in use any more; what it has in common with what is stays. From then on reading it throws. */
  sweep(used: readonly PlacedScene[], usedScenes: readonly Scene[]): void {
    const scenes = new Set([...used.map(({ scene }) => scene), ...usedScenes])
    const kept = new Set([...used.flatMap(partsOf), ...usedScenes.flatMap(sceneParts)])
    const gone = [...taken(this.placed, new Set(used)).flatMap(partsOf), ...taken(this.scenes, scenes).flatMap(sceneParts)].filter((part) => !kept.has(part))
    if (gone.length === 0) return
    const buffers = buffersOf(gone)
    for (const part of gone) {
      forgetBands(part as LayoutResult)
      empty(part)
    }
    const still = buffersOf(kept)
    spare.give([...buffers].filter((buffer) => !still.has(buffer)))
  }
}

function isLarge(scene: Scene): boolean {
  return scene.count + scene.edgeCount >= LARGE
}

/** Takes those that are not in use out of the set. */
function taken<T>(all: Set<T>, used: ReadonlySet<T>): T[] {
  const found = [...all].filter((one) => !used.has(one))
  for (const one of found) all.delete(one)
  return found
}

/** The objects that hold its columns. */
function partsOf(placed: PlacedScene): object[] {
  return [placed, ...sceneParts(placed.scene), ...[placed.layout, placed.base].flatMap((one) => [one, one.nest, one.trunks].filter((part) => part !== undefined))]
}

function sceneParts(scene: Scene): object[] {
  return scene.nesting ? [scene, scene.wires, scene.nesting] : [scene, scene.wires]
}

function buffersOf(parts: Iterable<object>): Set<ArrayBuffer> {
  const found = new Set<ArrayBuffer>()
  for (const part of parts) for (const one of Object.values(part)) if (ArrayBuffer.isView(one)) found.add(one.buffer as ArrayBuffer)
  return found
}

/** Takes its columns away, so that reading one is an error and no wrong picture. */
function empty(part: object): void {
  const columns = part as Record<string, unknown>
  for (const name of Object.keys(part)) if (ArrayBuffer.isView(columns[name])) columns[name] = null
}
