/** The y of the rows and the polylines of the edges: every bend lies in the gap between two rows, where no node stands. */
import type { Piece } from './piece'
import type { Ranks } from './ranks'
import { Path } from './path'
import { strandLength, type Rows } from './rows'
import { LabelPlace, LABEL_OFFSET, type Space } from './space'

/** A finished piece, in its own coordinates. Edges are in the piece's order. */
export interface Drawing {
  y: Float64Array
  pointStart: Uint32Array
  points: Float32Array
  labelX: Float64Array
  labelY: Float64Array
  height: number
}

/** Gap g lies above row g (g = rows: below the last): edges run straight from `top` to `bend` and from `join` to `bottom`. */
interface Gaps {
  top: Float64Array
  bend: Float64Array
  join: Float64Array
  bottom: Float64Array
  /** 1 where some edge bends */
  bent: Uint8Array
}

const GAP = 22
/** besides a label where every edge is straight: it stands beside the arrows, too */
const AROUND_LABEL = 10
/** the same at a border: a little air comes behind it */
const AROUND_LABEL_AT_BORDER = 6
/** beside places where edges cross a border: nothing stands there */
const GAP_AT_BORDER = 14
/** closer than this is straight, pixels */
const STRAIGHT = 0.06
const STUB = 8
const ARROW = 10
const LABEL_PAD = 4
/** of what goes on beyond a border */
const STUB_AT_BORDER = 3

export function draw(piece: Piece, ranks: Ranks, rows: Rows, space: Space, x: Float64Array, laneX: Float64Array): Drawing {
  const gaps = stackRows(piece, ranks, rows, space, x, laneX)
  const y = nodeTops(piece, ranks, gaps)
  const path = new Path(piece.edgeCount * 4)
  const pointStart = new Uint32Array(piece.edgeCount + 1)
  const tracer = new Tracer(piece, ranks, rows, gaps, x, y, laneX, path)
  for (let e = 0; e < piece.edgeCount; e++) {
    tracer.trace(e)
    pointStart[e + 1] = path.count
  }
  return { y, pointStart, points: path.finish(), height: gaps.bottom[rows.rows], ...labels(piece, ranks, space, gaps, x) }
}

function stackRows(piece: Piece, ranks: Ranks, rows: Rows, space: Space, x: Float64Array, laneX: Float64Array): Gaps {
  const count = rows.rows
  const height = new Float64Array(count)
  for (let i = 0; i < piece.count; i++) height[ranks.rank[i]] = Math.max(height[ranks.rank[i]], piece.height[i])
  const { reach, below, above } = gapNeeds(piece, ranks, rows, space, x, laneX)
  const gaps: Gaps = { top: new Float64Array(count + 1), bend: new Float64Array(count + 1), join: new Float64Array(count + 1), bottom: new Float64Array(count + 1), bent: new Uint8Array(count + 1) }
  let at = 0
  for (let g = 0; g <= count; g++) {
    const inner = g > 0 && g < count
    const opens = inner && height[g - 1] === 0
    const ends = inner && height[g] === 0
    const first = below[g] > 0 ? below[g] + LABEL_PAD : opens ? STUB_AT_BORDER : STUB
    const last = above[g] > 0 ? above[g] + LABEL_PAD : ends ? STUB_AT_BORDER : ARROW
    const bends = bendHeight(reach[g])
    const label = Math.max(below[g], above[g])
    const least = label > 0 ? label + (ends ? AROUND_LABEL_AT_BORDER : AROUND_LABEL) : opens || ends ? GAP_AT_BORDER : GAP
    const isShared = bends > 0 || Math.min(below[g], above[g]) > 0
    const size = Math.ceil(Math.max(inner ? least : 0, isShared ? first + bends + last : 0))
    gaps.bent[g] = reach[g] > 0 ? 1 : 0
    gaps.top[g] = at
    gaps.bend[g] = at + first
    gaps.join[g] = at + size - last
    gaps.bottom[g] = at + size
    at += size + (g < count ? Math.ceil(height[g]) : 0)
  }
  return gaps
}

