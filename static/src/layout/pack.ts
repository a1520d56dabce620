/** Where the pieces of a graph go: side by side in columns about as tall as the tallest, nodes without edges in a grid after them. */
import type { Box, Places } from './box'
import { Outline } from './outline'
import { BESIDE_GAP, fill, outermost, PIECE_GAP } from './repack'
import { standStill } from './still'

const GRID_GAP = 28
/** what is this far apart along the flow, and a bit more as heights are told apart in bands, may stand above one another */
const ABOVE_GAP = 8
/** Something goes before what stands only if all is narrower than this share of what it would be else. */
const NARROWER = 0.9
/** Of more pieces all go elsewhere or none. */
const MOST_WEIGHED = 40

/** What stands already; it is only looked at when something comes beside it. */
class Standing {
  private readonly outline = new Outline()
  private waiting: { outline: () => Outline; dx: number; dy: number }[] = []
  private isEmpty = true

  add(outline: () => Outline, dx: number, dy: number): void {
    this.waiting.push({ outline, dx, dy })
  }

  /** The shift that brings something, moved down by `dy`, beside what stands; null: it meets nothing. */
  leftBeside(other: () => Outline, dy: number): number | null {
    const shift = this.look()?.shiftBeside(other(), dy) ?? -Infinity
    return shift === -Infinity ? null : Math.ceil(shift + BESIDE_GAP)
  }

  /** The shift that brings it to the left of what stands. */
  rightBefore(other: () => Outline, dy: number): number | null {
    const shift = this.look()?.shiftBefore(other(), dy) ?? Infinity
    return shift === Infinity ? null : Math.floor(shift - BESIDE_GAP)
  }

  private look(): Outline | null {
    if (this.waiting.length > 0) for (const { outline, dx, dy: down } of this.waiting) this.outline.join(outline(), dx, down, ABOVE_GAP)
    else if (this.isEmpty) return null
    this.isEmpty = false
    this.waiting = []
    return this.outline
  }
}

function frame(left: number, right: number, height: number): () => Outline {
  return () => { const outline = new Outline(); outline.add(left, 0, right, height); return outline }
}

/** What stood somewhere stays there exactly; or at its side; or as much of it as leaves all smaller than `limit`; or nothing. */
export type Packing = 'still' | 'kept' | 'close' | 'fresh'

/** `open`: lines go on from the pieces' ends, so that nothing may stand above or below them. `limit`: an area. */
export function pack(boxes: Box[], lonely: Uint32Array, width: Float32Array, height: Float32Array, open: boolean, packing: Packing, limit: number): Places {
  const grid = layGrid(lonely, width, height)
  const places: Places = { dx: new Float64Array(boxes.length), dy: new Float64Array(boxes.length), lonelyX: grid.x, lonelyY: grid.y, bounds: { left: 0, top: 0, right: 0, bottom: 0 } }
  const standing = placeBoxes(boxes, places, packing, limit)
  if (open) boxes.forEach(({ left, right }, p) => { standing.add(frame(left, right, grid.height), places.dx[p], 0) })
  const gridLeft = lonely.length > 0 ? standing.leftBeside(frame(0, grid.width, grid.height), 0) ?? 0 : 0
  for (let k = 0; k < lonely.length; k++) grid.x[k] += gridLeft
  places.bounds = boundsOf(boxes, places, lonely.length > 0 ? { left: gridLeft, right: gridLeft + grid.width, bottom: grid.height } : null)
  return places
}

/** All stay where they are, as `standStill` has it; new ones, and those that find no room there, stand beside them. */
function placeStill(boxes: Box[], kept: number[], places: Places): Standing {
  const still = standStill(boxes, kept, places)
  const standing = new Standing()
  for (const p of still) standing.add(boxes[p].outline, places.dx[p], places.dy[p])
  const others = boxes.map((_, p) => p).filter((p) => !still.includes(p))
  return placeFresh(boxes, others, places, standing)
}

