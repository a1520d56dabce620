/** Find, outline and the model's facts. */
import type { JSX } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'
import { useEditor } from '../forms/editor-context'
import { FindField } from './Find'
import { FindExamples } from './FindExamples'
import { FindResults } from './FindResults'
import { Functions } from './Functions'
import { ModelFacts } from './ModelFacts'
import { Outline } from './Outline'
import { useFind } from './use-find'

export function LeftPanel(): JSX.Element {
  const editor = useEditor()
  const finding = useFind(editor)
  const { text, result } = finding
  const [focused, setFocused] = useState(false)
  const asked = editor.state.findStep.value
  useLayoutEffect(() => { // before the next key: it may ask again
    if (!asked) return
    editor.state.findStep.value = null
    finding.step(asked.by)
  }, [asked])
  const help = focused && text === ''
  return (
    <aside class="panel left" aria-label="Outline and model">
      <FindField finding={finding} onFocus={setFocused} />
      {result && <FindResults finding={finding} />}
      {help && <div class="find-results"><h3 class="section-title">Find</h3><FindExamples onTake={finding.setText} /></div>}
      {!result && !help && (
        <section class="outline">
          <h3 class="section-title">Outline</h3>
          <Outline />
        </section>
      )}
      {!result && !help && <Functions />}
      <ModelFacts />
    </aside>
  )
}
