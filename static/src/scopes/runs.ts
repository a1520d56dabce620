/** Runs of identical siblings become one scope that stands for all: `layers.0`, `layers.1`, `layers.2` are `layers.0–2`, three times. */
import type { Draft } from './draft'
import type { KnownRun } from './known-runs'
import { membersOf, type Levels } from './levels'

const STRAYS = 12 // nodes that an edit put between the blocks of a run, and that go into it; with more it is none
const SMALL = 6 // nodes; a pair of less is no relief
const LONG = 40 // a longer run is cut into runs of runs, which open one after the other
const LENGTHS = [10, 20, 25, 50, 100]
const PARTS = 24

/**
 * Adds the runs to the draft: those that are known, identical or not, then what is there of identical siblings. A run that could not be drawn as
 * one box, because something between its members hangs on both sides, is none. Whether all that are known could be drawn.
 */
export function addRuns(draft: Draft, levels: Levels, repeat: Int32Array, known: readonly KnownRun[]): boolean {
  const members = membersOf(levels)
  const before = draft.count
  const sizes = draft.sizes()
  const place = new Int32Array(levels.count)
  members.items.forEach((member, at) => { place[member] = at })
  const together = new Int32Array(levels.count).fill(-1)
  const inner: number[][] = Array.from({ length: before }, () => [])
  const fits = (run: readonly number[]): boolean => contract(levels, members.items, place, together, run)
  const membersFor = (scopes: readonly number[]): number[] => scopes.map((scope) => levels.nodes + scope)
  let whole = true
  const taken = new Set<number>()
  for (const run of known.length > 0 ? blocksOf(draft, known) : []) {
    if (run.scopes.length < 2 || run.scopes.some((scope) => taken.has(scope))) continue
    const blocks = membersFor(run.scopes)
    const strays = fits(blocks) ? [] : between(levels, members.items, place, blocks)
    if (strays.length > 0 && (strays.length > STRAYS || strays.some((member) => member >= levels.nodes) || !fits([...blocks, ...strays]))) {
      whole = false
      continue
    }
    for (const scope of run.scopes) taken.add(scope)
    addKnown(draft, levels, run, strays)
  }
  for (let scope = 1; scope < before; scope++) if (repeat[scope] >= 0 && !taken.has(scope)) inner[draft.parent[scope]].push(scope)
  for (let around = 0; around < before; around++) {
    if (inner[around].length < 2) continue
    for (const run of candidates(draft, repeat, sizes, inner[around])) if (fits(membersFor(run.scopes))) add(draft, around, run)
  }
  return whole
}

interface FoundRun { run: KnownRun; around: number; /** with their numbers, ascending */ blocks: { scope: number; index: number }[]; scopes: number[] }

/** The blocks that there are of known runs. */
function blocksOf(draft: Draft, known: readonly KnownRun[]): FoundRun[] {
  const around = new Set(known.map((run) => run.around))
  const siblings = new Map<string, { around: number; byName: Map<string, number> }>()
  for (let scope = 1; scope < draft.count; scope++) {
    const path = draft.path(draft.parent[scope])
    if (!around.has(path)) continue
    let found = siblings.get(path)
    if (!found) siblings.set(path, (found = { around: draft.parent[scope], byName: new Map() }))
    found.byName.set(draft.names[scope], scope)
  }
  return known.map((run) => {
    const found = siblings.get(run.around)
    const blocks = Array.from({ length: run.last - run.first + 1 }, (_, i) => ({ index: run.first + i, scope: found?.byName.get(`${run.stem}${run.first + i}`) ?? -1 })).filter(({ scope }) => scope >= 0)
    return { run, around: found?.around ?? -1, blocks, scopes: blocks.map(({ scope }) => scope) }
  })
}

/** What hangs on some of these members and feeds others of them. */
function between(levels: Levels, items: Int32Array, place: Int32Array, run: readonly number[]): number[] {
  const window = items.subarray(Math.min(...run.map((member) => place[member])), Math.max(...run.map((member) => place[member])) + 1)
  const ends = new Set(run)
  const behind = new Set(run)
  for (const member of window) if (behind.has(member)) for (let k = levels.outStart[member]; k < levels.outStart[member + 1]; k++) behind.add(levels.outs[k])
  const before = new Set(run)
  for (const member of window.slice().reverse()) if (levels.outs.subarray(levels.outStart[member], levels.outStart[member + 1]).some((taker) => before.has(taker))) before.add(member)
  return Array.from(window).filter((member) => !ends.has(member) && behind.has(member) && before.has(member))
}

