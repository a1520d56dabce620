/** What was selected around an edit: undoing it selects again what was selected before, redoing it what was selected after. */
import type { Delta, RevisionMessage } from '../protocol/types'
import type { Editor } from './editor'

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

/** What a delta puts there or changes comes into sight, also out of a closed scope: of that what is selected, else the first. */
export function showTouched(editor: Editor, delta: Delta): void {
  const touched = touchedBy(delta).filter((id) => canBeSeen(editor, id))
  const chosen = editor.state.selection.peek()
  const shown = touched.find((id) => chosen.has(id)) ?? touched[0]
  if (shown === undefined) return
  if (chosen.has(shown) && editor.canvas?.scopesAround(chosen).whole?.open === false) return // its card shows it: all of a closed scope
  void editor.canvas?.unfold([shown])
  editor.canvas?.reveal(shown)
}

/** Whether it is in the graph in sight, or in a body that can be open in place there. */
export function canBeSeen(editor: Editor, id: string): boolean {
  const graph = editor.node(id)?.graph ?? editor.value(id)?.graph
  return graph !== undefined && (graph === editor.state.graph.peek() || (editor.canvas?.canShow(graph) ?? false))
}

/** Nodes, then values. */
function touchedBy(delta: Delta): string[] {
  const nodes = delta.flatMap((change) => (change.table === 'uses' ? change.after.nodes : (change.table === 'node' || change.table === 'place') && change.after !== null ? [change.id] : []))
  return [...nodes, ...delta.flatMap((change) => (change.table === 'value' && change.after !== null ? [change.id] : []))]
}
