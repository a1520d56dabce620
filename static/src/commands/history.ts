/** The history as a list of edits: what a new revision does to it, and what this person could undo or redo. */
import type { HistoryEntry, RevisionMessage } from '../protocol/types'

export function addRevision(history: readonly HistoryEntry[], message: RevisionMessage): HistoryEntry[] {
  if (message.how === 'edit') {
    if (history.some((entry) => entry.revision === message.revision)) return [...history]
    const { revision, title, kind, author, author_name, at } = message
    return [...history, { revision, title, kind, author, author_name, at, undone: false }]
  }
  const undone = message.how === 'undo'
  return history.map((entry) => (entry.revision === message.target ? { ...entry, undone } : entry))
}

export function canUndo(history: readonly HistoryEntry[], me: string): boolean {
  return history.some((entry) => entry.author === me && !entry.undone)
}

/** A new edit ends the chance to redo what was undone before it. */
export function canRedo(history: readonly HistoryEntry[], me: string): boolean {
  return history.findLast((entry) => entry.author === me)?.undone ?? false
}
