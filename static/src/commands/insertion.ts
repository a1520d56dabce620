/** From a picked operator to a node in the graph: at once where nothing has to be asked, else through the form of the edit. */
import { errorData } from '../connection/errors'
import type { EditData, OperatorView } from '../protocol/types'
import type { OperatorsAsked } from '../state'
import type { Editor } from './editor'
import { openForm } from './open-form'
import { upstream } from './reach'

/** What was picked; `outputs`: how many a custom operator has. */
export interface Picked { op_type: string; domain: string; schema: OperatorView | null; outputs: number }

/** The edit that puts the operator where it was asked for. */
export function insertionOf(editor: Editor, asked: OperatorsAsked, { op_type, domain, schema, outputs }: Picked): EditData {
  if (asked.wire) {
    const consumers = asked.wire.consumers ? { consumers: asked.wire.consumers } : {}
    return { kind: 'insert-node', op_type, domain, value: asked.wire.value, ...consumers, ...inside(editor, asked.wire.value, asked.graph) }
  }
  const named = schema === null && outputs > 1 ? { outputs: outputNames(editor, asked.graph, op_type, outputs) } : {}
  return { kind: 'add-node', op_type, domain, graph: asked.graph, inputs: asked.from ? [asked.from] : [], ...named }
}

/** The graph that an operator is asked for in: where what it is joined to stands, else the one that lies there, if what is in it can take it. */
export function graphFor(editor: Editor, { place, wire, from, to }: Pick<OperatorsAsked, 'place' | 'wire' | 'from' | 'to'>, pointed: boolean): string {
  const shown = editor.state.graph.peek()
  if (to) return editor.node(to.node)?.graph ?? shown
  const value = wire?.value ?? from
  const own = value ? editor.value(value)?.graph : undefined
  const sees = (graph: string): boolean => graph === own || 'graph' in inside(editor, value!, graph)
  const there = wire || (from && !pointed) ? shown : editor.graphAt(place)
  if (own === undefined || (sees(there) && !isAhead(editor, value!, own, there))) return there
  return own
}

/** Whether the value itself needs what the graph is in. */
function isAhead({ document }: Editor, value: string, own: string, graph: string): boolean {
  const producer = document?.producer(value)?.node
  let holder = graph === own ? null : document!.owner(graph)
  while (holder !== null && document!.node(holder)!.graph !== own) holder = document!.owner(document!.node(holder)!.graph)
  return holder !== null && producer !== undefined && (producer === holder || upstream(document!, [producer]).has(holder))
}

/** On a value from outside, the node belongs into the body that is shown, where one looks. */
export function inside(editor: Editor, value: string, shown: string): { graph?: string } {
  const own = editor.value(value)?.graph
  let around = shown === own ? undefined : editor.document?.graph(shown)?.parent
  while (around && around !== own) around = editor.document?.graph(around)?.parent
  return around ? { graph: shown } : {}
}

/** Names that no output of an earlier node of this operator has. */
function outputNames(editor: Editor, graph: string, op_type: string, count: number): string[] {
  const alike = [...(editor.document?.titles(graph) ?? [])].filter((one) => one.op_type === op_type).length
  const stem = alike === 0 ? op_type : `${op_type}_${alike}`
  return Array.from({ length: count }, (_, slot) => `${stem}_output_${slot}`)
}

/** Whether only a person can say what is still missing: attributes without a default, and on a wire the operator's other inputs. */
export function mustAsk(asked: OperatorsAsked, schema: OperatorView | null): boolean {
  if (!schema) return false
  // a body comes with the node and is edited there; a Constant says its value in one of many attributes
  const attributes = schema.attributes.some((one) => one.required && one.type !== 'GRAPH') || (schema.op_type === 'Constant' && schema.domain === '')
  const inputs = asked.wire !== null && schema.inputs.slice(1).some((slot) => !slot.optional && !slot.variadic)
  return attributes || inputs
}

/** Inserts it, selects it and brings it into view; a refusal that a field can mend opens the form with what is known. */
export async function insertOperator(editor: Editor, asked: OperatorsAsked, picked: Picked): Promise<void> {
  const edit = insertionOf(editor, asked, picked)
  editor.canvas?.expectAt({ ...asked.place, wired: true })
  if (mustAsk(asked, picked.schema)) return ask(editor, asked, edit)
  try {
    const { created } = await editor.submit(edit, true)
    const made = asked.to && editor.node(created.find((id) => editor.node(id)) ?? '')?.outputs[0]
    if (asked.to && made) await editor.perform({ kind: 'connect', ...asked.to, value: made })
  } catch (thrown) {
    const error = errorData(thrown)
    if (error.fields) ask(editor, asked, edit)
    else editor.state.refusal.value = { error, edit }
  }
}

function ask(editor: Editor, asked: OperatorsAsked, edit: EditData): void {
  const { kind, inputs, ...settled } = edit
  const title = asked.wire ? `Insert ${String(edit['op_type'])} on ${editor.value(asked.wire.value)?.name || 'this wire'}` : `Add ${String(edit['op_type'])}`
  openForm(editor, kind, settled, title, asked.at, { initial: inputs ? { inputs } : {} })
}

/** An input takes a value; `moved` is the input that gives the same wire up. */
export function connect(editor: Editor, value: string, to: { node: string; slot: number }, moved: { node: string; slot: number } | null): Promise<boolean> {
  const edit = { kind: 'connect', ...to, value }
  if (!moved) return editor.perform(edit)
  return editor.perform({ kind: 'batch', edits: [edit, { kind: 'disconnect', ...moved }] })
}
