/** What an edit that no form stands behind has to ask: its choices are buttons, and each makes the edit. */
import type { JSX } from 'preact'
import { useEditor } from '../forms/editor-context'
import { sentence } from '../forms/sentence'
import type { Refusal } from '../state'
import { Modal } from './Modal'

/** Whether a refusal is a question: a choice would answer it. */
export function asks({ error, edit }: Refusal): boolean {
  return edit !== null && Boolean(error.choices)
}

export function QuestionDialog(): JSX.Element | null {
  const editor = useEditor()
  const { state } = editor
  const refusal = state.refusal.value
  if (!refusal || !asks(refusal)) return null
  const { error, edit } = refusal
  const title = state.editTypes.value.find((one) => one.kind === edit!.kind)?.title ?? 'A question'
  const close = (): void => { state.refusal.value = null }
  return (
    <Modal title={title} onClose={close}>
      <p>{sentence(error.message)}</p>
      <div class="choices-list">
        {error.choices!.map(({ label, ...chosen }, at) => (
          <button key={label} type="button" class="choice-row" data-focus={at === 0 ? true : undefined} onClick={() => { close(); void editor.perform({ ...edit!, ...chosen }) }}><strong>{label}</strong></button>
        ))}
      </div>
      <div class="form-deeds spread"><span class="grow" /><button type="button" class="button" onClick={close}>Cancel</button></div>
    </Modal>
  )
}
