/** Says aloud, for screen readers, what has changed: edits and undo, also by others, where the reader is, and how much is selected. */
import { useSignalEffect } from '@preact/signals'
import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { useEditor } from '../forms/editor-context'

export function Announcer(): JSX.Element {
  const editor = useEditor()
  const { state } = editor
  const before = useRef(0)
  useSignalEffect(() => {
    const { size } = state.selection.value
    if (size > 1 && size !== before.current) editor.say(`${size.toLocaleString('en')} selected`)
    before.current = size
  })
  const { text, times } = state.said.value
  return <div class="visually-hidden" data-testid="said" aria-live="polite" aria-atomic="true">{text}{times % 2 === 1 ? '\u00a0' : ''}</div> // the same again is said again
}
