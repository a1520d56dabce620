/** Saving to a path of the server's folders; overwriting only when said so. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { downloadAddress } from '../commands/data-files'
import { consent } from '../commands/files'
import { errorData } from '../connection/errors'
import { useEditor } from '../forms/editor-context'
import { Refused } from '../forms/Refused'
import type { AppErrorData } from '../protocol/types'
import { Modal } from './Modal'
import { PathField } from './PathField'

export function SaveDialog(): JSX.Element {
  const editor = useEditor()
  const { state } = editor
  const [path, setPath] = useState(suggestion(state.path.value, state.name.value))
  const [error, setError] = useState<AppErrorData | null>(null)
  const [busy, setBusy] = useState(false)
  const close = (): void => { state.dialog.value = null }
  const save = async (overwrite: boolean): Promise<void> => {
    if (busy || path.trim() === '') return
    setBusy(true)
    try {
      const answer = await editor.api.save(editor.session, path.trim(), overwrite)
      state.unsaved.value = false
      consent(editor, answer.path ?? path.trim())
      editor.toast(`Saved to ${answer.saved_path ?? answer.path ?? path.trim()}`)
      close()
    } catch (thrown) {
      setError(errorData(thrown))
      setBusy(false)
    }
  }
  const exists = error?.code === 'file-exists'
  return (
    <Modal title="Save as" onClose={close}>
      <form class="edit-form" onSubmit={(event) => { event.preventDefault(); void save(exists) }}>
        <div class="form-field">
          <label class="field-label" for="save-path">path</label>
          <PathField id="save-path" api={editor.api} path={path} focus free onPath={(next) => { setPath(next); setError(null) }} />
          <p class="quiet">Relative to the folder that the server was started with. External data is written beside it.</p>
        </div>
        {error && <Refused error={exists ? { ...error, hint: 'Choose another name, or overwrite it.' } : error} />}
        <div class="form-deeds spread">
          <a class="link" download="" href={downloadAddress(editor)} onClick={() => setTimeout(close, 0)}>Download instead</a>
          <span class="grow" />
          <button type="button" class="button" onClick={close}>Cancel</button>
          <button type="submit" class={exists ? 'button danger filled' : 'button primary'} disabled={busy || path.trim() === ''}>{busy ? 'Saving…' : exists ? 'Overwrite' : 'Save'}</button>
        </div>
      </form>
    </Modal>
  )
}

/** `resnet.onnx` → `resnet-edited.onnx`, so that the original is never in the way. */
export function suggestion(path: string, name: string): string {
  const from = path || name || 'model.onnx'
  const bare = from.replace(/(\.onnx)?(\.onnx|\.textproto|\.txtpb|\.prototxt|\.pbtxt|\.json|\.onnxjson|\.onnxtxt|\.onnxtext|\.txt)$/i, '')
  return `${/-edited(-\d+)?$/.test(bare) ? bare : `${bare}-edited`}.onnx`
}
