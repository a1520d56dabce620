/** A field that edits in place: Enter or leaving applies, Esc takes back, a refusal is shown under it. */
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { errorData } from '../connection/errors'
import type { AppErrorData } from '../protocol/types'
import { clip, drawable, visible } from '../scene/text'
import { useEditor } from './editor-context'
import { LiteralError } from './literals'
import { Refused } from './Refused'

interface InPlaceProps {
  id: string
  label: string
  /** the label is drawn elsewhere */
  bare?: boolean
  text: string
  placeholder?: string
  /** faint words at the field's right end: 'default' */
  hint?: string
  focus?: boolean
  multiline?: boolean
  /** applies the text; throws LiteralError or AppFailure */
  apply(text: string, choice?: Record<string, unknown>): Promise<unknown>
  onDone?(): void
  action?: ComponentChildren
}

export function InPlace(props: InPlaceProps): JSX.Element {
  const [draft, setDraft] = useState<string | null>(null)
  const [error, setError] = useState<AppErrorData | null>(null)
  const [busy, setBusy] = useState(false)
  const [inside, setInside] = useState(props.focus === true) // who types sees the text as it is, others what hides in it
  const input = useRef<HTMLInputElement>(null)
  const editor = useEditor()
  const mounted = useRef(true)
  const givenUp = useRef(false) // by Esc: the focus that is lost then keeps nothing
  const left = useRef<(() => void) | null>(null) // what leaving the field does; null: there is nothing to keep
  useLayoutEffect(() => () => { // a window without the focus loses none with its field
    mounted.current = false // what is refused after the field went is told above the panel
    left.current?.()
  }, [])
  useLayoutEffect(() => { if (props.focus) { input.current?.focus(); input.current?.select() } }, [])
  // what the server says now stands, unless somebody is typing
  useEffect(() => { setError(null) }, [props.text])

  const takeBack = (): void => {
    left.current = null
    setDraft(null)
    setError(null)
    props.onDone?.()
  }
  const apply = async (choice?: Record<string, unknown>): Promise<void> => {
    if (draft === null || busy || (!mounted.current && left.current === null)) return props.onDone?.()
    if (draft === props.text && !choice) return takeBack()
    left.current = null
    setBusy(true)
    try {
      await props.apply(draft, choice)
      setDraft(null)
      setError(null)
      props.onDone?.()
    } catch (thrown) {
      const refused = thrown instanceof LiteralError ? { code: 'wrong-parameters', message: thrown.message, hint: '', subjects: [] } : errorData(thrown)
      if (mounted.current) setError(refused)
      else editor.state.refusal.value = { error: { ...refused, message: `${props.label} was not changed to ${clip(drawable(draft), 60) || 'nothing'}: ${refused.message}`, choices: undefined }, edit: null }
    } finally {
      setBusy(false)
    }
  }
  useLayoutEffect(() => { left.current = draft === null || busy || error !== null ? null : () => void apply() })
  const errorId = `${props.id}-error`
  return (
    <div class={props.bare ? 'inplace bare' : 'inplace'}>
      {!props.bare && <label class="field-label cut" for={props.id} title={props.label}>{props.label}</label>}
      <div class="inplace-box">
        <input
          ref={input} id={props.id} class={props.hint && draft === null ? 'field faint' : 'field'} type="text" spellcheck={false} autocomplete="off"
          value={draft ?? (inside ? props.text : visible(props.text))} title={draft === null && props.text.length > 24 ? props.text : undefined} data-clean={draft === null || busy ? '' : undefined} placeholder={props.placeholder} aria-label={props.label} aria-invalid={error !== null}
          aria-describedby={error ? errorId : undefined} aria-busy={busy}
          onFocus={() => setInside(true)}
          onInput={(event) => setDraft(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') { event.preventDefault(); void apply() }
            if (event.key === 'Escape') { event.stopPropagation(); givenUp.current = true; takeBack(); event.currentTarget.blur(); editor.canvas?.focus(); givenUp.current = false }
          }}
          onBlur={() => { setInside(false); if (givenUp.current) return; if (error === null) void apply(); else if (draft === props.text) takeBack() }}
        />
        {props.hint && draft === null && <span class="field-hint" aria-hidden="true">{props.hint}</span>}
        {props.action}
      </div>
      {error && <Refused id={errorId} error={error} onChoice={(choice) => void apply(choice)} onTakeBack={takeBack} />}
    </div>
  )
}
