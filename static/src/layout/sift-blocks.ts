/** What is sifted: blocks of items that hang together from row to row, what is at the other ends of their segments, their order from left to right. */
import type { Order } from './order'
import type { Rows } from './rows'

/** Trunks, and chains of nodes without branches: one item per row, from row `top` to row `bottom`. */
export interface Blocks {
  count: number
  of: Uint32Array
  top: Int32Array
  bottom: Int32Array
  /** items of block b from top to bottom are [start[b], start[b + 1]) of `item` */
  start: Uint32Array
  item: Uint32Array
}

/** The blocks at the other ends of all segments above, or below: of the k-th place in `Blocks.item` they are [start[k], start[k + 1]). In one row a block has one item. */
export interface Ends {
  start: Uint32Array
  block: Uint32Array
  share: Float64Array
}

/** Joins the items between which there is nothing but one segment. */
export function blocksOf(rows: Rows): Blocks {
  const { segments, items } = rows
  const of = new Uint32Array(items)
  const above = new Int32Array(items).fill(-1)
  const below = new Int32Array(items).fill(-1)
  for (let s = 0; s < segments.count; s++) {
    const u = segments.upper[s]
    const v = segments.lower[s]
    const sameTrunk = v === u + 1 && rows.owner[u] >= 0 && rows.owner[u] === rows.owner[v]
    const onlyWay = segments.downStart[u + 1] - segments.downStart[u] === 1 && segments.upStart[v + 1] - segments.upStart[v] === 1
    if (!sameTrunk && !onlyWay) continue
    below[u] = v
    above[v] = u
  }
  const start = [0]
  const item: number[] = []
  const top: number[] = []
  const bottom: number[] = []
  for (let i = 0; i < items; i++) {
    if (above[i] >= 0) continue
    top.push(rows.row[i])
    for (let k = i; k >= 0; k = below[k]) {
      of[k] = top.length - 1
      item.push(k)
    }
    bottom.push(rows.row[item[item.length - 1]])
    start.push(item.length)
  }
  return { count: top.length, of, top: Int32Array.from(top), bottom: Int32Array.from(bottom), start: Uint32Array.from(start), item: Uint32Array.from(item) }
}

export function endsOf({ item, of }: Blocks, start: Uint32Array, list: Uint32Array, end: Uint32Array, shares: Float64Array): Ends {
  const ends: Ends = { start: new Uint32Array(item.length + 1), block: new Uint32Array(list.length), share: new Float64Array(list.length) }
  let count = 0
  for (let k = 0; k < item.length; k++) {
    for (let i = start[item[k]]; i < start[item[k] + 1]; i++) {
      ends.block[count] = of[end[list[i]]]
      ends.share[count++] = shares[list[i]]
    }
    ends.start[k + 1] = count
  }
  return ends
}

/** An order of all blocks that agrees with every row; where rows disagree, with the blocks' mean places. */
export function keysOf(rows: Rows, order: Order, blocks: Blocks): Float64Array {
  const { count, of } = blocks
  const waiting = new Int32Array(count)
  const after: number[][] = Array.from({ length: count }, () => [])
  for (let r = 0; r < rows.rows; r++) {
    for (let slot = rows.rowStart[r] + 1; slot < rows.rowStart[r + 1]; slot++) {
      const a = of[order.at[slot - 1]]
      const b = of[order.at[slot]]
      after[a].push(b)
      waiting[b]++
    }
  }
  const key = new Float64Array(count).fill(-1)
  const ready: number[] = []
  for (let b = 0; b < count; b++) if (waiting[b] === 0) ready.push(b)
  let next = 0
  const take = (b: number): void => {
    key[b] = next++
    for (const other of after[b]) if (--waiting[other] === 0 && key[other] < 0) ready.push(other)
  }
  const rest = restByPlace(order, blocks)
  for (let k = 0; next < count; ) {
    const b = ready.pop()
    if (b !== undefined) take(b)
    else {
      while (key[rest[k]] >= 0) k++
      take(rest[k])
    }
  }
  return key
}

function restByPlace(order: Order, { count, start, item }: Blocks): Uint32Array {
  const mean = new Float64Array(count)
  for (let b = 0; b < count; b++) {
    for (let k = start[b]; k < start[b + 1]; k++) mean[b] += order.position[item[k]]
    mean[b] /= start[b + 1] - start[b]
  }
  return Uint32Array.from(mean, (_, b) => b).sort((a, b) => mean[a] - mean[b] || a - b)
}
