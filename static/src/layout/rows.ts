/** The layered graph: nodes and trunk positions as items that stand in rows, joined by segments from one row to the next. */
import { STRAND, type Piece } from './piece'
import type { Ranks } from './ranks'

/**
 * Items 0..count-1 are the nodes; the rest are positions where a trunk passes a row. One trunk per value: all its edges share it and
 * leave it at their own rows, so a mask that feeds every block costs one position per row and not one per row and consumer.
 */
export interface Rows {
  nodes: number
  items: number
  rows: number
  row: Int32Array
  width: Float64Array
  /** per node: 1 for a box whose ports are where they are, a scope's; null: there is none */
  rigid: Uint8Array | null
  /** value of a trunk item; -1 for nodes */
  owner: Int32Array
  /** per value: its first trunk item (-1 none), the row it stands in, how many rows it passes */
  trunk: Int32Array
  trunkTop: Int32Array
  trunkLength: Int32Array
  /** per value: the same for the column that carries edges against the flow back up */
  loop: Int32Array
  loopTop: Int32Array
  loopLength: Int32Array
  /** per value: 1 when its long edges run in a lane outside the rows, because trunks would be too many */
  lane: Uint8Array
  /** per edge: the first of its own positions in the rows above its target, down to the last of them; -1 for edges that come from the trunk or the source */
  strand: Int32Array
  /** per node: its row's place in `rows`; slots of row r are [rowStart[r], rowStart[r + 1]) */
  rowStart: Uint32Array
  segments: Segments
}

/** Segments lead from item `upper` to item `lower` one row below; ports are offsets from the item's left side. */
export interface Segments {
  count: number
  upper: Uint32Array
  lower: Uint32Array
  upperPort: Float64Array
  lowerPort: Float64Array
  /** segments by upper item and by lower item */
  downStart: Uint32Array
  down: Uint32Array
  upStart: Uint32Array
  up: Uint32Array
}

/** Beyond this many trunk positions per node the longest trunks move to side lanes. */
const TRUNK_BUDGET = 4
const TRUNK_ALLOWANCE = 6000

export function buildRows(piece: Piece, ranks: Ranks): Rows {
  const plain = measureTrunks(piece, ranks, null)
  const lane = chooseLanes(piece, plain.trunkLength)
  const lengths = strandLengths(piece, ranks, lane)
  const spans = lengths ? measureTrunks(piece, ranks, lengths) : plain
  const { trunk, loop, strand, items } = numberTrunks(piece, spans.trunkLength, spans.loopLength, lane, lengths)
  const row = new Int32Array(items)
  const owner = new Int32Array(items).fill(-1)
  const width = new Float64Array(items)
  row.set(ranks.rank)
  width.set(piece.width)
  const fill = (first: number, top: number, length: number, value: number): void => {
    for (let k = 0; k < length; k++) {
      row[first + k] = top + k
      owner[first + k] = value
    }
  }
  for (let v = 0; v < piece.valueCount; v++) {
    if (trunk[v] >= 0) fill(trunk[v], spans.trunkTop[v], spans.trunkLength[v], v)
    if (loop[v] >= 0) fill(loop[v], spans.loopTop[v], spans.loopLength[v], v)
  }
  if (lengths) for (let e = 0; e < piece.edgeCount; e++) if (strand[e] >= 0) fill(strand[e], ranks.rank[piece.target[e]] - lengths[e], lengths[e], piece.value[e])
  const rowStart = new Uint32Array(ranks.count + 1)
  for (let i = 0; i < items; i++) rowStart[row[i] + 1]++
  for (let r = 0; r < ranks.count; r++) rowStart[r + 1] += rowStart[r]
  const base = { nodes: piece.count, items, rows: ranks.count, row, width, rigid: piece.rigid, owner, trunk, loop, lane, strand, rowStart, ...spans }
  return { ...base, segments: buildSegments(piece, ranks, base) }
}

/** Rows that edges pass in positions of their own; null: there are none. */
function strandLengths({ apart, edgeCount, source, target, value }: Piece, { rank, back }: Ranks, lane: Uint8Array): Int32Array | null {
  if (apart.every((how) => how === 0)) return null
  const length = new Int32Array(edgeCount)
  for (let e = 0; e < edgeCount; e++) {
    const between = rank[target[e]] - rank[source[e]] - 1
    if (apart[e] && !back[e] && !lane[value[e]] && between > 0) length[e] = apart[e] === STRAND ? between : 1
  }
  return length
}

/** How many positions the strand has that begins with this item and leads to the target. */
export function strandLength({ row }: Pick<Rows, 'row'>, target: number, first: number): number {
  return row[target] - row[first]
}

