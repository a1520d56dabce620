/** Which tiles there are: the graph in squares of so many device pixels, for each of a few zooms. */
import type { Bounds } from '../scene/placed'

/** of a tile, in device pixels */
export const SIDE = 512
/** so many zooms to a doubling: with one a view would take up to four times its own pixels, with two up to twice */
const STEPS = 2
/** of a tile's side: what reaches no further into a tile is not in it, but rounded */
const SLIVER = 1e-6

/** A tile's column and row among those of its level, where a unit of the graph has 2 to the power of level / STEPS device pixels. */
export interface Cell { level: number; column: number; row: number }

/** The first level in which a unit has at least as many device pixels. */
export function levelFor(pixels: number): number {
  return Math.ceil(STEPS * Math.log2(pixels))
}

/** Device pixels of a unit of the graph. */
export function scaleOf(level: number): number {
  return 2 ** (level / STEPS)
}

export function keyOf({ level, column, row }: Cell): string {
  return `${level}:${column}:${row}`
}

/** What a tile shows, in the graph's coordinates. */
export function areaOf({ level, column, row }: Cell): Bounds {
  const span = SIDE / scaleOf(level)
  return { left: column * span, top: row * span, right: (column + 1) * span, bottom: (row + 1) * span }
}

/** What of a tile is drawn, of whole device pixels, and how many those are: it ends where the graph does and `rim` device pixels beyond. */
export function drawnOf(cell: Cell, bounds: Bounds, rim: number): { area: Bounds; width: number; height: number } {
  const scale = scaleOf(cell.level)
  const whole = areaOf(cell)
  const inside = (at: number, way: -1 | 1, origin: number): number => Math.min(SIDE, Math.max(0, (way < 0 ? Math.floor : Math.ceil)((at - origin) * scale) + way * rim))
  const [left, top] = [inside(bounds.left, -1, whole.left), inside(bounds.top, -1, whole.top)]
  const [right, bottom] = [Math.max(left + 1, inside(bounds.right, 1, whole.left)), Math.max(top + 1, inside(bounds.bottom, 1, whole.top))]
  const area = { left: whole.left + left / scale, top: whole.top + top / scale, right: whole.left + right / scale, bottom: whole.top + bottom / scale }
  return { area, width: right - left, height: bottom - top }
}

export function common(one: Bounds, other: Bounds): Bounds {
  return { left: Math.max(one.left, other.left), top: Math.max(one.top, other.top), right: Math.min(one.right, other.right), bottom: Math.min(one.bottom, other.bottom) }
}

/** Those of a level that show something of the area, row by row. */
export function cellsIn({ left, top, right, bottom }: Bounds, level: number): Cell[] {
  const span = SIDE / scaleOf(level)
  const cells: Cell[] = []
  if (left >= right) return cells
  for (let row = Math.floor(top / span + SLIVER); (row + SLIVER) * span < bottom; row++) {
    for (let column = Math.floor(left / span + SLIVER); (column + SLIVER) * span < right; column++) cells.push({ level, column, row })
  }
  return cells
}
