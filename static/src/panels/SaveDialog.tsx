/** Saving to a path of the server's folders, or downloading, with the weights where they are wanted; overwriting only when said so. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { cancelSave, downloadAs, saveTo, THRESHOLD, type WeightsPlace, type WeightsWish } from '../commands/saving'
import { errorData } from '../connection/errors'
import { useEditor } from '../forms/editor-context'
import { Refused } from '../forms/Refused'
import type { AppErrorData } from '../protocol/types'
import { Modal } from './Modal'
import { PathField } from './PathField'
import { SaveProgress } from './SaveProgress'
import { WeightsChoice } from './WeightsChoice'

export function SaveDialog(): JSX.Element {
  const editor = useEditor()
  const { state } = editor
  const [path, setPath] = useState(suggestion(state.path.value, state.name.value))
  const [error, setError] = useState<AppErrorData | null>(null)
  const [busy, setBusy] = useState(false)
  const close = (): void => { state.dialog.value = null }
  const [wish, setWish] = useState<WeightsWish>({ weights: 'as-they-are', threshold: THRESHOLD })
  const begin = async (deed: () => Promise<void>): Promise<void> => {
    if (busy) return
    setBusy(true)
    setError(null)
    try {
      await deed()
      close()
    } catch (thrown) {
      const refused = errorData(thrown)
      setError(refused.code === 'job-cancelled' ? null : refused)
      setBusy(false)
    }
  }
  const save = (overwrite: boolean, chosen = wish): void => {
    if (path.trim() !== '') void begin(() => saveTo(editor, path.trim(), overwrite, chosen))
  }
  const choose = (chosen: Record<string, unknown>): void => {
    const next = { weights: chosen['weights'] as WeightsPlace, threshold: Number(chosen['threshold'] ?? THRESHOLD) }
    setWish(next)
    setError(null)
  }
  const exists = error?.code === 'file-exists'
  return (
    <Modal title="Save as" onClose={() => { if (busy) void cancelSave(editor); close() }}>
      <form class="edit-form" onSubmit={(event) => { event.preventDefault(); save(exists) }}>
        <div class="form-field">
          <label class="field-label" for="save-path">path</label>
          <PathField id="save-path" api={editor.api} path={path} focus free onPath={(next) => { setPath(next); setError(null) }} />
          <p class="quiet">Relative to the folder that the server was started with.</p>
        </div>
        <WeightsChoice wish={wish} busy={busy} onWish={(next) => { setWish(next); setError(null) }} />
        {error && <Refused error={exists ? { ...error, hint: 'Choose another name, or overwrite it.' } : error} onChoice={choose} />}
        {busy && <SaveProgress label="Writing" deed={false} />}
        <div class="form-deeds spread">
          <button type="button" class="link" disabled={busy} onClick={() => void begin(() => downloadAs(editor, wish))}>Download instead</button>
          <span class="grow" />
          <button type="button" class="button" onClick={() => { if (busy) void cancelSave(editor); else close() }}>Cancel</button>
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
