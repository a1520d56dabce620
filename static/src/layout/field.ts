/** The forces and bounds between blocks: what pulls each one, and what it must stay clear of. */
import type { Blocks } from './align'
import type { Order } from './order'
import { bucket } from './piece'
import type { Rows } from './rows'
import { separation, type Space } from './space'

/** Blocks in an order from left to right; neighbours and pulls as compressed lists by block. */
export interface Field {
  count: number
  sequence: Uint32Array
  /** left neighbours: x[block] >= x[other] + gap */
  leftStart: Uint32Array
  left: Uint32Array
  leftGap: Float64Array
  rightStart: Uint32Array
  right: Uint32Array
  rightGap: Float64Array
  /** pulls: block would like to be at x[other] + shift */
  pullStart: Uint32Array
  pull: Uint32Array
  pullShift: Float64Array
  pullWeight: Float64Array
  /** 1 for blocks of the main path: they do not give way to the rest */
  main: Uint8Array
  anyMain: boolean
  /** where blocks of the main path stand beside one another when their axes are one line: x = axis + a number that all share; only for these blocks */
  axis: Float64Array
  /** groups of blocks that hold one another on an axis: members of group g are [groupStart[g], groupStart[g + 1]) of `groupMember` */
  group: Int32Array
  groupStart: Uint32Array
  groupMember: Uint32Array
}

/** A join returns to its fork's axis with the force of this many edges. */
const RETURN_FORCE = 8
/** How much a constant or a pill with one edge pulls what it hangs on. */
const LEAF_FORCE = 0.03
/** How much the main path is drawn by what stands beside it. */
const SIDE_FORCE = 0.002

export function makeField(rows: Rows, order: Order, space: Space, blocks: Blocks): Field {
  const { of, offset, count } = blocks
  const from: number[] = []
  const to: number[] = []
  const gap: number[] = []
  for (let r = 0; r < rows.rows; r++) {
    for (let slot = rows.rowStart[r] + 1; slot < rows.rowStart[r + 1]; slot++) {
      const a = order.at[slot - 1]
      const b = order.at[slot]
      from.push(of[a])
      to.push(of[b])
      gap.push(offset[a] + separation(rows, space, a, b) - offset[b])
    }
  }
  const left = compress(to, from, gap, count)
  const right = compress(from, to, gap, count)
  const pulls = gatherPulls(rows, blocks)
  return {
    count,
    sequence: leftToRight(count, left.start, right.start, right.other),
    leftStart: left.start,
    left: left.other,
    leftGap: left.number,
    rightStart: right.start,
    right: right.other,
    rightGap: right.number,
    ...pulls,
  }
}

type Groups = Pick<Field, 'group' | 'groupStart' | 'groupMember'>
type Pulls = Pick<Field, 'pullStart' | 'pull' | 'pullShift' | 'pullWeight' | 'main' | 'anyMain' | 'axis' | 'group' | 'groupStart' | 'groupMember'>

