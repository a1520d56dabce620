/** Which of a value's readers a point on its wires means: those behind the branch that was pointed at, or all on the shared trunk. */
import type { PlacedScene } from '../scene/placed'
import { NODE } from '../scene/scene'
import type { PaletteAsked } from './connecting'
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
  const isBody = (one: number): boolean => scene.slot[one] < 0 && scene.kind[scene.target[one]] === NODE
  // readers inside bodies have no wire of their own
  const all = near.length === 0 || near.length === end - first || near.some(isBody)
  const consumers = near.map((one) => (scene.kind[scene.target[one]] === NODE ? { node: scene.idOf(scene.target[one]), slot: scene.slot[one] } : scene.graph))
  return { value: document.valueIdAt(value), consumers: all ? null : consumers }
}
