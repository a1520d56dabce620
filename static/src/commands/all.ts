/** Every command of the editor. */
import { arrangingCommands, tidy } from './arranging'
import { canRedo, canUndo } from './history'
import type { Editor } from './editor'
import { save } from './files'
import { focusField, NAME_FIELD } from './focus'
import { movingCommands } from './moving'
import { foldingCommands } from './folding'
import { toggleOriginal } from './original'
import { removalOf, removeSelected } from './removal'
import { Commands } from './registry'
import { startRun } from './run'
import { closeTab } from './tabs'
import { turn } from './turning'
import { walkingCommands } from './walking'
import { workingCommands } from './working'

export const FIND_FIELD = 'find-field'
export const MAP_KEY = 'scalpel.map'

export function editorCommands(editor: Editor): Commands {
  const { state } = editor
  const nodes = (): string[] => [...state.selection.peek()].filter((id) => editor.node(id))
  const ready = (): boolean => state.loading.peek() === 'ready'
  return new Commands([
    { id: 'undo', title: 'Undo', group: 'Edit', keys: ['Ctrl+Z'], run: () => void editor.undo(), enabled: () => state.original.value === 'off' && (canUndo(state.history.value, editor.me) || state.pending.value > 0) },
    { id: 'redo', title: 'Redo', group: 'Edit', keys: ['Ctrl+Shift+Z', 'Ctrl+Y'], run: () => void editor.redo(), enabled: () => state.original.value === 'off' && canRedo(state.history.value, editor.me) },
    { id: 'delete', title: 'Delete', group: 'Edit', keys: ['Delete', 'Backspace'], run: () => void removeSelected(editor, false), enabled: () => removalOf(editor, false).length > 0 },
    { id: 'delete-reconnect', title: 'Delete nodes and reconnect', group: 'Edit', keys: ['Ctrl+Delete', 'Ctrl+Backspace'], run: () => void removeSelected(editor, true), enabled: () => nodes().length > 0 },
    { id: 'rename', title: 'Rename', group: 'Edit', keys: ['F2'], run: () => focusField(NAME_FIELD), enabled: () => state.selection.value.size === 1, everywhere: true },
    ...workingCommands(editor),
    ...arrangingCommands(editor),
    { id: 'select-all', title: 'Select all nodes, also in what is open in place', group: 'Select', keys: ['Ctrl+A'], run: () => editor.select(editor.graphsInSight().flatMap((graph) => editor.document?.nodeIds(graph) ?? [])), enabled: ready },
    ...movingCommands(editor),
    ...walkingCommands(editor),
    { id: 'commands', title: 'Find any command', group: 'View', keys: ['Ctrl+K', 'Ctrl+Shift+P'], run: () => { state.dialog.value = 'commands' }, enabled: ready, everywhere: true },
    { id: 'find', title: 'Find', group: 'View', keys: ['Ctrl+F', '/'], run: () => focusField(FIND_FIELD), enabled: ready, everywhere: true },
    { id: 'find-next', title: 'Next hit', group: 'View', keys: ['F3', 'Ctrl+G'], run: () => { state.findStep.value = { by: 1 } }, enabled: ready, everywhere: true },
    { id: 'find-previous', title: 'Previous hit', group: 'View', keys: ['Shift+F3', 'Ctrl+Shift+G'], run: () => { state.findStep.value = { by: -1 } }, enabled: ready, everywhere: true },
    { id: 'select-hits', title: 'Select all hits', group: 'Select', keys: ['Alt+Enter'], run: () => { state.findStep.value = { by: 'all' } }, enabled: ready },
    { id: 'fit', title: 'Fit the graph', group: 'View', keys: ['F'], run: () => editor.canvas?.fit(), enabled: ready },
    { id: 'tidy', title: 'Tidy the layout', group: 'View', keys: ['T'], run: () => void tidy(editor), enabled: ready },
    { id: 'turn', title: 'Lay out horizontally or vertically', group: 'View', keys: ['L'], run: () => turn(editor), enabled: ready },
    ...foldingCommands(editor),
    { id: 'map', title: 'Map of the graph', group: 'View', keys: ['M'], run: () => toggleMap(state), enabled: ready },
    { id: 'zoom-in', title: 'Zoom in', group: 'View', keys: ['+', '='], run: () => editor.canvas?.zoomBy(1.25), enabled: ready },
    { id: 'zoom-out', title: 'Zoom out', group: 'View', keys: ['-'], run: () => editor.canvas?.zoomBy(0.8), enabled: ready },
    { id: 'zoom-selection', title: 'Zoom to the selection', group: 'View', keys: ['Z'], run: () => editor.canvas?.zoomTo([...state.selection.peek()]), enabled: () => state.selection.value.size > 0 },
    { id: 'picture', title: 'Export picture…', group: 'View', keys: ['Ctrl+Shift+E'], run: () => { state.dialog.value = 'picture' }, enabled: () => ready() && editor.canvas !== null },
    { id: 'print', title: 'Print…', group: 'View', keys: ['Ctrl+P'], run: () => window.print(), enabled: ready },
    { id: 'print-selection', title: 'Print the selection…', group: 'View', keys: ['Alt+P'], run: () => { state.toPrint.value = 'selection'; window.print() }, enabled: () => ready() && state.selection.value.size > 0 },
    { id: 'menu', title: 'What can be done here', group: 'View', keys: ['Shift+F10', 'ContextMenu'], run: () => editor.canvas?.openMenu(), enabled: ready },
    { id: 'leave', title: 'Close, clear, go back', group: 'View', keys: ['Escape'], run: () => stepBack(editor), enabled: () => true },
    { id: 'problems', title: 'Problems', group: 'View', keys: ['P'], run: () => { state.problemsOpen.value = !state.problemsOpen.peek() }, enabled: ready },
    { id: 'keys', title: 'Keys', group: 'View', keys: ['?'], run: () => { state.dialog.value = state.dialog.peek() === 'keys' ? null : 'keys' }, enabled: () => true },
    { id: 'run', title: 'Run', group: 'Model', keys: ['Ctrl+Enter'], run: () => void startRun(editor), enabled: () => ready() && state.job.value?.state !== 'running' },
    { id: 'save', title: 'Save', group: 'Model', keys: ['Ctrl+S'], run: () => void save(editor), enabled: ready, everywhere: true },
    { id: 'save-as', title: 'Save as…', group: 'Model', keys: ['Ctrl+Shift+S'], run: () => { state.dialog.value = 'save' }, enabled: ready, everywhere: true },
    { id: 'original', title: 'Show the original', group: 'Model', keys: ['O'], run: () => void toggleOriginal(editor), enabled: () => ready() && state.original.value !== 'loading' },
    { id: 'netron', title: 'Open in Netron', group: 'Model', keys: ['N'], run: () => { state.netron.value = state.revision.peek() }, enabled: ready },
    { id: 'open', title: 'Open another model…', group: 'Model', keys: ['Ctrl+O'], run: () => { state.dialog.value = 'open' }, enabled: () => true, everywhere: true },
    { id: 'close-tab', title: 'Close this model', group: 'Model', keys: ['Alt+W'], run: () => { if (editor.pages) closeTab(editor.pages, editor.session) }, enabled: () => editor.pages !== null },
    { id: 'next-tab', title: 'Next open model', group: 'Model', keys: ['Ctrl+Alt+ArrowRight'], run: () => stepTab(editor, 1), enabled: () => (editor.pages?.tabs.list.value.length ?? 0) > 1, everywhere: true },
    { id: 'previous-tab', title: 'Previous open model', group: 'Model', keys: ['Ctrl+Alt+ArrowLeft'], run: () => stepTab(editor, -1), enabled: () => (editor.pages?.tabs.list.value.length ?? 0) > 1, everywhere: true },
  ])
}