/** Segments between blocks pull both ends; leaves follow what they hang on and hardly pull it; joins return to their forks. */
function gatherPulls(rows: Rows, blocks: Blocks): Pulls {
  const { segments } = rows
  const { of, offset } = blocks
  const at: number[] = []
  const other: number[] = []
  const shift: number[] = []
  const weight: number[] = []
  const join = (u: number, v: number, d: number, onUpper: number, onLower: number): void => {
    at.push(of[v], of[u])
    other.push(of[u], of[v])
    shift.push(d, -d)
    weight.push(onLower, onUpper)
  }
  const degree = (i: number): number => segments.upStart[i + 1] - segments.upStart[i] + segments.downStart[i + 1] - segments.downStart[i]
  for (let s = 0; s < segments.count; s++) {
    const u = segments.upper[s]
    const v = segments.lower[s]
    if (of[u] === of[v]) continue
    join(u, v, offset[u] + segments.upperPort[s] - offset[v] - segments.lowerPort[s], degree(v) === 1 ? LEAF_FORCE : 1, degree(u) === 1 ? LEAF_FORCE : 1)
  }
  let returns = 0
  const axial = new Uint8Array(blocks.count)
  const parent = Int32Array.from(axial, (_, b) => b)
  for (let v = 0; v < rows.nodes; v++) {
    const u = blocks.returns[v]
    if (u < 0 || of[u] === of[v]) continue
    returns++
    axial[of[u]] = axial[of[v]] = 1
    union(parent, of[u], of[v])
    join(u, v, offset[u] + blocks.returnShift[v] - offset[v], RETURN_FORCE, RETURN_FORCE)
  }
  const firm = at.length - 2 * returns
  const groups = groupsOf(parent, axial)
  const main = mainPath(rows, blocks, groups)
  continueAxis(rows, blocks, main, groups.group, join)
  const axis = axisOf(blocks.count, main, at.slice(firm), other.slice(firm), shift.slice(firm))
  const { start, member } = bucket(at, at.length, blocks.count)
  return {
    pullStart: start,
    pull: Uint32Array.from(member, (i) => other[i]),
    pullShift: Float64Array.from(member, (i) => shift[i]),
    // what stands beside the main path must not draw it aside: contact would keep it drawing for ever
    pullWeight: Float64Array.from(member, (i) => (main[at[i]] && !main[other[i]] ? SIDE_FORCE : weight[i])),
    main,
    anyMain: main.includes(1),
    axis,
    ...groups,
  }
}

/** Follows the joins of the main path from its first block on: where each block stands from there when all of them are kept. */
function axisOf(count: number, main: Uint8Array, at: number[], other: number[], shift: number[]): Float64Array {
  const axis = new Float64Array(count).fill(NaN)
  const { start, member } = bucket(at, at.length, count)
  const stack: number[] = []
  for (let first = 0; first < count; first++) {
    if (!main[first] || !Number.isNaN(axis[first])) continue
    axis[first] = 0
    stack.push(first)
    for (let b = stack.pop(); b !== undefined; b = stack.pop()) {
      for (let k = start[b]; k < start[b + 1]; k++) {
        const next = other[member[k]]
        if (!main[next] || !Number.isNaN(axis[next])) continue
        // block b would stand at x[next] + shift
        axis[next] = axis[b] - shift[member[k]]
        stack.push(next)
      }
    }
  }
  return axis
}

/** Blocks of the groups that reach over the most rows, of groups beside one another only the longest. */
function mainPath(rows: Rows, blocks: Blocks, { group, groupStart }: Groups): Uint8Array {
  const count = groupStart.length - 1
  const top = new Int32Array(count).fill(rows.rows)
  const bottom = new Int32Array(count).fill(-1)
  for (let i = 0; i < rows.items; i++) {
    const g = group[blocks.of[i]]
    if (g < 0) continue
    top[g] = Math.min(top[g], rows.row[i])
    bottom[g] = Math.max(bottom[g], rows.row[i])
  }
  const longest = Array.from(top.keys()).sort((a, b) => bottom[b] - top[b] - (bottom[a] - top[a]) || a - b)
  const covered = new Uint8Array(rows.rows)
  const chosen = new Uint8Array(count)
  for (const g of longest) {
    // groups are chosen longest first, so one that would overlap has an end in a covered row
    if (covered[top[g]] || covered[bottom[g]]) continue
    chosen[g] = 1
    covered.fill(1, top[g], bottom[g] + 1)
  }
  return Uint8Array.from(group, (g) => (g >= 0 ? chosen[g] : 0))
}

type Join = (u: number, v: number, d: number, onUpper: number, onLower: number) => void

