/** Going back to an earlier state of the model, or forth again: one's own edits are undone or redone one by one. */
import { errorData } from '../connection/errors'
import type { HistoryEntry } from '../protocol/types'
import type { Editor } from './editor'

export interface Way {
  /** own edits to take back, or to bring back */
  undo: number
  redo: number
  /** edits of others after that state: they stay */
  others: HistoryEntry[]
}

/** The way to the state right after this revision (0: as it was opened), as far as this person's own edits make it up. */
export function wayTo(history: readonly HistoryEntry[], me: string, revision: number): Way {
  const mine = history.filter((entry) => entry.author === me)
  const undo = mine.filter((entry) => !entry.undone && entry.revision > revision).length
  return { undo, redo: undo > 0 ? 0 : redoable(mine, revision), others: history.filter((entry) => entry.author !== me && !entry.undone && entry.revision > revision) }
}

/** What was undone last comes back first, until a newer edit or the revision itself ends it. */
function redoable(mine: readonly HistoryEntry[], revision: number): number {
  const newest = mine.findLastIndex((entry) => !entry.undone)
  return mine.slice(newest + 1).filter((entry) => entry.revision <= revision).length
}

/** Takes the steps; stops at the first that is refused, and the refusal names what is in the way. */
export async function travelTo(editor: Editor, revision: number): Promise<void> {
  const { undo, redo, others } = wayTo(editor.state.history.peek(), editor.me, revision)
  try {
    for (let step = 0; step < undo; step++) await editor.step('undo')
    for (let step = 0; step < redo; step++) await editor.step('redo')
  } catch (thrown) {
    editor.state.refusal.value = { error: errorData(thrown), edit: null }
    return
  }
  if (undo + redo > 0 && others.length > 0) editor.toast(`${others.length === 1 ? 'One edit' : `${others.length} edits`} of others after that ${others.length === 1 ? 'stays' : 'stay'}.`)
}
