/** What stands out while the rest of the graph is dimmed: what nodes depend on and feed, or one value from its maker to all of its readers. */
import { clip, drawable, typeText } from '../scene/text'
import type { Highlight } from '../state'
import type { Editor } from './editor'
import type { DocumentPort, Lit, Use } from './ports'
import { endsIn, reachOf, type Way } from './reach'

export interface Highlighted {
  lit: Lit
  /** 'Conv conv1' */
  subject: string
  /** 'depends on 12 nodes and feeds 3' */
  counts: string
  /** nodes that stand out */
  nodes: readonly string[]
  /** whether another step would light more; false for a value */
  more: boolean
}

const NAME = 40

/** Shows what the selected nodes depend on or feed; asked for again, it goes. */
export function toggleReach(editor: Editor, way: Way): void {
  const { state } = editor
  const now = state.highlight.peek()
  const nodes = subjects(editor)
  if (now?.what === 'reach' && now.way === way && (nodes.length === 0 || same(now.nodes, nodes))) state.highlight.value = null
  else if (nodes.length > 0) state.highlight.value = { what: 'reach', nodes, way, steps: now?.what === 'reach' ? now.steps : Infinity }
}

/** The selected nodes; for a selected value the node that makes it, else those that take it. */
function subjects(editor: Editor): string[] {
  const { document } = editor
  const ids = [...editor.state.selection.peek()]
  const nodes = ids.filter((id) => editor.node(id))
  if (nodes.length > 0 || !document) return nodes
  return [...new Set(ids.flatMap((value) => document.producer(value)?.node ?? document.consumers(value).map((use) => use.node)))]
}

export function canHighlight(editor: Editor): boolean {
  return editor.state.highlight.value !== null || editor.state.selection.value.size > 0
}

/** Follows the selected value, or the first output of the selected node; asked for again, the node's next one. */
export function followValue(editor: Editor): void {
  const { state } = editor
  const now = state.highlight.peek()
  const [id] = state.selection.peek()
  const outputs = id === undefined ? [] : (editor.node(id)?.outputs ?? (editor.value(id) ? [id] : [])).filter((value) => value !== '')
  const known = now?.what === 'value' ? outputs.indexOf(now.value) : -1
  const value = outputs[known + 1]
  state.highlight.value = value === undefined ? null : { what: 'value', value, at: -1 }
}

/** Its maker first, then its readers, in bodies too. */
export function endsOf(document: DocumentPort, value: string): Use[] {
  const maker = document.producer(value)
  return [...(maker ? [maker] : []), ...document.consumers(value)]
}

/** A step more or less; of a followed value the next or the previous end, where the reader is taken. */
export function stepHighlight(editor: Editor, by: 1 | -1): void {
  const now = editor.state.highlight.peek()
  const { document } = editor
  if (!now || !document) return
  if (now.what === 'reach') {
    setSteps(editor, now.steps === Infinity ? (by < 0 ? deepest(editor, now) - 1 : Infinity) : now.steps + by)
    return
  }
  const ends = endsOf(document, now.value)
  if (ends.length === 0) return
  const at = now.at < 0 ? (by > 0 ? 0 : ends.length - 1) : (now.at + by + ends.length) % ends.length
  editor.state.highlight.value = { ...now, at }
  void editor.goTo(ends[at]!.node)
}

export function setSteps(editor: Editor, steps: number): void {
  const now = editor.state.highlight.peek()
  if (now?.what === 'reach') editor.state.highlight.value = { ...now, steps: Math.max(1, steps) }
}

function deepest(editor: Editor, { nodes, way }: Highlight & { what: 'reach' }): number {
  const { up, down } = reachOf(editor.document!, nodes, way, Infinity)
  return Math.max(1, ...[up, down].map((found) => [...found.values()].at(-1) ?? 1))
}

/** Null while nothing is highlighted, and in a graph that what is highlighted is not in. */
export function highlighted(editor: Editor): Highlighted | null {
  void editor.state.scopes.value // bodies may be open in place
  const now = editor.state.highlight.value
  void (now?.what === 'value' ? editor.state.version : editor.state.listed).value // names and types of values change no reach
  const graph = editor.state.graph.value
  const { document } = editor
  if (!now || !document) return null
  const isSeen = (inner: string): boolean => inner === graph || (editor.canvas?.canShow(inner) ?? false)
  return now.what === 'value' ? ofValue(document, graph, isSeen, now.value) : ofReach(document, isSeen, now)
}

function ofReach(document: DocumentPort, isSeen: (graph: string) => boolean, { nodes: asked, way, steps }: Highlight & { what: 'reach' }): Highlighted | null {
  const graph = document.node(asked[0] ?? '')?.graph
  const nodes = graph === undefined || !isSeen(graph) ? [] : asked.filter((id) => document.node(id)?.graph === graph)
  if (nodes.length === 0) return null
  const { up, down, taken, made } = reachOf(document, nodes, way, steps)
  const all = new Set([...nodes, ...up.keys(), ...down.keys()])
  const said = [way === 'down' ? '' : `depends on ${counted(up.size, 'node')}`, way === 'up' ? '' : `feeds ${counted(down.size, 'node')}`]
  return { lit: { nodes: all, taken, made }, subject: nodes.length === 1 ? nodeTitle(document, nodes[0]!) : counted(nodes.length, 'node'), counts: plural(said.filter(Boolean).join(' and '), nodes.length), nodes: [...all], more: steps !== Infinity && [...up.values(), ...down.values()].includes(steps) }
}

function ofValue(document: DocumentPort, graph: string, isSeen: (graph: string) => boolean, value: string): Highlighted | null {
  const view = document.value(value)
  const ends = view ? endsIn(document, graph, value) : []
  if (!view || (ends.length === 0 && view.graph !== graph)) return null
  const only = new Set([value])
  const inBodies = document.consumers(value).map((use) => use.node).filter((id) => isSeen(document.node(id)?.graph ?? ''))
  const readers = document.consumers(value).length
  const type = typeText(view.dtype, view.shape)
  return {
    lit: { nodes: new Set([...ends, ...inBodies]), taken: only, made: only }, subject: clip(drawable(view.name), NAME), nodes: ends, more: false,
    counts: [type, `read ${readers === 0 ? 'by nothing' : readers === 1 ? 'once' : `${readers.toLocaleString('en')} times`}`].filter(Boolean).join(' · '),
  }
}

/** 'Conv conv1' */
export function nodeTitle(document: DocumentPort, id: string): string {
  const node = document.node(id)
  return node ? [node.op_type, clip(drawable(node.name), NAME)].filter(Boolean).join(' ') : ''
}

function counted(count: number, what: string): string {
  return `${count === 0 ? 'no' : count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`
}

function plural(text: string, subjects: number): string {
  return subjects === 1 ? text : text.replace('depends', 'depend').replace('feeds', 'feed')
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id, at) => id === other[at])
}
