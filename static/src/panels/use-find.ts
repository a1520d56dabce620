/** What is looked for, what was found, and which hit the reader is at. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Editor } from '../commands/editor'
import { tryExpressions } from '../commands/expressions'
import { bodyPath } from '../commands/graphs'
import { find, idOfHit, type FindResult } from '../commands/search'
import { SearchMemory } from '../commands/search-memory'
import { BEST_GROUP, findRows, groupsAround, openAtFirst, type FindRow, type HitRow } from '../commands/search-hits'
import type { ModelDocument } from '../document/model'
import { nextRow, rowOf, type Stand } from './stepping'

const MARKED = 20_000 // hits that stand out on the canvas and the map
const OPEN_UP_TO = 150 // hits that are all shown; of more, as many as a panel has room for
const ROOM = 24 // rows
const AFTER_KEY = 60 // ms
const AFTER_EDIT = 500 // ms: the picture first

export interface Finding {
  text: string
  setText(text: string): void
  result: FindResult | null
  /** what the row shows, whichever document stands on the page by now */
  idOf(row: HitRow): string
  rows: FindRow[]
  /** index of the hit that the reader is at, among all in the order of rows; -1: none */
  at: number
  /** the row that the reader is at */
  row: number
  toggle(key: string): void
  /** goes to the row: a hit is shown, a group only pointed at */
  go(row: number): void
  /** to the next hit, or the one before, or all are selected; once the hits of the text are there */
  step(what: Step): void
  /** graphs whose hits can be selected together: the one that is shown, and those open in place in it */
  inSight: ReadonlySet<string>
  /** hits in them */
  together: number
}

export type Step = 1 | -1 | 'all'

export function useFind(editor: Editor): Finding {
  const { state } = editor
  const [text, setText] = useState('')
  const { found, atOnce } = useFound(editor, text)
  const { result } = found
  const awaited = useRef<{ text: string; what: Step } | null>(null) // was asked for before the hits were there
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set()) // groups that are not as they were at first
  const [stand, setStand] = useState<Stand | null>(null)
  const [cursor, setCursor] = useState<string | null>(null) // a group that the arrows stand on
  useEffect(() => { setStand(null); setTurned(new Set()); setCursor(null) }, [text])
  const idAt = (hit: number): string => idOfHit(found.document!, hit)
  const here = state.graph.value
  void state.scopes.value // bodies are opened and closed in place
  const inSight = new Set(editor.graphsInSight())
  const first = useRef<{ text: string; done: boolean; /** null: all */ keys: ReadonlySet<string> | null }>({ text: '', done: false, keys: null })
  if (result && (first.current.text !== found.text || !first.current.done)) { // edits neither open nor close what the reader sees
    first.current = { text: found.text, done: result.done, keys: result.total <= OPEN_UP_TO ? null : openAtFirst(result.graphs, here, ROOM - 1 - result.best.length) }
  }
  const isOpen = (key: string): boolean => turned.has(key) !== (key === BEST_GROUP || (first.current.keys?.has(key) ?? true))
  const turn = (keys: readonly string[]): void => setTurned(new Set([...[...turned].filter((key) => !keys.includes(key)), ...keys.filter((key) => !turned.has(key))]))
  const rows = useMemo(
    () => (result && editor.document ? findRows(result.graphs, result.best, here, (graph) => bodyPath(editor.document!, graph, here), isOpen) : []),
    [result, turned, here],
  )
  const order = useRef<{ of: FindResult | null; hits: { hit: number; graph: string }[] }>({ of: null, hits: [] })
  const hits = (): { hit: number; graph: string }[] => {
    if (result && order.current.of !== result) order.current = { of: result, hits: [...result.best, ...result.graphs.flatMap((found) => Array.from(found.all(), (hit) => ({ hit, graph: found.graph })))] }
    return result ? order.current.hits : []
  }
  const show = (index: number): void => {
    const one = hits()[index]
    if (!one || !editor.document || !result) return
    setStand({ hit: one.hit, index })
    setCursor(null)
    const found = result.graphs.find(({ graph }) => graph === one.graph)
    const closed = (index < result.best.length ? [BEST_GROUP] : found ? groupsAround(found, one.hit) : []).filter((key) => !isOpen(key))
    if (closed.length > 0) turn(closed)
    void editor.goTo(idAt(one.hit))
  }
  const toggle = (key: string): void => {
    turn([key])
    setCursor(key)
  }
  const all = (): string[] => hits().filter(({ graph }) => inSight.has(graph)).map(({ hit }) => idAt(hit))
  const at = stand === null ? -1 : rowOf(hits(), stand)
  const take = (what: Step): void => {
    if (what !== 'all') return show(nextRow(hits(), stand, what))
    const ids = all()
    if (ids.length === 0) return
    editor.select(ids)
    editor.canvas?.zoomTo(ids)
  }
  const step = (what: Step): void => {
    awaited.current = found.text === text ? null : { text, what }
    if (awaited.current) atOnce()
    else take(what)
  }
  useLayoutEffect(() => {
    if (awaited.current?.text === found.text && result?.done) step(awaited.current.what)
  }, [found])
  return {
    text, setText, result, rows, toggle, at, inSight, step, idOf: ({ hit }) => idAt(hit),
    row: rows.findIndex((row) => (row.what === 'group' ? row.key === cursor : cursor === null && row.hit === stand?.hit)),
    go: (index) => {
      const row = rows[index]
      if (row?.what === 'group') setCursor(row.key)
      else if (row) show(hits().findIndex(({ hit }) => hit === row.hit))
    },
    together: result ? hits().reduce((sum, { graph }) => sum + Number(inSight.has(graph)), 0) : 0,
  }
}

