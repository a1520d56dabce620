/** Spares crossings in a small piece: lines get a column of their own, nodes go up or down a row, wherever that makes fewer of them. */
import { own, type Arranged } from './arrange'
import { orderByKey, portShares, untangle, type Order } from './order'
import { STRAND, type Piece } from './piece'
import type { Ranks } from './ranks'
import { buildRows, strandLength, type Rows } from './rows'
import { NODE_GAP, TRUNK_GAP } from './space'

/** Pieces of more items, or with more crossings, stay as they are: a few changes are nothing beside those. */
const FEW_ITEMS = 1000
const FEW_CROSSINGS = 24
/** Changes that are tried, and items that may be put in order for all of them. */
const MOST_TRIES = 160
const EFFORT = 40_000
/** Of a value with more lines than this none is set apart. */
const MOST_LINES = 24
/** A node that changes its row pushes at most so many others on. */
const MOST_PUSHED = 8

/** One line to or from a column of its own, or one node to another row, with those that are in its way there. */
type Change = { edge: number } | { node: number; by: 1 | -1 }

/**
 * The arrangement after a walk through changes of which none makes more crossings: many have to be made before one of them spares some.
 * The walk is the same for the same piece.
 */
export function spareCrossings(arranged: Arranged): Arranged {
  if (arranged.crossings === 0 || arranged.crossings > FEW_CROSSINGS || arranged.rows.items > FEW_ITEMS) return arranged
  let best = arranged
  let at = arranged
  let changes = changesFor(at)
  const pick = numbers()
  for (let tries = Math.min(MOST_TRIES, EFFORT / arranged.rows.items); tries > 0 && best.crossings > 0 && changes.length > 0; tries--) {
    const next = changed(at, changes[pick(changes.length)])
    if (!next || next.crossings > at.crossings) continue
    at = next
    changes = changesFor(at)
    if (costOf(at) < costOf(best)) best = at
  }
  return best.crossings < arranged.crossings ? best : arranged
}

/** Numbers below `end`, one after another. */
function numbers(): (end: number) => number {
  let state = 7
  return (end) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % end
  }
}

/** Of arrangements with as few crossings that is best whose widest row is the narrowest, and then the one with the shortest lines. */
function costOf({ rows, crossings }: Arranged): number {
  const width = new Float64Array(rows.rows)
  for (let i = 0; i < rows.items; i++) width[rows.row[i]] += rows.width[i] + (i < rows.nodes ? NODE_GAP : TRUNK_GAP)
  let widest = 0
  for (const one of width) widest = Math.max(widest, one)
  return crossings * 1e9 + widest * 1e4 + rows.items
}

/** What might spare one of the crossings. */
function changesFor({ piece, ranks, rows, order }: Arranged): Change[] {
  const edges = new Set<number>()
  const nodes = new Set<number>()
  eachCrossed(rows, order, (item) => {
    if (item < rows.nodes) nodes.add(item)
    else {
      eachLine(piece, ranks, rows, item, (e) => {
        nodes.add(piece.target[e]).add(piece.source[e])
        if (hasTrunk(piece, ranks, e)) edges.add(e)
      })
    }
  })
  return [...[...edges].map((edge) => ({ edge })), ...[...nodes].flatMap((node) => [{ node, by: 1 } as const, { node, by: -1 } as const])]
}

/** The ends of segments that cross another one. */
function eachCrossed(rows: Rows, order: Order, act: (item: number) => void): void {
  const { upper: above, lower: below } = portShares(rows)
  const { downStart, down, lower } = rows.segments
  for (let r = 0; r + 1 < rows.rows; r++) {
    const gap: { item: number; end: number; from: number; to: number }[] = []
    for (let slot = rows.rowStart[r]; slot < rows.rowStart[r + 1]; slot++) {
      const item = order.at[slot]
      for (let k = downStart[item]; k < downStart[item + 1]; k++) {
        const s = down[k]
        gap.push({ item, end: lower[s], from: order.position[item] + above[s], to: order.position[lower[s]] + below[s] })
      }
    }
    for (const one of gap) {
      if (!gap.some(({ from, to }) => (from - one.from) * (to - one.to) < 0)) continue
      act(one.item)
      act(one.end)
    }
  }
}

/** Lines of the value that pass this position of its trunk, or of a strand of it. */
function eachLine(piece: Piece, { rank, back }: Ranks, { owner, row }: Rows, item: number, act: (e: number) => void): void {
  const v = owner[item]
  const end = piece.valueStart[v + 1]
  if (end - piece.valueStart[v] > MOST_LINES) return
  for (let e = piece.valueStart[v]; e < end; e++) if (!back[e] && rank[piece.target[e]] > row[item]) act(e)
}

