/** The open models as tabs: click, middle click, Ctrl+Alt+arrows, Alt+W; the dot means edits that are in no file yet. Only tabs may be among tabs, so the crosses are for the pointer; keys have Delete. */
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Pages } from '../commands/pages'
import { closeTab, pageOf, type Tab } from '../commands/tabs'
import { Icon } from './Icon'
import { Menu } from './Menu'
import { Modal } from './Modal'
import { drawNow } from './picture-first'

interface TabStripProps { pages: Pages; onNew(): void }

export function TabStrip({ pages, onNew }: TabStripProps): JSX.Element {
  const { tabs } = pages
  const list = tabs.list.value
  const current = tabs.current.value
  const strip = useRef<HTMLDivElement>(null)
  const asking = tabs.asking.value
  const [crowded, setCrowded] = useState(false) // not all fit
  const [listed, setListed] = useState<{ x: number; y: number } | null>(null)
  useEffect(() => {
    const row = strip.current
    if (!row) return
    const show = (): void => { bringIn(row); tellMore(row); setCrowded(list.length > 1 && row.scrollWidth > row.clientWidth + 1) }
    show()
    const watch = new ResizeObserver(show) // also when the window has less room for it than before
    watch.observe(row)
    return () => watch.disconnect()
  }, [current, list]) // names come late, and make tabs wider
  const onKeyDown = (event: KeyboardEvent): void => {
    const focused = event.target instanceof HTMLElement ? event.target.dataset['tab'] : undefined
    if (event.key === 'Delete' && focused !== undefined) {
      event.preventDefault()
      closeTab(pages, focused)
      return
    }
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    const next = step === 0 || event.ctrlKey || event.altKey ? null : tabs.neighbour(step)
    if (next === null) return
    event.preventDefault()
    pages.show(next)
    drawNow()
    document.querySelector<HTMLElement>('.tabs [aria-selected="true"]')?.focus()
  }
  /** A wheel moves the row sideways, as it has no other way to go. */
  const onWheel = (event: WheelEvent): void => {
    if (strip.current && event.deltaX === 0) strip.current.scrollLeft += event.deltaY
  }
  return (
    <div class="tabs">
      <div ref={strip} class={crowded ? 'tabs-row crowded' : 'tabs-row'} role="tablist" aria-label="Open models" onKeyDown={onKeyDown} onWheel={onWheel} onScroll={(event) => tellMore(event.currentTarget)}>
        {list.map((tab) => <OneTab key={tab.id} tab={tab} shown={tab.id === current} onShow={() => pages.show(tab.id)} onClose={() => closeTab(pages, tab.id)} />)}
      </div>
      <button type="button" class="icon-button tabs-new" aria-label="Open another model" title="Open another model (Ctrl+O)" onClick={onNew}><Icon name="plus" /></button>
      {crowded && <button type="button" class="icon-button tabs-all" aria-label="All open models" title="All open models" aria-haspopup="menu" aria-expanded={listed !== null}
        onClick={(event) => { const box = event.currentTarget.getBoundingClientRect(); setListed({ x: box.left, y: box.bottom + 4 }) }}><Icon name="down" /></button>}
      {listed && <Menu label="All open models" at={listed} onClose={() => setListed(null)}
        entries={[
          ...list.map((tab) => ({ title: tab.name || 'Model', detail: [tab.note, tab.unsaved && 'unsaved edits', tab.id === current && 'shown'].filter(Boolean).join(' · '), run: () => pages.show(tab.id) })),
          'line', { title: 'Open another model…', keys: 'Ctrl O', run: onNew },
        ]} />}
      {asking && <CloseQuestion tab={asking} onAnswer={(answer) => { tabs.asking.value = null; if (answer) pages.close(asking.id) }} />}
    </div>
  )
}

const FADED = 28 // pixels at each end, as in the style

/** Moves the row so that the shown tab is all in sight, and no fade beside it where there is room for that. */
function bringIn(row: HTMLElement): void {
  const tab = row.querySelector('[aria-selected="true"]')?.closest<HTMLElement>('.tab')
  if (!tab) return
  const air = Math.max(0, Math.min(FADED, (row.clientWidth - tab.offsetWidth) / 2))
  row.scrollLeft = Math.max(tab.offsetLeft + tab.offsetWidth + air - row.clientWidth, Math.min(row.scrollLeft, tab.offsetLeft - air))
}

/** Fades the ends behind which there are more tabs. */
function tellMore(row: HTMLElement): void {
  const more = [row.scrollLeft > 1 ? 'before' : '', row.scrollLeft + row.clientWidth < row.scrollWidth - 1 ? 'after' : ''].filter(Boolean).join(' ')
  row.dataset['more'] = more
}

function OneTab({ tab, shown, onShow, onClose }: { tab: Tab; shown: boolean; onShow(): void; onClose(): void }): JSX.Element {
  const name = tab.name || 'Model'
  const told = [name, tab.note, tab.unsaved ? 'has edits that are not saved to a file yet' : ''].filter(Boolean).join(' · ')
  return (
    <div class={shown ? 'tab shown' : 'tab'} title={told} onMouseDown={(event) => { if (event.button === 1) event.preventDefault() }}
      onAuxClick={(event) => { if (event.button === 1) { event.preventDefault(); onClose() } }}>
      <a class="tab-name" role="tab" href={pageOf(tab.id)} aria-selected={shown} aria-description={tab.unsaved ? 'unsaved edits' : undefined} tabIndex={shown ? 0 : -1} draggable={false} data-tab={tab.id}
        onClick={(event) => { if (!event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); onShow() } }}>
        <MiddleCut text={name} shown={shown} />
        {tab.note && <span class="tab-note">{tab.note}</span>}
      </a>
      {tab.unsaved && <span class="tab-dot" aria-hidden="true" />}
      <button type="button" class={tab.unsaved ? 'tab-close dotted' : 'tab-close'} title={`Close ${name} (Alt+W)`} aria-hidden="true" tabIndex={-1} onClick={onClose}><Icon name="close" /></button>
    </div>
  )
}

const TAIL = 12 // characters of a long name's end: what tells models apart is often there

/** A long name is cut in the middle: its end, with the ending, always stays. */
function MiddleCut({ text, shown }: { text: string; shown: boolean }): JSX.Element {
  const cut = text.length > 2 * TAIL
  return (
    <span class="middle-cut" data-testid={shown ? 'model-name' : undefined}>
      <span class="cut">{cut ? text.slice(0, -TAIL) : text}</span>
      {cut && <span class="tail">{text.slice(-TAIL)}</span>}
    </span>
  )
}

function CloseQuestion({ tab, onAnswer }: { tab: Tab; onAnswer(close: boolean): void }): JSX.Element {
  return (
    <Modal title={`Close ${tab.name}?`} onClose={() => onAnswer(false)}>
      <p>It has edits that are not saved to a file. Closing throws them away.</p>
      <div class="form-deeds">
        <button type="button" class="button" data-focus onClick={() => onAnswer(false)}>Keep it open</button>
        <button type="button" class="button danger filled" onClick={() => onAnswer(true)}>Close without saving</button>
      </div>
    </Modal>
  )
}
