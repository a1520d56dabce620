/** What somebody wrote about a thing: shown as text, edited in its place. */
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { endOfWriting } from '../canvas/note-editor'
import { errorData } from '../connection/errors'
import { useEditor } from '../forms/editor-context'
import { Refused } from '../forms/Refused'
import type { AppErrorData } from '../protocol/types'

const takeFocus = (element: HTMLElement | null): void => element?.focus() // one function, so that it is called once

export function Note({ subject, text, title = 'Note' }: { subject: string; text: string; title?: string }): JSX.Element | null {
  const editor = useEditor()
  const [draft, setDraft] = useState<string | null>(null)
  const [error, setError] = useState<AppErrorData | null>(null)
  const editable = editor.state.original.value === 'off' && editor.state.editTypes.value.some((one) => one.kind === 'set-doc')
  const shown = useRef(true)
  const latest = useRef((): Promise<void> => Promise.resolve())
  const over = useRef(false) // it is on its way, or given up: the field loses the focus then, too
  const open = (): void => { over.current = false; setDraft(text) }
  const close = (): void => { over.current = true; setDraft(null); setError(null) }
  const save = async (): Promise<void> => {
    if (over.current || draft === null) return
    if (draft === text) return close()
    over.current = true
    try {
      await editor.submit({ kind: 'set-doc', subject, text: draft })
      close()
    } catch (thrown) {
      over.current = false
      const refused = errorData(thrown)
      if (shown.current) setError(refused)
      else editor.state.refusal.value = { error: { ...refused, message: `The note was not kept: ${refused.message}` }, edit: null }
    }
  }
  latest.current = save
  useEffect(() => {
    shown.current = true
    return () => { shown.current = false; void latest.current() } // something else was selected
  }, [])
  if (!editable && text === '') return null
  if (draft === null) {
    return (
      <section class="section" aria-label={title}>
        <div class="section-head"><h3 class="section-title">{title}</h3>{editable && <button type="button" class="link" onClick={open}>{text === '' ? 'add' : 'edit'}</button>}</div>
        {text !== '' && <p class="doc">{text}</p>}
      </section>
    )
  }
  const left = (event: FocusEvent & { currentTarget: HTMLElement }): void => { if (error === null && !event.currentTarget.closest('section')!.contains(event.relatedTarget as Node | null)) void save() }
  const hold = (event: Event): void => event.preventDefault() // where buttons take no focus, the field keeps it
  return (
    <section class="section" aria-label={title}>
      <h3 class="section-title">{title}</h3>
      <textarea class="field tall" rows={4} ref={takeFocus} aria-label="note" value={draft} onInput={(event) => setDraft(event.currentTarget.value)} onBlur={left}
        onKeyDown={(event) => {
          const way = endOfWriting(event)
          if (!way) return
          event.preventDefault()
          event.stopPropagation()
          if (way === 'keep') return void save()
          close()
          editor.canvas?.focus()
        }} />
      {error && <Refused error={error} />}
      <div class="form-deeds" onMouseDown={hold}><button type="button" class="button small" onClick={close}>Cancel</button><button type="button" class="button small primary" onClick={() => void save()}>Keep</button></div>
    </section>
  )
}
