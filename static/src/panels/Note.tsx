/** What somebody wrote about a thing: shown as text, edited in its place. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
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
  if (!editable && text === '') return null
  const close = (): void => { setDraft(null); setError(null) }
  const save = async (): Promise<void> => {
    if (draft === null || draft === text) return close()
    try {
      await editor.submit({ kind: 'set-doc', subject, text: draft })
      close()
    } catch (thrown) {
      setError(errorData(thrown))
    }
  }
  if (draft === null) {
    return (
      <section class="section" aria-label={title}>
        <div class="section-head"><h3 class="section-title">{title}</h3>{editable && <button type="button" class="link" onClick={() => setDraft(text)}>{text === '' ? 'add' : 'edit'}</button>}</div>
        {text !== '' && <p class="doc">{text}</p>}
      </section>
    )
  }
  return (
    <section class="section" aria-label={title}>
      <h3 class="section-title">{title}</h3>
      <textarea class="field tall" rows={4} ref={takeFocus} aria-label="note" value={draft} onInput={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') { event.stopPropagation(); close(); editor.canvas?.focus() }
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); event.stopPropagation(); void save() }
        }} />
      {error && <Refused error={error} />}
      <div class="form-deeds"><button type="button" class="button small" onClick={close}>Cancel</button><button type="button" class="button small primary" onClick={() => void save()}>Keep</button></div>
    </section>
  )
}
