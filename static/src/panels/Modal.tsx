/** A dialog over the page: the native element, so that focus stays inside and Esc closes. */
import type { ComponentChildren, JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

interface ModalProps { title: string; onClose(): void; children: ComponentChildren; wide?: boolean }

export function Modal({ title, onClose, children, wide }: ModalProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => { // before the next key is pressed: it belongs here
    const element = dialog.current!
    if (!element.open) element.showModal()
    const first = element.querySelector<HTMLElement>('[data-focus]')
    first?.focus()
    element.scrollTop = 0 // a long one is read from its beginning
    if (first instanceof HTMLInputElement) first.select()
    return () => element.close()
  }, [])
  return (
    <dialog ref={dialog} class={wide ? 'modal wide' : 'modal'} aria-label={title} onCancel={(event) => { event.preventDefault(); onClose() }}
      onKeyDown={(event) => { if (event.key === 'Escape') { event.preventDefault(); event.stopPropagation(); onClose() } else event.stopPropagation() }}
      onPointerDown={(event) => { if (event.target === dialog.current) onClose() }}>
      <div class="modal-box">
        <header class="modal-head"><h2>{title}</h2></header>
        {children}
      </div>
    </dialog>
  )
}
