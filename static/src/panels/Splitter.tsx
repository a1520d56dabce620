/** The edge of a side panel: drag or arrows resize it, a double click gives the usual width, Enter closes and opens. */
import type { Signal } from '@preact/signals'
import type { JSX } from 'preact'
import { keepPanelSize, type PanelSize, RANGE, type Side } from './sizes'

export function Splitter({ side, size }: { side: Side; size: Signal<PanelSize> }): JSX.Element {
  const { least, usual, most } = RANGE[side]
  const put = (next: Partial<PanelSize>): void => {
    const width = Math.max(least, Math.min(most, next.width ?? size.peek().width))
    size.value = { open: next.open ?? size.peek().open, width }
    keepPanelSize(side, size.peek(), localStorage)
  }
  const drag = (event: PointerEvent): void => {
    const handle = event.currentTarget as HTMLElement
    handle.setPointerCapture(event.pointerId)
    const start = event.clientX
    const width = size.peek().width
    const sign = side === 'left' ? 1 : -1
    const move = (moved: PointerEvent): void => put({ width: width + sign * (moved.clientX - start) })
    const end = (): void => {
      handle.removeEventListener('pointermove', move)
      handle.removeEventListener('pointerup', end)
      handle.removeEventListener('pointercancel', end)
    }
    handle.addEventListener('pointermove', move)
    handle.addEventListener('pointerup', end)
    handle.addEventListener('pointercancel', end)
  }
  const wider = side === 'left' ? 'ArrowRight' : 'ArrowLeft'
  const narrower = side === 'left' ? 'ArrowLeft' : 'ArrowRight'
  return (
    <div class={`splitter ${side}`} role="separator" aria-orientation="vertical" tabIndex={0} aria-label={`Width of the ${side} panel`}
      aria-valuenow={Math.round(size.value.width)} aria-valuemin={least} aria-valuemax={most} onPointerDown={drag} onDblClick={() => put({ width: usual })}
      onKeyDown={(event) => {
        if (event.key === wider) put({ width: size.peek().width + 16 })
        else if (event.key === narrower) put({ width: size.peek().width - 16 })
        else if (event.key === 'Enter') put({ open: !size.peek().open })
        else return
        event.preventDefault()
      }} />
  )
}
