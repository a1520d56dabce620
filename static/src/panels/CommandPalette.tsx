/** Everything that can be done here, found by typing: Ctrl+K. */
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { keepRecent, paletteEntries, recentIds, searchPalette, type PaletteRow } from '../commands/palette'
import { useCommands, useEditor } from '../forms/editor-context'
import { Icon } from './Icon'
import { keyText } from './KeysDialog'
import { drawNow } from './picture-first'

const SHOWN = 200

export function CommandPalette(): JSX.Element {
  const editor = useEditor()
  const commands = useCommands()
  const [text, setText] = useState('')
  const [active, setActive] = useState(0)
  const dialog = useRef<HTMLDialogElement>(null)
  const list = useRef<HTMLUListElement>(null)
  const entries = useMemo(() => paletteEntries(editor, commands), [])
  const recent = useMemo(() => recentIds(localStorage), [])
  const rows = useMemo(() => searchPalette(entries, text, recent).slice(0, SHOWN), [text])
  useLayoutEffect(() => { // before the next key is pressed: it belongs here
    const element = dialog.current!
    if (!element.open) element.showModal()
    element.querySelector('input')?.focus()
    return () => element.close()
  }, [])
  useEffect(() => { list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' }) }, [active, text])
  const close = (): void => { editor.state.dialog.value = null }
  const choose = (row: PaletteRow | undefined): void => {
    if (!row) return
    keepRecent(localStorage, row.entry.id)
    close()
    drawNow() // the focus is back on the page then
    row.entry.run()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation()
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key]
    if (step !== undefined) setActive(Math.abs(step) === 1 ? (active + step + rows.length) % Math.max(1, rows.length) : Math.max(0, Math.min(rows.length - 1, active + step)))
    else if (event.key === 'Enter') choose(rows[active])
    else if (event.key === 'Escape' || (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey))) close()
    else return
    event.preventDefault()
  }
  return (
    <dialog ref={dialog} class="palette" aria-label="Commands" onCancel={(event) => { event.preventDefault(); close() }} onKeyDown={onKeyDown}
      onPointerDown={(event) => { if (event.target === dialog.current) close() }}>
      <div class="palette-box">
        <div class="palette-field">
          <Icon name="search" />
          <input type="text" role="combobox" aria-label="What to do" aria-expanded="true" aria-controls="palette-list" aria-activedescendant={rows[active] ? `palette-${active}` : undefined}
            placeholder="What do you want to do?" spellcheck={false} autocomplete="off" value={text} onInput={(event) => { setText(event.currentTarget.value); setActive(0) }} />
          <kbd aria-hidden="true">Esc</kbd>
        </div>
        <ul ref={list} id="palette-list" class="palette-list" role="listbox" aria-label="Commands">
          {rows.length === 0 && <li class="palette-empty">Nothing fits “{text.trim()}”. Try fewer letters, or select what it is to be done with.</li>}
          {rows.map((row, at) => (
            <Entry key={row.entry.id} row={row} at={at} active={at === active} heading={headingOf(rows, at)} onOver={() => setActive(at)} onChoose={() => choose(row)} />
          ))}
        </ul>
      </div>
    </dialog>
  )
}

interface EntryProps { row: PaletteRow; at: number; active: boolean; heading: string; onOver(): void; onChoose(): void }

function Entry({ row, at, active, heading, onOver, onChoose }: EntryProps): JSX.Element {
  const { entry, fit } = row
  return (
    <>
      {heading && <li class="palette-heading" role="presentation">{heading}</li>}
      <li id={`palette-${at}`} role="option" aria-selected={active} aria-label={[`${entry.group}: ${entry.title}`, active ? entry.detail : '', keyText(entry.keys)].filter(Boolean).join(', ')} class={entry.danger ? 'palette-entry danger' : 'palette-entry'}
        onPointerMove={() => { if (!active) onOver() }} onClick={onChoose}>
        <span class="palette-group cut">{entry.group}</span>{' '}
        <span class="palette-title cut">{marked(entry.title, fit?.at ?? [])}</span>{' '}
        <span class="detail">{active ? entry.detail : ''}</span>{' '}
        {entry.keys && <kbd aria-hidden="true">{keyText(entry.keys)}</kbd>}
      </li>
    </>
  )
}

function headingOf(rows: readonly PaletteRow[], at: number): string {
  if (rows[at]!.fit) return ''
  const now = rows[at]!.recent
  if (now) return at === 0 ? 'Recent' : ''
  return at > 0 && rows[at - 1]!.recent ? 'All' : ''
}

/** The characters that were meant, in bold. */
function marked(title: string, at: readonly number[]): JSX.Element[] {
  const meant = new Set(at)
  const parts: { bold: boolean; text: string }[] = []
  ;[...title].forEach((character, index) => {
    const bold = meant.has(index)
    if (parts.at(-1)?.bold === bold) parts.at(-1)!.text += character
    else parts.push({ bold, text: character })
  })
  return parts.map((part, index) => (part.bold ? <b key={index}>{part.text}</b> : <span key={index}>{part.text}</span>))
}