/** Room for bends that reach so far sideways: steep enough to be followed by eye, without tearing rows apart. */
function bendHeight(reach: number): number {
  if (reach <= 0) return 0
  return Math.min(8 + reach * 0.1, 34) + Math.min(Math.max(reach - 300, 0) * 0.012, 120)
}

/** Per gap: how far its bends reach sideways, and the height of the labels below the row above and above the row below. */
function gapNeeds(piece: Piece, ranks: Ranks, rows: Rows, space: Space, x: Float64Array, laneX: Float64Array) {
  const { segments } = rows
  const reach = new Float64Array(rows.rows + 1)
  const below = new Float64Array(rows.rows + 1)
  const above = new Float64Array(rows.rows + 1)
  const widen = (gap: number, distance: number): void => {
    if (distance > reach[gap] && distance >= STRAIGHT) reach[gap] = distance
  }
  for (let s = 0; s < segments.count; s++) {
    const u = segments.upper[s]
    widen(rows.row[u] + 1, Math.abs(x[u] + segments.upperPort[s] - x[segments.lower[s]] - segments.lowerPort[s]))
  }
  for (let e = 0; e < piece.edgeCount; e++) {
    const from = ranks.rank[piece.source[e]]
    const to = ranks.rank[piece.target[e]]
    const v = piece.value[e]
    if (ranks.back[e]) {
      widen(from + 1, 100)
      widen(to, 100)
    } else if (rows.lane[v] && to - from > 1) {
      widen(from + 1, Math.abs(laneX[v] - x[piece.source[e]]))
      widen(to, Math.abs(laneX[v] - x[piece.target[e]]))
    }
    if (space.label[e] === LabelPlace.none) continue
    if (space.label[e] === LabelPlace.end) above[to] = Math.max(above[to], piece.labelAlong[e])
    else below[from + 1] = Math.max(below[from + 1], piece.labelAlong[e])
  }
  return { reach, below, above }
}

/** Nodes stand in the middle of their row; those without inputs at its lower edge, those without outputs at its upper one. */
function nodeTops(piece: Piece, ranks: Ranks, gaps: Gaps): Float64Array {
  const y = new Float64Array(piece.count)
  for (let i = 0; i < piece.count; i++) {
    const top = gaps.bottom[ranks.rank[i]]
    const spare = gaps.top[ranks.rank[i] + 1] - top - piece.height[i]
    const noInputs = piece.inStart[i] === piece.inStart[i + 1]
    const noOutputs = piece.outStart[i] === piece.outStart[i + 1]
    const share = noInputs === noOutputs ? 0.5 : noInputs ? 1 : 0
    y[i] = Math.floor(2 * (top + spare * share)) / 2
  }
  return y
}

/** Traces edges one after another; what edges of one value share is traced once and copied. */
class Tracer {
  private readonly shared = new Path(64)
  private sharedValue = -1
  /** points of the shared trunk up to where it has entered its k-th row */
  private readonly reached: number[] = []

  constructor(
    private readonly piece: Piece,
    private readonly ranks: Ranks,
    private readonly rows: Rows,
    private readonly gaps: Gaps,
    private readonly x: Float64Array,
    private readonly y: Float64Array,
    private readonly laneX: Float64Array,
    private readonly path: Path,
  ) {}

  trace(e: number): void {
    const { piece, ranks, path } = this
    const source = piece.source[e]
    const target = piece.target[e]
    const from = ranks.rank[source]
    const to = ranks.rank[target]
    path.begin()
    if (ranks.back[e]) this.traceLoop(e, from, to)
    else {
      path.add(this.x[source] + piece.sourceX[e], this.y[source] + piece.height[source])
      if (to - from > 1) this.traceLong(e, from, to)
      this.bend(path, to, this.x[target] + piece.targetX[e])
    }
    path.add(this.x[target] + piece.targetX[e], this.y[target])
  }

  /** Goes on to `x` within gap `g`; nothing when the path is there already. */
  private bend(path: Path, g: number, x: number): void {
    if (Math.abs(path.x - x) < STRAIGHT) return
    path.add(path.x, this.gaps.bend[g])
    path.add(x, this.gaps.join[g])
  }

