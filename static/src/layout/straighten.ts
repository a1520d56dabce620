/** Mends what grew crooked from edit to edit: lines that could be straight become so, and what stands out comes in, with little moved. */
import type { Order } from './order'
import type { Piece } from './piece'
import { slidePorts } from './ports'
import type { Rows } from './rows'
import { separation, type Extents, type Space } from './space'

/** Closer than this is straight, pixels. */
const STRAIGHT = 0.6
/** What a chain that becomes no straighter must come nearer to what it is joined to, pixels for each line. */
const LEAST_GAIN = 24
const ROUNDS = 3

/** Changes x: chains of items that stand straight under one another move as one, as far as there is room, until nothing is gained. */
export function straighten(piece: Piece, rows: Rows, order: Order, space: Space, x: Float64Array): void {
  const slid = { ...rows, segments: { ...rows.segments, lowerPort: rows.segments.lowerPort.slice() } }
  slidePorts({ ...piece, targetX: piece.targetX.slice() }, slid, space, x)
  straightenRows(slid, order, space, x)
}

/** The same in rows whose ports are where they will be. `isFixed`: chains with such items do not move. */
export function straightenRows(rows: Rows, order: Order, space: Extents, x: Float64Array, isFixed?: (item: number) => boolean): void {
  for (let round = 0; round < ROUNDS; round++) if (!new Chains(rows, order, space, x, isFixed).improve()) break
}

class Chains {
  private readonly of: Int32Array
  private readonly members: number[][] = []

  constructor(private readonly rows: Rows, private readonly order: Order, private readonly space: Extents, private readonly x: Float64Array, private readonly isFixed?: (item: number) => boolean) {
    this.of = new Int32Array(rows.items).fill(-1)
    for (let item = 0; item < rows.items; item++) if (this.of[item] < 0) this.members.push(this.gather(item, this.members.length))
  }

  /** Whether anything moved. Small chains move first: that moves the fewest. */
  improve(): boolean {
    const { x, members } = this
    let moved = false
    for (const chain of Array.from(members.keys()).sort((a, b) => members[a].length - members[b].length || a - b)) {
      const shift = this.shiftOf(chain)
      if (shift === 0) continue
      for (const item of members[chain]) x[item] += shift
      moved = true
    }
    return moved
  }

  private gather(first: number, chain: number): number[] {
    const found = [first]
    this.of[first] = chain
    for (const item of found) {
      this.each(item, (s, other) => {
        if (this.of[other] >= 0 || Math.abs(this.askew(s)) >= STRAIGHT) return
        this.of[other] = chain
        found.push(other)
      })
    }
    return found
  }

  private each(item: number, act: (segment: number, other: number) => void): void {
    const { segments } = this.rows
    for (let k = segments.upStart[item]; k < segments.upStart[item + 1]; k++) act(segments.up[k], segments.upper[segments.up[k]])
    for (let k = segments.downStart[item]; k < segments.downStart[item + 1]; k++) act(segments.down[k], segments.lower[segments.down[k]])
  }

  /** How far right of its upper end a segment ends. */
  private askew(s: number): number {
    const { segments } = this.rows
    return this.x[segments.lower[s]] + segments.lowerPort[s] - this.x[segments.upper[s]] - segments.upperPort[s]
  }

  /** The shift that makes the most lines straight, or brings the chain nearer to what it is joined to; 0: none is worth it. */
  private shiftOf(chain: number): number {
    const { segments } = this.rows
    if (this.isFixed && this.members[chain].some(this.isFixed)) return 0
    const wanted: number[] = []
    for (const item of this.members[chain]) this.each(item, (s, other) => { if (this.of[other] !== chain) wanted.push(segments.upper[s] === other ? -this.askew(s) : this.askew(s)) })
    if (wanted.length === 0 || wanted.some((shift) => Math.abs(shift) < STRAIGHT)) return 0
    const [least, most] = this.room(chain)
    let best = 0
    let straightest = 0
    for (const shift of wanted) {
      if (shift < least || shift > most) continue
      const straight = wanted.filter((one) => Math.abs(one - shift) < STRAIGHT).length
      if (straight > straightest || (straight === straightest && Math.abs(shift) < Math.abs(best))) [best, straightest] = [shift, straight]
    }
    if (straightest > 0) return best
    const middle = Math.min(Math.max(wanted.sort((a, b) => a - b)[wanted.length >> 1], least), most)
    const distance = (shift: number): number => wanted.reduce((sum, one) => sum + Math.abs(one - shift), 0)
    return distance(0) - distance(middle) > LEAST_GAIN * wanted.length ? middle : 0
  }

  /** How far the chain may go to the left (negative) and to the right. */
  private room(chain: number): [number, number] {
    const { rows, order, space, x } = this
    let least = -Infinity
    let most = Infinity
    for (const item of this.members[chain]) {
      const r = rows.row[item]
      const slot = rows.rowStart[r] + order.position[item]
      if (slot > rows.rowStart[r]) {
        const other = order.at[slot - 1]
        if (this.of[other] !== chain) least = Math.max(least, x[other] + separation(rows, space, other, item) - x[item])
      }
      if (slot + 1 < rows.rowStart[r + 1]) {
        const other = order.at[slot + 1]
        if (this.of[other] !== chain) most = Math.min(most, x[other] - separation(rows, space, item, other) - x[item])
      }
    }
    return [Math.min(least, 0), Math.max(most, 0)]
  }
}
