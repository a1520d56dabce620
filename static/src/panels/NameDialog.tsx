/** The name that the others see. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { keepParticipantName, participantName } from '../connection/identity'
import { useEditor } from '../forms/editor-context'
import { Modal } from './Modal'

export function NameDialog(): JSX.Element {
  const editor = useEditor()
  const [name, setName] = useState(participantName(localStorage))
  const close = (): void => { editor.state.dialog.value = null }
  return (
    <Modal title="Your name" onClose={close}>
      <form class="edit-form" onSubmit={(event) => {
        event.preventDefault()
        if (name.trim() === '') return
        keepParticipantName(localStorage, name.trim())
        editor.rename(name.trim())
        close()
      }}>
        <div class="form-field"><label class="field-label" for="person-name">name</label>
          <input id="person-name" class="field" type="text" maxLength={40} autocomplete="off" data-focus value={name} onInput={(event) => setName(event.currentTarget.value)} />
          <p class="quiet">Others see it beside your selection and in the history.</p></div>
        <div class="form-deeds"><button type="button" class="button" onClick={close}>Cancel</button><button type="submit" class="button primary" disabled={name.trim() === ''}>Use it</button></div>
      </form>
    </Modal>
  )
}
