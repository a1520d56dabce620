/** Which of a value's readers a point on its wires means: those behind the branch that was pointed at, or all on the shared trunk. */
import type { PlacedScene } from '../scene/placed'
import { NODE, OUTPUT, SCOPE, type Scene } from '../scene/scene'
import type { PaletteAsked } from './palette-asked'
import { edgeDistance } from './hit'

/** on screen */
const REACH = 7

/** `at` is in the graph's coordinates. */
export function wireAt(placed: PlacedScene, edge: number, at: { x: number; y: number }, zoom: number): NonNullable<PaletteAsked['wire']> {
  const { scene } = placed
  const { document } = scene
  const value = scene.value[edge]
  const [first, end] = scene.edgesOf(value)
  const near: number[] = []
  for (let one = first; one < end; one++) if (edgeDistance(placed, one, at.x, at.y) * zoom <= REACH) near.push(one)
  const isBody = (one: number): boolean => scene.slot[one] < 0 && scene.kind[scene.target[one]] !== OUTPUT && readersAt(scene, one).length === 0
  // readers inside bodies have no wire of their own
  const all = near.length === 0 || near.length === end - first || near.some(isBody)
  const consumers = near.flatMap((one) => readersAt(scene, one))
  return { value: document.valueIdAt(value), consumers: all ? null : consumers }
}

/** Who reads through the wire: a slot of a node, the slots in a closed scope, or the graph as its output. */
function readersAt(scene: Scene, edge: number): NonNullable<NonNullable<PaletteAsked['wire']>['consumers']> {
  const { document } = scene
  const item = scene.target[edge]
  if (scene.kind[item] === NODE) return scene.slot[edge] < 0 ? [] : [{ node: scene.idOf(item), slot: scene.slot[edge] }]
  if (scene.kind[item] !== SCOPE) return [scene.graph]
  const inside = document.usesAt(scene.value[edge]).filter((use) => scene.itemShowing(use.node) === item)
  return inside.map((use) => ({ node: document.nodeIdAt(use.node), slot: use.slot }))
}
