/** Copy, cut, paste and duplicate: nodes travel as JSON text, through the system's clipboard or, where a page may not use it, through this browser's own. */
import { AppFailure, errorData } from '../connection/errors'
import type { EditData } from '../protocol/types'
import type { Editor } from './editor'
import { applyLong } from './work'

const KEPT = 'scalpel.clipboard'
const FORMAT = 1

/** What was copied last by any page of this server, for browsers that do not let pages at the clipboard. */
export interface Kept { getItem(key: string): string | null; setItem(key: string, text: string): void }
export type Fragment = Record<string, unknown> & { fragment: number; nodes: unknown[] }

export function selectedNodes(editor: Editor): string[] {
  return [...editor.state.selection.peek()].filter((id) => editor.node(id))
}

/** The nodes that a text from the clipboard holds; null: it is something else. */
export function fragmentIn(text: string): Fragment | null {
  if (!text.startsWith('{')) return null
  try {
    const data = JSON.parse(text) as Partial<Fragment>
    return data.fragment === FORMAT && Array.isArray(data.nodes) ? (data as Fragment) : null
  } catch {
    return null
  }
}

/** Puts the selected nodes on the clipboard; resolves to whether they are there. */
export async function copyNodes(editor: Editor, kept: Kept = localStorage): Promise<boolean> {
  const nodes = selectedNodes(editor)
  if (nodes.length === 0) return false
  const fragment = editor.api.fragment(editor.session, nodes).then((data) => JSON.stringify(data))
  try {
    const outside = writeText(fragment).catch(() => undefined) // then this browser's own has it
    keep(kept, await fragment)
    await outside
    editor.toast(`Copied ${plural(nodes.length)}`)
    return true
  } catch (thrown) {
    editor.state.refusal.value = { error: errorData(thrown), edit: null }
    return false
  }
}

export async function cutNodes(editor: Editor, kept: Kept = localStorage): Promise<void> {
  const nodes = selectedNodes(editor)
  if (await copyNodes(editor, kept)) await editor.perform({ kind: 'remove-nodes', nodes, reconnect: false })
}

export function duplicateNodes(editor: Editor, nodes = selectedNodes(editor)): Promise<boolean> {
  return put(editor, { kind: 'duplicate-nodes', nodes })
}

/** Where a paste is asked for; null: where the reader works. */
export type PasteAt = { graph: string; x: number; y: number } | null

/** Pastes what a paste event brought. */
export function pasteText(editor: Editor, text: string, kept: Kept = localStorage): Promise<boolean> {
  const fragment = fragmentIn(text.trim()) ?? (text === '' ? fragmentIn(kept.getItem(KEPT) ?? '') : null)
  return fragment ? paste(editor, fragment, null) : nothingThere(editor)
}

/** Pastes without a paste event: the browser may ask whether this page may read the clipboard. */
export async function pasteFromMenu(editor: Editor, at: PasteAt = null, kept: Kept = localStorage): Promise<boolean> {
  let text = ''
  try {
    text = await navigator.clipboard.readText()
  } catch {
    text = kept.getItem(KEPT) ?? ''
  }
  const fragment = fragmentIn(text.trim())
  return fragment ? paste(editor, fragment, at) : nothingThere(editor)
}

function paste(editor: Editor, fragment: Fragment, at: PasteAt): Promise<boolean> {
  return put(editor, { kind: 'paste-nodes', fragment, graph: at?.graph ?? editor.workplace.graph }, at, tensorsElsewhere(fragment, editor.session))
}

/** Makes the edit, and shows what it made; `long`: large weights come along from another model. */
async function put(editor: Editor, edit: EditData, at: PasteAt = null, long = false): Promise<boolean> {
  if (at) editor.canvas?.expectAt(at)
  else editor.expectNearby()
  try {
    const { report } = await (long ? applyLong(editor, edit) : editor.submit(edit, true))
    const open = (report?.['open_inputs'] as string[] | undefined) ?? []
    if (open.length > 0) editor.toast(open.length === 1 ? `An input is left open: ${open[0]!.slice(0, 60)}` : `${open.length} inputs are left open`)
    return true
  } catch (thrown) {
    editor.state.refusal.value = { error: errorData(thrown), edit }
    return false
  }
}

function nothingThere(editor: Editor): Promise<boolean> {
  editor.toast('There are no copied nodes on the clipboard.')
  return Promise.resolve(false)
}

/** Whether a fragment names weights of another session. */
export function tensorsElsewhere(data: unknown, session: string): boolean {
  if (Array.isArray(data)) return data.some((one) => tensorsElsewhere(one, session))
  if (typeof data !== 'object' || data === null) return false
  const { session: from, source, digest } = data as Record<string, unknown>
  if (typeof from === 'string' && from !== session && (source !== undefined || digest !== undefined)) return true
  return Object.values(data).some((one) => tensorsElsewhere(one, session))
}

/** The promise is handed over at once, so that the browser still knows of the key that was pressed. */
function writeText(text: Promise<string>): Promise<void> {
  const clipboard = (navigator as Partial<Navigator>).clipboard
  if (!clipboard) return Promise.reject(new AppFailure({ code: 'no-clipboard', message: 'This page may not use the clipboard.', hint: '', subjects: [] }))
  const blob = text.then((content) => new Blob([content], { type: 'text/plain' }))
  return clipboard.write([new ClipboardItem({ 'text/plain': blob })])
}

function keep(kept: Kept, text: string): void {
  try {
    kept.setItem(KEPT, text)
  } catch {
    kept.setItem(KEPT, '') // no room: the system's clipboard has it
  }
}

function plural(count: number): string {
  return count === 1 ? 'a node' : `${count.toLocaleString('en')} nodes`
}
