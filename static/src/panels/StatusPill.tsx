/** How the model is, in plain words; a click shows why. */
import type { JSX } from 'preact'
import { useEditor } from '../forms/editor-context'
import { statusOfState } from './status'

export function StatusPill(): JSX.Element {
  const editor = useEditor()
  const { state } = editor
  const status = statusOfState(state)
  const open = (): void => {
    if (status.opens === 'problems') state.problemsOpen.value = !state.problemsOpen.peek()
    if (status.opens === 'run') { editor.select([]); state.rightView.value = 'run' }
  }
  const inside = <><span class="pill-dot" aria-hidden="true" /><span class="cut">{status.text}</span></>
  const shared = { class: `pill ${status.tone}${status.busy ? ' busy' : ''}`, 'data-testid': 'status' }
  return (
    <div class="pill-place" role="status" aria-live="polite">
      {status.opens ? <button type="button" {...shared} title={`${status.text}. ${status.opens === 'run' ? 'Show the run' : 'Show the problems'}`} onClick={open}>{inside}</button> : <div {...shared} title={status.text}>{inside}</div>}
    </div>
  )
}
