/** The form of an edit, floating where it was asked for; in the middle when it was asked for by name. */
import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { preview } from '../commands/work'
import { useEditor } from '../forms/editor-context'
import { EditForm } from '../forms/EditForm'
import type { OpenForm } from '../state'
import { Icon } from './Icon'
import { usePlace } from './place'

const WIDE = new Set(['resize-inputs', 'reorder-io', 'set-tensor', 'freeze-input', 'set-doc', 'merge-model', 'quantize'])
const TOP = 96 // px from the window's upper edge, where no place was given

export function FormPopover({ open }: { open: OpenForm }): JSX.Element {
  const editor = useEditor()
  const box = useRef<HTMLDivElement>(null)
  const width = WIDE.has(open.kind) ? 460 : 360
  usePlace(box, open.at?.ends ? { ...open.at, x: open.at.x - width } : (open.at ?? { top: TOP }))
  const type = editor.state.editTypes.value.find((one) => one.kind === open.kind)
  const title = open.title ?? type?.title ?? open.kind
  /** An answer may come when the reader is already elsewhere, and there they stay. */
  const close = (): void => {
    const here = document.activeElement === document.body || box.current?.contains(document.activeElement)
    if (editor.state.form.peek() === open) editor.state.form.value = null
    if (here) open.returnFocus?.focus({ preventScroll: true })
  }
  return (
    <div ref={box} class="popover" role="dialog" aria-label={title} style={{ width: `${width}px` }}
      onKeyDown={(event) => { if (event.key === 'Escape' && !editor.state.work.peek()) { event.stopPropagation(); close() } }}>
      <header class="popover-head">
        <h2 class="cut" title={title}>{title}</h2>
        <button type="button" class="icon-button small" aria-label="Close the form" tabIndex={-1} onClick={close}><Icon name="close" /></button>
      </header>
      <EditForm key={`${open.kind} ${JSON.stringify(open.prefilled)}`} kind={open.kind} prefilled={open.prefilled} initial={open.initial} submitLabel={open.kind.startsWith('insert') ? 'Insert' : open.kind === 'set-doc' ? 'Keep' : undefined} onDone={close} onCancel={close}
        onPreview={async (edit, values) => {
          await preview(editor, edit, { ...open, initial: values })
          editor.state.form.value = null // it comes back when the preview is not to one's liking
        }} />
    </div>
  )
}
