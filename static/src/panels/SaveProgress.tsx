/** How far a save is, and the way to give it up. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { cancelSave } from '../commands/saving'
import { useEditor } from '../forms/editor-context'
import { sentence } from '../forms/sentence'

const PATIENCE = 500 // ms: a save that is done by then shows nothing

export function SaveProgress({ label, deed = true }: { label: string; /** with a way to give it up */ deed?: boolean }): JSX.Element | null {
  const editor = useEditor()
  const job = editor.state.saveJob.value
  if (!job) return null
  const percent = job.progress === null ? undefined : Math.round(job.progress * 100)
  return (
    <div class="stage-bar sending" role="status" aria-label={label}>
      <span class="cut">{percent === undefined ? sentence(job.text || label).replace(/\.$/, '…') : label}</span>
      <progress max={100} value={percent} aria-label="Progress" />
      {percent !== undefined && <span class="percent">{percent} %</span>}
      {deed && <button type="button" class="link" onClick={() => void cancelSave(editor)}>Cancel</button>}
    </div>
  )
}

/** The same over the canvas, for saves that no dialog waits for. */
export function SaveBar(): JSX.Element | null {
  const { state } = useEditor()
  const job = state.saveJob.value?.job ?? null
  const [late, setLate] = useState<string | null>(null)
  useEffect(() => {
    if (job === null) return
    const timer = setTimeout(() => setLate(job), PATIENCE)
    return () => clearTimeout(timer)
  }, [job])
  if (job === null || late !== job || state.dialog.value === 'save') return null
  return <SaveProgress label={state.saving.value ? `Saving ${state.name.value}` : 'Preparing the download'} />
}
