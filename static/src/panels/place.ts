/** Keeps what floats inside the window. */
import type { RefObject } from 'preact'
import { useLayoutEffect } from 'preact/hooks'

const MARGIN = 8

/** Where a box of this size goes when asked for at a point: beside it, turned back at the right and lower edge. */
export function clamp(at: { x: number; y: number }, size: { width: number; height: number }, within: { width: number; height: number }): { left: number; top: number } {
  const inside = (start: number, length: number, room: number): number => Math.max(MARGIN, Math.min(start, room - length - MARGIN))
  return { left: inside(at.x, size.width, within.width), top: inside(at.y, size.height, within.height) }
}

/** Puts the element at the point, and again when it grows. */
export function usePlace(element: RefObject<HTMLElement | null>, at: { x: number; y: number }): void {
  useLayoutEffect(() => {
    const box = element.current
    if (!box) return
    const put = (): void => {
      const { left, top } = clamp(at, { width: box.offsetWidth, height: box.offsetHeight }, { width: window.innerWidth, height: window.innerHeight })
      box.style.left = `${left}px`
      box.style.top = `${top}px`
    }
    put()
    const watch = new ResizeObserver(put)
    watch.observe(box)
    window.addEventListener('resize', put)
    return () => { watch.disconnect(); window.removeEventListener('resize', put) }
  }, [at.x, at.y])
}

/** A place left of the right panel, at the height of the pressed button. */
export function besidePanel(button: HTMLElement): { x: number; y: number } {
  const panel = button.closest('.panel')?.getBoundingClientRect()
  const box = button.getBoundingClientRect()
  return { x: (panel?.left ?? box.left) - 360 - 12, y: box.top - 60 }
}
