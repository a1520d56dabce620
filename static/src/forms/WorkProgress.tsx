/** How far a long edit is, with a way to give it up. */
import type { JSX } from 'preact'
import { cancelWork } from '../commands/work'
import { useEditor } from './editor-context'
import { sentence } from './sentence'

export function WorkProgress(): JSX.Element {
  const editor = useEditor()
  const work = editor.state.work.value
  const text = work?.text ? sentence(work.text).replace(/\.$/, '…') : 'Working…'
  return (
    <div class="work" role="status">
      <div class="work-bar" role="progressbar" aria-label={text} aria-valuemin={0} aria-valuemax={100} aria-valuenow={work?.progress === null || work?.progress === undefined ? undefined : Math.round(work.progress * 100)}>
        <span data-known={typeof work?.progress === 'number'} style={{ '--done': String(work?.progress ?? 0) }} />
      </div>
      <div class="work-line">
        <span class="cut">{text}</span>
        {typeof work?.progress === 'number' && <span class="quiet">{Math.round(work.progress * 100)} %</span>}
        <button type="button" class="button small" disabled={!work?.job} onClick={() => void cancelWork(editor)}>Cancel</button>
      </div>
    </div>
  )
}
