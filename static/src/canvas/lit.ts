/** What stands out while the rest is dimmed: told by ids, and found again among the items and wires of a scene. */
import { OUTPUT, type Scene } from '../scene/scene'

/** Nodes, and the values that lead to them: those that are taken light the inputs, those that are made the outputs. */
export interface Lit { nodes: ReadonlySet<string>; taken: ReadonlySet<string>; made: ReadonlySet<string> }

/** By item and by edge: 1 for what stands out. */
export interface LitItems { items: Uint8Array; edges: Uint8Array }

const known = new WeakMap<Lit, { scene: Scene; found: LitItems }>()

/** A wire stands out when its value and both of its ends do. */
export function litItems(scene: Scene, lit: Lit): LitItems {
  const before = known.get(lit)
  if (before?.scene === scene) return before.found
  const { document } = scene
  const items = new Uint8Array(scene.count)
  for (const id of lit.nodes) {
    const node = document.nodeIndex(id)
    const item = node < 0 ? -1 : scene.itemShowing(node)
    if (item >= 0) items[item] = 1
  }
  const values = new Set<number>()
  const light = (ids: ReadonlySet<string>, outputs: boolean): void => {
    for (const id of ids) {
      const value = document.valueIndex(id)
      if (value < 0) continue
      values.add(value)
      for (const pill of scene.pillsOf(value)) if ((scene.kind[pill] === OUTPUT) === outputs) items[pill] = 1
    }
  }
  light(lit.taken, false)
  light(lit.made, true)
  const edges = new Uint8Array(scene.edgeCount)
  for (let edge = 0; edge < edges.length; edge++) edges[edge] = Number(items[scene.source[edge]] === 1 && items[scene.target[edge]] === 1 && values.has(scene.value[edge]))
  const found = { items, edges }
  known.set(lit, { scene, found })
  return found
}