/** What was found, of which text and in which document. */
interface Found { text: string; document: ModelDocument | null; result: FindResult | null }

const NOTHING: Found = { text: '', document: null, result: null }

/** Searches anew when the text or the model changes. The search before is stopped; what it found stands until the same text's hits are all there again. */
function useFound(editor: Editor, text: string): { found: Found; /** without a pause for more letters */ atOnce(): void } {
  const { state } = editor
  const [found, setFound] = useState(NOTHING)
  const version = state.version.value
  const asked = useRef('')
  const memory = useMemo(() => new SearchMemory(), [])
  const waiting = useRef<(() => void) | null>(null)
  const shown = useRef<readonly string[]>([]) // marked on the canvas
  const mark = (ids: readonly string[]): void => {
    if (ids.length === shown.current.length && ids.every((id, at) => id === shown.current[at])) return
    shown.current = ids
    editor.canvas?.setHits(ids)
  }
  useEffect(() => editor.onChanges((changes) => memory.changed(changes)), [editor])
  useLayoutEffect(() => { // before the next key: it may be Enter
    const typed = asked.current !== text
    asked.current = text
    const { document } = editor
    if (text.trim() === '' || !document) {
      setFound((before) => (before.result === null && before.text === text ? before : { ...NOTHING, text }))
      mark([])
      return
    }
    const stop = new AbortController()
    const search = (): void => {
      waiting.current = null
      void find(document, text, state.graph.peek(), stop.signal, tryExpressions, (result) => {
        setFound((before) => (result.done || before.text !== text || before.result?.done !== true ? { text, document, result } : before))
        if (result.done) mark(marked(result).map((hit) => idOfHit(document, hit)))
      }, memory)
    }
    const timer = setTimeout(search, typed ? AFTER_KEY : AFTER_EDIT)
    waiting.current = () => { clearTimeout(timer); search() }
    return () => { clearTimeout(timer); waiting.current = null; stop.abort() }
  }, [text, version])
  return { found, atOnce: () => waiting.current?.() }
}

function marked({ best, graphs }: FindResult): number[] {
  const hits = best.map(({ hit }) => hit)
  for (const found of graphs) {
    for (const hit of found.all()) {
      if (hits.length >= MARKED) return hits
      hits.push(hit)
    }
  }
  return hits
}
