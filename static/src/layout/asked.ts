/** New nodes with edges that were asked for at a place: the rows that are nearest to it. */
import { NEAR, type LayoutInput, type LayoutMemory } from './types'

/** The memory with rows for them, below what they take from and above what takes from them; and which they are, by place in the memory. */
export function withRows(memory: LayoutMemory, input: LayoutInput): { memory: LayoutMemory; asked: ReadonlySet<number> } {
  const asked = new Set<number>()
  memory.rank.forEach((rank, at) => { if (rank === NEAR) asked.add(at) })
  if (asked.size === 0) return { memory, asked }
  const place = new Map(Array.from(memory.key, (key, at) => [key, at]))
  const rankOf = (node: number): number => memory.rank[place.get(input.key[node]) ?? -1] ?? -1
  const rank = memory.rank.slice()
  const along = input.direction === 'right' ? memory.x : memory.y
  for (const at of asked) {
    const node = input.key.indexOf(memory.key[at])
    let [above, below] = [-1, Infinity]
    for (let e = 0; e < input.source.length; e++) {
      if (input.target[e] === node) above = Math.max(above, rankOf(input.source[e]))
      if (input.source[e] === node && rankOf(input.target[e]) >= 0) below = Math.min(below, rankOf(input.target[e]))
    }
    let nearest = Math.max(above, 0)
    let distance = Infinity
    for (const other of joinedTo(node, input)) {
      const known = place.get(input.key[other])
      if (known === undefined || memory.rank[known] < 0) continue
      const far = Math.abs(along[known] - along[at])
      if (far < distance) [nearest, distance] = [memory.rank[known], far]
    }
    rank[at] = Math.max(above + 1, Math.min(nearest, below - 1))
  }
  return { memory: { ...memory, rank }, asked }
}

/** What hangs together with the node. */
function joinedTo(node: number, { count, source, target }: LayoutInput): Set<number> {
  const beside = new Map<number, number[]>()
  const join = (one: number, other: number): void => { const known = beside.get(one); if (known) known.push(other); else beside.set(one, [other]) }
  for (let e = 0; e < source.length; e++) {
    join(source[e], target[e])
    join(target[e], source[e])
  }
  const found = new Set([node])
  for (const one of found) for (const other of beside.get(one) ?? []) if (other < count) found.add(other)
  found.delete(node)
  return found
}
