/** Asks once for the sizes of symbolic dimensions that a run needs. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { type DimQuestion, dimQuestions, startRun } from '../commands/run'
import { useEditor } from '../forms/editor-context'
import { Modal } from './Modal'

export function RunDialog(): JSX.Element {
  const editor = useEditor()
  const { state } = editor
  const asked = state.runError.value ? dimQuestions(state.runError.value) : []
  const questions: DimQuestion[] = asked.length > 0 ? asked : Object.entries(state.dims.value).map(([name, suggestion]) => ({ name, suggestion }))
  const [texts, setTexts] = useState<Record<string, string>>(() => Object.fromEntries(questions.map(({ name, suggestion }) => [name, suggestion === null ? '' : String(suggestion)])))
  const wrong = questions.filter(({ name }) => !/^[1-9]\d{0,8}$/.test((texts[name] ?? '').trim()))
  const close = (): void => { state.dialog.value = null }
  const run = (): void => {
    if (wrong.length > 0) return
    void startRun(editor, Object.fromEntries(questions.map(({ name }) => [name, Number(texts[name])])), state.run.value?.result.seed)
  }
  return (
    <Modal title="Run with which sizes?" onClose={close}>
      <form class="edit-form" onSubmit={(event) => { event.preventDefault(); run() }}>
        <p class="quiet">The model's inputs leave these sizes open. They are kept for the next runs.</p>
        {questions.map(({ name }, at) => (
          <div class="slot-field" key={name}>
            <label class="field-label cut" for={`dim-${at}`} title={name}>{name}</label>
            <input id={`dim-${at}`} class="field" type="text" inputMode="numeric" value={texts[name] ?? ''} placeholder="size" data-focus={at === 0 ? '' : undefined}
              aria-invalid={wrong.some((one) => one.name === name) && (texts[name] ?? '') !== ''} onInput={(event) => setTexts({ ...texts, [name]: event.currentTarget.value })} />
            {wrong.some((one) => one.name === name) && <p class="field-error" role="alert">{(texts[name] ?? '').trim() === '' ? 'A size is needed.' : 'A size is a whole number from 1 on.'}</p>}
          </div>
        ))}
        <div class="form-deeds"><button type="button" class="button" onClick={close}>Cancel</button><button type="submit" class="button primary" disabled={wrong.length > 0}>Run</button></div>
      </form>
    </Modal>
  )
}
