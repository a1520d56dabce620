/** Finds where branches that left a node come together again: there the drawing returns to the axis of that node. */
import type { Piece } from './piece'
import type { Ranks } from './ranks'

/** A fork farther up than this says nothing about the local shape (a mask, a skip from an encoder). */
const LOCAL_SPAN = 96
/** Steps up the tree of dominators before two producers are taken for unrelated. */
const PATIENCE = 256
/** Producers looked at per join, the nearest first. */
const MOST_PRODUCERS = 32

/**
 * Per node: for a join, the nearest node that the local paths into it come through; -1 for all others. Producers are taken in from
 * the nearest on; one whose paths meet the others' only far away, or at a graph input, feeds in from the side and is left out.
 */
export function forksOfJoins(piece: Piece, ranks: Ranks): Int32Array {
  const { rank, back, order } = ranks
  const fork = new Int32Array(piece.count).fill(-1)
  const dominator = new Int32Array(piece.count).fill(-1)
  const depth = new Int32Array(piece.count)
  // a place on a border is what the inside has of a node above
  const isSource = (node: number): boolean => piece.inStart[node] === piece.inStart[node + 1] && !piece.pin?.[node]
  const near: number[] = []
  for (let k = 0; k < order.length; k++) {
    const node = order[k]
    near.length = 0
    for (let i = piece.inStart[node]; i < piece.inStart[node + 1]; i++) {
      const source = piece.source[piece.inEdges[i]]
      if (!back[piece.inEdges[i]] && rank[node] - rank[source] <= LOCAL_SPAN && !near.includes(source) && near.length < MOST_PRODUCERS) near.push(source)
    }
    if (near.length === 0) continue
    near.sort((a, b) => Number(isSource(a)) - Number(isSource(b)) || rank[b] - rank[a] || a - b)
    let common = near[0]
    for (let i = 1; i < near.length; i++) {
      const meeting = commonDominator(common, near[i], dominator, depth)
      if (meeting < 0 || isSource(meeting) || rank[node] - rank[meeting] > LOCAL_SPAN) continue
      common = meeting
      fork[node] = meeting
    }
    dominator[node] = common
    depth[node] = depth[common] + 1
  }
  return fork
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
