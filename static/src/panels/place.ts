/** Keeps what floats inside the window. */
import type { RefObject } from 'preact'
import { useLayoutEffect } from 'preact/hooks'

const MARGIN = 8

/** Where a box of this size goes when asked for at a point: beside it, turned back at the right and lower edge. */
export function clamp(at: { x: number; y: number }, size: { width: number; height: number }, within: { width: number; height: number }): { left: number; top: number } {
  const inside = (start: number, length: number, room: number): number => Math.max(MARGIN, Math.min(start, room - length - MARGIN))
  return { left: inside(at.x, size.width, within.width), top: inside(at.y, size.height, within.height) }
}

/** Puts the element at the point (or so that it ends at `end`, where it has no room there), or in the middle so far below the window's edge, and again when it or the window changes. */
export function usePlace(element: RefObject<HTMLElement | null>, at: { x: number; y: number; end?: number } | { top: number }): void {
  const x = 'x' in at ? at.x : null
  const y = 'x' in at ? at.y : at.top
  const end = 'x' in at ? at.end : undefined
  useLayoutEffect(() => {
    const box = element.current
    if (!box) return
    const put = (): void => {
      const turned = x !== null && end !== undefined && x + box.offsetWidth + MARGIN > window.innerWidth
      const { left, top } = clamp({ x: turned ? end - box.offsetWidth : x ?? (window.innerWidth - box.offsetWidth) / 2, y }, { width: box.offsetWidth, height: box.offsetHeight }, { width: window.innerWidth, height: window.innerHeight })
      box.style.left = `${left}px`
      box.style.top = `${top}px`
    }
    put()
    const watch = new ResizeObserver(put)
    watch.observe(box)
    window.addEventListener('resize', put)
    return () => { watch.disconnect(); window.removeEventListener('resize', put) }
  }, [x, y, end])
}

/** A place that ends left of the right panel, at the height of the pressed button. */
export function besidePanel(button: HTMLElement): { x: number; y: number; ends: true } {
  const panel = button.closest('.panel')?.getBoundingClientRect()
  const box = button.getBoundingClientRect()
  return { x: (panel?.left ?? box.left) - 12, y: box.top - 60, ends: true }
}