/** What they are like together. */
function placeBoxes(boxes: Box[], places: Places, packing: Packing, limit: number): Standing {
  const all = boxes.map((_, p) => p)
  const kept = all.filter((p) => boxes[p].keptAt !== null)
  if (packing === 'fresh' || kept.length === 0) return placeFresh(boxes, all, places, new Standing())
  if (packing === 'still') return placeStill(boxes, kept, places)
  if (packing === 'kept' || boxes.length === 1) return placeFresh(boxes, all.filter((p) => boxes[p].keptAt === null), places, placeKept(boxes, kept, places))
  return placeClose(boxes, kept, places, limit)
}

/** Of the pieces that stood somewhere those at the borders go elsewhere, one after another, but for the largest; and back, where that was not needed. */
function placeClose(boxes: Box[], kept: number[], places: Places, limit: number): Standing {
  const all = boxes.map((_, p) => p)
  const areaWith = (stay: ReadonlySet<number>): number => {
    places.dx.fill(0)
    const still = kept.filter((p) => stay.has(p))
    const others = all.filter((p) => !stay.has(p))
    const standing = placeKept(boxes, still, places)
    if (boxes.length > MOST_WEIGHED) placeFresh(boxes, others, places, standing)
    else fill(boxes, still, others, places)
    return areaOf(boundsOf(boxes, places, null))
  }
  const stay = new Set(kept)
  const gone: number[] = []
  while (areaWith(stay) > limit) {
    const { left, right, bottom } = boundsOf(boxes, places, null)
    const out = outermost(boxes, [...stay], places, right - left > bottom)
    if (out < 0) break
    for (const p of boxes.length > MOST_WEIGHED ? kept : [out]) {
      stay.delete(p)
      gone.push(p)
    }
  }
  if (boxes.length <= MOST_WEIGHED) for (const p of gone) if (areaWith(stay.add(p)) > limit) stay.delete(p)
  areaWith(stay)
  const standing = new Standing()
  for (const p of all) standing.add(boxes[p].outline, places.dx[p], places.dy[p])
  return standing
}

export function areaOf({ left, top, right, bottom }: Pick<Box, 'left' | 'top' | 'right' | 'bottom'>): number {
  return (right - left) * (bottom - top)
}

/**
 * Kept pieces stay at their x, in their old order from the top, each below what is in its way. What stood close beside another one, in
 * a place that it leaves free, stays there as long as that is free for both.
 */
function placeKept(boxes: Box[], kept: number[], places: Places): Standing {
  kept.sort((a, b) => (boxes[a].keptAt ?? 0) - (boxes[b].keptAt ?? 0) || a - b)
  if (!stackKept(boxes, kept, places, true)) stackKept(boxes, kept, places, false)
  const standing = new Standing()
  for (const p of kept) standing.add(boxes[p].outline, 0, places.dy[p])
  return standing
}

/** Whether all have their own place; `closely`: pieces whose frames meet may stand beside one another. */
function stackKept(boxes: Box[], kept: number[], places: Places, closely: boolean): boolean {
  const close: [number, number][] = []
  const isApart = (a: number, b: number, dy: number): boolean => boxes[a].outline().isApart(boxes[b].outline(), dy, BESIDE_GAP - 1)
  kept.forEach((p, k) => {
    const box = boxes[p]
    let y = 0
    for (const q of kept.slice(0, k)) {
      const other = boxes[q]
      if (other.left >= box.right + BESIDE_GAP || box.left >= other.right + BESIDE_GAP) continue
      const down = box.keptAt! - box.top - other.keptAt! + other.top
      if (closely && box.top + down < other.bottom + PIECE_GAP - 1 && isApart(q, p, down)) close.push([q, p])
      else y = Math.max(y, places.dy[q] + other.bottom + PIECE_GAP)
    }
    places.dy[p] = y - box.top
  })
  return close.every(([q, p]) => isApart(q, p, places.dy[p] - places.dy[q]))
}

/**
 * New pieces fill columns from left to right, the small ones last; each column stands close beside what is there, or before it, where that
 * leaves all of it clearly narrower and nothing that stood somewhere stands there.
 */
