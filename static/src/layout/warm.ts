/** Warm start: what stood somewhere in an earlier layout stays there; only rows in which something no longer fits are moved. */
import { withRows } from './asked'
import { orderByKey, type Order } from './order'
import { APART, STRAND, type Piece } from './piece'
import { placeNewNodes, placeNewTrunks } from './newcomers'
import type { Ranks } from './ranks'
import { strandLength, type Rows } from './rows'
import { separation, type Space } from './space'
import type { LayoutInput, LayoutMemory, LayoutTrunks } from './types'

/** An earlier layout, turned so that the flow is downwards, and where to find a key in it. */
export interface Memory {
  x: Float32Array
  y: Float32Array
  rank: Int32Array
  trunks: LayoutTrunks | null
  /** place in `x` and `y` of a key that had a row; -1 when it is new, or had no edges */
  find(key: number): number
  /** the same of a key that had no edges, too, or that is asked for at a place */
  findAny(key: number): number
  /** trunk of a node's value, by the node's key and the value's place among the node's; -1 when there was none */
  findTrunk(key: number, slot: number): number
  /** whether any edge was set apart */
  hasApart: boolean
  /** whether what has this place is new, and asked for there */
  isAsked(at: number): boolean
  /** no thing and no edge came since, or a thing where it was asked for: nothing moves that need not */
  isStill: boolean
}

export interface Recalled {
  /** left sides of all items, and how firmly each is held there; not mended yet */
  x: Float64Array
  weight: Float64Array
  order: Order
  /** whether anything has no place yet that is known; false, too, where a hand put something */
  hasNew: boolean
  /** y at which the piece used to begin */
  top: number
}

/** Below this share of known nodes a piece is laid out afresh. */
const LEAST_KNOWN = 0.6
const ROUNDING = 0.75
/** the position of its own that the n-th edge into a node has is kept as trunk APART_SLOT + n of that node */
const APART_SLOT = 1 << 20
/** all its positions, of one that is a strand of its own */
const STRAND_SLOT = APART_SLOT + (1 << 19)
const SLOTS = 1 << 21
const WEIGHT_KNOWN = 1
const WEIGHT_TRUNK = 0.3
export const WEIGHT_NEW = 0.01

export function remember(whole: LayoutMemory, input: LayoutInput): Memory {
  const { memory, asked } = withRows(whole, input)
  const anywhere = finder(memory.key)
  const trunks = memory.trunks ?? null
  const trunkIndex = new Map<number, number>()
  if (trunks) for (let t = 0; t < trunks.key.length; t++) trunkIndex.set(trunks.key[t] * SLOTS + trunks.slot[t], t)
  const right = input.direction === 'right'
  return {
    x: right ? memory.y : memory.x,
    y: right ? memory.x : memory.y,
    rank: memory.rank,
    trunks,
    find: (key) => { const at = anywhere(key); return at >= 0 && memory.rank[at] >= 0 ? at : -1 },
    findAny: anywhere,
    findTrunk: (key, slot) => trunkIndex.get(key * SLOTS + slot) ?? -1,
    hasApart: trunks?.slot.some((slot) => slot >= APART_SLOT) ?? false,
    isStill: asked.size > 0 || (memory.nothingNew ?? false),
    isAsked: (at) => asked.has(at),
  }
}

/** Where a key stands; keys are mostly small and dense, and a table is many times faster than a map then. */
function finder(key: Uint32Array): (key: number) => number {
  let most = 0
  for (let i = 0; i < key.length; i++) if (key[i] > most) most = key[i]
  if (most > 1e6 + 64 * key.length) {
    const places = new Map<number, number>()
    for (let i = 0; i < key.length; i++) places.set(key[i], i)
    return (wanted) => places.get(wanted) ?? -1
  }
  const table = new Int32Array(most + 1).fill(-1)
  for (let i = 0; i < key.length; i++) table[key[i]] = i
  return (wanted) => table[wanted] ?? -1
}

