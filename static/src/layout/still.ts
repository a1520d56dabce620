/** Pieces stay exactly where they stood, also in between of others, when a graph has gained nothing. */
import type { Box, Places } from './box'
import { NODE_GAP } from './space'

/** Empty space along the flow, all across, that may be left where something stood. */
const WIDEST_BAND = 240
/** What is in the way of something larger goes this far to find room, most, by such steps, in pixels. */
const ASIDE = 240
const STEP = 16

/** Places the pieces; what is below a wide empty band moves up. Returns those that found room. */
export function standStill(boxes: readonly Box[], kept: readonly number[], places: Places): number[] {
  placeAlong(boxes, kept, places)
  const still: number[] = []
  const sizeOf = (p: number): number => (boxes[p].right - boxes[p].left) * (boxes[p].bottom - boxes[p].top)
  for (const p of [...kept].sort((a, b) => sizeOf(b) - sizeOf(a) || a - b)) {
    const room = waysAside().find(([dx, dy]) => dy + places.dy[p] + boxes[p].top >= 0 && still.every((q) => !meet(boxes, places, p, q, dx, dy)))
    if (!room) continue
    places.dx[p] += room[0]
    places.dy[p] += room[1]
    still.push(p)
  }
  return still
}

function placeAlong(boxes: readonly Box[], kept: readonly number[], places: Places): void {
  const first = Math.min(...kept.map((p) => boxes[p].keptAt!))
  let end = 0
  let up = 0
  for (const p of [...kept].sort((a, b) => boxes[a].keptAt! - boxes[b].keptAt!)) {
    const from = boxes[p].keptAt! - first
    up = Math.max(up, from - end - WIDEST_BAND)
    places.dy[p] = from - up - boxes[p].top
    end = Math.max(end, from - up + boxes[p].bottom - boxes[p].top)
  }
}

/** The nearest first. */
function waysAside(): [number, number][] {
  const ways: [number, number][] = [[0, 0]]
  for (let by = STEP; by <= ASIDE; by += STEP) ways.push([by, 0], [-by, 0], [0, by], [0, -by])
  return ways
}

/** Whether p, moved by so much, comes in the way of q. */
function meet(boxes: readonly Box[], { dx, dy }: Places, p: number, q: number, byX: number, byY: number): boolean {
  const [one, other] = [boxes[p], boxes[q]]
  const [x, y] = [dx[p] + byX - dx[q], dy[p] + byY - dy[q]]
  if (one.left + x > other.right + NODE_GAP || one.right + x < other.left - NODE_GAP || one.top + y > other.bottom + NODE_GAP || one.bottom + y < other.top - NODE_GAP) return false
  return other.shape().meets(dx[q], dy[q], one.shape(), dx[p] + byX, dy[p] + byY)
}
