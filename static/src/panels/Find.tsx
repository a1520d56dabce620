/** The find field and its results: hits are marked on the canvas, Enter goes from one to the next. */
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { FIND_FIELD } from '../commands/all'
import { find, type FindResult, type Found } from '../commands/search'
import { useEditor } from '../forms/editor-context'
import { Icon } from './Icon'
import { keyText } from './KeysDialog'
import { clipped, Name } from './Name'
import { plural } from './status'
import { VirtualList } from './VirtualList'

const ROW = 26
const MARKED = 5000
const AFTER_KEY = 60 // ms
const AFTER_EDIT = 500 // ms: the picture first

export function useFind(): { text: string; setText(text: string): void; result: FindResult | null } {
  const editor = useEditor()
  const { state } = editor
  const [text, setText] = useState('')
  const [result, setResult] = useState<FindResult | null>(null)
  const version = state.version.value
  const asked = useRef('')
  useEffect(() => {
    const typed = asked.current !== text
    asked.current = text
    if (text.trim() === '' || !editor.document) {
      setResult(null)
      editor.canvas?.setHits([])
      return
    }
    const stop = new AbortController()
    const timer = setTimeout(() => {
      void find(editor.document!, text, state.graph.peek(), stop.signal, (next) => {
        setResult(next)
        editor.canvas?.setHits(next.found.slice(0, MARKED).map((one) => one.id))
      })
    }, typed ? AFTER_KEY : AFTER_EDIT)
    return () => { clearTimeout(timer); stop.abort() }
  }, [text, version])
  return { text, setText, result }
}

/** Where the reader is among the hits: it stays with the hit when an edit moves it, and stays in its row when an edit takes the hit away. */
export interface Stand { id: string; index: number }

/** The row that stands out now; -1 when the hit is none any more. */
export function rowOf(found: readonly Found[], stand: Stand | null): number {
  if (!stand) return -1
  return found[stand.index]?.id === stand.id ? stand.index : found.findIndex((one) => one.id === stand.id)
}

/** The row one step on, around the ends. Where the hit is gone, the one that took its row is next. */
export function nextRow(found: readonly Found[], stand: Stand | null, step: number): number {
  if (found.length === 0) return -1
  const at = rowOf(found, stand)
  const from = at >= 0 ? at + step : stand ? stand.index + (step > 0 ? 0 : -1) : step > 0 ? 0 : -1
  return ((from % found.length) + found.length) % found.length
}

export function FindField({ text, setText, onNext, onAll }: { text: string; setText(text: string): void; onNext(step: number): void; onAll(): void }): JSX.Element {
  const editor = useEditor()
  return (
    <div class="find" role="search">
      <Icon name="search" />
      <input id={FIND_FIELD} class="field" type="search" placeholder="Find nodes, values…" aria-label="Find" spellcheck={false} autocomplete="off" value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && event.altKey) { event.preventDefault(); onAll() }
          else if (event.key === 'Enter' || event.key === 'F3') { event.preventDefault(); onNext(event.shiftKey ? -1 : 1) }
          if (event.key === 'ArrowDown') { event.preventDefault(); onNext(1) }
          if (event.key === 'ArrowUp') { event.preventDefault(); onNext(-1) }
          if (event.key === 'Escape') { event.stopPropagation(); setText(''); editor.canvas?.focus() }
        }} />
      {text === '' ? <kbd aria-hidden="true">Ctrl F</kbd> : <button type="button" class="icon-button small" aria-label="Clear the search" onClick={() => setText('')}><Icon name="close" /></button>}
    </div>
  )
}

/** The hits that can be selected together: those of the graph in sight. */
export function selectable(result: FindResult, graph: string): string[] {
  return result.found.filter((one) => one.graph === graph).map((one) => one.id)
}

interface FindResultsProps { result: FindResult; at: number; onGo(index: number): void; onToggle(id: string): void; onAll(): void }

export function FindResults({ result, at, onGo, onToggle, onAll }: FindResultsProps): JSX.Element {
  const editor = useEditor()
  const here = editor.state.graph.value
  const selected = editor.state.selection.value
  const together = selectable(result, here).length
  void editor.state.version.value // names may have changed
  const box = useRef<HTMLDivElement>(null)
  const row = (index: number): JSX.Element => {
    const found = result.found[index]!
    const name = editor.node(found.id)?.name ?? editor.value(found.id)?.name ?? found.name // it may have been renamed since
    return (
      <div key={found.id} id={`found-${index}`} role="option" aria-selected={index === at} class={selected.size > 1 && selected.has(found.id) ? 'row chosen' : 'row'} data-id={found.id} title={clipped(name)} aria-label={`${clipped(name) || 'unnamed'}, ${detail(found, here)}`} onClick={(event) => { if ((event.ctrlKey || event.metaKey) && found.graph === here) onToggle(found.id); else onGo(index) }}>
        {found.what === 'node' ? <span class={`mark family-${editor.node(found.id)?.family ?? 'custom'}`} /> : <span class="mark wire" />}
        <Name name={name} />
        <span class="detail">{found.graph === here ? found.detail : 'elsewhere'}</span>
      </div>
    )
  }
  return (
    <div class="find-results" ref={box}>
      <div class="find-head">
        <h3 class="section-title" aria-live="polite">{result.total === 0 ? (result.done ? 'Nothing found' : 'Searching…') : `${at >= 0 ? `${(at + 1).toLocaleString('en')} of ` : ''}${plural(result.total, 'hit')}${result.done ? '' : '…'}`}</h3>
        {result.done && together > 1 && <button type="button" class="link" title={`Select them; Ctrl+click a hit adds it or takes it away (${keyText('Alt+Enter')})`} onClick={onAll}>{together < result.total ? `Select ${together.toLocaleString('en')} here` : `Select all ${together.toLocaleString('en')}`}</button>}
      </div>
      {result.total === 0 && result.done && <p class="quiet padded">Try a part of a name, an operator as <code>op:Conv</code>, or a type as <code>type:f16</code>.</p>}
      <VirtualList count={result.found.length} rowHeight={ROW} label="Find results" active={at} row={row} onMove={onGo} onEnter={onGo} idOf={(index) => `found-${index}`} />
    </div>
  )
}

function detail(found: Found, here: string): string {
  return found.graph === here ? found.detail : `${found.detail}, elsewhere`
}
