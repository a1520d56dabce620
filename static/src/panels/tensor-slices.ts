/** Which elements a table of a tensor shows, and where they are: pure reckoning, row-major. */
import type { Piece } from '../commands/tensor'

/** Where the reader is: one index for each leading dim, and the upper left corner of the table. */
export interface Corner { lead: number[]; row: number; column: number }
/** How many rows and columns the panel has room for. */
export interface Room { rows: number; columns: number }

/** The last two dims; a vector is laid out in lines of the table's width. */
export function plane(shape: readonly number[], room: Room): { rows: number; columns: number } {
  if (shape.length === 0) return { rows: 1, columns: 1 }
  if (shape.length === 1) return { rows: Math.ceil(shape[0]! / room.columns), columns: Math.min(shape[0]!, room.columns) }
  return { rows: shape.at(-2)!, columns: shape.at(-1)! }
}

/** What to read for the table; null when there is nothing. */
export function pieceOf(shape: readonly number[], corner: Corner, room: Room): Piece | null {
  if (shape.some((dim) => dim <= 0)) return null
  if (shape.length === 0) return { start: 0, count: 1, rows: 1, stride: 1 }
  if (shape.length === 1) {
    const start = corner.row * room.columns
    return { start, count: Math.min(room.rows * room.columns, shape[0]! - start), rows: 1, stride: 0 }
  }
  const { rows, columns } = plane(shape, room)
  const start = (leadOffset(shape, corner.lead) * rows + corner.row) * columns + corner.column
  return { start, count: Math.min(room.columns, columns - corner.column), rows: Math.min(room.rows, rows - corner.row), stride: columns }
}

/** Which plane of the last two dims the leading indices mean. */
function leadOffset(shape: readonly number[], lead: readonly number[]): number {
  return shape.slice(0, -2).reduce((offset, dim, axis) => offset * dim + (lead[axis] ?? 0), 0)
}

/** A corner that is inside the tensor, whatever was asked for. */
export function inside(shape: readonly number[], corner: Corner, room: Room): Corner {
  const { rows, columns } = plane(shape, room)
  const clamp = (at: number, size: number): number => Math.max(0, Math.min(at, size - 1))
  return {
    lead: shape.slice(0, -2).map((dim, axis) => clamp(corner.lead[axis] ?? 0, dim)),
    row: clamp(corner.row, rows),
    column: shape.length < 2 ? 0 : clamp(corner.column, columns),
  }
}

/** The flat index of the element at a place of the table; null where the last line of a vector has ended. */
export function elementAt(shape: readonly number[], piece: Piece, room: Room, line: number, column: number): number | null {
  if (shape.length === 1) {
    const at = line * room.columns + column
    return column < room.columns && at < piece.count ? piece.start + at : null
  }
  return line < piece.rows && column < piece.count ? piece.start + line * piece.stride + column : null
}

/** The indices along each dim. */
export function placeOf(shape: readonly number[], element: number): number[] {
  const place: number[] = []
  let rest = element
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place.unshift(rest % shape[axis]!)
    rest = Math.floor(rest / shape[axis]!)
  }
  return place
}

/** The values in lines of the table. */
export function linesOf<T>(values: readonly T[], shape: readonly number[], piece: Piece, room: Room): T[][] {
  const width = shape.length < 2 ? room.columns : piece.count
  const lines: T[][] = []
  for (let at = 0; at < values.length; at += width) lines.push(values.slice(at, at + width))
  return lines
}