/** One stretch of the main path goes on where the one above it ended. */
function continueAxis(rows: Rows, blocks: Blocks, main: Uint8Array, group: Int32Array, join: Join): void {
  const { of, offset } = blocks
  const first = new Map<number, number>()
  const last = new Map<number, number>()
  for (let i = 0; i < rows.nodes; i++) {
    if (!main[of[i]]) continue
    const g = group[of[i]]
    const [top, bottom] = [first.get(g) ?? i, last.get(g) ?? i]
    first.set(g, rows.row[i] < rows.row[top] ? i : top)
    last.set(g, rows.row[i] > rows.row[bottom] ? i : bottom)
  }
  const groups = [...first.keys()].sort((a, b) => rows.row[first.get(a)!] - rows.row[first.get(b)!])
  for (let k = 1; k < groups.length; k++) {
    const u = last.get(groups[k - 1])!
    const v = first.get(groups[k])!
    join(u, v, offset[u] + rows.width[u] / 2 - offset[v] - rows.width[v] / 2, RETURN_FORCE, RETURN_FORCE)
  }
}

function find(parent: Int32Array, block: number): number {
  while (parent[block] !== block) block = parent[block] = parent[parent[block]]
  return block
}

function union(parent: Int32Array, a: number, b: number): void {
  const [from, to] = [find(parent, a), find(parent, b)]
  if (from < to) parent[to] = from
  else parent[from] = to
}

/** Group of each axial block, -1 for the others. */
function groupsOf(parent: Int32Array, axial: Uint8Array): Groups {
  const group = new Int32Array(parent.length).fill(-1)
  let groups = 0
  for (let b = 0; b < parent.length; b++) {
    if (!axial[b]) continue
    const root = find(parent, b)
    group[b] = root === b ? groups++ : group[root]
  }
  const members: number[] = []
  for (let b = 0; b < parent.length; b++) if (axial[b]) members.push(b)
  const { start, member } = bucket(Int32Array.from(members, (b) => group[b]), members.length, groups)
  return { group, groupStart: start, groupMember: member.map((i) => members[i]) }
}

/** Lists by block; of several entries for the same pair in a row only the greatest number is kept. */
function compress(key: number[], other: number[], number: number[], count: number): { start: Uint32Array; other: Uint32Array; number: Float64Array } {
  const start = new Uint32Array(count + 1)
  for (let i = 0; i < key.length; i++) start[key[i] + 1]++
  for (let b = 0; b < count; b++) start[b + 1] += start[b]
  const end = start.slice(0, count)
  const others = new Uint32Array(key.length)
  const numbers = new Float64Array(key.length)
  for (let i = 0; i < key.length; i++) {
    const last = end[key[i]] - 1
    if (last >= start[key[i]] && others[last] === other[i]) {
      numbers[last] = Math.max(numbers[last], number[i])
      continue
    }
    others[end[key[i]]] = other[i]
    numbers[end[key[i]]++] = number[i]
  }
  return pack(start, end, others, numbers)
}

function pack(start: Uint32Array, end: Uint32Array, other: Uint32Array, number: Float64Array): { start: Uint32Array; other: Uint32Array; number: Float64Array } {
  let filled = 0
  for (let b = 0; b < end.length; b++) {
    const from = start[b]
    start[b] = filled
    for (let k = from; k < end[b]; k++) {
      other[filled] = other[k]
      number[filled++] = number[k]
    }
  }
  start[end.length] = filled
  return { start, other: other.slice(0, filled), number: number.slice(0, filled) }
}

function leftToRight(count: number, leftStart: Uint32Array, rightStart: Uint32Array, right: Uint32Array): Uint32Array {
  const waiting = new Int32Array(count)
  for (let b = 0; b < count; b++) waiting[b] = leftStart[b + 1] - leftStart[b]
  const sequence = new Uint32Array(count)
  let filled = 0
  for (let b = 0; b < count; b++) if (waiting[b] === 0) sequence[filled++] = b
  for (let head = 0; head < filled; head++) {
    const b = sequence[head]
    for (let k = rightStart[b]; k < rightStart[b + 1]; k++) if (--waiting[right[k]] === 0) sequence[filled++] = right[k]
  }
  return sequence
}