/** Whether the edge passes rows, and others of its value do so too. */
function hasTrunk({ value, valueStart, source, target }: Piece, { rank, back }: Ranks, e: number): boolean {
  const isLong = (one: number): boolean => !back[one] && rank[target[one]] - rank[source[one]] > 1
  if (!isLong(e)) return false
  for (let other = valueStart[value[e]]; other < valueStart[value[e] + 1]; other++) if (other !== e && isLong(other)) return true
  return false
}

/** The arrangement with this change, all else about where it was; null where that cannot be. */
function changed({ piece: before, ranks: from, rows: was, order: { position } }: Arranged, change: Change): Arranged | null {
  const piece = own(before)
  let ranks = from
  if ('edge' in change) piece.apart[change.edge] = piece.apart[change.edge] === STRAND ? 0 : STRAND
  else {
    const rank = pushed(piece, ranks, change.node, change.by)
    if (!rank) return null
    ranks = { ...ranks, rank }
  }
  const rows = buildRows(piece, ranks)
  const order = orderByKey(rows, placesLike(piece, rows, was, position))
  return { piece, ranks, rows, order, crossings: untangle(rows, order, portShares(rows)) }
}

/** Ranks after the node went down (1) or up (-1) a row, and what was in its way before it; null where there is no room, or a row would be empty. */
function pushed(piece: Piece, { rank: before, back, count }: Ranks, node: number, by: 1 | -1): Int32Array | null {
  const rank = before.slice()
  const moved = new Set([node])
  for (const one of moved) {
    rank[one] += by
    if (piece.pin?.[one] || rank[one] < 0 || rank[one] >= count || moved.size > MOST_PUSHED) return null
    if (by > 0) for (let e = piece.outStart[one]; e < piece.outStart[one + 1]; e++) { if (!back[e] && before[piece.target[e]] <= rank[one]) moved.add(piece.target[e]) }
    else for (let k = piece.inStart[one]; k < piece.inStart[one + 1]; k++) { if (!back[piece.inEdges[k]] && before[piece.source[piece.inEdges[k]]] >= rank[one]) moved.add(piece.source[piece.inEdges[k]]) }
  }
  for (const one of moved) if (!rank.includes(before[one])) return null
  return rank
}

/** Where things stood in their rows; what is new in a row stands where the line of its value, or the node that it belongs to, was there. */
function placesLike(piece: Piece, rows: Rows, was: Rows, position: Float64Array): Float64Array {
  const place = new Float64Array(rows.items)
  const on = (first: number, length: number, r: number): number => (first >= 0 && r >= was.row[first] && r < was.row[first] + length ? position[first + r - was.row[first]] : -1)
  const ofValue = (v: number, r: number): number => {
    let at = on(was.trunk[v], was.trunkLength[v], r)
    for (let e = piece.valueStart[v]; at < 0 && e < piece.valueStart[v + 1]; e++) if (was.strand[e] >= 0) at = on(was.strand[e], strandLength(was, piece.target[e], was.strand[e]), r)
    return at
  }
  const ofNode = (node: number, r: number): number => {
    if (was.row[node] === r) return position[node]
    let at = -1
    for (let e = piece.outStart[node]; at < 0 && e < piece.outStart[node + 1]; e++) at = ofValue(piece.value[e], r)
    for (let k = piece.inStart[node]; at < 0 && k < piece.inStart[node + 1]; k++) at = ofValue(piece.value[piece.inEdges[k]], r)
    return at
  }
  const ofLine = (v: number, e: number, r: number): number => {
    let at = was.strand[e] >= 0 ? on(was.strand[e], strandLength(was, piece.target[e], was.strand[e]), r) : -1
    for (const find of [() => ofValue(v, r), () => ofNode(piece.target[e], r), () => ofNode(piece.source[e], r)]) if (at < 0) at = find()
    return at
  }
  for (let i = 0; i < rows.nodes; i++) place[i] = ofNode(i, rows.row[i])
  const put = (first: number, length: number, v: number, e: number): void => { for (let k = 0; first >= 0 && k < length; k++) place[first + k] = ofLine(v, e, rows.row[first + k]) }
  for (let v = 0; v < piece.valueCount; v++) {
    put(rows.trunk[v], rows.trunkLength[v], v, piece.valueStart[v])
    for (let k = 0; k < rows.loopLength[v]; k++) place[rows.loop[v] + k] = Math.max(0, on(was.loop[v], was.loopLength[v], rows.row[rows.loop[v] + k]))
    for (let e = piece.valueStart[v]; e < piece.valueStart[v + 1]; e++) if (rows.strand[e] >= 0) put(rows.strand[e], strandLength(rows, piece.target[e], rows.strand[e]), v, e)
  }
  return place
}