/** Earlier ranks of the piece's nodes, -1 for new ones; null when too few are known. */
export function recallRanks(memory: Memory, key: Uint32Array, piece: Piece): Int32Array | null {
  let known = 0
  const rank = new Int32Array(piece.count)
  for (let i = 0; i < piece.count; i++) {
    const was = memory.find(key[piece.nodes[i]])
    rank[i] = was < 0 ? -1 : memory.rank[was]
    if (was >= 0) known++
  }
  return known < piece.count * LEAST_KNOWN ? null : rank
}

/** Edges that were set apart still are. */
export function recallApart(memory: Memory, key: Uint32Array, piece: Piece): void {
  if (!memory.hasApart) return
  eachEntry(piece, (e, node, place) => {
    for (const how of [APART, STRAND]) if (memory.findTrunk(key[piece.nodes[node]], entrySlot(how, place)) >= 0) piece.apart[e] = how
  })
}

/** Edges with the node they go into, and which of its edges they are. */
function eachEntry(piece: Piece, act: (e: number, node: number, place: number) => void): void {
  for (let node = 0; node < piece.count; node++) for (let k = piece.inStart[node]; k < piece.inStart[node + 1]; k++) act(piece.inEdges[k], node, k - piece.inStart[node])
}

/** Places by what is remembered of the piece, of which recallRanks found enough. */
export function recall(memory: Memory, key: Uint32Array, piece: Piece, ranks: Ranks, rows: Rows, space: Space): Recalled {
  const x = new Float64Array(rows.items).fill(NaN)
  const weight = new Float64Array(rows.items).fill(WEIGHT_NEW)
  let top = Infinity
  let isSpliced = false
  let isPut = false
  for (let i = 0; i < rows.nodes; i++) {
    const was = memory.find(key[piece.nodes[i]])
    if (was < 0) continue
    x[i] = memory.x[was]
    if (memory.isAsked(was)) {
      if (piece.outStart[i + 1] > piece.outStart[i]) isSpliced = true // its wires say where exactly
      else [isPut, weight[i]] = [true, WEIGHT_KNOWN]
      continue
    }
    weight[i] = WEIGHT_KNOWN
    top = Math.min(top, memory.y[was])
  }
  const newcomers = isSpliced || x.subarray(0, rows.nodes).some((at) => Number.isNaN(at))
  placeNewNodes(piece, ranks, x)
  recallTrunks(memory, key, piece, rows, x, weight)
  const hasNew = !isPut && (newcomers || x.some((at) => Number.isNaN(at)))
  placeNewTrunks(piece, ranks, rows, space, x)
  const middle = new Float64Array(rows.items)
  for (let i = 0; i < rows.items; i++) middle[i] = x[i] + rows.width[i] / 2
  const order = orderByKey(rows, middle)
  return { x, weight, order, hasNew, top }
}

function recallTrunks(memory: Memory, key: Uint32Array, piece: Piece, rows: Rows, x: Float64Array, weight: Float64Array): void {
  const { trunks } = memory
  if (!trunks) return
  const take = (t: number, first: number, length: number): void => {
    const last = trunks.start[t + 1] - 1
    for (let k = 0; k < length; k++) {
      x[first + k] = trunks.x[Math.min(trunks.start[t] + k, last)]
      weight[first + k] = trunks.start[t] + k > last ? WEIGHT_NEW : WEIGHT_TRUNK
    }
  }
  for (let v = 0; v < piece.valueCount; v++) {
    const first = rows.trunk[v]
    if (first < 0) continue
    const source = piece.source[piece.valueStart[v]]
    const t = memory.findTrunk(key[piece.nodes[source]], slotOf(piece, v))
    if (t < 0) continue
    take(t, first, rows.trunkLength[v])
  }
  if (!memory.hasApart) return
  eachEntry(piece, (e, node, place) => {
    const first = rows.strand[e]
    const t = first < 0 ? -1 : memory.findTrunk(key[piece.nodes[node]], entrySlot(piece.apart[e], place))
    if (t >= 0) take(t, first, strandLength(rows, node, first))
  })
}

/** Under which trunk of a node the n-th edge into it is kept that is set apart so. */
function entrySlot(how: number, place: number): number {
  return (how === STRAND ? STRAND_SLOT : APART_SLOT) + place
}