function stepTab({ pages }: Editor, step: number): void {
  const next = pages?.tabs.neighbour(step)
  if (next) pages?.show(next)
}

/** This browser remembers it. */
function toggleMap({ map }: Editor['state']): void {
  map.value = !map.peek()
  localStorage.setItem(MAP_KEY, map.peek() ? 'open' : 'closed')
}

/** Out of a body that is open in place to the node that holds it, else out of the selection. */
function unselect(editor: Editor): void {
  const holder = editor.canvas?.scopesAround(editor.state.selection.peek()).body ?? null
  editor.select(holder === null ? [] : [holder])
  if (holder !== null) editor.canvas?.reveal(holder)
}

/** One step out: what is open closes first, then the selection, then the body. */
function stepBack(editor: Editor): void {
  const { state } = editor
  if (state.dialog.peek()) state.dialog.value = null
  else if (state.netron.peek() !== null) state.netron.value = null
  else if (state.palette.peek()) state.palette.value = null
  else if (state.preview.peek()) state.preview.value = null
  else if (state.form.peek()) state.form.value = null
  else if (state.refusal.peek()) state.refusal.value = null
  else if (state.problemsOpen.peek()) state.problemsOpen.value = false
  else if (editor.highlighted.peek()) state.highlight.value = null
  else if (state.selection.peek().size > 0) unselect(editor)
  else if (state.rightView.peek() === 'run') state.rightView.value = 'inspector'
  else void editor.leave()
}
