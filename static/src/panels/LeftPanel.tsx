/** Find, outline and the model's facts. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useEditor } from '../forms/editor-context'
import { FindField, FindResults, useFind } from './Find'
import { ModelFacts } from './ModelFacts'
import { Outline } from './Outline'

export function LeftPanel(): JSX.Element {
  const editor = useEditor()
  const { text, setText, result } = useFind()
  const [at, setAt] = useState(-1)
  useEffect(() => setAt(-1), [text])
  const go = (index: number): void => {
    const found = result?.found[index]
    if (!found) return
    setAt(index)
    void editor.goTo(found.id)
  }
  const next = (step: number): void => {
    const count = result?.found.length ?? 0
    if (count > 0) go((at + step + count) % count)
  }
  return (
    <aside class="panel left" aria-label="Outline and model">
      <FindField text={text} setText={setText} onNext={next} />
      {result ? <FindResults result={result} at={at} onGo={go} /> : (
        <section class="outline">
          <h3 class="section-title">Outline</h3>
          <Outline />
        </section>
      )}
      <ModelFacts />
    </aside>
  )
}
