/** Where the pieces of a graph go: side by side in columns about as tall as the tallest, nodes without edges in a grid after them. */

export interface Box {
  left: number
  top: number
  right: number
  bottom: number
  /** whether the piece continues an earlier layout and should stay where it is */
  kept: boolean
}

export interface Places {
  /** shift of each piece */
  dx: Float64Array
  dy: Float64Array
  lonelyX: Float64Array
  lonelyY: Float64Array
  bounds: { left: number; top: number; right: number; bottom: number }
}

const PIECE_GAP = 72
const GRID_GAP = 28

export function pack(boxes: Box[], lonely: Uint32Array, width: Float32Array, height: Float32Array): Places {
  const grid = layGrid(lonely, width, height)
  const places: Places = { dx: new Float64Array(boxes.length), dy: new Float64Array(boxes.length), lonelyX: grid.x, lonelyY: grid.y, bounds: { left: 0, top: 0, right: 0, bottom: 0 } }
  const tall = columnHeight(boxes)
  const sequence = boxes.map((_, p) => p).sort((a, b) => Number(isSmall(boxes[a], tall)) - Number(isSmall(boxes[b], tall)) || a - b)
  let right = -Infinity
  let columnLeft = 0
  let y = 0
  let columnRight = 0
  for (const p of sequence) {
    const box = boxes[p]
    const fits = right > -Infinity && y + (box.bottom - box.top) <= tall
    if (!fits) {
      // a kept piece stays where it was, unless it would run into the ones before it
      columnLeft = right === -Infinity ? (box.kept ? box.left : 0) : box.kept ? Math.max(box.left, right + PIECE_GAP) : right + PIECE_GAP
      y = 0
      columnRight = columnLeft
    }
    places.dx[p] = columnLeft - box.left
    places.dy[p] = y - box.top
    columnRight = Math.max(columnRight, columnLeft + box.right - box.left)
    right = Math.max(right, columnRight)
    y += box.bottom - box.top + PIECE_GAP
  }
  const gridLeft = right === -Infinity ? 0 : right + PIECE_GAP
  for (let k = 0; k < lonely.length; k++) grid.x[k] += gridLeft
  places.bounds = boundsOf(boxes, places, lonely.length > 0 ? { left: gridLeft, right: gridLeft + grid.width, bottom: grid.height } : null)
  return places
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
