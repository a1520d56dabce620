/** A menu at a place: arrows move, Enter chooses, a letter jumps, Esc closes and gives the focus back; an entry may hold a menu of its own. */
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Icon } from './Icon'
import { usePlace } from './place'

export interface MenuItem { title: string; keys?: string; danger?: boolean; disabled?: boolean; href?: string; download?: boolean; detail?: string; checked?: boolean; run?(): void; /** of its own menu, which → and Enter open */ entries?: readonly MenuEntry[] }
export type MenuEntry = MenuItem | 'line' | { heading: string }

/** `within`: the menu that this one stands beside; `end`: where that begins, for one that has no room to its right. */
interface MenuProps { label: string; at: { x: number; y: number; end?: number }; entries: readonly MenuEntry[]; onClose(): void; within?: { before: Element | null; back(): void } }

const HOVER_MS = 160 // that the pointer rests on an entry before its menu opens

export function isItem(entry: MenuEntry): entry is MenuItem {
  return entry !== 'line' && 'title' in entry
}

export function Menu({ label, at, entries, onClose, within }: MenuProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null)
  const before = useRef<Element | null>(within ? within.before : document.activeElement)
  const usable = entries.map((entry, index) => (isItem(entry) && !entry.disabled ? index : -1)).filter((index) => index >= 0)
  const [active, setActive] = useState(usable[0] ?? -1)
  const [inner, setInner] = useState<{ index: number; at: { x: number; y: number; end: number } } | null>(null)
  const resting = useRef(0)
  usePlace(box, at)
  useLayoutEffect(() => { box.current?.focus() }, [])
  useEffect(() => {
    const away = (event: PointerEvent): void => { if (!(event.target instanceof Element && event.target.closest('.menu'))) onClose() }
    document.addEventListener('pointerdown', away, true)
    window.addEventListener('blur', onClose)
    return () => { clearTimeout(resting.current); document.removeEventListener('pointerdown', away, true); window.removeEventListener('blur', onClose) }
  }, [])
  const open = (index: number): void => {
    clearTimeout(resting.current)
    const row = box.current?.querySelector(`[data-index="${index}"]`)?.getBoundingClientRect()
    const entry = entries[index]
    if (row && entry !== undefined && isItem(entry) && entry.entries) setInner({ index, at: { x: row.right + 2, y: row.top - 5, end: row.left - 2 } })
  }
  const point = (index: number): void => {
    if (index === active && (inner === null || inner.index === index)) return
    setActive(index)
    clearTimeout(resting.current)
    resting.current = window.setTimeout(() => { setInner(null); box.current?.focus(); open(index) }, HOVER_MS)
  }
  const choose = (index: number): void => {
    const entry = entries[index]
    if (entry === undefined || !isItem(entry) || entry.disabled) return
    if (entry.entries) return open(index)
    if (before.current instanceof HTMLElement) before.current.focus({ preventScroll: true })
    onClose()
    if (entry.run) entry.run()
    else if (entry.href) follow(entry.href, entry.download ?? false)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation()
    const position = usable.indexOf(active)
    if (event.key === 'ArrowDown') setActive(usable[(position + 1) % usable.length] ?? -1)
    else if (event.key === 'ArrowUp') setActive(usable[(position - 1 + usable.length) % usable.length] ?? -1)
    else if (event.key === 'Home') setActive(usable[0] ?? -1)
    else if (event.key === 'End') setActive(usable.at(-1) ?? -1)
    else if (event.key === 'Enter' || event.key === ' ') choose(active)
    else if (event.key === 'ArrowRight') open(active)
    else if (within && (event.key === 'ArrowLeft' || event.key === 'Escape')) within.back()
    else if (event.key === 'Escape' || event.key === 'Tab') {
      if (before.current instanceof HTMLElement) before.current.focus({ preventScroll: true })
      onClose()
    } else if (/^\p{L}$/u.test(event.key)) {
      const next = [...usable.slice(position + 1), ...usable].find((index) => titleOf(entries[index]!).toLowerCase().startsWith(event.key.toLowerCase()))
      if (next !== undefined) setActive(next)
    } else return
    event.preventDefault()
  }
  const prefix = within ? 'submenu' : 'menu'
  const opened = inner === null ? undefined : entries[inner.index]
  return (
    <>
    <div ref={box} class="menu" role="menu" aria-label={label} tabIndex={0} aria-activedescendant={active >= 0 ? `${prefix}-${active}` : undefined}
      onKeyDown={onKeyDown} onContextMenu={(event) => event.preventDefault()}>
      {entries.map((entry, index) => {
        if (entry === 'line') return <div key={index} class="menu-line" role="separator" />
        if (!isItem(entry)) return <div key={index} class="menu-heading cut" role="presentation">{entry.heading}</div>
        return (
          <div key={index} id={`${prefix}-${index}`} data-index={index} role="menuitem" aria-disabled={entry.disabled ?? false}
            aria-haspopup={entry.entries ? 'menu' : undefined} aria-expanded={entry.entries ? inner?.index === index : undefined}
            class={`menu-item${index === active ? ' active' : ''}${entry.danger ? ' danger' : ''}`}
            onPointerMove={() => { if (!entry.disabled) point(index) }} onClick={() => choose(index)}>
            <span class="cut">{entry.title}</span>
            {entry.detail && <span class="detail">{entry.detail}</span>}
            {entry.keys && <kbd aria-hidden="true">{entry.keys}</kbd>}
            {entry.entries && <span class="menu-more"><Icon name="right" /></span>}
          </div>
        )
      })}
    </div>
    {opened !== undefined && isItem(opened) && opened.entries && (
      <Menu key={inner!.index} label={opened.title} at={inner!.at} entries={opened.entries} onClose={onClose} within={{ before: before.current, back: () => { setInner(null); box.current?.focus() } }} />
    )}
    </>
  )
}

/** A download leaves the page as it is, so it asks nobody about unsaved edits. */
function follow(href: string, download: boolean): void {
  const link = document.createElement('a')
  link.href = href
  if (download) link.download = ''
  document.body.append(link)
  link.click()
  link.remove()
}

function titleOf(entry: MenuEntry): string {
  return isItem(entry) ? entry.title : ''
}
