/** Where an arrow key goes from an item: along the wires, and across them among those at the other end, else to its neighbours. */
import type { Direction } from '../scene/flow'
import type { PlacedScene } from '../scene/placed'
import { holderOf } from './inside'

export type Step = 'up' | 'down' | 'left' | 'right'
type Way = 'back' | 'on'

const ALONG: Readonly<Record<Direction, Readonly<Record<Step, Way | null>>>> = {
  down: { up: 'back', down: 'on', left: null, right: null },
  right: { left: 'back', right: 'on', up: null, down: null },
}

/** Which way a step goes along the wires; null: it goes across them. */
export function wayOf({ scene }: PlacedScene, step: Step): Way | null {
  return ALONG[scene.direction][step]
}

/** Remembers the last step, so that the way back leads back, and steps across choose among several readers. Items are remembered by key. */
export class Walk {
  private came: { from: number; at: number; way: Way; among: number[] } | null = null

  /** -1: there is nothing that way */
  step(placed: PlacedScene, item: number, step: Step): number {
    const { scene } = placed
    const way = wayOf(placed, step)
    if (way === null) return this.aside(placed, item, step === 'left' || step === 'up' ? -1 : 1)
    const edges = [...(way === 'back' ? scene.incoming(item) : scene.outgoing(item))]
    const endsOf = (some: number[]): number[] => inOrder(placed, some.map((edge) => (way === 'back' ? scene.source[edge] : scene.target[edge])).filter((end) => end !== item))
    const back = this.came && this.came.at === scene.key[item] && this.came.way !== way ? placed.itemWithKey(this.came.from) : -1
    const among = endsOf(edges)
    if (way === 'back' && among.length === 0) return this.go(placed, item, way, [], holderOf(scene, item)) // out of a body that is open in place
    const backInto = back >= 0 && way === 'on' && holderOf(scene, back) === item
    const own = endsOf(edges.filter((edge) => !scene.captures(edge))) // before what a body takes from outside
    return this.go(placed, item, way, among, backInto || among.includes(back) ? back : straightest(placed, item, own.length > 0 ? own : among))
  }

  /** From a value that is seen as wires only. */
  stepFromWire(placed: PlacedScene, value: number, way: Way): number {
    const { scene } = placed
    const [first, end] = scene.edgesOf(value)
    if (first === end) return -1
    const source = scene.source[first]
    if (way === 'back') {
      this.came = null
      return source
    }
    const among = inOrder(placed, Array.from({ length: end - first }, (_, at) => scene.target[first + at]))
    return this.go(placed, source, 'on', among, straightest(placed, source, among))
  }

  private go(placed: PlacedScene, from: number, way: Way, among: number[], to: number): number {
    const { key } = placed.scene
    if (to >= 0) this.came = { from: key[from], at: key[to], way, among: among.map((one) => key[one]) }
    return to
  }

  private aside(placed: PlacedScene, item: number, side: number): number {
    const { came } = this
    const key = placed.scene.key[item]
    if (came && came.at === key) {
      const next = came.among[came.among.indexOf(key) + side]
      const found = next === undefined ? -1 : placed.itemWithKey(next)
      if (found >= 0) {
        came.at = next!
        return found
      }
    }
    const found = beside(placed, item, side)
    if (found >= 0) this.came = null
    return found
  }
}

/** Where a walk begins when nothing is selected: the item nearest to the point. */
export function nearestItem(placed: PlacedScene, x: number, y: number): number {
  let best = Infinity
  let found = -1
  for (let item = 0; item < placed.scene.count; item++) {
    const distance = Math.hypot(placed.x[item] + placed.scene.width[item] / 2 - x, placed.y[item] + placed.scene.height[item] / 2 - y)
    if (distance < best) {
      best = distance
      found = item
    }
  }
  return found
}

/** Middle of the item, across the flow. */
function across({ scene, x, y }: PlacedScene, item: number): number {
  return scene.direction === 'right' ? y[item] + scene.height[item] / 2 : x[item] + scene.width[item] / 2
}

/** Where the item begins and ends, along the flow. */
function span({ scene, x, y }: PlacedScene, item: number): [from: number, to: number] {
  return scene.direction === 'right' ? [x[item], x[item] + scene.width[item]] : [y[item], y[item] + scene.height[item]]
}

/** Each once, as they stand beside one another. */
function inOrder(placed: PlacedScene, items: number[]): number[] {
  return [...new Set(items)].sort((a, b) => across(placed, a) - across(placed, b) || span(placed, a)[0] - span(placed, b)[0])
}

function straightest(placed: PlacedScene, item: number, candidates: readonly number[]): number {
  const far = (candidate: number): number => Math.abs(across(placed, candidate) - across(placed, item))
  let found = -1
  for (const candidate of candidates) if (found < 0 || far(candidate) < far(found)) found = candidate
  return found
}

/** The nearest item on that side that overlaps along the flow; the row's next one. */
function beside(placed: PlacedScene, item: number, side: number): number {
  const [from, to] = span(placed, item)
  let best = Infinity
  let found = -1
  for (let other = 0; other < placed.scene.count; other++) {
    const [begin, end] = span(placed, other)
    if (other === item || begin > to || end < from) continue
    const distance = (across(placed, other) - across(placed, item)) * side
    if (distance > 0 && distance < best) {
      best = distance
      found = other
    }
  }
  return found
}
