/** Gives every node a rank (its row): longest paths first, then nodes slide so that long-lived values are short. */
import { APART, type Piece } from './piece'
import { FIRST, LAST } from './types'

export interface Ranks {
  rank: Int32Array
  count: number
  /** 1 for an edge that runs against the flow: it closes a cycle (or is a self loop) */
  back: Uint8Array
  /** the nodes in an order in which every forward edge points onwards */
  order: Uint32Array
}

const SLIDING_ROUNDS = 3

/** Ranks of all nodes; `earlier` holds those of an earlier layout (-1 for new nodes), which nodes keep unless they must go further down. */
export function rankNodes(piece: Piece, earlier: Int32Array | null = null): Ranks {
  const back = new Uint8Array(piece.edgeCount)
  for (let e = 0; e < piece.edgeCount; e++) if (piece.source[e] === piece.target[e]) back[e] = 1
  let order = topologicalOrder(piece, back)
  if (order.length < piece.count) {
    markBackEdges(piece, back)
    order = topologicalOrder(piece, back)
  }
  const rank = earlier ? keepRanks(piece, back, order, earlier) : longestPaths(piece, back, order)
  if (piece.pin) holdPinned(rank, piece.pin)
  if (earlier && rank.every((r, i) => r === earlier[i])) return { rank, count: closeGaps(rank), back, order }
  const slide = new Slide(piece, back, order, rank)
  for (let round = 0; round < SLIDING_ROUNDS; round++) {
    slide.down()
    if (!slide.up()) break
  }
  return { rank, count: closeGaps(rank), back, order }
}

function topologicalOrder(piece: Piece, back: Uint8Array): Uint32Array {
  const waiting = new Int32Array(piece.count)
  for (let e = 0; e < piece.edgeCount; e++) if (!back[e]) waiting[piece.target[e]]++
  const order = new Uint32Array(piece.count)
  let filled = 0
  for (let i = 0; i < piece.count; i++) if (waiting[i] === 0) order[filled++] = i
  for (let head = 0; head < filled; head++) {
    const node = order[head]
    for (let e = piece.outStart[node]; e < piece.outStart[node + 1]; e++) {
      if (!back[e] && --waiting[piece.target[e]] === 0) order[filled++] = piece.target[e]
    }
  }
  return filled === piece.count ? order : order.subarray(0, filled)
}

/** Depth first, without recursion: an edge to a node that is still open closes a cycle. Roots of the graph go first. */
function markBackEdges(piece: Piece, back: Uint8Array): void {
  const state = new Uint8Array(piece.count)
  const next = piece.outStart.slice(0, piece.count)
  const stack = new Uint32Array(piece.count)
  const visit = (root: number): void => {
    let depth = 0
    stack[depth++] = root
    state[root] = 1
    while (depth > 0) {
      const node = stack[depth - 1]
      if (next[node] === piece.outStart[node + 1]) {
        state[node] = 2
        depth--
        continue
      }
      const e = next[node]++
      const target = piece.target[e]
      if (state[target] === 1) back[e] = 1
      else if (state[target] === 0) {
        state[target] = 1
        stack[depth++] = target
      }
    }
  }
  for (let i = 0; i < piece.count; i++) if (state[i] === 0 && piece.inStart[i] === piece.inStart[i + 1]) visit(i)
  for (let i = 0; i < piece.count; i++) if (state[i] === 0) visit(i)
}

function longestPaths(piece: Piece, back: Uint8Array, order: Uint32Array): Int32Array {
  const rank = new Int32Array(piece.count)
  for (let k = 0; k < order.length; k++) {
    const node = order[k]
    for (let e = piece.outStart[node]; e < piece.outStart[node + 1]; e++) {
      const next = rank[node] + 1 + Number(piece.apart[e] === APART)
      if (!back[e] && rank[piece.target[e]] < next) rank[piece.target[e]] = next
    }
  }
  return rank
}

/** Each node at its earlier rank or below what it needs; new nodes just below what they need, or just above who needs them. */
function keepRanks(piece: Piece, back: Uint8Array, order: Uint32Array, earlier: Int32Array): Int32Array {
  const rank = earlier.slice()
  for (let k = 0; k < order.length; k++) {
    const node = order[k]
    if (rank[node] < 0) continue
    for (let e = piece.outStart[node]; e < piece.outStart[node + 1]; e++) {
      const target = piece.target[e]
      if (!back[e] && rank[target] <= rank[node]) rank[target] = rank[node] + 1
    }
  }
  for (let k = order.length - 1; k >= 0; k--) {
    const node = order[k]
    if (rank[node] >= 0) continue
    let least = Infinity
    for (let e = piece.outStart[node]; e < piece.outStart[node + 1]; e++) if (!back[e]) least = Math.min(least, rank[piece.target[e]])
    rank[node] = least === Infinity ? 0 : least - 1
  }
  let first = 0
  for (let i = 0; i < rank.length; i++) first = Math.min(first, rank[i])
  if (first < 0) for (let i = 0; i < rank.length; i++) rank[i] -= first
  return rank
}

/** What is pinned to the first row has no inputs, and what is pinned to the last no outputs. */
function holdPinned(rank: Int32Array, pin: Uint8Array): void {
  let last = 0
  for (let i = 0; i < rank.length; i++) if (rank[i] > last) last = rank[i]
  for (let i = 0; i < rank.length; i++) {
    if (pin[i] === FIRST) rank[i] = 0
    else if (pin[i] === LAST) rank[i] = last
  }
}

