/** What can be done with what is selected, or with the model: one list for menus, panels and the command palette. */
import type { EditType } from '../protocol/types'
import type { Editor } from './editor'
import { MAIN_GRAPH } from '../state'
import { openForm } from './open-form'
import { fieldsOf } from '../forms/schema'
import { type Place, type Wish, WISHES, type Subjects } from './wishes'

export interface Offer {
  /** the edit's kind, and what tells two offers of one kind apart */
  id: string
  kind: string
  /** as a menu says it, without the dots that tell that something will be asked */
  title: string
  /** a form opens; otherwise it is done at once */
  asks: boolean
  /** what it is done to, in words for a list that holds many things */
  section: Section
  danger: boolean
  keys?: string
  description: string
  run(at: Place | null): void
}
export type Section = 'node' | 'nodes' | 'value' | 'values' | 'model' | 'graph'

/** Everything that fits these subjects, in the order of the table, then what the table does not know. */
export function offersOn(editor: Editor, on: Subjects): Offer[] {
  if (editor.state.original.value === 'on') return [] // the original is read only
  const types = new Map(editor.state.editTypes.peek().map((type) => [type.kind, type]))
  const known = new Set(WISHES.map((wish) => wish.kind))
  const offers = WISHES.flatMap((wish) => {
    const type = types.get(wish.kind)
    return type && (!wish.fits || wish.fits(editor, on)) ? offered(editor, type, wish, on) : []
  })
  const others = [...types.values()].filter((type) => !known.has(type.kind)).flatMap((type) => offered(editor, type, { kind: type.kind, title: type.title }, on))
  return [...offers, ...others]
}

/** The offer of one edit, or nothing when what it acts on is not there. */
function offered(editor: Editor, type: EditType, wish: Wish, on: Subjects): Offer[] {
  const settled = wish.prefill ? wish.prefill(editor, on) : subjectsFor(type, on)
  if (settled === null) return []
  const section = sectionOf(type, on)
  const missing = fieldsOf(type).some((field) => !(field.name in settled) && field.required && field.widget !== 'choice')
  const asks = type.in_job || (wish.asks ?? missing)
  const title = (typeof wish.title === 'function' ? wish.title(on) : wish.title) || type.title
  return [{
    id: wish.id ?? type.kind, kind: type.kind, title, asks, section, danger: wish.danger ?? false, keys: wish.keys, description: firstSentence(type.description),
    run: (at) => {
      if (wish.run) wish.run(editor, on, at)
      else if (asks) openForm(editor, type.kind, settled, formTitle(editor, wish, title, on), at, { initial: initialOf(editor, type, wish, on) })
      else void editor.perform({ kind: type.kind, ...settled })
    },
  }]
}

/** What the fields hold at first: an edit of a graph is about the one in sight. */
function initialOf(editor: Editor, type: EditType, wish: Wish, on: Subjects): Record<string, unknown> | undefined {
  const own = wish.initial?.(editor, on)
  const here = on.graph !== MAIN_GRAPH && (type.acts_on === 'model' || type.acts_on === 'graph' || type.acts_on === 'any') && fieldsOf(type).some((field) => field.widget === 'graph')
  return here ? { graph: on.graph, ...own } : own
}

/** What the form is called: what is done, and to what. */
function formTitle(editor: Editor, wish: Wish, title: string, on: Subjects): string {
  const id = on.nodes.length + on.values.length === 1 ? (on.nodes[0] ?? on.values[0]!) : undefined
  if (id === undefined) return title
  const node = editor.node(id)
  const name = (node ? node.name || node.op_type : (editor.value(id)?.name ?? '')).slice(0, NAMED)
  return wish.form ? `${wish.form} ${name}` : `${title}: ${name}`
}

const NAMED = 200 // characters of a name in a title

function sectionOf(type: EditType, on: Subjects): Section {
  const whole = type.acts_on === 'model' || type.acts_on === 'graph'
  if (whole && on.nodes.length + on.values.length === 0) return type.acts_on as Section
  if (on.nodes.length > 0) return on.nodes.length > 1 ? 'nodes' : 'node'
  if (on.values.length > 0) return on.values.length > 1 ? 'values' : 'value'
  return 'model'
}

/** The parameters that the subjects themselves answer; null when the edit acts on something else. */
export function subjectsFor(type: EditType, on: Subjects): Record<string, unknown> | null {
  const fields = fieldsOf(type)
  const named = (name: string): boolean => fields.some((field) => field.name === name)
  const nothing = on.nodes.length === 0 && on.values.length === 0
  switch (type.acts_on) {
    case 'node': return on.nodes.length === 1 && on.values.length === 0 && named('node') ? { node: on.nodes[0] } : null
    case 'nodes': return on.nodes.length > 0 && named('nodes') ? { nodes: on.nodes } : on.nodes.length === 1 && named('node') ? { node: on.nodes[0] } : null
    case 'value': return on.values.length === 1 && on.nodes.length === 0 && named('value') ? { value: on.values[0] } : null
    case 'values': return on.values.length > 0 && on.nodes.length === 0 ? (named('values') ? { values: on.values } : on.values.length === 1 && named('value') ? { value: on.values[0] } : null) : null
    case 'any': return subjectFor(named, on, nothing)
    default: return nothing ? {} : null
  }
}

function subjectFor(named: (name: string) => boolean, on: Subjects, nothing: boolean): Record<string, unknown> | null {
  if (!named('subject')) return nothing ? {} : null
  if (nothing) return { subject: MODEL }
  return on.nodes.length + on.values.length === 1 ? { subject: on.nodes[0] ?? on.values[0] } : null
}

const MODEL = 'model:' // the id of the model's own record

/** What is selected, parted into nodes and values that still exist. */
export function selected(editor: Editor): Subjects {
  const ids = [...editor.state.selection.value]
  return { nodes: ids.filter((id) => editor.node(id)), values: ids.filter((id) => editor.value(id)), graph: editor.workplace.ofSelection ?? editor.state.graph.value }
}

function firstSentence(text: string): string {
  return /^.*?[.](?=\s|$)/s.exec(text.trim())?.[0] ?? text.trim()
}