function measureTrunks(piece: Piece, ranks: Ranks, lengths: Int32Array | null): Pick<Rows, 'trunkTop' | 'trunkLength' | 'loopTop' | 'loopLength'> {
  const { rank, back } = ranks
  const trunkTop = new Int32Array(piece.valueCount)
  const trunkLength = new Int32Array(piece.valueCount)
  const loopTop = new Int32Array(piece.valueCount)
  const loopLength = new Int32Array(piece.valueCount)
  for (let e = 0; e < piece.edgeCount; e++) {
    const v = piece.value[e]
    const from = rank[piece.source[e]]
    const to = rank[piece.target[e]]
    if (back[e]) {
      if (loopLength[v] === 0 || to < loopTop[v]) loopTop[v] = to
      loopLength[v] = from - loopTop[v] + 1
    } else if (to - from > 1) {
      trunkTop[v] = from + 1
      trunkLength[v] = Math.max(trunkLength[v], to - from - 1 - (lengths?.[e] ?? 0))
    }
  }
  return { trunkTop, trunkLength, loopTop, loopLength }
}

function chooseLanes(piece: Piece, length: Int32Array): Uint8Array {
  const lane = new Uint8Array(piece.valueCount)
  let total = 0
  for (let v = 0; v < piece.valueCount; v++) total += length[v]
  let over = total - TRUNK_BUDGET * piece.count - TRUNK_ALLOWANCE
  if (over <= 0) return lane
  const long: number[] = []
  for (let v = 0; v < piece.valueCount; v++) if (length[v] > 16) long.push(v)
  long.sort((a, b) => length[b] - length[a] || a - b)
  for (const v of long) {
    if (over <= 0) break
    lane[v] = 1
    over -= length[v]
  }
  return lane
}

function numberTrunks(piece: Piece, trunkLength: Int32Array, loopLength: Int32Array, lane: Uint8Array, lengths: Int32Array | null): Pick<Rows, 'trunk' | 'loop' | 'strand' | 'items'> {
  const trunk = new Int32Array(trunkLength.length).fill(-1)
  const loop = new Int32Array(trunkLength.length).fill(-1)
  const strand = new Int32Array(piece.edgeCount).fill(-1)
  let items = piece.count
  for (let v = 0; v < trunkLength.length; v++) {
    if (trunkLength[v] > 0 && !lane[v]) {
      trunk[v] = items
      items += trunkLength[v]
    }
    if (loopLength[v] > 0) {
      loop[v] = items
      items += loopLength[v]
    }
  }
  for (let e = 0; lengths && e < piece.edgeCount; e++) {
    if (lengths[e] === 0) continue
    strand[e] = items
    items += lengths[e]
  }
  return { trunk, loop, strand, items }
}

function buildSegments(piece: Piece, ranks: Ranks, rows: Omit<Rows, 'segments'>): Segments {
  const most = piece.edgeCount + 2 * (rows.items - rows.nodes) + piece.valueCount
  const upper = new Uint32Array(most)
  const lower = new Uint32Array(most)
  const upperPort = new Float64Array(most)
  const lowerPort = new Float64Array(most)
  let count = 0
  const add = (from: number, to: number, fromPort: number, toPort: number): void => {
    upper[count] = from
    lower[count] = to
    upperPort[count] = fromPort
    lowerPort[count++] = toPort
  }
  for (let v = 0; v < piece.valueCount; v++) {
    const first = piece.valueStart[v]
    const source = piece.source[first]
    const trunk = rows.trunk[v]
    if (trunk >= 0) {
      add(source, trunk, piece.sourceX[first], 0)
      for (let k = 1; k < rows.trunkLength[v]; k++) add(trunk + k - 1, trunk + k, 0, 0)
    }
    for (let k = 1; k < rows.loopLength[v]; k++) add(rows.loop[v] + k - 1, rows.loop[v] + k, 0, 0)
    for (let e = first; e < piece.valueStart[v + 1]; e++) {
      if (ranks.back[e]) continue
      const target = piece.target[e]
      const span = ranks.rank[target] - ranks.rank[source]
      const own = rows.strand[e]
      if (own >= 0) {
        const length = strandLength(rows, target, own)
        if (length === span - 1) add(source, own, piece.sourceX[e], 0)
        else add(trunk + span - 2 - length, own, 0, 0)
        for (let k = 1; k < length; k++) add(own + k - 1, own + k, 0, 0)
        add(own + length - 1, target, 0, piece.targetX[e])
      } else if (span === 1) add(source, target, piece.sourceX[e], piece.targetX[e])
      else if (trunk >= 0) add(trunk + span - 2, target, 0, piece.targetX[e])
    }
  }
  const down = byItem(upper, count, rows.items)
  const up = byItem(lower, count, rows.items)
  return { count, upper, lower, upperPort, lowerPort, downStart: down.start, down: down.member, upStart: up.start, up: up.member }
}

function byItem(item: Uint32Array, count: number, items: number): { start: Uint32Array; member: Uint32Array } {
  const start = new Uint32Array(items + 1)
  for (let s = 0; s < count; s++) start[item[s] + 1]++
  for (let i = 0; i < items; i++) start[i + 1] += start[i]
  const next = start.slice(0, items)
  const member = new Uint32Array(count)
  for (let s = 0; s < count; s++) member[next[item[s]]++] = s
  return { start, member }
}
