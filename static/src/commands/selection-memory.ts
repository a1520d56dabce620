/** What was selected around an edit: undoing it selects again what was selected before, redoing it what was selected after. */
import type { Delta, RevisionMessage } from '../protocol/types'

const KEPT = 200 // edits

export class SelectionMemory {
  /** by the edit's revision */
  private readonly around = new Map<number, { before: ReadonlySet<string>; after: ReadonlySet<string> }>()

  made(revision: number, before: ReadonlySet<string>, after: ReadonlySet<string>): void {
    this.around.set(revision, { before, after })
    if (this.around.size > KEPT) this.around.delete(this.around.keys().next().value!)
  }

  /** What an undo or redo selects, as far as it is there; null: it is not known. */
  of({ how, target }: Pick<RevisionMessage, 'how' | 'target'>): ReadonlySet<string> | null {
    const edit = how === 'edit' || target === null ? undefined : this.around.get(target)
    return edit?.[how === 'undo' ? 'before' : 'after'] ?? null
  }
}

/** Nodes, then values that a delta puts there or changes. */
export function touchedBy(delta: Delta): string[] {
  const nodes = delta.flatMap((change) => (change.table === 'uses' ? change.after.nodes : (change.table === 'node' || change.table === 'place') && change.after !== null ? [change.id] : []))
  return [...nodes, ...delta.flatMap((change) => (change.table === 'value' && change.after !== null ? [change.id] : []))]
}
