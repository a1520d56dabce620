/** Places the items so that lines are straight and, where that costs no straight line, the drawing is narrow. */
import { alignBlocks, weigh, type Blocks } from './align'
import { forksOfJoins } from './axis'
import { figuresOf, leftEnd, rightEnd } from './figures'
import type { Order } from './order'
import type { Piece } from './piece'
import { placeItems } from './place'
import { slidePorts } from './ports'
import type { Ranks } from './ranks'
import type { Rows } from './rows'
import { separation, type Space } from './space'

/** In larger pieces nothing is tried. */
const FEW_ITEMS = 600
/** Placings that are tried, most. */
const TRIES = 8
/** More than any segment weighs. */
const FAVOUR = 50
/** What one more line that is not straight must save in width, pixels. */
const TURN = 48
/** The same for each segment of a longest path, besides. */
const PATH = 36
/** Segments of the longest paths weigh the same. */
const SAME_WEIGHT = 1e-3
/** What it costs that things move by a pixel on average, where they stood somewhere. */
const MOVE = 2
/** Things that moved farther are as good as gone, pixels. */
const FAR = 200
/** Less than this is not worth a change, pixels. */
const LEAST_GAIN = 4

interface Placed { blocks: Blocks; x: Float64Array; cost: number }

/**
 * Left sides of all items. Of the lines that part at a node, or come together at one, only one is straight; which one decides how far the
 * others reach out. At both sides of the drawing, what stands out farthest gets the straight line in turn, and keeps it if that saves
 * enough room; the longest paths bend for much room only. `was`: left sides of nodes in an earlier layout, NaN for new ones.
 */
export function placeSlim(piece: Piece, ranks: Ranks, rows: Rows, order: Order, space: Space, was: Float64Array | null = null): Float64Array {
  const forks = forksOfJoins(piece, ranks)
  if (rows.items > FEW_ITEMS) return placeItems(rows, order, space, alignBlocks(rows, ranks, order, forks))
  const weight = weigh(rows, ranks, null)
  const favour = new Float64Array(rows.segments.count)
  const put = (): Placed => {
    const blocks = alignBlocks(rows, ranks, order, forks, favour)
    const x = placeItems(rows, order, space, blocks)
    return { blocks, x, cost: costOf(piece, rows, space, x) - PATH * straightPath(rows, blocks, weight) + (was ? MOVE * movement(was, x) : 0) }
  }
  let best = put()
  const tried = new Set<number>()
  for (let k = 0; k < TRIES; k++) {
    const s = outermost(rows, order, space, best, tried)
    if (s < 0) break
    tried.add(s)
    favour[s] = isStraight(rows, best, s) ? -FAVOUR : FAVOUR
    const next = put()
    if (next.cost < best.cost - LEAST_GAIN) best = next
    else favour[s] = 0
  }
  return best.x
}

/** What is narrow and straight costs little; ports slide as they will in the end. */
function costOf(piece: Piece, rows: Rows, space: Space, x: Float64Array): number {
  const slid = { ...rows, segments: { ...rows.segments, lowerPort: rows.segments.lowerPort.slice() } }
  slidePorts({ ...piece, targetX: piece.targetX.slice() }, slid, space, x)
  const { turns, width } = figuresOf(slid, space, x, 0, 0)
  return width + TURN * turns
}

/** How far things move on average when all are shifted so that most of them stay. */
export function movement(was: Float64Array, x: Float64Array): number {
  const shift = commonShift(was, x)
  let sum = 0
  let count = 0
  was.forEach((at, i) => {
    if (Number.isNaN(at)) return
    sum += Math.min(Math.abs(at - x[i] - shift), FAR)
    count++
  })
  return count > 0 ? sum / count : 0
}

/** By how much all of x is to be shifted so that most stays where it was. */
export function commonShift(was: Float64Array, x: Float64Array): number {
  const shifts: number[] = []
  was.forEach((at, i) => { if (!Number.isNaN(at)) shifts.push(at - x[i]) })
  return shifts.sort((a, b) => a - b)[shifts.length >> 1] ?? 0
}

/** How many segments of the longest paths are straight. */
function straightPath({ segments, nodes }: Rows, blocks: Blocks, weight: Float64Array): number {
  let most = 0
  let straight = 0
  for (let s = 0; s < segments.count; s++) {
    const [u, v] = [segments.upper[s], segments.lower[s]]
    if (u >= nodes || v >= nodes || weight[s] < most - SAME_WEIGHT) continue
    if (weight[s] > most + SAME_WEIGHT) straight = 0
    most = Math.max(most, weight[s])
    if (blocks.of[u] === blocks.of[v]) straight++
  }
  return straight
}

function isStraight({ segments }: Rows, { blocks }: Placed, s: number): boolean {
  return blocks.of[segments.upper[s]] === blocks.of[segments.lower[s]]
}

/**
 * A segment not tried yet whose change may let in what reaches farthest out; -1: there is none. First the segments that join it askew,
 * then those where a long line that it stands against leaves the straight line of a node.
 */
function outermost(rows: Rows, order: Order, space: Space, placed: Placed, tried: ReadonlySet<number>): number {
  const { segments, nodes } = rows
  const { blocks, x } = placed
  let left = Infinity
  let right = -Infinity
  for (let i = 0; i < rows.items; i++) {
    left = Math.min(left, leftEnd(space, x, i))
    right = Math.max(right, rightEnd(rows, space, x, i))
  }
  const isOut = new Uint8Array(blocks.count)
  for (let i = 0; i < rows.items; i++) if (leftEnd(space, x, i) < left + 1 || rightEnd(rows, space, x, i) > right - 1) isOut[blocks.of[i]] = 1
  for (let s = 0; s < segments.count; s++) {
    if (!tried.has(s) && !isStraight(rows, placed, s) && (isOut[blocks.of[segments.upper[s]]] || isOut[blocks.of[segments.lower[s]]])) return s
  }
  const isNext = new Uint8Array(blocks.count)
  for (let slot = 1; slot < rows.items; slot++) {
    const [a, b] = [order.at[slot - 1], order.at[slot]]
    if (rows.row[a] !== rows.row[b] || x[b] - x[a] > separation(rows, space, a, b) + 1) continue
    if (isOut[blocks.of[a]]) isNext[blocks.of[b]] = 1
    if (isOut[blocks.of[b]]) isNext[blocks.of[a]] = 1
  }
  for (let s = 0; s < segments.count; s++) {
    const [u, v] = [segments.upper[s], segments.lower[s]]
    if (!tried.has(s) && isStraight(rows, placed, s) && isNext[blocks.of[u]] && u < nodes !== v < nodes) return s
  }
  return -1
}
