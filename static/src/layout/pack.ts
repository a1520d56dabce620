/** Where the pieces of a graph go: side by side in columns about as tall as the tallest, nodes without edges in a grid after them. */

export interface Box {
  left: number
  top: number
  right: number
  bottom: number
  /** for a piece that continues an earlier layout: where it began then; it keeps its x */
  keptAt: number | null
}

export interface Places {
  /** shift of each piece */
  dx: Float64Array
  dy: Float64Array
  lonelyX: Float64Array
  lonelyY: Float64Array
  bounds: { left: number; top: number; right: number; bottom: number }
}

const PIECE_GAP = 36
const GRID_GAP = 28
/** kept pieces that are this far apart across stand beside one another */
const BESIDE_GAP = 28
const WORTH_KEEPING = 1.25
/** of the largest piece */
const SMALL_PIECE = 0.15

export function pack(boxes: Box[], lonely: Uint32Array, width: Float32Array, height: Float32Array): Places {
  const grid = layGrid(lonely, width, height)
  const places: Places = { dx: new Float64Array(boxes.length), dy: new Float64Array(boxes.length), lonelyX: grid.x, lonelyY: grid.y, bounds: { left: 0, top: 0, right: 0, bottom: 0 } }
  const right = placeBoxes(boxes, places)
  const gridLeft = right === -Infinity ? 0 : right + PIECE_GAP
  for (let k = 0; k < lonely.length; k++) grid.x[k] += gridLeft
  places.bounds = boundsOf(boxes, places, lonely.length > 0 ? { left: gridLeft, right: gridLeft + grid.width, bottom: grid.height } : null)
  return places
}

/**
 * Pieces that stood somewhere stay there, as long as that does not take much more room than all of them afresh; else the small ones
 * go elsewhere, or all but the largest. How far right they reach.
 */
function placeBoxes(boxes: Box[], places: Places): number {
  const all = boxes.map((_, p) => p)
  const kept = all.filter((p) => boxes[p].keptAt !== null)
  if (kept.length === 0) return placeFresh(boxes, all, places, -Infinity)
  if (boxes.length === 1) return placeKept(boxes, kept, places)
  const size = (p: number): number => (boxes[p].right - boxes[p].left) * (boxes[p].bottom - boxes[p].top)
  const largest = kept.reduce((best, p) => (size(p) > size(best) ? p : best))
  const fresh = { ...places, dx: places.dx.slice(), dy: places.dy.slice() }
  placeFresh(boxes, all, fresh, -Infinity)
  const limit = WORTH_KEEPING * areaOf(boxes, fresh)
  let right = -Infinity
  for (const least of [0, SMALL_PIECE * size(largest), size(largest)]) {
    const stay = kept.filter((p) => size(p) >= least)
    places.dx.fill(0)
    right = placeFresh(boxes, all.filter((p) => !stay.includes(p)), places, placeKept(boxes, stay, places))
    if (areaOf(boxes, places) <= limit) break
  }
  return right
}

function areaOf(boxes: Box[], places: Places): number {
  const { left, top, right, bottom } = boundsOf(boxes, places, null)
  return (right - left) * (bottom - top)
}

/** Kept pieces stay at their x, in their old order from the top, each below what is in its way. How far right they reach. */
function placeKept(boxes: Box[], kept: number[], places: Places): number {
  let right = -Infinity
  const done: { left: number; right: number; bottom: number }[] = []
  for (const p of kept.sort((a, b) => (boxes[a].keptAt ?? 0) - (boxes[b].keptAt ?? 0) || a - b)) {
    const box = boxes[p]
    let y = 0
    for (const other of done) if (other.left < box.right + BESIDE_GAP && box.left < other.right + BESIDE_GAP) y = Math.max(y, other.bottom + PIECE_GAP)
    places.dy[p] = y - box.top
    done.push({ left: box.left, right: box.right, bottom: y + box.bottom - box.top })
    right = Math.max(right, box.right)
  }
  return right
}

/** New pieces fill columns from left to right, the small ones last. How far right everything reaches. */
function placeFresh(boxes: Box[], fresh: number[], places: Places, start: number): number {
  const tall = columnHeight(boxes)
  let right = start
  let columnLeft = 0
  let y = Infinity
  for (const p of fresh.sort((a, b) => Number(isSmall(boxes[a], tall)) - Number(isSmall(boxes[b], tall)) || a - b)) {
    const box = boxes[p]
    if (y + (box.bottom - box.top) > tall) {
      columnLeft = right === -Infinity ? 0 : right + PIECE_GAP
      y = 0
    }
    places.dx[p] = columnLeft - box.left
    places.dy[p] = y - box.top
    right = Math.max(right, columnLeft + box.right - box.left)
    y += box.bottom - box.top + PIECE_GAP
  }
  return right
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
