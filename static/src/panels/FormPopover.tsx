/** The form of an edit, floating where it was asked for. */
import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { useEditor } from '../forms/editor-context'
import { EditForm } from '../forms/EditForm'
import type { OpenForm } from '../state'
import { usePlace } from './place'

export function FormPopover({ open }: { open: OpenForm }): JSX.Element {
  const editor = useEditor()
  const box = useRef<HTMLDivElement>(null)
  usePlace(box, open.at ?? { x: window.innerWidth - 720, y: 120 })
  const type = editor.state.editTypes.value.find((one) => one.kind === open.kind)
  const close = (): void => {
    editor.state.form.value = null
    open.returnFocus?.focus({ preventScroll: true })
  }
  return (
    <div ref={box} class="popover" role="dialog" aria-label={open.title ?? type?.title ?? open.kind}
      onKeyDown={(event) => { if (event.key === 'Escape') { event.stopPropagation(); close() } }}>
      <header class="popover-head"><h2 class="cut">{open.title ?? type?.title ?? open.kind}</h2></header>
      <EditForm key={`${open.kind} ${JSON.stringify(open.prefilled)}`} kind={open.kind} prefilled={open.prefilled} submitLabel={open.kind.startsWith('insert') ? 'Insert' : undefined} onDone={close} onCancel={close} />
    </div>
  )
}
