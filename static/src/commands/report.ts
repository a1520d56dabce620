/** The report on the model: asked for when somebody looks at it, and again when edits made it old. */
import { AppFailure } from '../connection/errors'
import type { MissingFiles } from '../protocol/types'
import type { EditorState } from '../state'
import type { Editor } from './editor'

/** Asks for the report on the model as it is now, unless somebody did. */
export async function fetchReport(editor: Editor): Promise<void> {
  const { state } = editor
  const revision = state.revision.peek()
  if (state.reportAsked.peek() === revision) return
  state.reportAsked.value = revision
  const missing = state.missing.peek()
  try {
    const report = await editor.api.report(editor.session)
    // data files that came or went meanwhile make it old at once
    state.report.value = state.missing.peek() === missing ? report : { ...report, revision: -1 }
    state.reportError.value = null
  } catch (thrown) {
    if (!(thrown instanceof AppFailure)) throw thrown
    state.reportError.value = thrown.data
  } finally {
    if (state.reportAsked.peek() === revision) state.reportAsked.value = null
  }
}

/** What the model lacks by now. The report says it, too: it is old when that changed, whoever tells of it first. */
export function takeMissing(state: EditorState, missing: MissingFiles): void {
  const before = state.missing.peek()
  if (before.count === missing.count && before.bytes === missing.bytes) return
  state.missing.value = missing
  const report = state.report.peek()
  if (report) state.report.value = { ...report, revision: -1 }
}