  private traceLong(e: number, from: number, to: number): void {
    const v = this.piece.value[e]
    if (this.rows.lane[v]) {
      this.bend(this.path, from + 1, this.laneX[v])
      return
    }
    const strand = this.rows.strand[e]
    const length = strand < 0 ? 0 : strandLength(this.rows, this.piece.target[e], strand)
    this.traceOnTrunk(e, from, to - from - 1 - length)
    for (let k = 0; k < length; k++) this.bend(this.path, to - length + k, this.x[strand + k])
  }

  /** Along the first rows of the value's trunk. */
  private traceOnTrunk(e: number, from: number, length: number): void {
    if (length === 0) return
    const v = this.piece.value[e]
    // a trunk starts at the first edge's port; an edge with a port of its own is traced by itself
    const own = this.piece.sourceX[e] !== this.piece.sourceX[this.piece.valueStart[v]]
    if (own) {
      for (let k = 0; k < length; k++) this.bend(this.path, from + 1 + k, this.x[this.rows.trunk[v] + k])
      return
    }
    if (this.sharedValue !== v) this.traceTrunk(v, from)
    this.path.copy(this.shared, 1, this.reached[length - 1])
  }

  private traceTrunk(v: number, from: number): void {
    const { piece, rows, shared } = this
    const source = piece.source[piece.valueStart[v]]
    this.sharedValue = v
    this.reached.length = 0
    shared.clear()
    shared.add(this.x[source] + piece.sourceX[piece.valueStart[v]], this.y[source] + piece.height[source])
    for (let k = 0; k < rows.trunkLength[v]; k++) {
      this.bend(shared, from + 1 + k, this.x[rows.trunk[v] + k])
      this.reached.push(shared.count)
    }
  }

  /** Out below the source, up through the column beside it, and down into the target. */
  private traceLoop(e: number, from: number, to: number): void {
    const { piece, rows, gaps, path } = this
    const v = piece.value[e]
    const column = (r: number): number => this.x[rows.loop[v] + r - rows.loopTop[v]]
    const source = piece.source[e]
    const target = piece.target[e]
    const low = (gaps.bend[from + 1] + gaps.join[from + 1]) / 2
    const high = (gaps.bend[to] + gaps.join[to]) / 2
    path.add(this.x[source] + piece.sourceX[e], this.y[source] + piece.height[source])
    path.add(path.x, low)
    path.add(column(from), low)
    for (let r = from - 1; r >= to; r--) {
      if (Math.abs(column(r) - path.x) < STRAIGHT) continue
      path.add(path.x, gaps.join[r + 1])
      path.add(column(r), gaps.bend[r + 1])
    }
    path.add(path.x, high)
    path.add(this.x[target] + piece.targetX[e], high)
  }
}

function labels(piece: Piece, ranks: Ranks, space: Space, gaps: Gaps, x: Float64Array): { labelX: Float64Array; labelY: Float64Array } {
  const labelX = new Float64Array(piece.edgeCount).fill(NaN)
  const labelY = new Float64Array(piece.edgeCount).fill(NaN)
  for (let e = 0; e < piece.edgeCount; e++) {
    const place = space.label[e]
    if (place === LabelPlace.none) continue
    const source = piece.source[e]
    const target = piece.target[e]
    if (place === LabelPlace.end) {
      labelX[e] = x[target] + piece.targetX[e] + LABEL_OFFSET
      labelY[e] = gaps.bottom[ranks.rank[target]] - LABEL_PAD / 2 - piece.labelAlong[e] / 2
      continue
    }
    const port = x[source] + piece.sourceX[e]
    const gap = ranks.rank[source] + 1
    labelX[e] = place === LabelPlace.right ? port + LABEL_OFFSET : port - LABEL_OFFSET - piece.labelAcross[e]
    const upper = gaps.top[gap] + LABEL_PAD / 2 + piece.labelAlong[e] / 2
    // where every edge is straight there is room to stand in the middle
    labelY[e] = gaps.bent[gap] ? upper : Math.max(upper, (gaps.top[gap] + gaps.bottom[gap]) / 2 - 2)
  }
  return { labelX, labelY }
}
