/** Ground for a new note: off the boxes, labels and names of scopes, off other notes, and where there is room off the wires too. */
import type { Spot } from '../scene/flow'
import type { Bounds, PlacedScene } from '../scene/placed'
import { meet } from '../scene/standing'

export interface Size { width: number; height: number }

/** kept free around a note */
const CLEAR = 10
/** half of a label's height, and the strip with the name of an open scope */
const LABEL = 9
const SCOPE_NAME = 24
/** how far to look in which steps, near and then farther away */
const LOOKS = [{ far: 480, step: 16 }, { far: 2560, step: 64 }]
/** so much farther a note goes to stand off wires and the borders of scopes, and to be in view */
const FOR_WIRES = 200
const FOR_VIEW = 1000
/** farther along the flow, where it would stand beside the next node, counts so much more than farther aside */
const ALONG = 2.5

/** The free place for a box of this size that is nearest to where its left upper corner is wanted; there, if there is none. `view`: what is seen. */
export function freeGround(placed: PlacedScene, wanted: Spot, size: Size, notes: readonly Bounds[], view: Bounds): Spot {
  const isDown = placed.scene.direction === 'down'
  const cost = ({ x, y }: Spot): number => {
    const isSeen = x >= view.left && y >= view.top && x + size.width <= view.right && y + size.height <= view.bottom
    return Math.hypot((x - wanted.x) * (isDown ? 1 : ALONG), (y - wanted.y) * (isDown ? ALONG : 1)) + (isSeen ? 0 : FOR_VIEW)
  }
  for (const { far, step } of LOOKS) {
    const window = { left: wanted.x - far - CLEAR, top: wanted.y - far - CLEAR, right: wanted.x + size.width + far + CLEAR, bottom: wanted.y + size.height + far + CLEAR }
    const full = new Boxes([...boxesOf(placed), ...notes], window)
    const thin = new Boxes(linesIn(placed, window), window)
    let free: { at: Spot; cost: number } | null = null
    const places = around(wanted, far, step).map((at) => ({ at, cost: cost(at) })).sort((one, other) => one.cost - other.cost)
    for (const { at, cost } of places) {
      if (free && cost > free.cost + FOR_WIRES) break
      const box = { left: at.x - CLEAR, top: at.y - CLEAR, right: at.x + size.width + CLEAR, bottom: at.y + size.height + CLEAR }
      if (full.meet(box)) continue
      if (!thin.meet(box)) return at
      free ??= { at, cost }
    }
    if (free) return free.at
  }
  return wanted
}

const CELL = 128

/** Boxes, as far as they are in the window, by the cells that they reach into. */
class Boxes {
  private readonly cells = new Map<string, Bounds[]>()

  constructor(boxes: readonly Bounds[], window: Bounds) {
    for (const whole of boxes) {
      if (!meet(whole, window)) continue
      const box = { left: Math.max(whole.left, window.left), top: Math.max(whole.top, window.top), right: Math.min(whole.right, window.right), bottom: Math.min(whole.bottom, window.bottom) }
      for (const cell of cellsOf(box)) {
        const known = this.cells.get(cell)
        if (known) known.push(box)
        else this.cells.set(cell, [box])
      }
    }
  }

  /** Whether any of them meets this one. */
  meet(box: Bounds): boolean {
    return cellsOf(box).some((cell) => this.cells.get(cell)?.some((one) => meet(one, box)))
  }
}

function cellsOf({ left, top, right, bottom }: Bounds): string[] {
  const found: string[] = []
  for (let x = Math.floor(left / CELL); x <= right / CELL; x++) for (let y = Math.floor(top / CELL); y <= bottom / CELL; y++) found.push(`${x} ${y}`)
  return found
}

/** Places in a square. */
function around({ x, y }: Spot, far: number, step: number): Spot[] {
  const found: Spot[] = []
  for (let dx = -far; dx <= far; dx += step) for (let dy = -far; dy <= far; dy += step) found.push({ x: x + dx, y: y + dy })
  return found
}

function boxesOf(placed: PlacedScene): Bounds[] {
  const { scene, labelX, labelY } = placed
  const found: Bounds[] = []
  for (let item = 0; item < scene.count; item++) found.push(placed.boxOf(item))
  scene.labels.forEach((label, edge) => {
    const [x, y] = [labelX[edge], labelY[edge]]
    if (label && !Number.isNaN(x)) found.push({ left: x, top: y - LABEL, right: x + label.width, bottom: y + LABEL })
  })
  for (const { left, top, right } of openScopes(placed)) found.push({ left, top, right, bottom: top + SCOPE_NAME })
  return found
}

/** Around the pieces of wires, and the borders of open scopes. */
function linesIn(placed: PlacedScene, window: Bounds): Bounds[] {
  const { scene, edgeBoxes, pointStart, points } = placed
  const found: Bounds[] = []
  for (let edge = 0; edge < scene.edgeCount; edge++) {
    const box = { left: edgeBoxes[4 * edge], top: edgeBoxes[4 * edge + 1], right: edgeBoxes[4 * edge + 2] + 1, bottom: edgeBoxes[4 * edge + 3] + 1 }
    if (!meet(box, window)) continue
    for (let p = 2 * pointStart[edge]; p < 2 * pointStart[edge + 1] - 2; p += 2) {
      const [x, y, toX, toY] = [points[p], points[p + 1], points[p + 2], points[p + 3]]
      found.push({ left: Math.min(x, toX), top: Math.min(y, toY), right: Math.max(x, toX) + 1, bottom: Math.max(y, toY) + 1 })
    }
  }
  for (const { left, top, right, bottom } of openScopes(placed)) {
    found.push({ left, top, right: left + 1, bottom }, { left: right - 1, top, right, bottom }, { left, top: bottom - 1, right, bottom })
  }
  return found
}

function openScopes(placed: PlacedScene): Bounds[] {
  return Array.from(placed.nest?.x ?? [], (_, container) => placed.boxOfContainer(container))
}
