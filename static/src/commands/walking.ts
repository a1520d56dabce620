/** Commands of the graph itself: its arrows walk along wires, or move the view, and Enter goes into what is selected. */
import type { Step } from '../canvas/walk'
import type { Editor } from './editor'
import type { Command } from './registry'

const VIEW_STEP = 80 // CSS pixels
const WAYS: readonly (readonly [way: Step, key: string, dx: number, dy: number])[] = [['up', 'ArrowUp', 0, 1], ['down', 'ArrowDown', 0, -1], ['left', 'ArrowLeft', 1, 0], ['right', 'ArrowRight', -1, 0]]

export function walkingCommands(editor: Editor): Command[] {
  const { state } = editor
  const ready = (): boolean => state.loading.value === 'ready'
  const each = (make: (way: (typeof WAYS)[number]) => Pick<Command, 'id' | 'title' | 'keys' | 'run'>): Command[] => WAYS.map((way) => ({ ...make(way), group: 'On the graph', onGraph: true, enabled: ready }))
  return [
    ...each(([way, key]) => ({ id: `walk-${way}`, title: `Walk ${way}`, keys: [key], run: () => editor.canvas?.walk(way, false) })),
    ...each(([way, key]) => ({ id: `keep-${way}`, title: `Walk ${way} and keep the selection`, keys: [`Ctrl+Shift+${key}`], run: () => editor.canvas?.walk(way, true) })),
    ...each(([way, key, dx, dy]) => ({ id: `view-${way}`, title: `Move the view ${way}`, keys: [`Ctrl+${key}`], run: () => editor.canvas?.panBy(dx * VIEW_STEP, dy * VIEW_STEP) })),
    { id: 'enter', title: 'Enter a body, rename a value', group: 'On the graph', onGraph: true, keys: ['Enter'], run: () => editor.canvas?.openSelected(), enabled: () => state.selection.value.size > 0 },
  ]
}
