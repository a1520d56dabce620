/** A point on a wire as the end that a drag from there takes: the reader's end near a reader, the source's end near its source. */
import type { PlacedScene } from '../scene/placed'
import { NODE } from '../scene/scene'
import type { LooseEnd } from './fitting'
import { hitAt } from './hit'
import { portPlace, PORTS_FROM, type PortBook } from './port-book'
import { wireAt } from './wire-at'

/** on screen: so near to its end a wire is taken there; nearer in the middle of a short one */
const NEAR = 56
const SHARE = 0.4

/** null: no wire is there, or the middle of one. `at` is in the graph's coordinates. */
export function wireEndAt(placed: PlacedScene, book: PortBook, at: { x: number; y: number }, zoom: number): LooseEnd | null {
  if (zoom < PORTS_FROM) return null
  const hit = hitAt(placed, at.x, at.y, zoom, false)
  if (!hit || !('edge' in hit)) return null
  const { fromSource, toTarget } = distances(placed, hit.edge, at)
  const near = Math.min(NEAR / zoom, (fromSource + toTarget) * SHARE)
  if (toTarget <= near) return readersEnd(placed, book, hit.edge)
  return fromSource <= near ? sourcesEnd(placed, book, hit.edge, at, zoom) : null
}

/** The wire comes off its reader and stays where it comes from. */
function readersEnd(placed: PlacedScene, book: PortBook, edge: number): LooseEnd | null {
  const { scene } = placed
  const input = inputOf(placed, book, edge)
  if (!input) return null
  const source = scene.source[edge]
  return { value: input.value, origin: source, input, at: { ...placed.endOn(source, 'out', scene.sourceAt[edge]), side: 'out' } }
}

/** The wire comes off its source and stays at its reader; where several share it there, all of them. */
function sourcesEnd(placed: PlacedScene, book: PortBook, edge: number, at: { x: number; y: number }, zoom: number): LooseEnd | null {
  const { scene } = placed
  const { consumers } = wireAt(placed, edge, at, zoom)
  const one = consumers?.length === 1 ? inputOf(placed, book, edge) : null
  if (one) return { value: -1, origin: -1, input: one, at: { ...portPlace(placed, one), side: 'in' } }
  const value = scene.value[edge]
  const [first, end] = scene.edgesOf(value)
  const edges = Array.from({ length: end - first }, (_, i) => first + i).filter((other) => consumers === null || consumers.some((reader) => reads(placed, other, reader)))
  const ends = edges.map((other) => ({ ...placed.endOn(scene.target[other], 'in', scene.targetAt[other]), side: 'in' as const }))
  return { value: -1, origin: -1, input: null, at: ends[0]!, uses: { value, consumers, items: edges.map((other) => scene.target[other]), ends } }
}

function reads({ scene }: PlacedScene, edge: number, reader: string | { node: string; slot: number }): boolean {
  return typeof reader === 'string' ? scene.kind[scene.target[edge]] !== NODE : scene.idOf(scene.target[edge]) === reader.node && scene.slot[edge] === reader.slot
}

function inputOf({ scene }: PlacedScene, book: PortBook, edge: number): LooseEnd['input'] {
  const target = scene.target[edge]
  if (scene.kind[target] !== NODE || scene.slot[edge] < 0) return null
  return book.of(scene, target).find((port) => port.side === 'in' && port.slot === scene.slot[edge]) ?? null
}

/** How far the point is from both ends of the wire, along it. */
function distances({ pointStart, points }: PlacedScene, edge: number, { x, y }: { x: number; y: number }): { fromSource: number; toTarget: number } {
  let whole = 0
  let nearest = Infinity
  let before = 0
  for (let p = pointStart[edge] * 2; p < (pointStart[edge + 1] - 1) * 2; p += 2) {
    const dx = points[p + 2] - points[p]
    const dy = points[p + 3] - points[p + 1]
    const length = Math.hypot(dx, dy)
    const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - points[p]) * dx + (y - points[p + 1]) * dy) / (length * length)))
    const far = Math.hypot(x - points[p] - t * dx, y - points[p + 1] - t * dy)
    if (far < nearest) {
      nearest = far
      before = whole + t * length
    }
    whole += length
  }
  return { fromSource: before, toTarget: whole - before }
}