function placeFresh(boxes: Box[], fresh: number[], places: Places, standing: Standing): Standing {
  const tall = columnHeight(boxes)
  const isFree = fresh.length === boxes.length
  let from = Infinity
  let to = -Infinity
  let column: number[] = []
  const finish = (): void => {
    let left = -Infinity
    let right = Infinity
    let wide = 0
    for (const p of column) {
      left = Math.max(left, (standing.leftBeside(boxes[p].outline, places.dy[p]) ?? -boxes[p].left) + boxes[p].left)
      if (isFree && from < to) right = Math.min(right, (standing.rightBefore(boxes[p].outline, places.dy[p]) ?? Infinity) + boxes[p].right)
      wide = Math.max(wide, boxes[p].right - boxes[p].left)
    }
    const before = right < Infinity && to - Math.min(from, right - wide) < NARROWER * (Math.max(to, left + wide) - Math.min(from, left))
    for (const p of column) {
      places.dx[p] = before ? right - boxes[p].right : left - boxes[p].left
      from = Math.min(from, places.dx[p] + boxes[p].left)
      to = Math.max(to, places.dx[p] + boxes[p].right)
      standing.add(boxes[p].outline, places.dx[p], places.dy[p])
    }
    column = []
  }
  let y = 0
  for (const p of fresh.sort((a, b) => Number(isSmall(boxes[a], tall)) - Number(isSmall(boxes[b], tall)) || a - b)) {
    const box = boxes[p]
    if (y > 0 && y + (box.bottom - box.top) > tall) {
      finish()
      y = 0
    }
    places.dy[p] = y - box.top
    column.push(p)
    y += box.bottom - box.top + PIECE_GAP
  }
  if (column.length > 0) finish()
  return standing
}

function isSmall(box: Box, tall: number): boolean {
  return box.bottom - box.top < tall * 0.5
}

function columnHeight(boxes: Box[]): number {
  let tallest = 0
  let area = 0
  for (const box of boxes) {
    tallest = Math.max(tallest, box.bottom - box.top)
    area += (box.bottom - box.top + PIECE_GAP) * (box.right - box.left + PIECE_GAP)
  }
  return Math.max(tallest, Math.sqrt(area) * 0.9)
}

/** Rows of nodes, about as wide as tall, with columns of one width when there are many. */
function layGrid(lonely: Uint32Array, width: Float32Array, height: Float32Array): { x: Float64Array; y: Float64Array; width: number; height: number } {
  const x = new Float64Array(lonely.length)
  const y = new Float64Array(lonely.length)
  let area = 0
  for (const node of lonely) area += (width[node] + GRID_GAP) * (height[node] + GRID_GAP)
  const limit = Math.sqrt(area) * 1.3
  let right = 0
  let left = 0
  let top = 0
  let rowHeight = 0
  for (let k = 0; k < lonely.length; k++) {
    const node = lonely[k]
    if (left > 0 && left + width[node] > limit) {
      top += Math.ceil(rowHeight) + GRID_GAP
      left = 0
      rowHeight = 0
    }
    x[k] = left
    y[k] = top
    left += Math.ceil(width[node]) + GRID_GAP
    right = Math.max(right, left - GRID_GAP)
    rowHeight = Math.max(rowHeight, height[node])
  }
  return { x, y, width: right, height: top + Math.ceil(rowHeight) }
}

function boundsOf(boxes: Box[], places: Places, grid: { left: number; right: number; bottom: number } | null): Places['bounds'] {
  let left = grid ? grid.left : Infinity
  let right = grid ? grid.right : -Infinity
  let bottom = grid ? grid.bottom : 0
  boxes.forEach((box, p) => {
    left = Math.min(left, box.left + places.dx[p])
    right = Math.max(right, box.right + places.dx[p])
    bottom = Math.max(bottom, box.bottom + places.dy[p])
  })
  return left > right ? { left: 0, top: 0, right: 0, bottom: 0 } : { left, top: 0, right, bottom }
}
