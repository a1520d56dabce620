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

/**
 * What a delta puts there or changes comes into sight, also out of a closed scope: of that what is selected, else the first. The view stays
 * when any of it is seen, or was until now; for a single selected node it moves as far as that needs to be seen whole.
 */
export function showTouched(editor: Editor, delta: Delta, wasSeen: boolean): void {
  const { canvas } = editor
  const touched = touchedBy(delta).filter((id) => canBeSeen(editor, id))
  const chosen = editor.state.selection.peek()
  const shown = touched.find((id) => chosen.has(id)) ?? touched[0]
  if (!canvas || shown === undefined) return
  if (chosen.has(shown) && canvas.scopesAround(chosen).whole?.open === false) return // its card shows it: all of a closed scope
  const nodes = touched.filter((id) => chosen.has(id) && editor.node(id))
  const isSeen = nodes.length === 1 ? false : nodes.length > 1 ? canvas.sees(nodes) : wasSeen || canvas.sees(touched)
  if (isSeen) return
  void canvas.unfold([shown])
  canvas.reveal(shown)
}

/** Whether anything is in sight that the delta is about to change, or take away. */
export function seesTouched(editor: Editor, delta: Delta): boolean {
  const gone = delta.flatMap((change) => (change.table === 'node' && change.after === null ? [change.id] : []))
  return editor.canvas?.sees([...gone, ...touchedBy(delta)]) ?? false
}

/** Whether it is in the graph in sight, or in a body that can be open in place there. */
export function canBeSeen(editor: Editor, id: string): boolean {
  const graph = editor.node(id)?.graph ?? editor.value(id)?.graph
  return graph !== undefined && (graph === editor.state.graph.peek() || (editor.canvas?.canShow(graph) ?? false))
}

/** Nodes, then values. */
function touchedBy(delta: Delta): string[] {
  const nodes = delta.flatMap((change) => (change.table === 'uses' ? change.after.nodes : (change.table === 'node' || change.table === 'place') && change.after !== null ? [change.id] : []))
  const values = delta.flatMap((change) => (change.table === 'uses' ? [change.after.value] : change.table === 'value' && change.after !== null ? [change.id] : []))
  return [...nodes, ...values]
}
