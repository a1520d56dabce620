/** The questions about the model's own file: may it be replaced, and what to do when another program changed it. */
import type { ComponentChildren, JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { consent, reload, saveNow, textForm } from '../commands/files'
import { useEditor } from '../forms/editor-context'
import { Refused } from '../forms/Refused'
import { sentence } from '../forms/sentence'
import type { AppErrorData } from '../protocol/types'
import type { ReplayedEdits } from '../state'
import { Icon } from './Icon'
import { Modal } from './Modal'
import { plural } from './status'

/** Before the first save of this window over a file that was not made here. */
export function ConsentDialog(): JSX.Element {
  const editor = useEditor()
  const { state } = editor
  const close = (): void => { state.dialog.value = null }
  const standing = state.history.value.filter((one) => !one.undone).length
  return (
    <Modal title={`Replace ${state.name.value}?`} onClose={close}>
      <PathLine />
      <p>The file gets your {standing === 1 ? 'edit' : `${standing} edits`}. What was in it stays with this session: undo and “Original” go on working.</p>
      {textForm(state.path.value) !== '' && <p>It is written as {textForm(state.path.value)} again: comments and layout in it go.</p>}
      <p class="quiet">Asked once; from then on Ctrl+S saves at once.</p>
      <Deeds>
        <button type="button" class="button" onClick={() => { state.dialog.value = 'save' }}>Save as…</button>
        <span class="grow" />
        <button type="button" class="button" onClick={close}>Cancel</button>
        <button type="button" class="button primary" data-focus onClick={() => { consent(editor); void saveNow(editor) }}>Replace</button>
      </Deeds>
    </Modal>
  )
}

/** A save that would take away what another program wrote. */
export function ChangedDialog(): JSX.Element {
  const editor = useEditor()
  const { state } = editor
  const [error, setError] = useState<AppErrorData | null>(null)
  const close = (): void => { state.dialog.value = null }
  const edits = state.history.value.some((one) => !one.undone)
  return (
    <Modal title={`${state.name.value} changed on disk`} onClose={close}>
      <PathLine />
      <p>Another program changed this file since it was opened or saved here. Saving now would take that away.</p>
      {error && <Refused error={error} />}
      <div class="choices-list">
        <button type="button" class="choice-row" data-focus disabled={state.saving.value} onClick={() => void reload(editor, true).then(setError)}>
          <strong>{edits ? 'Reload and replay my edits' : 'Reload'}</strong><span>Opens the file as it is now{edits ? ' and makes your edits on it again' : ''}. This tab stays.</span>
        </button>
        <button type="button" class="choice-row" onClick={() => { state.dialog.value = 'save' }}>
          <strong>Save as…</strong><span>Both stay: the changed file, and yours under another name.</span>
        </button>
        <button type="button" class="choice-row danger" disabled={state.saving.value} onClick={() => { consent(editor); void saveNow(editor, true) }}>
          <strong>Overwrite anyway</strong><span>The file becomes what is here. The other program’s change is lost.</span>
        </button>
      </div>
      <Deeds><button type="button" class="button" onClick={close}>Cancel</button></Deeds>
    </Modal>
  )
}

/** What came of making edits again: those that did not fit, and why. */
export function ReplayedDialog({ replayed }: { replayed: ReplayedEdits }): JSX.Element {
  const editor = useEditor()
  const { applied, failed } = replayed.result
  const close = (): void => { editor.state.replayed.value = null }
  const all = applied + failed.length
  return (
    <Modal title={failed.length === 0 ? 'All edits were made' : `${failed.length} of ${plural(all, 'edit')} did not fit`} onClose={close} wide={failed.length > 0}>
      <p>{replayed.recipe === null ? `The file was opened as it is now, and ${plural(applied, 'edit')} of yours made on it again. The model as you had it is in the tab before.` : `${plural(applied, 'edit')} of ${replayed.recipe} made here. Each can be undone.`}</p>
      {failed.length > 0 && (
        <ol class="failed-edits" aria-label="Edits that did not fit">
          {failed.map((one) => (
            <li key={one.index}>
              <span class="number">{one.index + 1}</span>
              <div><strong>{one.title}</strong><p>{sentence(one.message)}{one.hint && <span class="quiet"> {sentence(one.hint)}</span>}</p></div>
            </li>
          ))}
        </ol>
      )}
      <Deeds><button type="button" class="button primary" data-focus onClick={close}>Done</button></Deeds>
    </Modal>
  )
}

/** Where the file is, when its name alone does not say it. */
function PathLine(): JSX.Element | null {
  const { state } = useEditor()
  return state.path.value === state.name.value ? null : <p class="path-line"><Icon name="file" />{state.path.value}</p>
}

function Deeds({ children }: { children: ComponentChildren }): JSX.Element {
  return <div class="form-deeds spread">{children}</div>
}

/** A hidden field through which a recipe's file is chosen; `choose` opens the system's dialog. */
export function useRecipeFile(onFile: (file: File) => void): { field: JSX.Element; choose(): void } {
  const input = useRef<HTMLInputElement>(null)
  const field = (
    <input ref={input} type="file" accept=".json,application/json" hidden aria-label="Recipe file"
      onChange={(event) => { const file = event.currentTarget.files?.[0]; event.currentTarget.value = ''; if (file) onFile(file) }} />
  )
  return { field, choose: () => input.current?.click() }
}
