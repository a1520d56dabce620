/** A list of rows of one height of which only those in sight exist: 50,000 rows cost as much as thirty. */
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

interface VirtualListProps {
  count: number
  rowHeight: number
  label: string
  /** index of the row that arrows start from; it is kept in sight */
  active: number
  row(index: number): ComponentChildren
  onMove(index: number): void
  onEnter?(index: number): void
  idOf(index: number): string
  /** rows are items of a tree */
  tree?: boolean
  /** keys beyond moving; true when taken */
  onKey?(event: KeyboardEvent, index: number): boolean
}

const BEYOND = 8 // rows drawn above and below what is seen

export function VirtualList({ count, rowHeight, label, active, row, onMove, onEnter, idOf, tree, onKey }: VirtualListProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null)
  const [view, setView] = useState({ top: 0, height: 600 })
  useEffect(() => {
    const element = box.current!
    const measure = (): void => setView({ top: element.scrollTop, height: element.clientHeight })
    measure()
    const watch = new ResizeObserver(measure)
    watch.observe(element)
    return () => watch.disconnect()
  }, [])
  useLayoutEffect(() => {
    const element = box.current
    if (!element || active < 0) return
    const top = active * rowHeight
    if (top < element.scrollTop) element.scrollTop = Math.max(0, top - rowHeight * 2)
    else if (top + rowHeight > element.scrollTop + element.clientHeight) element.scrollTop = top - element.clientHeight + rowHeight * 3
  }, [active])
  const first = Math.max(0, Math.floor(view.top / rowHeight) - BEYOND)
  const last = Math.min(count, Math.ceil((view.top + view.height) / rowHeight) + BEYOND)
  useLayoutEffect(() => { // only some rows are there: each says which it is
    if (!tree) [...(box.current!.querySelector('.virtual-seen')?.children ?? [])].forEach((element, at) => { element.setAttribute('aria-posinset', String(first + at + 1)); element.setAttribute('aria-setsize', String(count)) })
  })
  const onKeyDown = (event: KeyboardEvent): void => {
    if (onKey?.(event, active)) return event.preventDefault()
    const page = Math.max(1, Math.floor(view.height / rowHeight) - 1)
    const steps: Record<string, number> = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page, Home: 0, End: count - 1 }
    const next = steps[event.key]
    if (next !== undefined && count > 0) {
      event.preventDefault()
      onMove(Math.max(0, Math.min(count - 1, next)))
    } else if (event.key === 'Enter' && active >= 0) onEnter?.(active)
  }
  return (
    <div ref={box} class="virtual" role={tree ? 'tree' : 'listbox'} tabIndex={0} aria-label={label} aria-activedescendant={active >= 0 ? idOf(active) : undefined}
      onScroll={(event) => setView({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })} onKeyDown={onKeyDown}>
      <div class="virtual-all" style={{ height: `${count * rowHeight}px` }}>
        <div class="virtual-seen" style={{ transform: `translateY(${first * rowHeight}px)` }}>
          {Array.from({ length: Math.max(0, last - first) }, (_, at) => row(first + at))}
        </div>
      </div>
    </div>
  )
}
