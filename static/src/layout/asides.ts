/** Finds constants that could stand beside what they go with, if only their row were one below the others' producers. */
import type { Order, Shares } from './order'
import { APART, type Piece } from './piece'
import type { Rows } from './rows'

/**
 * A node that only feeds one other stands in the row above it, where the other's main producer stands too. When that producer
 * has more consumers, its wires to them run across the small node's. Edges into such consumers are set apart: they get a place of
 * their own beside the small node, one row below the producer. Whether any edge was set apart.
 */
export function setApart(piece: Piece, rows: Rows, order: Order, shares: Shares): boolean {
  const { segments } = rows
  let found = false
  for (let leaf = 0; leaf < piece.count; leaf++) {
    if (!isLeaf(piece, leaf)) continue
    const target = piece.target[piece.outStart[leaf]]
    for (let k = segments.downStart[leaf]; k < segments.downStart[leaf + 1]; k++) {
      if (segments.lower[segments.down[k]] !== target || !crosses(rows, order, shares, segments.down[k])) continue
      for (let i = piece.inStart[target]; i < piece.inStart[target + 1]; i++) {
        const e = piece.inEdges[i]
        if (isLeaf(piece, piece.source[e]) || piece.apart[e]) continue
        piece.apart[e] = APART
        found = true
      }
    }
  }
  return found
}

/**
 * Nodes in the rows of leaves whose wires run across the leaves': with a row between them and what they feed, a leaf could stand there,
 * between their wires.
 */
export function forksAcross(piece: Piece, rows: Rows, order: Order, shares: Shares): number[] {
  const { segments } = rows
  const found = new Set<number>()
  for (let leaf = 0; leaf < piece.count; leaf++) {
    if (!isLeaf(piece, leaf)) continue
    for (let k = segments.downStart[leaf]; k < segments.downStart[leaf + 1]; k++) {
      eachAcross(rows, order, shares, segments.down[k], (item) => { if (item < piece.count && piece.outStart[item + 1] - piece.outStart[item] > 1) found.add(item) })
    }
  }
  return [...found]
}

/** Sets all edges apart that leave the node; whether any was not yet. */
export function setForkApart(piece: Piece, node: number): boolean {
  let found = false
  for (let e = piece.outStart[node]; e < piece.outStart[node + 1]; e++) {
    if (piece.apart[e]) continue
    piece.apart[e] = APART
    found = true
  }
  return found
}

function isLeaf(piece: Piece, node: number): boolean {
  return piece.inStart[node] === piece.inStart[node + 1] && piece.outStart[node + 1] - piece.outStart[node] === 1
}

function crosses(rows: Rows, order: Order, shares: Shares, s: number): boolean {
  let found = false
  eachAcross(rows, order, shares, s, () => { found = true })
  return found
}

/** Items above from which a segment leads across this one. */
function eachAcross(rows: Rows, order: Order, shares: Shares, s: number, act: (item: number) => void): void {
  const { segments } = rows
  const above = order.position[segments.upper[s]] + shares.upper[s]
  const below = order.position[segments.lower[s]] + shares.lower[s]
  const r = rows.row[segments.upper[s]]
  for (let slot = rows.rowStart[r]; slot < rows.rowStart[r + 1]; slot++) {
    const item = order.at[slot]
    for (let k = segments.downStart[item]; k < segments.downStart[item + 1]; k++) {
      const other = segments.down[k]
      const [x, y] = [order.position[item] + shares.upper[other] - above, order.position[segments.lower[other]] + shares.lower[other] - below]
      if (x * y < 0) act(item)
    }
  }
}
