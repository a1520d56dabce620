/** How far a drawing reaches to the left and to the right at each height, so that others stand close beside it. */

import type { Solved } from './finish'

/** heights are told apart by this, pixels */
const BAND = 8

/** Bands are counted from the height 0; what nothing reaches into is Infinity on the left and -Infinity on the right. */
export class Outline {
  private readonly left: number[] = []
  private readonly right: number[] = []

  /** All that is between these heights is between `left` and `right`. */
  add(left: number, top: number, right: number, bottom: number): void {
    const last = Math.floor(bottom / BAND)
    this.lengthen(last + 1)
    for (let band = Math.max(0, Math.floor(top / BAND)); band <= last; band++) {
      if (left < this.left[band]) this.left[band] = left
      if (right > this.right[band]) this.right[band] = right
    }
  }

  /** Takes in another one, shifted; its bands are widened by what is left free above and below. */
  join(other: Outline, dx: number, dy: number, free: number): void {
    for (let band = 0; band < other.left.length; band++) {
      if (other.left[band] > other.right[band]) continue
      const top = band * BAND + dy
      this.add(other.left[band] + dx, top - free, other.right[band] + dx, top + BAND - 1 + free)
    }
  }

  /** The least shift to the right that brings another one, moved down by `dy`, beside this one; -Infinity: they do not meet. */
  shiftBeside(other: Outline, dy: number): number {
    let shift = -Infinity
    for (let band = 0; band < other.left.length; band++) {
      if (other.left[band] > other.right[band]) continue
      const from = Math.max(0, Math.floor((band * BAND + dy) / BAND))
      for (let own = from; own <= from + 1 && own < this.right.length; own++) shift = Math.max(shift, this.right[own] - other.left[band])
    }
    return shift
  }

  /** The shift farthest to the right that leaves another one, moved down by `dy`, left of this one; Infinity: they do not meet. */
  shiftBefore(other: Outline, dy: number): number {
    let shift = Infinity
    for (let band = 0; band < other.left.length; band++) {
      if (other.left[band] > other.right[band]) continue
      const from = Math.max(0, Math.floor((band * BAND + dy) / BAND))
      for (let own = from; own <= from + 1 && own < this.left.length; own++) shift = Math.min(shift, this.left[own] - other.right[band])
    }
    return shift
  }

  /** Whether another one, moved down by `dy`, keeps this distance from this one at all heights. */
  isApart(other: Outline, dy: number, gap: number): boolean {
    for (let band = 0; band < other.left.length; band++) {
      const from = Math.max(0, Math.floor((band * BAND + dy) / BAND))
      for (let own = from; own <= from + 1 && own < this.right.length; own++) {
        if (this.right[own] + gap > other.left[band] && this.left[own] - gap < other.right[band]) return false
      }
    }
    return true
  }

  private lengthen(bands: number): void {
    while (this.left.length < bands) {
      this.left.push(Infinity)
      this.right.push(-Infinity)
    }
  }
}

/** Row by row, and label by label; between two rows lines are where either of them is. `frame`: the piece's bounds. */
export function outlineOf({ piece, rows, x, drawing }: Solved, frame: { left: number; right: number; bottom: number }): Outline {
  const outline = new Outline()
  if (rows.lane.includes(1)) outline.add(frame.left, 0, frame.right, frame.bottom)
  const left = new Float64Array(rows.rows).fill(Infinity)
  const right = new Float64Array(rows.rows).fill(-Infinity)
  const top = new Float64Array(rows.rows).fill(Infinity)
  const bottom = new Float64Array(rows.rows)
  for (let i = 0; i < rows.items; i++) {
    const r = rows.row[i]
    left[r] = Math.min(left[r], x[i])
    right[r] = Math.max(right[r], x[i] + rows.width[i])
    if (i >= rows.nodes) continue
    top[r] = Math.min(top[r], drawing.y[i])
    bottom[r] = Math.max(bottom[r], drawing.y[i] + piece.height[i])
  }
  for (let r = 0; r < rows.rows; r++) outline.add(left[r], r > 0 ? bottom[r - 1] : 0, right[r], r + 1 < rows.rows ? top[r + 1] : frame.bottom)
  for (let e = 0; e < piece.edgeCount; e++) {
    const half = piece.labelAlong[e] / 2
    if (half > 0 && !Number.isNaN(drawing.labelX[e])) outline.add(drawing.labelX[e], drawing.labelY[e] - half, drawing.labelX[e] + piece.labelAcross[e], drawing.labelY[e] + half)
  }
  return outline
}
