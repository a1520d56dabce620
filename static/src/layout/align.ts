/** Chooses which segments are drawn straight: the heaviest set per gap that does not cross, chained into rigid blocks. */
import type { Order } from './order'
import type { Ranks } from './ranks'
import type { Rows } from './rows'

/** Items of one block stand under one another: item x = block x + offset. Blocks hold their items from top to bottom. */
export interface Blocks {
  count: number
  of: Int32Array
  offset: Float64Array
  /** per node: that above it to whose axis it returns, a join to its fork or a scope to the line that it would leave; -1: to none */
  returns: Int32Array
  /** and how far right of that one it stands then */
  returnShift: Float64Array
}

const TRUNK_WEIGHT = 40
const PATH_WEIGHT = 10
const END_WEIGHT = 1
const FEED_WEIGHT = 1.5
/** A node's ports may lie this far beside each other and still the boxes, not the ports, are lined up. */
const BOX_ALIGNED = 64
/** How far a block may wander from its first item before it is cut. */
const WANDER = 48
/** A line that goes through at least so many scopes and wanders farther than this comes back to where it began each time that it is cut. */
const MANY = 6
const FAR = 150

/** `favour`: what segments weigh besides; none without it. */
export function alignBlocks(rows: Rows, ranks: Ranks, order: Order, forks: Int32Array, favour: Float64Array | null = null): Blocks {
  const weight = weigh(rows, ranks, favour)
  const above = straightSegments(rows, order, weight)
  return chain(rows, order, above, forks)
}

/** Weight per segment: trunks first, then the longest paths through neighbouring rows, then the ends of long edges. */
export function weigh(rows: Rows, ranks: Ranks, favour: Float64Array | null): Float64Array {
  const { segments } = rows
  const below = new Int32Array(rows.items)
  const above = new Int32Array(rows.items)
  const { order } = ranks
  const isLast = new Uint8Array(rows.items)
  for (const item of rows.strand) if (item >= 0 && segments.lower[segments.down[segments.downStart[item]]] < rows.nodes) isLast[item] = 1
  for (let k = 0; k < order.length; k++) {
    const node = order[k]
    for (let i = segments.upStart[node]; i < segments.upStart[node + 1]; i++) {
      const u = segments.upper[segments.up[i]]
      if (isLast[u]) above[u] = above[segments.upper[segments.up[segments.upStart[u]]]] + 1
      if ((u < rows.nodes || isLast[u]) && above[u] + 1 > above[node]) above[node] = above[u] + 1
    }
  }
  for (let k = order.length - 1; k >= 0; k--) {
    const node = order[k]
    for (let i = segments.downStart[node]; i < segments.downStart[node + 1]; i++) {
      const v = segments.lower[segments.down[i]]
      if (isLast[v]) below[v] = below[segments.lower[segments.down[segments.downStart[v]]]] + 1
      if ((v < rows.nodes || isLast[v]) && below[v] + 1 > below[node]) below[node] = below[v] + 1
    }
  }
  const weight = new Float64Array(segments.count)
  for (let s = 0; s < segments.count; s++) {
    const u = segments.upper[s]
    const v = segments.lower[s]
    const nodes = (u < rows.nodes || isLast[u] ? 1 : 0) + (v < rows.nodes || isLast[v] ? 1 : 0)
    if (nodes === 0) weight[s] = TRUNK_WEIGHT
    else if (nodes === 1) weight[s] = END_WEIGHT
    // what only feeds in from the side leaves the straight line to the others
    else if (u < rows.nodes && segments.upStart[u] === segments.upStart[u + 1] && segments.upStart[v + 1] - segments.upStart[v] > 1 && rows.row[u] > 0) weight[s] = FEED_WEIGHT
    else weight[s] = PATH_WEIGHT + (PATH_WEIGHT * (above[u] + 1 + below[v])) / rows.rows
  }
  if (favour) for (let s = 0; s < weight.length; s++) weight[s] += favour[s]
  return weight
}

/** Per item the segment from above that is straight, or -1: per gap the heaviest chain in which both ends advance. */
function straightSegments(rows: Rows, order: Order, weight: Float64Array): Int32Array {
  const { segments } = rows
  const above = new Int32Array(rows.items).fill(-1)
  let widest = 0
  for (let r = 0; r < rows.rows; r++) widest = Math.max(widest, rows.rowStart[r + 1] - rows.rowStart[r])
  const tree = new Float64Array(widest + 1)
  const treeSegment = new Int32Array(widest + 1)
  const total = new Float64Array(segments.count)
  const before = new Int32Array(segments.count)
  const list: number[] = []
  for (let r = 0; r + 1 < rows.rows; r++) {
    const lower = rows.rowStart[r + 2] - rows.rowStart[r + 1]
    tree.fill(0, 0, lower + 1)
    treeSegment.fill(-1, 0, lower + 1)
    let best = -1
    for (let slot = rows.rowStart[r]; slot < rows.rowStart[r + 1]; slot++) {
      const item = order.at[slot]
      list.length = 0
      for (let k = segments.downStart[item]; k < segments.downStart[item + 1]; k++) list.push(segments.down[k])
      // from right to left, so that two segments of one item never follow one another
      if (list.length > 1) list.sort((a, b) => order.position[segments.lower[b]] - order.position[segments.lower[a]] || a - b)
      const middle = (list.length - 1) / 2
      for (let k = 0; k < list.length; k++) {
        const s = list[k]
        const position = order.position[segments.lower[s]]
        let from = -1
        let sum = 0
        for (let i = position; i > 0; i -= i & -i) {
          if (tree[i] > sum) {
            sum = tree[i]
            from = treeSegment[i]
          }
        }
        // among equals the middle one
        total[s] = sum + weight[s] - 1e-4 * Math.abs(k - middle)
        before[s] = from
        if (best < 0 || total[s] > total[best]) best = s
        for (let i = position + 1; i <= lower; i += i & -i) {
          if (total[s] > tree[i]) {
            tree[i] = total[s]
            treeSegment[i] = s
          }
        }
      }
    }
    for (let s = best; s >= 0; s = before[s]) above[segments.lower[s]] = s
  }
  return above
}

