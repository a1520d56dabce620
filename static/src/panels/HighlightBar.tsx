/** What stands out on the canvas, in words: how far it reaches and how many that is, or where a followed value goes. */
import type { JSX } from 'preact'
import { endsOf, nodeTitle, setSteps, stepHighlight } from '../commands/highlight'
import { useEditor } from '../forms/editor-context'
import { Segmented } from '../forms/Segmented'
import { Icon } from './Icon'

export function HighlightBar(): JSX.Element | null {
  const editor = useEditor()
  const { state } = editor
  const found = editor.highlighted.value
  const now = state.highlight.value
  if (!found || !now) return null
  const close = (): void => { state.highlight.value = null; editor.canvas?.focus() }
  return (
    <div class="stage-bar highlight" role="group" aria-label="Highlight">
      <p class="highlight-what" role="status"><strong class="cut" title={found.subject}>{found.subject}</strong> <span>{found.counts}</span></p>
      <div class="highlight-deeds">
        {now.what === 'reach' ? <Steps steps={now.steps} more={found.more} /> : <Ends value={now.value} at={now.at} />}
        {now.what === 'reach' && (
          <Segmented label="What is highlighted" value={now.way} onChange={(way) => { if (way !== now.way) state.highlight.value = { ...now, way } }}
            options={[{ value: 'up', label: 'Before', title: 'What it depends on (U)' }, { value: 'down', label: 'After', title: 'What it feeds (D)' }, { value: 'both', label: 'Both', title: 'Both (H)' }]} />
        )}
        <button type="button" class="link" title="Select what is highlighted (Shift H)" onClick={() => editor.select(found.nodes)}>Select</button>
        <button type="button" class="icon-button small" aria-label="End the highlight" title="End the highlight (Esc)" onClick={close}><Icon name="close" /></button>
      </div>
    </div>
  )
}

function Steps({ steps, more }: { steps: number; more: boolean }): JSX.Element {
  const editor = useEditor()
  const all = steps === Infinity
  return (
    <span class="stepper" role="group" aria-label="How far">
      <button type="button" aria-label="One step less" title="One step less (,)" disabled={steps === 1} onClick={() => stepHighlight(editor, -1)}>−</button>
      <span class="stepper-at">{all ? 'all the way' : steps === 1 ? '1 step' : `${steps} steps`}</span>
      <button type="button" aria-label="One step more" title="One step more (.)" disabled={!more} onClick={() => stepHighlight(editor, 1)}>+</button>
      <button type="button" title="As far as it goes (>)" aria-pressed={all} onClick={() => setSteps(editor, all ? 1 : Infinity)}>All</button>
    </span>
  )
}

function Ends({ value, at }: { value: string; at: number }): JSX.Element {
  const editor = useEditor()
  const document = editor.document!
  const ends = endsOf(document, value)
  const end = ends[at]
  const made = document.producer(value) !== null
  const what = end && (made && at === 0 ? 'made by' : `reader ${at + 1 - Number(made)} of ${ends.length - Number(made)}:`)
  return (
    <span class="stepper" role="group" aria-label="Where it goes">
      <button type="button" aria-label="Previous end" title="Previous end (,)" disabled={ends.length === 0} onClick={() => stepHighlight(editor, -1)}>‹</button>
      <span class="stepper-at cut" aria-live="polite">{end ? `${what} ${nodeTitle(document, end.node)}` : ends.length === 0 ? 'nothing to go to' : 'go along'}</span>
      <button type="button" aria-label="Next end" title="Next end (.)" disabled={ends.length === 0} onClick={() => stepHighlight(editor, 1)}>›</button>
    </span>
  )
}