/** Removes rows that nobody stands on and makes the first row 0; returns how many rows there are. */
function closeGaps(rank: Int32Array): number {
  let last = 0
  for (let i = 0; i < rank.length; i++) if (rank[i] > last) last = rank[i]
  const shift = new Int32Array(last + 1)
  for (let i = 0; i < rank.length; i++) shift[rank[i]] = 1
  let rows = 0
  for (let r = 0; r <= last; r++) shift[r] = shift[r] ? rows++ : -1
  for (let i = 0; i < rank.length; i++) rank[i] = shift[rank[i]]
  return rows
}

const FEW = 12

/** Sorts the first few in place: a call of the built-in sort costs more than this. */
function sortFew(list: Int32Array, length: number): void {
  for (let i = 1; i < length; i++) {
    const one = list[i]
    let k = i - 1
    for (; k >= 0 && list[k] > one; k--) list[k + 1] = list[k]
    list[k + 1] = one
  }
}

/**
 * Slides nodes within their slack. The cost is the total length of values, a value being as long as its farthest consumer is away:
 * sinking a node shortens the values it makes and lengthens only those values that no other consumer holds that far down already.
 */
class Slide {
  /** per value: rank of the farthest consumer, which node that is, and the rank of the runner-up */
  private readonly far: Int32Array
  private readonly holder: Int32Array
  private readonly second: Int32Array
  private readonly held: Int32Array

  constructor(
    private readonly piece: Piece,
    private readonly back: Uint8Array,
    private readonly order: Uint32Array,
    private readonly rank: Int32Array,
  ) {
    this.far = new Int32Array(piece.valueCount)
    this.holder = new Int32Array(piece.valueCount)
    this.second = new Int32Array(piece.valueCount)
    this.held = new Int32Array(piece.edgeCount)
  }

  private measure(): void {
    const { piece, back, rank, far, holder, second } = this
    far.fill(-1)
    holder.fill(-1)
    second.fill(-1)
    for (let e = 0; e < piece.edgeCount; e++) {
      if (back[e]) continue
      const v = piece.value[e]
      const node = piece.target[e]
      const r = rank[node]
      if (node === holder[v]) continue
      if (r > far[v]) {
        second[v] = far[v]
        far[v] = r
        holder[v] = node
      } else if (r > second[v]) second[v] = r
    }
  }

  /** Ranks at which others hold the values that come into the node, ascending; how many there are. */
  private othersHold(node: number): number {
    const { piece, back, held } = this
    let length = 0
    for (let k = piece.inStart[node]; k < piece.inStart[node + 1]; k++) {
      const e = piece.inEdges[k]
      if (back[e]) continue
      const v = piece.value[e]
      held[length++] = this.holder[v] === node ? this.second[v] : this.far[v]
    }
    if (length > FEW) held.subarray(0, length).sort()
    else sortFew(held, length)
    return length
  }

  /** Values the node makes for somebody further down. */
  private made(node: number): number {
    const { piece, back } = this
    let values = 0
    let last = -1
    for (let e = piece.outStart[node]; e < piece.outStart[node + 1]; e++) {
      if (!back[e] && piece.value[e] !== last) {
        last = piece.value[e]
        values++
      }
    }
    return values
  }

  private move(node: number, to: number): void {
    const { piece, far, holder, second } = this
    this.rank[node] = to
    for (let k = piece.inStart[node]; k < piece.inStart[node + 1]; k++) {
      const v = piece.value[piece.inEdges[k]]
      if (holder[v] === node) far[v] = Math.max(to, second[v])
      else if (to > far[v]) {
        second[v] = far[v]
        far[v] = to
        holder[v] = node
      } else if (to > second[v]) second[v] = to
    }
  }

  /** Everything sinks as far as it costs nothing, consumers first. */
  down(): void {
    const { piece, back, rank, order } = this
    this.measure()
    for (let k = order.length - 1; k >= 0; k--) {
      const node = order[k]
      if (piece.pin?.[node]) continue
      let limit = Infinity
      for (let e = piece.outStart[node]; e < piece.outStart[node + 1]; e++) {
        if (!back[e] && rank[piece.target[e]] - 1 - Number(piece.apart[e] === APART) < limit) limit = rank[piece.target[e]] - 1 - Number(piece.apart[e] === APART)
      }
      if (limit === Infinity || limit <= rank[node]) continue
      const made = this.made(node)
      const held = this.othersHold(node)
      const free = held > made ? Math.max(rank[node], this.held[made]) : limit
      if (Math.min(limit, free) > rank[node]) this.move(node, Math.min(limit, free))
    }
  }

  /** Everything rises as far as it costs nothing, producers first. Whether anything rose. */
  up(): boolean {
    const { piece, back, rank, order } = this
    this.measure()
    let moved = false
    for (let k = 0; k < order.length; k++) {
      const node = order[k]
      if (piece.pin?.[node]) continue
      let limit = -1
      for (let i = piece.inStart[node]; i < piece.inStart[node + 1]; i++) {
        const e = piece.inEdges[i]
        if (!back[e] && rank[piece.source[e]] + 1 + Number(piece.apart[e] === APART) > limit) limit = rank[piece.source[e]] + 1 + Number(piece.apart[e] === APART)
      }
      if (limit < 0 || limit >= rank[node]) continue
      const made = this.made(node)
      const held = this.othersHold(node)
      if (held < made) continue
      const to = made === 0 ? limit : Math.max(limit, this.held[made - 1])
      if (to >= rank[node]) continue
      this.move(node, to)
      moved = true
    }
    return moved
  }
}
