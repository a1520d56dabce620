/** Scopes: opening and closing them, and whether this model is shown with them at all. */
import { NOWHERE, type Around } from '../canvas/hidden'
import type { FoldState } from '../canvas/shown-graph'
import type { Editor } from './editor'
import type { Command } from './registry'

const DEPTHS = [1, 2, 3, 4]
const FLAT_KEY = 'scalpel.flat.'

export function foldingCommands(editor: Editor): Command[] {
  const { state } = editor
  const selected = (): string[] => [...state.selection.peek()]
  const has = (): boolean => state.loading.peek() === 'ready' && state.scopes.value.count > 0 && !state.scopes.value.flat
  const ready = (): boolean => state.loading.peek() === 'ready'
  const holders = (): string[] => selected().filter((id) => opensInPlace(editor, id))
  const around = (): Around => editor.canvas?.scopesAround(selected()) ?? NOWHERE
  return [
    { id: 'scope-open', title: 'Open the selected scope, body or function in place', group: 'View', keys: ['E', ']'], run: () => openSelected(editor, around().closed, holders()), enabled: () => holders().length > 0 || (has() && around().closed.length > 0) },
    { id: 'scope-close', title: 'Close what is open around the selection', group: 'View', keys: ['G', '['], run: () => closeAround(editor, around()), enabled: () => ready() && around().open !== null },
    { id: 'scope-start', title: 'To the start of what is open around it', group: 'Go', keys: ['Shift+Home'], run: () => { const { open } = around(); if (open !== null) editor.canvas?.toStartOf(open) }, enabled: () => ready() && around().open !== null },
    { id: 'scopes-open', title: 'Open all scopes', group: 'View', keys: ['Shift+E', '}'], run: () => void editor.canvas?.fold({ what: 'open-all' }), enabled: has },
    { id: 'scopes-close', title: 'Close all scopes and bodies', group: 'View', keys: ['Shift+G', '{'], run: () => void editor.canvas?.fold({ what: 'close-all' }), enabled: () => has() || (ready() && editor.graphsInSight().length > 1) },
    ...DEPTHS.map((depth): Command => ({ id: `scopes-depth-${depth}`, title: `Open scopes to depth ${depth}`, group: 'View', keys: [String(depth)], run: () => void editor.canvas?.fold({ what: 'depth', depth }), enabled: has })),
    { id: 'scopes', title: 'Show scopes', group: 'View', keys: ['S'], run: () => toggleFlat(editor), enabled: () => state.loading.peek() === 'ready' && (state.scopes.value.count > 0 || state.scopes.value.flat) },
  ]
}

/** Whether the node has bodies, or calls a function of the model. */
export function opensInPlace({ document }: Editor, id: string): boolean {
  const node = document?.nodeIndex(id) ?? -1
  return node >= 0 && document!.opensAt(node)
}

function openSelected(editor: Editor, paths: readonly string[], nodes: readonly string[]): void {
  if (paths.length > 0) void editor.canvas?.fold({ what: 'open', paths })
  else void editor.canvas?.fold({ what: 'body', nodes, open: true })
}

function closeAround(editor: Editor, { open, body }: Around): void {
  if (body !== null) void editor.canvas?.fold({ what: 'body', nodes: [body], open: false })
  else if (open !== null) void editor.canvas?.fold({ what: 'close', paths: [open] })
}

/** This browser remembers it for the model. */
function toggleFlat(editor: Editor): void {
  const flat = !editor.state.scopes.peek().flat
  editor.state.scopes.value = { ...editor.state.scopes.peek(), flat }
  for (const key of keysOf(editor)) localStorage.setItem(key, flat ? 'on' : 'off')
  void editor.canvas?.fold({ what: 'flat', flat })
}

/** Shows the model flat when it was shown so last. */
export function recallFlat(editor: Editor): void {
  const kept = keysOf(editor).map((key) => localStorage.getItem(key)).find((one) => one !== null)
  if (kept === undefined || (kept === 'on') === editor.state.scopes.peek().flat) return
  editor.state.scopes.value = { ...editor.state.scopes.peek(), flat: kept === 'on' }
  void editor.canvas?.fold({ what: 'flat', flat: kept === 'on' })
}

/** A session is known at once, its file only when the server has told. */
function keysOf({ state, session }: Editor): string[] {
  return [session, state.path.peek()].filter(Boolean).map((one) => FLAT_KEY + one)
}

export function foldedNow({ state }: Editor, now: FoldState): void {
  const before = state.scopes.peek()
  const count = now.flat ? before.count : now.scopes
  if (before.count !== count || before.flat !== now.flat || before.changes !== now.changes) state.scopes.value = { count, flat: now.flat, changes: now.changes }
}
