/** Nodes without edges that have a place already, or were asked for at one: they stay there, or go to the nearest free place. */

/** What is in the way: boxes, and wires as pieces of lines. */
export interface Obstacles { left: number; top: number; right: number; bottom: number }

const GAP = 24
const WIRE_GAP = 6
const STEP = 28
const FAR_GAP = 72
const RINGS = 24
/** how far around a node there may be something in its way */
const WINDOW = (RINGS + 2) * STEP

export interface Drawn {
  x: Float32Array; y: Float32Array; width: Float32Array; height: Float32Array
  points: Float32Array; pointStart: Uint32Array
  /** left side and middle height of each edge's label, NaN for none, and how far it reaches */
  labelX: Float32Array; labelY: Float32Array; labelAcross: Float32Array; labelAlong: Float32Array
  bounds: Obstacles
  /** where lines go on that are not drawn here */
  beyond: readonly Obstacles[]
}

/** Puts the nodes as near to where they want to be as there is room; `placed` tells which nodes stand already, and is kept. */
export function settle(nodes: readonly number[], wanted: (node: number) => { x: number; y: number }, placed: Uint8Array, drawn: Drawn): void {
  for (const node of nodes) {
    const at = wanted(node)
    const width = drawn.width[node]
    const height = drawn.height[node]
    const { bounds } = drawn
    const { x, y } = freePlace(at.x, at.y, width, height, obstaclesNear({ ...at, width, height }, placed, drawn)) ?? { x: bounds.right + FAR_GAP, y: bounds.top }
    drawn.x[node] = x
    drawn.y[node] = y
    placed[node] = 1
    bounds.left = Math.min(bounds.left, x)
    bounds.top = Math.min(bounds.top, y)
    bounds.right = Math.max(bounds.right, x + width)
    bounds.bottom = Math.max(bounds.bottom, y + height)
  }
}

function obstaclesNear(at: { x: number; y: number; width: number; height: number }, placed: Uint8Array, { x, y, width, height, points, pointStart, labelX, labelY, labelAcross, labelAlong, beyond }: Drawn): Obstacles[] {
  const found: Obstacles[] = []
  const near = (left: number, top: number, right: number, bottom: number): boolean =>
    left < at.x + at.width + WINDOW && right > at.x - WINDOW && top < at.y + at.height + WINDOW && bottom > at.y - WINDOW
  for (const { left, top, right, bottom } of beyond) if (near(left, top, right, bottom)) found.push({ left: left - WIRE_GAP, top, right: right + WIRE_GAP, bottom })
  for (let i = 0; i < placed.length; i++) {
    if (placed[i] && near(x[i], y[i], x[i] + width[i], y[i] + height[i])) found.push({ left: x[i] - GAP, top: y[i] - GAP, right: x[i] + width[i] + GAP, bottom: y[i] + height[i] + GAP })
  }
  for (let edge = 0; edge < labelX.length; edge++) {
    const half = labelAlong[edge] / 2 + WIRE_GAP
    if (near(labelX[edge], labelY[edge] - half, labelX[edge] + labelAcross[edge], labelY[edge] + half)) {
      found.push({ left: labelX[edge] - WIRE_GAP, top: labelY[edge] - half, right: labelX[edge] + labelAcross[edge] + WIRE_GAP, bottom: labelY[edge] + half })
    }
  }
  for (let edge = 0; edge + 1 < pointStart.length; edge++) {
    for (let p = 2 * pointStart[edge]; p < 2 * pointStart[edge + 1] - 2; p += 2) {
      const left = Math.min(points[p], points[p + 2]) - WIRE_GAP
      const right = Math.max(points[p], points[p + 2]) + WIRE_GAP
      const top = Math.min(points[p + 1], points[p + 3]) - WIRE_GAP
      const bottom = Math.max(points[p + 1], points[p + 3]) + WIRE_GAP
      if (near(left, top, right, bottom)) found.push({ left, top, right, bottom })
    }
  }
  return found
}

/** Outwards in rings; null: nothing is free near. */
function freePlace(x: number, y: number, width: number, height: number, obstacles: readonly Obstacles[]): { x: number; y: number } | null {
  const free = (left: number, top: number): boolean => obstacles.every((one) => left >= one.right || left + width <= one.left || top >= one.bottom || top + height <= one.top)
  if (free(x, y)) return { x, y }
  for (let ring = 1; ring <= RINGS; ring++) {
    let best: { x: number; y: number } | null = null
    let nearest = Infinity
    for (let i = -ring; i <= ring; i++) {
      for (const [dx, dy] of [[i, -ring], [i, ring], [-ring, i], [ring, i]]) {
        const distance = Math.hypot(dx, dy)
        if (distance >= nearest || !free(x + dx * STEP, y + dy * STEP)) continue
        nearest = distance
        best = { x: x + dx * STEP, y: y + dy * STEP }
      }
    }
    if (best) return best
  }
  return null
}
