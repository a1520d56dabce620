/** Find, outline and the model's facts. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useEditor } from '../forms/editor-context'
import { FindField, FindResults, nextRow, rowOf, selectable, type Stand, useFind } from './Find'
import { Functions } from './Functions'
import { ModelFacts } from './ModelFacts'
import { Outline } from './Outline'

export function LeftPanel(): JSX.Element {
  const editor = useEditor()
  const { text, setText, result } = useFind()
  const [stand, setStand] = useState<Stand | null>(null)
  useEffect(() => setStand(null), [text])
  const go = (index: number): void => {
    const found = result?.found[index]
    if (!found) return
    setStand({ id: found.id, index })
    void editor.goTo(found.id)
  }
  const next = (step: number): void => go(nextRow(result?.found ?? [], stand, step))
  const all = (): void => {
    const ids = result ? selectable(result, editor.state.graph.peek()) : []
    if (ids.length === 0) return
    editor.select(ids)
    editor.canvas?.zoomTo(ids)
  }
  const asked = editor.state.findStep.value
  useEffect(() => {
    if (!asked) return
    editor.state.findStep.value = null
    if (result) next(asked.by)
  }, [asked])
  return (
    <aside class="panel left" aria-label="Outline and model">
      <FindField text={text} setText={setText} onNext={next} onAll={all} />
      {result ? <FindResults result={result} at={rowOf(result.found, stand)} onGo={go} onToggle={(id) => editor.select([id], 'toggle')} onAll={all} /> : (
        <section class="outline">
          <h3 class="section-title">Outline</h3>
          <Outline />
        </section>
      )}
      {!result && <Functions />}
      <ModelFacts />
    </aside>
  )
}
