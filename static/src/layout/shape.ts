/** What a piece covers exactly: whether another one may stand so near, also in between, that all laws of the drawing hold. */
import { NODE_GAP } from './space'
import type { Solved } from './finish'

/** heights are told apart by this, pixels */
const BAND = 64
/** between lines that run beside one another */
const LINE_GAP = 8
/** between a line and a node or label, and between labels */
const CLEAR = 4
/** along the flow, between nodes */
const ABOVE_GAP = 16

interface Rectangle { left: number; top: number; right: number; bottom: number; isNode: boolean }
interface Line { x0: number; y0: number; x1: number; y1: number }
interface Band { solids: Rectangle[]; lines: Line[] }

export class Shape {
  private readonly bands = new Map<number, Band>()

  constructor({ piece, x, drawing }: Solved) {
    for (let i = 0; i < piece.count; i++) this.addSolid({ left: x[i], top: drawing.y[i], right: x[i] + piece.width[i], bottom: drawing.y[i] + piece.height[i], isNode: true })
    for (let e = 0; e < piece.edgeCount; e++) {
      const half = piece.labelAlong[e] / 2
      if (half > 0 && !Number.isNaN(drawing.labelX[e])) this.addSolid({ left: drawing.labelX[e], top: drawing.labelY[e] - half, right: drawing.labelX[e] + piece.labelAcross[e], bottom: drawing.labelY[e] + half, isNode: false })
      for (let k = 2 * drawing.pointStart[e]; k + 3 < 2 * drawing.pointStart[e + 1]; k += 2) {
        const [x0, y0, x1, y1] = drawing.points.subarray(k, k + 4)
        this.addLine(y0 <= y1 ? { x0, y0, x1, y1 } : { x0: x1, y0: y1, x1: x0, y1: y0 })
      }
    }
  }

  /** Whether this one, moved, comes in the way of another one, moved as well. */
  meets(dx: number, dy: number, other: Shape, otherX: number, otherY: number): boolean {
    const [byX, byY] = [otherX - dx, otherY - dy]
    for (const [at, { solids, lines }] of other.bands) {
      const from = Math.floor((at * BAND + byY - ABOVE_GAP) / BAND)
      const to = Math.floor((at * BAND + BAND + byY + ABOVE_GAP) / BAND)
      for (let band = from; band <= to; band++) {
        const own = this.bands.get(band)
        if (!own) continue
        const moved = solids.map((one) => ({ ...one, left: one.left + byX, right: one.right + byX, top: one.top + byY, bottom: one.bottom + byY }))
        const drawn = lines.map(({ x0, y0, x1, y1 }) => ({ x0: x0 + byX, y0: y0 + byY, x1: x1 + byX, y1: y1 + byY }))
        if (moved.some((one) => own.solids.some((solid) => touch(one, solid)) || own.lines.some((line) => runsInto(line, one)))) return true
        if (drawn.some((line) => own.solids.some((solid) => runsInto(line, solid)) || own.lines.some((one) => runBeside(line, one)))) return true
      }
    }
    return false
  }

  private addSolid(solid: Rectangle): void {
    for (let band = Math.floor(solid.top / BAND); band <= Math.floor(solid.bottom / BAND); band++) this.band(band).solids.push(solid)
  }

  private addLine(line: Line): void {
    for (let band = Math.floor(line.y0 / BAND); band <= Math.floor(line.y1 / BAND); band++) this.band(band).lines.push(line)
  }

  private band(at: number): Band {
    let band = this.bands.get(at)
    if (!band) this.bands.set(at, band = { solids: [], lines: [] })
    return band
  }
}

function touch(a: Rectangle, b: Rectangle): boolean {
  const [aside, above] = a.isNode && b.isNode ? [NODE_GAP - 1, ABOVE_GAP] : [CLEAR, CLEAR]
  return a.left < b.right + aside && b.left < a.right + aside && a.top < b.bottom + above && b.top < a.bottom + above
}

function runsInto(line: Line, { left, top, right, bottom }: Rectangle): boolean {
  const [from, to] = [Math.max(line.y0, top - CLEAR), Math.min(line.y1, bottom + CLEAR)]
  if (from > to) return false
  const [one, other] = line.y1 - line.y0 < 1 ? [line.x0, line.x1] : [across(line, from), across(line, to)]
  return Math.min(one, other) < right + CLEAR && Math.max(one, other) > left - CLEAR
}

/** Lines may cross, but not run beside one another without room between them. */
function runBeside(a: Line, b: Line): boolean {
  if (Math.max(a.x0, a.x1) + LINE_GAP < Math.min(b.x0, b.x1) || Math.max(b.x0, b.x1) + LINE_GAP < Math.min(a.x0, a.x1)) return false
  const [top, bottom] = [Math.max(a.y0, b.y0), Math.min(a.y1, b.y1)]
  if (bottom < top) return false
  if (bottom - top < 1) return a.y1 - a.y0 < 1 && b.y1 - b.y0 < 1
  const [above, below] = [across(a, top) - across(b, top), across(a, bottom) - across(b, bottom)]
  return above * below > 0 && Math.min(Math.abs(above), Math.abs(below)) < LINE_GAP
}

function across({ x0, y0, x1, y1 }: Line, y: number): number {
  return x0 + ((x1 - x0) * (y - y0)) / (y1 - y0)
}
