/** A menu at a place: arrows move, Enter chooses, a letter jumps, Esc closes and gives the focus back. */
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { usePlace } from './place'

export interface MenuItem { title: string; keys?: string; danger?: boolean; disabled?: boolean; href?: string; download?: boolean; detail?: string; checked?: boolean; run?(): void }
export type MenuEntry = MenuItem | 'line' | { heading: string }

interface MenuProps { label: string; at: { x: number; y: number }; entries: readonly MenuEntry[]; onClose(): void }

export function isItem(entry: MenuEntry): entry is MenuItem {
  return entry !== 'line' && 'title' in entry
}

export function Menu({ label, at, entries, onClose }: MenuProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null)
  const before = useRef<Element | null>(document.activeElement)
  const usable = entries.map((entry, index) => (isItem(entry) && !entry.disabled ? index : -1)).filter((index) => index >= 0)
  const [active, setActive] = useState(usable[0] ?? -1)
  usePlace(box, at)
  useLayoutEffect(() => { box.current?.focus() }, [])
  useEffect(() => {
    const away = (event: PointerEvent): void => { if (!box.current?.contains(event.target as Node)) onClose() }
    document.addEventListener('pointerdown', away, true)
    window.addEventListener('blur', onClose)
    return () => { document.removeEventListener('pointerdown', away, true); window.removeEventListener('blur', onClose) }
  }, [])
  const choose = (index: number): void => {
    const entry = entries[index]
    if (entry === undefined || !isItem(entry) || entry.disabled) return
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
    else if (event.key === 'Escape' || event.key === 'Tab') {
      if (before.current instanceof HTMLElement) before.current.focus({ preventScroll: true })
      onClose()
    } else if (/^\p{L}$/u.test(event.key)) {
      const next = [...usable.slice(position + 1), ...usable].find((index) => titleOf(entries[index]!).toLowerCase().startsWith(event.key.toLowerCase()))
      if (next !== undefined) setActive(next)
    } else return
    event.preventDefault()
  }
  return (
    <div ref={box} class="menu" role="menu" aria-label={label} tabIndex={-1} aria-activedescendant={active >= 0 ? `menu-${active}` : undefined}
      onKeyDown={onKeyDown} onContextMenu={(event) => event.preventDefault()}>
      {entries.map((entry, index) => {
        if (entry === 'line') return <div key={index} class="menu-line" role="separator" />
        if (!isItem(entry)) return <div key={index} class="menu-heading cut" role="presentation">{entry.heading}</div>
        return (
          <div key={index} id={`menu-${index}`} role="menuitem" aria-disabled={entry.disabled ?? false}
            class={`menu-item${index === active ? ' active' : ''}${entry.danger ? ' danger' : ''}`}
            onPointerMove={() => { if (!entry.disabled && index !== active) setActive(index) }} onClick={() => choose(index)}>
            <span class="cut">{entry.title}</span>
            {entry.detail && <span class="detail">{entry.detail}</span>}
            {entry.keys && <kbd aria-hidden="true">{entry.keys}</kbd>}
          </div>
        )
      })}
    </div>
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
