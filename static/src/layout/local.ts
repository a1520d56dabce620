/** Mends what is near an edit in a piece too large to be looked at as a whole: fewer crossings, straighter lines, in a few rows. */
import { countCrossings, swapNeighbours } from './crossings'
import { portShares, type Order } from './order'
import { bucket, type Piece } from './piece'
import { slidePortsOf } from './ports'
import type { Rows } from './rows'
import { siftBlocks } from './sift'
import type { Space } from './space'
import { straightenRows } from './straighten'

/** Rows above and below of what is new that are looked at: the first that is not too many items. */
const REACHES = [40, 10]
export const REACH = REACHES[0]
/** Items in a stretch, most; a larger one is left alone. */
const MOST_ITEMS = 2000
/** Where an edit touches more places than this, nothing is looked at. */
const MOST_STRETCHES = 6
/** Comparisons that sifting may cost, per item. */
const SIFT_EFFORT = 300

/** The first and the last of some rows. */
type Stretch = [number, number]

/** A stretch of rows as rows of its own. */
interface Window {
  rows: Rows
  order: Order
  /** its items in the whole, ascending */
  items: Uint32Array
  /** its first slot in the whole */
  first: number
}

/** Stretches of rows around those in which something is new. */
export function stretchesNear(rows: Rows, isNew: (item: number) => boolean): Stretch[] {
  const found: Stretch[] = []
  const near = new Uint8Array(rows.rows)
  const { owner, loop } = rows
  // of a trunk its ends are enough: between them it has a free column; what leads back up gets one each time
  const isWithin = (i: number): boolean => owner[i] >= 0 && owner[i - 1] === owner[i] && owner[i + 1] === owner[i]
  const isLoop = (i: number): boolean => owner[i] >= 0 && loop[owner[i]] >= 0 && i >= loop[owner[i]] && i < loop[owner[i]] + rows.loopLength[owner[i]]
  for (let i = 0; i < rows.items; i++) if (isNew(i) && !isWithin(i) && !isLoop(i)) near[rows.row[i]] = 1
  for (let r = 0; r < rows.rows; r++) {
    if (!near[r]) continue
    const [from, to] = around(rows, r)
    const last = found[found.length - 1]
    if (last && from <= last[1]) last[1] = to
    else found.push([from, to])
  }
  return found.length > MOST_STRETCHES ? [] : found
}

function around(rows: Rows, r: number): Stretch {
  let found: Stretch = [r, r]
  for (const reach of REACHES) {
    found = [Math.max(0, r - reach), Math.min(rows.rows - 1, r + reach)]
    if (itemsIn(rows, found) <= MOST_ITEMS) break
  }
  return found
}

function itemsIn({ rowStart }: Rows, [from, to]: Stretch): number {
  return rowStart[to + 1] - rowStart[from]
}

/** Changes the order in these rows where that spares crossings; the rows at both ends stay as they are. */
export function untangleNear(rows: Rows, order: Order, stretch: Stretch): void {
  if (itemsIn(rows, stretch) > MOST_ITEMS) return
  const window = windowOf(rows, order, stretch)
  const shares = portShares(window.rows)
  const before = countCrossings(window.rows, window.order, shares)
  if (before === 0) return
  const was = window.order.at.slice()
  while (swapNeighbours(window.rows, window.order, shares));
  siftBlocks(window.rows, window.order, shares, SIFT_EFFORT * window.rows.items)
  while (swapNeighbours(window.rows, window.order, shares));
  for (const r of [0, window.rows.rows - 1]) {
    for (let slot = window.rows.rowStart[r]; slot < window.rows.rowStart[r + 1]; slot++) {
      window.order.at[slot] = was[slot]
      window.order.position[was[slot]] = slot - window.rows.rowStart[r]
    }
  }
  if (countCrossings(window.rows, window.order, shares) >= before) return
  for (let slot = 0; slot < window.rows.items; slot++) {
    const item = window.items[window.order.at[slot]]
    order.at[window.first + slot] = item
    order.position[item] = window.order.position[window.order.at[slot]]
  }
}

/** Changes x in these rows so that lines are straighter; the rows at both ends stay as they are, and chains that reach there. */
export function straightenNear(piece: Piece, whole: Rows, order: Order, space: Space, x: Float64Array, stretch: Stretch): void {
  if (itemsIn(whole, stretch) > MOST_ITEMS) return
  const [from, to] = stretch
  const end = whole.rowStart[to + 1]
  const slid = { ...whole, segments: { ...whole.segments, lowerPort: whole.segments.lowerPort.slice() } }
  const own = { ...piece, targetX: piece.targetX.slice() }
  for (let slot = whole.rowStart[from]; slot < end; slot++) if (order.at[slot] < whole.nodes) slidePortsOf(order.at[slot], own, slid, space, x)
  const { rows, order: inside, items } = windowOf(slid, order, stretch)
  const part = (column: Float64Array): Float64Array => Float64Array.from(items, (item) => column[item])
  const at = part(x)
  const isFixed = (item: number): boolean => (rows.row[item] === 0 && from > 0) || (rows.row[item] === rows.rows - 1 && to < whole.rows - 1)
  straightenRows(rows, inside, { topFrom: part(space.topFrom), topTo: part(space.topTo), bottomFrom: part(space.bottomFrom), bottomTo: part(space.bottomTo) }, at, isFixed)
  items.forEach((item, i) => { x[item] = at[i] })
}

function windowOf(whole: Rows, { at, position }: Order, [from, to]: Stretch): Window {
  const first = whole.rowStart[from]
  const items = at.slice(first, whole.rowStart[to + 1]).sort()
  const local = new Map<number, number>()
  items.forEach((item, i) => local.set(item, i))
  const { segments } = whole
  const kept: number[] = []
  for (const item of items) for (let k = segments.downStart[item]; k < segments.downStart[item + 1]; k++) if (local.has(segments.lower[segments.down[k]])) kept.push(segments.down[k])
  const upper = Uint32Array.from(kept, (s) => local.get(segments.upper[s])!)
  const lower = Uint32Array.from(kept, (s) => local.get(segments.lower[s])!)
  const downwards = bucket(upper, kept.length, items.length)
  const upwards = bucket(lower, kept.length, items.length)
  const rows: Rows = {
    ...whole,
    items: items.length,
    rows: to - from + 1,
    row: Int32Array.from(items, (item) => whole.row[item] - from),
    width: Float64Array.from(items, (item) => whole.width[item]),
    owner: Int32Array.from(items, (item) => whole.owner[item]),
    rowStart: whole.rowStart.slice(from, to + 2).map((slot) => slot - first),
    segments: {
      count: kept.length, upper, lower, downStart: downwards.start, down: downwards.member, upStart: upwards.start, up: upwards.member,
      upperPort: Float64Array.from(kept, (s) => segments.upperPort[s]), lowerPort: Float64Array.from(kept, (s) => segments.lowerPort[s]),
    },
  }
  const order = { at: Uint32Array.from(at.subarray(first, whole.rowStart[to + 1]), (item) => local.get(item)!), position: Float64Array.from(items, (item) => position[item]) }
  return { rows, order, items, first }
}