/** `strays` go into the part that they are joined to, or stand between the parts. */
function addKnown(draft: Draft, levels: Levels, { run, around, blocks }: FoundRun, strays: readonly number[]): void {
  const box = draft.add(around, run.name, run.path, blocks.length)
  const parts = run.parts.map((part) => {
    const count = blocks.filter(({ index }) => index >= part.first && index <= part.last).length
    return { ...part, box: count > 1 ? draft.add(box, part.name, part.path, count) : box }
  })
  const boxOf = new Map(blocks.map(({ scope, index }) => [levels.nodes + scope, parts.find(({ first, last }) => index >= first && index <= last)?.box ?? box]))
  for (const stray of strays) {
    const beside = [...levels.ins.subarray(levels.inStart[stray], levels.inStart[stray + 1]), ...levels.outs.subarray(levels.outStart[stray], levels.outStart[stray + 1])]
    const boxes = new Set(beside.flatMap((member) => boxOf.get(member) ?? []))
    draft.scopeOf[stray] = boxes.size === 1 ? [...boxes][0] : box
  }
  for (const { scope } of blocks) draft.move(scope, boxOf.get(levels.nodes + scope)!)
}

interface Run { stem: string; first: number; scopes: number[] }

/** Siblings that look alike and are numbered in a row. */
function candidates(draft: Draft, repeat: Int32Array, sizes: Uint32Array, siblings: readonly number[]): Run[] {
  const numbered: { stem: string; index: number; scope: number }[] = []
  for (const scope of siblings) {
    const found = /^(.*?)(\d{1,9})$/s.exec(draft.names[scope])
    if (found) numbered.push({ stem: found[1], index: Number(found[2]), scope })
  }
  numbered.sort((a, b) => (a.stem < b.stem ? -1 : a.stem > b.stem ? 1 : a.index - b.index))
  const runs: Run[] = []
  let run: Run | null = null
  for (const { stem, index, scope } of numbered) {
    if (run && run.stem === stem && run.first + run.scopes.length === index && repeat[run.scopes[0]] === repeat[scope]) run.scopes.push(scope)
    else runs.push((run = { stem, first: index, scopes: [scope] }))
  }
  return runs.filter(({ scopes }) => scopes.length > 2 || (scopes.length === 2 && sizes[scopes[0]] >= SMALL))
}

/**
 * Whether these members of one scope can be one box: nothing outside of them both hangs on one of them and feeds another. If so, `items`
 * has them side by side from now on, what hangs on them behind.
 */
function contract(levels: Levels, items: Int32Array, place: Int32Array, together: Int32Array, run: readonly number[]): boolean {
  const id = run[0]
  const inside = new Set(run)
  let from = Infinity
  let to = -1
  for (const member of run) {
    from = Math.min(from, place[member])
    to = Math.max(to, place[member])
  }
  const hanging = new Set<number>()
  for (let at = from; at <= to; at++) {
    const member = items[at]
    if (together[member] >= 0 && (at === from || together[items[at - 1]] !== together[member])) { // an earlier run hangs on it as a whole
      let end = at
      while (end <= to && together[items[end]] === together[member]) end += 1
      const block = items.subarray(at, end)
      if (block.some((other) => hanging.has(other))) for (const other of block) hanging.add(other)
    }
    if (inside.has(member) ? hanging.has(member) : false) return false
    if (!inside.has(member) && !hanging.has(member)) continue
    for (let k = levels.outStart[member]; k < levels.outStart[member + 1]; k++) {
      const taker = levels.outs[k]
      if (inside.has(taker)) {
        if (!inside.has(member)) return false
      } else hanging.add(taker)
    }
  }
  const window = Array.from(items.subarray(from, to + 1))
  const sorted = [...window.filter((m) => !inside.has(m) && !hanging.has(m)), ...window.filter((m) => inside.has(m)), ...window.filter((m) => hanging.has(m))]
  sorted.forEach((member, i) => {
    items[from + i] = member
    place[member] = from + i
  })
  for (const member of run) together[member] = id
  return true
}

function add(draft: Draft, around: number, { stem, first, scopes }: Run): void {
  const name = (from: number, length: number): string => `${stem}${from}–${from + length - 1}`
  const run = draft.add(around, name(first, scopes.length), `${draft.path(scopes[0])}…`, scopes.length)
  if (scopes.length <= LONG) {
    for (const scope of scopes) draft.move(scope, run)
    return
  }
  const length = LENGTHS.find((length) => scopes.length / length <= PARTS) ?? LENGTHS.at(-1)!
  for (let at = 0; at < scopes.length; at += length) {
    const some = scopes.slice(at, at + length)
    const part = some.length < 2 ? run : draft.add(run, name(first + at, some.length), `${draft.path(some[0])}‥`, some.length)
    for (const scope of some) draft.move(scope, part)
  }
}
