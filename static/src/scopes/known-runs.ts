/** Runs that the reader of a graph knows: they stay when an edit makes one of their blocks unlike the others. */
import type { ScopeTree } from './tree'

/** Of siblings with these numbers behind the stem of their names; `parts`: shorter runs in it. */
export interface KnownRun { path: string; name: string; stem: string; first: number; last: number; /** path of the scope that it is in */ around: string; parts: readonly KnownRun[] }

const NAMED = /^(.*?)(\d+)–(\d+)$/s

/** The runs of a tree, behind those that were known before and are not in it: a change that goes again brings them back. */
export function runsOf(tree: ScopeTree, before: readonly KnownRun[]): KnownRun[] {
  const found: KnownRun[] = []
  for (let scope = 1; scope < tree.count; scope++) {
    if (tree.times[scope] < 2 || tree.times[tree.parent[scope]] > 1) continue
    const parts = tree.children(scope).filter((child) => tree.times[child] > 1).map((child) => runAt(tree, child, []))
    found.push(runAt(tree, scope, parts))
  }
  return [...before.filter(({ path, name }) => !found.some((one) => one.path === path && one.name === name)), ...found]
}

function runAt(tree: ScopeTree, scope: number, parts: readonly KnownRun[]): KnownRun {
  const [, stem, first, last] = NAMED.exec(tree.name(scope))!
  return { path: tree.path(scope), name: tree.name(scope), stem: stem!, first: Number(first), last: Number(last), around: tree.path(tree.parent[scope]), parts }
}
