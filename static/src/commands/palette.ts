/** What the command palette lists: commands, what can be done with the selection and the model, and graphs to enter. */
import type { Editor } from './editor'
import { type Fit, fuzzy } from './fuzzy'
import { bodyTitle } from './graphs'
import { type Offer, offersOn, selected } from './offers'
import type { Command, Commands } from './registry'
import { MAIN_GRAPH } from '../state'

export interface PaletteEntry {
  id: string
  title: string
  /** what it belongs to, in front of the title: 'Node', 'Model', 'View' */
  group: string
  keys: string
  detail: string
  danger: boolean
  run(): void
}
export interface PaletteRow { entry: PaletteEntry; fit: Fit | null; recent: boolean }

const GRAPHS = 400 // listed at most
const KEPT = 8 // recent entries
const RECENT_KEY = 'scalpel.recent-commands'

export function paletteEntries(editor: Editor, commands: Commands): PaletteEntry[] {
  const on = selected(editor)
  const anything = on.nodes.length + on.values.length > 0
  const whole = { nodes: [], values: [], graph: on.graph }
  const deeds = (anything ? offersOn(editor, on) : []).filter((offer) => offer.section !== 'model' && offer.section !== 'graph')
  const able = commands.all().filter((one) => one.enabled() && !HIDDEN.has(one.id) && !one.onGraph)
  const of = (group: Command['group']): PaletteEntry[] => able.filter((one) => one.group === group).map(fromCommand)
  const model = offersOn(editor, whole).sort((a, b) => Number(RARE.has(a.kind)) - Number(RARE.has(b.kind))).map((offer) => fromOffer(offer, 'Model'))
  return [ // what changes something comes before what only looks, and what is near before what is far
    ...deeds.map((offer) => fromOffer(offer, subjectWord(offer.section, on.nodes.length || on.values.length))),
    ...(anything ? [...of('Edit'), ...of('Model'), ...model] : [...model, ...of('Model'), ...of('Edit')]),
    ...of('Select'), ...of('Go'),
    ...graphEntries(editor),
    ...of('View'),
  ]
}

/** Deeds on the model that are wanted now and then. */
const RARE = new Set(['set-doc', 'set-metadata', 'set-model-info', 'set-opset-import'])

/** Commands that mean nothing here, or that stand in the list as deeds on the selection. */
const HIDDEN = new Set(['commands', 'leave', 'menu', 'delete', 'delete-reconnect', 'rename', 'duplicate'])

function fromCommand(one: Command): PaletteEntry {
  return { id: `command ${one.id}`, title: one.title, group: one.group, keys: one.keys[0] ?? '', detail: '', danger: false, run: () => one.run() }
}

function fromOffer(offer: Offer, group: string): PaletteEntry {
  return { id: `edit ${offer.id} ${offer.section}`, title: offer.asks ? `${offer.title}…` : offer.title, group, keys: offer.keys ?? '', detail: offer.description, danger: offer.danger, run: () => offer.run(null) }
}

function subjectWord(section: Offer['section'], count: number): string {
  const word = section.startsWith('node') ? 'node' : 'value'
  return count > 1 ? `${count.toLocaleString('en')} ${word}s` : word[0]!.toUpperCase() + word.slice(1)
}

function graphEntries(editor: Editor): PaletteEntry[] {
  const { document } = editor
  if (!document) return []
  const here = editor.state.graph.peek()
  return [...document.graphs.keys()].filter((id) => id !== here).slice(0, GRAPHS).map((id) => ({
    id: `graph ${id}`, title: id === MAIN_GRAPH ? 'Main graph' : bodyTitle(document, id), group: 'Go to', keys: '', danger: false,
    detail: id === MAIN_GRAPH ? '' : document.graph(id)?.parent === null ? 'function' : 'body', run: () => void editor.enter(id),
  }))
}

/** The best fits first; without a text what was used last, then everything as it stands. */
export function searchPalette(entries: readonly PaletteEntry[], text: string, recent: readonly string[]): PaletteRow[] {
  const rank = (id: string): number => { const at = recent.indexOf(id); return at < 0 ? Infinity : at }
  if (text.trim() === '') {
    const used = entries.filter((entry) => rank(entry.id) < Infinity).sort((a, b) => rank(a.id) - rank(b.id))
    return [...used.map((entry) => ({ entry, fit: null, recent: true })), ...entries.filter((entry) => !used.includes(entry)).map((entry) => ({ entry, fit: null, recent: false }))]
  }
  const rows = entries.flatMap((entry, order) => {
    const fit = fitOf(text, entry)
    return fit ? [{ entry, fit, order, score: fit.score + (rank(entry.id) < Infinity ? 3 - rank(entry.id) * 0.2 : 0) }] : []
  })
  return rows.sort((a, b) => b.score - a.score || a.order - b.order).map(({ entry, fit }) => ({ entry, fit, recent: false }))
}

/** Every word fits the title, or begins what it is done to: `model simp`. */
function fitOf(text: string, entry: PaletteEntry): Fit | null {
  const all: Fit = { score: 0, at: [] }
  for (const word of text.trim().toLowerCase().split(/\s+/)) {
    const fit = fuzzy(word, entry.title) ?? (entry.group.toLowerCase().startsWith(word) ? { score: 1, at: [] } : null)
    if (!fit) return null
    all.score += fit.score
    all.at.push(...fit.at)
  }
  return all
}

export function recentIds(storage: Pick<Storage, 'getItem'>): string[] {
  try {
    const kept: unknown = JSON.parse(storage.getItem(RECENT_KEY) ?? '[]')
    return Array.isArray(kept) ? kept.filter((one) => typeof one === 'string') : []
  } catch {
    return [] // something else wrote there
  }
}

export function keepRecent(storage: Pick<Storage, 'getItem' | 'setItem'>, id: string): void {
  storage.setItem(RECENT_KEY, JSON.stringify([id, ...recentIds(storage).filter((one) => one !== id)].slice(0, KEPT)))
}