/** Joins straight segments into blocks, cut where ports would carry a block sideways and where branches return to their fork's axis. */
function chain(rows: Rows, order: Order, above: Int32Array, forks: Int32Array): Blocks {
  const { segments, width, rigid } = rows
  const of = new Int32Array(rows.items)
  const offset = new Float64Array(rows.items)
  const axis = new Float64Array(rows.items)
  const returns = new Int32Array(rows.nodes).fill(-1)
  const returnShift = new Float64Array(rows.nodes)
  const strays = rigid ? strayingLines(rows, order, above) : null
  const heads: number[] = []
  for (let slot = 0; slot < rows.items; slot++) {
    const item = order.at[slot]
    const fork = item < rows.nodes ? forks[item] : -1
    const s = fork >= 0 && (above[item] < 0 || of[segments.upper[above[item]]] !== of[fork]) ? -1 : above[item]
    const u = s < 0 ? -1 : segments.upper[s]
    if (s >= 0) {
      const x = offset[u] + shiftBelow(rows, s)
      const middle = rigid?.[item] ? x + segments.lowerPort[s] : x + width[item] / 2
      if (Math.abs(middle - axis[u]) <= WANDER) {
        of[item] = of[u]
        offset[item] = x
        axis[item] = axis[u]
        continue
      }
    }
    of[item] = heads.length
    heads.push(item)
    const head = u >= 0 && strays?.[item] ? heads[of[u]] : -1
    axis[item] = leaves(rows, item)
    if (fork >= 0) {
      returns[item] = fork
      returnShift[item] = (width[fork] - width[item]) / 2
    } else if (head >= 0 && head < rows.nodes && item < rows.nodes) {
      axis[item] = enters(rows, item, s)
      returns[item] = head
      returnShift[item] = axis[head] - axis[item]
    }
  }
  return { count: heads.length, of, offset, returns, returnShift }
}

/** 1 for items of straight lines that would end far beside where they begin, for each scope that they go through shifts them. */
function strayingLines(rows: Rows, order: Order, above: Int32Array): Uint8Array {
  const { segments } = rows
  const head = new Int32Array(rows.items)
  const at = new Float64Array(rows.items)
  const passed = new Int32Array(rows.items)
  const strays = new Uint8Array(rows.items)
  for (let slot = 0; slot < rows.items; slot++) {
    const item = order.at[slot]
    const s = above[item]
    const u = s < 0 ? -1 : segments.upper[s]
    head[item] = u < 0 ? item : head[u]
    at[item] = u < 0 ? -leaves(rows, item) : at[u] + shiftBelow(rows, s)
    if (u < 0) continue
    passed[item] = passed[u] + (rows.rigid?.[u] ?? 0)
    if (passed[item] >= MANY && Math.abs(at[item] + enters(rows, item, s)) > FAR) strays[head[item]] = 1
  }
  return strays.map((_, item) => strays[head[item]])
}

/**
 * How far right of the upper end of a straight segment the lower one stands. Where that is free to, its middle stands under the middle of the
 * other, or under the port of a scope, for its ports slide: else each node would shift the line by as much as it is entered beside its middle.
 */
function shiftBelow({ segments, nodes, row, width, rigid }: Rows, s: number): number {
  const { upper, lower, upperPort, lowerPort, upStart } = segments
  const [u, v] = [upper[s], lower[s]]
  const ports = upperPort[s] - lowerPort[s]
  // what only feeds in beside others stands over its port; a place on a border is what the inside has of a node above
  const feeds = !(rigid?.[u] && row[u] === 0) && upStart[u] === upStart[u + 1] && upStart[v + 1] - upStart[v] > 1
  if (u >= nodes || v >= nodes || feeds || rigid?.[v]) return ports
  const middles = (rigid?.[u] ? upperPort[s] : width[u] / 2) - width[v] / 2
  return Math.abs(ports - middles) <= BOX_ALIGNED ? middles : ports
}

/** Where a straight line enters an item by segment s: a scope at its port, all others in their middle. */
function enters({ segments, width, rigid }: Rows, item: number, s: number): number {
  return rigid?.[item] ? segments.lowerPort[s] : width[item] / 2
}

/** Where its first line leaves it, likewise. */
function leaves({ segments: { downStart, down, upperPort }, width, rigid }: Rows, item: number): number {
  return rigid?.[item] && downStart[item] < downStart[item + 1] ? upperPort[down[downStart[item]]] : width[item] / 2
}
