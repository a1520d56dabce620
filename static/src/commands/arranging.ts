/** What readers arrange for themselves: nodes that are moved by hand, and notes; kept with the session, never with the model. */
import type { Moved } from '../canvas/moving'
import type { Editor } from './editor'
import { together } from './many'
import type { Command } from './registry'

const STEP = 8 // pixels at zoom 1 that a key moves
const WAYS: readonly [string, string, number, number][] = [['left', 'ArrowLeft', -1, 0], ['right', 'ArrowRight', 1, 0], ['up', 'ArrowUp', 0, -1], ['down', 'ArrowDown', 0, 1]]

export function arrangingCommands(editor: Editor): Command[] {
  const { state } = editor
  const nodes = (): boolean => [...state.selection.value].some((id) => editor.node(id))
  const editable = (): boolean => state.loading.value === 'ready' && state.original.value === 'off'
  return [
    ...WAYS.map(([way, key, dx, dy]): Command => ({ id: `move-${way}`, title: `Move it ${way}`, group: 'Edit', keys: [`Shift+${key}`], run: () => editor.canvas?.nudge(dx * STEP, dy * STEP), enabled: () => editable() && nodes() })),
    { id: 'forget-places', title: 'Forget where I put nodes', group: 'View', keys: ['Shift+T'], run: () => void forgetPlaces(editor), enabled: () => editable() && placedByHand(editor) > 0 },
    { id: 'add-note', title: 'Add a note', group: 'Edit', keys: ['Shift+N'], run: () => editor.canvas?.writeNote(null), enabled: editable },
  ]
}

/** Resolves to whether they stand there now. */
export function moveNodes(editor: Editor, moved: readonly Moved[]): Promise<boolean> {
  return editor.perform(together(moved.map((one) => ({ kind: 'set-position', ...one }))))
}

/** A node goes onto a wire, and to where the layout puts it there. */
export function spliceNode(editor: Editor, node: string, slot: number, wire: { value: string; consumers: unknown[] | null }): Promise<boolean> {
  const splice = { kind: 'splice-node', node, slot, value: wire.value, ...(wire.consumers ? { consumers: wire.consumers } : {}) }
  const placed = editor.document?.arrangement.places.get(node)
  return editor.perform(together(placed ? [splice, { kind: 'forget-positions', graph: placed.graph, nodes: [node] }] : [splice]))
}

export function placedByHand(editor: Editor): number {
  return editor.graphsInSight().reduce((sum, graph) => sum + placedIn(editor, graph), 0)
}

function placedIn({ document, state }: Editor, graph: string): number {
  return document?.arrangement.placed(graph, state.direction.peek()) ?? 0
}

/** Lays out anew; nodes that were moved by hand keep their places, and that is told where there are any. */
export async function tidy(editor: Editor): Promise<void> {
  await editor.canvas?.tidy()
  editor.state.keptPlaces.value = placedByHand(editor)
}

export async function forgetPlaces(editor: Editor): Promise<void> {
  editor.state.keptPlaces.value = 0
  const graphs = editor.graphsInSight().filter((graph) => placedIn(editor, graph) > 0)
  await editor.perform(together(graphs.map((graph) => ({ kind: 'forget-positions', graph, direction: editor.state.direction.peek() }))))
}
