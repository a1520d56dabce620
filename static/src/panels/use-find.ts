/** What is looked for, what was found, and which hit the reader is at. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Editor } from '../commands/editor'
import { tryExpressions } from '../commands/expressions'
import { bodyTitle } from '../commands/graphs'
import { find, idOfHit, type FindResult } from '../commands/search'
import { SearchMemory } from '../commands/search-memory'
import { findRows, groupsAround, type FindRow } from '../commands/search-hits'
import { nextRow, rowOf, type Stand } from './stepping'

const MARKED = 20_000 // hits that stand out on the canvas and the map
const OPEN_UP_TO = 150 // hits that are all shown; of more, their scopes are
const AFTER_KEY = 60 // ms
const AFTER_EDIT = 500 // ms: the picture first

export interface Finding {
  text: string
  setText(text: string): void
  result: FindResult | null
  rows: FindRow[]
  /** index of the hit that the reader is at, among all in the order of rows; -1: none */
  at: number
  /** the row that the reader is at */
  row: number
  toggle(key: string): void
  /** goes to the row: a hit is shown, a group only pointed at */
  go(row: number): void
  /** to the next hit, or the one before */
  step(by: number): void
  /** graphs whose hits can be selected together: the one that is shown, and those open in place in it */
  inSight: ReadonlySet<string>
  /** hits in them */
  together: number
  selectAll(): void
}

export function useFind(editor: Editor): Finding {
  const { state } = editor
  const [text, setText] = useState('')
  const result = useResult(editor, text)
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set()) // groups that are not as they were at first
  const [stand, setStand] = useState<Stand | null>(null)
  const [cursor, setCursor] = useState<string | null>(null) // a group that the arrows stand on
  useEffect(() => { setStand(null); setTurned(new Set()); setCursor(null) }, [text])
  const here = state.graph.value
  void state.scopes.value // bodies are opened and closed in place
  const inSight = new Set(editor.graphsInSight())
  const atFirst = (result?.total ?? 0) <= OPEN_UP_TO
  const rows = useMemo(
    () => (result && editor.document ? findRows(result.graphs, result.best, here, (graph) => bodyTitle(editor.document!, graph), (key) => turned.has(key) !== atFirst) : []),
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
    const closed = found && index >= result.best.length ? groupsAround(found, one.hit).filter((key) => turned.has(key) === atFirst) : []
    if (closed.length > 0) setTurned(atFirst ? new Set([...turned].filter((key) => !closed.includes(key))) : new Set([...turned, ...closed]))
    void editor.goTo(idOfHit(editor.document, one.hit))
  }
  const toggle = (key: string): void => {
    const next = new Set(turned)
    if (!next.delete(key)) next.add(key)
    setTurned(next)
    setCursor(key)
  }
  const all = (): string[] => hits().filter(({ graph }) => inSight.has(graph)).map(({ hit }) => idOfHit(editor.document!, hit))
  const at = stand === null ? -1 : rowOf(hits(), stand)
  return {
    text, setText, result, rows, toggle, at, inSight,
    row: rows.findIndex((row) => (row.what === 'group' ? row.key === cursor : cursor === null && row.hit === stand?.hit)),
    go: (index) => {
      const row = rows[index]
      if (row?.what === 'group') setCursor(row.key)
      else if (row) show(hits().findIndex(({ hit }) => hit === row.hit))
    },
    step: (by) => show(nextRow(hits(), stand, by)),
    together: result ? hits().reduce((sum, { graph }) => sum + Number(inSight.has(graph)), 0) : 0,
    selectAll: () => {
      const ids = all()
      if (ids.length === 0) return
      editor.select(ids)
      editor.canvas?.zoomTo(ids)
    },
  }
}

/** Searches anew when the text or the model changes. The search before is stopped. */
function useResult(editor: Editor, text: string): FindResult | null {
  const { state } = editor
  const [result, setResult] = useState<FindResult | null>(null)
  const version = state.version.value
  const asked = useRef('')
  const memory = useMemo(() => new SearchMemory(), [])
  const shown = useRef<readonly string[]>([]) // marked on the canvas
  const mark = (ids: readonly string[]): void => {
    if (ids.length === shown.current.length && ids.every((id, at) => id === shown.current[at])) return
    shown.current = ids
    editor.canvas?.setHits(ids)
  }
  useEffect(() => editor.onChanges((changes) => memory.changed(changes)), [editor])
  useEffect(() => {
    const typed = asked.current !== text
    asked.current = text
    const { document } = editor
    if (text.trim() === '' || !document) {
      setResult(null)
      mark([])
      return
    }
    const stop = new AbortController()
    const timer = setTimeout(() => {
      void find(document, text, state.graph.peek(), stop.signal, tryExpressions, (next) => {
        setResult(next)
        if (next.done) mark(marked(next).map((hit) => idOfHit(document, hit)))
      }, memory)
    }, typed ? AFTER_KEY : AFTER_EDIT)
    return () => { clearTimeout(timer); stop.abort() }
  }, [text, version])
  return result
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
