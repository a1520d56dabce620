/** What Find found in one graph, by scope: counts at once, rows only of what is open. */
import type { ModelDocument } from '../document/model'
import { scopeTree, type ScopeTree } from '../scopes/tree'

export class ScopeHits {
  count = 0
  readonly tree: ScopeTree
  private readonly direct = new Map<number, number[]>()
  private readonly deep = new Map<number, number>()

  constructor(document: ModelDocument, readonly graph: string) {
    this.tree = scopeTree(document, graph)
  }

  /** `node`: the index of the node that the hit is, or is beside; -1: the hit belongs to the graph as a whole. */
  add(hit: number, node: number): void {
    this.count += 1
    const scope = node < 0 ? 0 : Math.max(0, this.tree.scopeOf(node))
    const list = this.direct.get(scope)
    if (list) list.push(hit)
    else this.direct.set(scope, [hit])
    for (let at = scope; at >= 0; at = this.tree.parent[at]) this.deep.set(at, (this.deep.get(at) ?? 0) + 1)
  }

  /** directly in the scope */
  hits(scope: number): readonly number[] {
    return this.direct.get(scope) ?? []
  }

  countIn(scope: number): number {
    return this.deep.get(scope) ?? 0
  }

  /** scopes in it that have hits, in the order of the graph */
  scopes(scope: number): number[] {
    return this.tree.children(scope).filter((child) => this.deep.has(child))
  }

  /** All hits in it, in the order of rows. */
  *all(scope = 0): Generator<number> {
    yield* this.hits(scope)
    for (const child of this.scopes(scope)) yield* this.all(child)
  }
}

const ENOUGH = 3 // hits that are read at once

/** the key of the group of hits whose name is what was searched for: they are not among those of their scopes */
export const BEST_GROUP = 'best'

export interface HitRow { what: 'hit'; hit: number; graph: string; depth: number; best?: true; /** the path of the scope around it that is a row, too; '': none is */ within: string }
export interface GroupRow { what: 'group'; key: string; label: string; graph: string; /** 0: the graph itself */ scope: number; count: number; depth: number; open: boolean }
export type FindRow = HitRow | GroupRow

/** The rows in sight. `isOpen` is asked by key, graph and scope. */
export function findRows(graphs: readonly ScopeHits[], best: readonly { graph: string; hit: number }[], here: string, nameOf: (graph: string) => string, isOpen: (key: string) => boolean): FindRow[] {
  const rows: FindRow[] = []
  const depthOfBest = graphs.length > 0 ? 1 : 0 // nothing else was found: they need no name
  const bestOpen = depthOfBest === 0 || isOpen(BEST_GROUP)
  if (best.length > 0 && depthOfBest === 1) rows.push({ what: 'group', key: BEST_GROUP, label: best.length === 1 ? 'Best match' : 'Best matches', graph: here, scope: 0, count: best.length, depth: 0, open: bestOpen })
  if (bestOpen) for (const { graph, hit } of best) rows.push({ what: 'hit', hit, graph, depth: depthOfBest, best: true, within: '' })
  for (const found of graphs) {
    const { graph, tree } = found
    const within = (scope: number, depth: number): void => {
      for (const hit of found.hits(scope)) rows.push({ what: 'hit', hit, graph, depth, within: scope === 0 ? '' : tree.path(scope) })
      for (const child of found.scopes(scope)) group(child, depth)
    }
    const group = (child: number, depth: number): void => {
      let scope = child
      let label = tree.name(scope)
      for (let inner = found.scopes(scope); found.hits(scope).length === 0 && inner.length === 1; inner = found.scopes(scope)) {
        scope = inner[0]!
        label += ` / ${tree.name(scope)}`
      }
      const key = keyOfGroup(graph, tree.path(scope))
      const open = isOpen(key)
      rows.push({ what: 'group', key, label, graph, scope, count: found.countIn(scope), depth, open })
      if (open) within(scope, depth + 1)
    }
    if (graph === here) within(0, 0)
    else {
      const key = keyOfGroup(graph, '')
      const open = isOpen(key)
      rows.push({ what: 'group', key, label: nameOf(graph), graph, scope: 0, count: found.count, depth: 0, open })
      if (open) within(0, 1)
    }
  }
  return rows
}

/** Keys of the groups that are open at first: level by level while all their rows fit into a panel of `room` rows; where that shows hardly a hit, whatever is at its top. */
export function openAtFirst(graphs: readonly ScopeHits[], here: string, room: number): ReadonlySet<string> {
  const open = new Set<string>()
  const byGraph = new Map(graphs.map((found) => [found.graph, found]))
  const rowsNow = (): FindRow[] => findRows(graphs, [], here, () => '', (key) => open.has(key))
  let rows = rowsNow()
  let count = rows.length
  for (let opened = true; opened && count < room;) {
    opened = false
    for (const row of rows) {
      if (row.what === 'hit' || row.open) continue
      const found = byGraph.get(row.graph)!
      const inside = found.hits(row.scope).length + found.scopes(row.scope).length
      if (count + inside > room) continue
      opened = true
      count += inside
      open.add(row.key)
    }
    if (opened) rows = rowsNow()
  }
  if (rows.slice(0, room).filter(({ what }) => what === 'hit').length >= ENOUGH) return open
  for (let at = 0; at < Math.min(room, rows.length); at += 1) {
    const row = rows[at]!
    if (row.what === 'hit' || row.open) continue
    open.add(row.key)
    rows = rowsNow()
  }
  return open
}

export function keyOfGroup(graph: string, path: string): string {
  return `${graph}\n${path}`
}

/** Keys of the groups around a hit, to open them. */
export function groupsAround(found: ScopeHits, hit: number): string[] {
  const { tree, graph } = found
  const search = (scope: number): number => (found.hits(scope).includes(hit) ? scope : (found.scopes(scope).map(search).find((inner) => inner >= 0) ?? -1))
  const keys: string[] = []
  for (let scope = search(0); scope >= 0; scope = tree.parent[scope]) keys.push(keyOfGroup(graph, tree.path(scope)))
  return keys
}