/** A value's place among the values of its node. */
function slotOf(piece: Piece, v: number): number {
  return v - piece.value[piece.outStart[piece.source[piece.valueStart[v]]]]
}

/** Moves apart what no longer fits, row by row; false when more than `most` rows are concerned, so that only the order is worth keeping. */
export function mend(rows: Rows, space: Space, { order, x, weight }: Recalled, most: number): boolean {
  const broken: number[] = []
  for (let r = 0; r < rows.rows; r++) {
    for (let slot = rows.rowStart[r] + 1; slot < rows.rowStart[r + 1]; slot++) {
      const a = order.at[slot - 1]
      const b = order.at[slot]
      if (x[b] - x[a] < separation(rows, space, a, b) - ROUNDING) {
        broken.push(r)
        break
      }
    }
  }
  if (broken.length > most) return false
  for (const r of broken) spread(rows, order, space, x, weight, r)
  return true
}

/** Isotonic regression: the row's least squared movement, by weight, that restores all distances. */
function spread(rows: Rows, order: Order, space: Space, x: Float64Array, weight: Float64Array, r: number): void {
  const from = rows.rowStart[r]
  const length = rows.rowStart[r + 1] - from
  const shift = new Float64Array(length)
  const mean = new Float64Array(length)
  const mass = new Float64Array(length)
  const start = new Int32Array(length + 1)
  let pools = 0
  for (let k = 0; k < length; k++) {
    const item = order.at[from + k]
    if (k > 0) shift[k] = shift[k - 1] + separation(rows, space, order.at[from + k - 1], item)
    mean[pools] = x[item] - shift[k]
    mass[pools] = weight[item]
    start[pools++] = k
    while (pools > 1 && mean[pools - 2] > mean[pools - 1]) {
      const together = mass[pools - 2] + mass[pools - 1]
      mean[pools - 2] = (mean[pools - 2] * mass[pools - 2] + mean[pools - 1] * mass[pools - 1]) / together
      mass[pools - 2] = together
      pools--
    }
  }
  start[pools] = length
  for (let p = 0; p < pools; p++) {
    for (let k = start[p]; k < start[p + 1]; k++) x[order.at[from + k]] = mean[p] + shift[k]
  }
}

/** What a later warm start needs to know of the trunks. */
export function trunksOf(parts: { piece: Piece; rows: Rows; x: Float64Array }[], shift: Float64Array, key: Uint32Array): LayoutTrunks {
  let trunks = 0
  let length = 0
  for (const { piece, rows } of parts) {
    for (let e = 0; e < piece.edgeCount; e++) {
      if (rows.strand[e] < 0) continue
      trunks++
      length += strandLength(rows, piece.target[e], rows.strand[e])
    }
    for (let v = 0; v < rows.trunk.length; v++) {
      if (rows.trunk[v] < 0) continue
      trunks++
      length += rows.trunkLength[v]
    }
  }
  const result: LayoutTrunks = { key: new Uint32Array(trunks), slot: new Uint32Array(trunks), start: new Uint32Array(trunks + 1), x: new Float32Array(length) }
  let t = 0
  let at = 0
  parts.forEach(({ piece, rows, x }, p) => {
    eachEntry(piece, (e, node, place) => {
      const first = rows.strand[e]
      if (first < 0) return
      result.key[t] = key[piece.nodes[node]]
      result.slot[t] = entrySlot(piece.apart[e], place)
      for (let k = 0; k < strandLength(rows, node, first); k++) result.x[at++] = x[first + k] + shift[p]
      result.start[++t] = at
    })
    for (let v = 0; v < rows.trunk.length; v++) {
      if (rows.trunk[v] < 0) continue
      result.key[t] = key[piece.nodes[piece.source[piece.valueStart[v]]]]
      result.slot[t] = slotOf(piece, v)
      for (let k = 0; k < rows.trunkLength[v]; k++) result.x[at++] = x[rows.trunk[v] + k] + shift[p]
      result.start[++t] = at
    }
  })
  return result
}
