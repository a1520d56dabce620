/** Quiet bars over the canvas that say how what is shown stands to the file: changed on disk, without its weights, or the original. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { forgetPlaces, placedByHand } from '../commands/arranging'
import { reload } from '../commands/files'
import { toggleOriginal } from '../commands/original'
import { useEditor } from '../forms/editor-context'
import { WorkProgress } from '../forms/WorkProgress'
import { sentence } from '../forms/sentence'
import type { AppErrorData } from '../protocol/types'
import { HighlightBar } from './HighlightBar'
import { MissingBar } from './MissingBar'
import { SaveBar } from './SaveProgress'

export function StageBars(): JSX.Element {
  const { state } = useEditor()
  const changed = state.changedOnDisk.value && !state.keptMine.value && state.path.value !== '' && state.dialog.value !== 'changed'
  const original = state.original.value === 'on'
  return <div class="stage-bars">{original && <OriginalBar />}{changed && <ChangedBar />}{!original && <MissingBar />}<SaveBar /><WorkBar /><PlacesBar /><HighlightBar /></div>
}

/** Nodes that a fresh layout left where hands had put them. */
function PlacesBar(): JSX.Element | null {
  const editor = useEditor()
  const { keptPlaces, revision } = editor.state
  const count = revision.value < 0 ? 0 : Math.min(keptPlaces.value, placedByHand(editor)) // undo may take them back
  if (count === 0) return null
  return (
    <div class="stage-bar" role="status">
      <span>{count === 1 ? 'One node keeps the place you gave it' : `${count.toLocaleString('en')} nodes keep the places you gave them`}</span>
      <button type="button" class="link" onClick={() => void forgetPlaces(editor)}>Forget my places</button>
      <button type="button" class="link plain" onClick={() => { keptPlaces.value = 0 }}>Keep them</button>
    </div>
  )
}

/** A long edit that no form stands behind. */
function WorkBar(): JSX.Element | null {
  const { state } = useEditor()
  if (!state.work.value || state.form.value || state.preview.value) return null
  return <div class="stage-bar working"><WorkProgress /></div>
}

function ChangedBar(): JSX.Element {
  const editor = useEditor()
  const { state } = editor
  const [error, setError] = useState<AppErrorData | null>(null)
  const edits = state.history.value.some((one) => !one.undone)
  return (
    <div class="stage-bar changed" role="status">
      <span class="pill-dot" aria-hidden="true" />
      {error ? <span class="cut" title={sentence(error.message)}>{sentence(error.message)}</span> : <span class="changed-what" title={state.name.value}><span class="cut changed-name">{state.name.value} </span>changed on disk</span>}
      <button type="button" class="link" disabled={state.saving.value} onClick={() => void reload(editor, true).then(setError)}>{state.saving.value ? 'Reloading…' : edits ? 'Reload and replay my edits' : 'Reload'}</button>
      <button type="button" class="link plain" onClick={() => { state.keptMine.value = true }}>{edits ? 'Keep mine' : 'Keep this'}</button>
    </div>
  )
}

function OriginalBar(): JSX.Element {
  const editor = useEditor()
  return (
    <div class="stage-bar original" role="status">
      <span><strong>Original</strong> – read only</span>
      <button type="button" class="link" onClick={() => void toggleOriginal(editor)}>Back to my edits</button>
    </div>
  )
}
