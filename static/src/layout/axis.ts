/** Finds where branches that left a node come together again: there the drawing returns to the axis of that node. */
import type { Piece } from './piece'
import type { Ranks } from './ranks'

/** Edges that span more rows say nothing about the local shape (a mask, a skip from an encoder). */
const LOCAL_SPAN = 96
/** Steps up the tree of dominators before a join is taken for one of unrelated parts. */
const PATIENCE = 256

/** Per node: for a join, the nearest node that every local path into it comes through; -1 for all others. */
export function forksOfJoins(piece: Piece, ranks: Ranks): Int32Array {
  const fork = new Int32Array(piece.count).fill(-1)
  const dominator = new Int32Array(piece.count).fill(-1)
  const depth = new Int32Array(piece.count)
  for (let k = 0; k < ranks.order.length; k++) {
    const node = ranks.order[k]
    let common = -1
    let several = false
    for (let i = piece.inStart[node]; i < piece.inStart[node + 1]; i++) {
      const e = piece.inEdges[i]
      const source = piece.source[e]
      if (ranks.back[e] || !speaks(piece, ranks, source, node)) continue
      if (common < 0 && !several) common = source
      else if (source !== common) {
        several = true
        if (common >= 0) common = commonDominator(common, source, dominator, depth)
      }
    }
    if (common < 0) continue
    dominator[node] = common
    depth[node] = depth[common] + 1
    if (several) fork[node] = common
  }
  return fork
}

/** Whether a producer counts: near enough, and not a mere constant or pill that feeds in from the side. */
function speaks(piece: Piece, ranks: Ranks, source: number, node: number): boolean {
  if (ranks.rank[node] - ranks.rank[source] > LOCAL_SPAN) return false
  return piece.inStart[source] < piece.inStart[source + 1] || piece.inStart[node + 1] - piece.inStart[node] === 1 || ranks.rank[source] === 0
}

function commonDominator(a: number, b: number, dominator: Int32Array, depth: Int32Array): number {
  for (let step = 0; a !== b; step++) {
    if (step > PATIENCE) return -1
    if (depth[a] >= depth[b]) a = dominator[a]
    else b = dominator[b]
    if (a < 0 || b < 0) return -1
  }
  return a
}
