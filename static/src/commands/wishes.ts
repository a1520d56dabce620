/** How each edit is offered to people: in which words, to which nodes and values it fits, and what it need not ask. */
import { duplicateNodes } from './clipboard'
import { constantAttribute } from './tensor'
import { focusName } from './focus'
import { functionOf } from './graphs'
import { inside } from './insertion'
import { together } from './many'
import { MAIN_GRAPH } from '../state'
import type { Editor } from './editor'

/** where a menu was opened, on screen; `ends`: at its right edge */
export interface Place { x: number; y: number; ends?: boolean }
export interface Subjects { nodes: string[]; values: string[]; graph: string }

export interface Wish {
  kind: string
  /** when one kind is offered twice */
  id?: string
  title: string | ((on: Subjects) => string)
  fits?(editor: Editor, on: Subjects): boolean
  /** the parameters that are settled; null: it does not fit. Without it, what the subjects themselves answer. */
  prefill?(editor: Editor, on: Subjects): Record<string, unknown> | null
  initial?(editor: Editor, on: Subjects): Record<string, unknown>
  /** whether a form opens; without it, when something required is missing */
  asks?: boolean
  /** how the form's title begins, in front of the subject's name */
  form?: string
  danger?: boolean
  keys?: string
  run?(editor: Editor, on: Subjects, at: Place | null): void
}

const one = (ids: readonly string[]): string | null => (ids.length === 1 ? ids[0]! : null)
const onlyNode = (on: Subjects): string | null => (on.values.length === 0 ? one(on.nodes) : null)
const onlyValue = (on: Subjects): string | null => (on.nodes.length === 0 ? one(on.values) : null)
const ofNodes = (on: Subjects, more: Record<string, unknown> = {}): Record<string, unknown> | null => (on.nodes.length > 0 ? { nodes: on.nodes, ...more } : null)
const onlyOne = (on: Subjects): boolean => on.nodes.length + on.values.length === 1
const initializers = (editor: Editor, on: Subjects): boolean => on.nodes.length === 0 && on.values.length > 0 && on.values.every((id) => editor.value(id)?.kind === 'initializer')
const calls = (editor: Editor, on: Subjects): boolean => on.nodes.length > 0 && on.nodes.every((id) => { const node = editor.node(id); return node !== undefined && editor.document !== null && functionOf(editor.document, node) !== undefined })
/** Functions have no initializers; bodies in them do. */
const inFunction = (editor: Editor, graph: string): boolean => graph !== MAIN_GRAPH && editor.document?.graph(graph)?.parent === null
const madeByConstant = (editor: Editor, id: string): boolean => editor.node(editor.document?.producer(id)?.node ?? '')?.op_type === 'Constant'

/** It makes something, which nothing reads. */
const isLoose = (editor: Editor, id: string | null): boolean => {
  const output = id === null ? undefined : editor.node(id)?.outputs.find((one) => one !== '')
  return output !== undefined && editor.document!.consumers(output).length === 0 && !editor.value(output)?.is_output
}

/** The order is the one that menus show. */
export const WISHES: readonly Wish[] = [
  // ---- nodes
  { kind: 'rename-node', title: 'Rename', keys: 'F2', fits: (_, on) => onlyNode(on) !== null, asks: false, run: (editor, on) => focusName(editor, on.nodes[0]!) },
  {
    kind: 'insert-node', id: 'insert-after', title: 'Insert operator after', form: 'Insert after',
    prefill: (editor, on) => { const output = editor.node(onlyNode(on) ?? '')?.outputs.find((id) => id !== ''); return output ? { value: output } : null },
  },
  { kind: 'replace-node', title: 'Replace operator', form: 'Replace' },
  { kind: 'set-attribute', title: 'Set attribute' },
  { kind: 'remove-attribute', title: 'Remove attribute', fits: (editor, on) => Object.keys(editor.node(onlyNode(on) ?? '')?.attributes ?? {}).length > 0 },
  { kind: 'connect', title: 'Connect an input', keys: 'C' },
  { kind: 'disconnect', title: 'Disconnect an input', keys: 'Shift+C', fits: (editor, on) => editor.node(onlyNode(on) ?? '')?.inputs.some((id) => id !== '') ?? false },
  { kind: 'splice-node', title: 'Put it on a wire', form: 'Put on a wire:', keys: 'W', fits: (editor, on) => isLoose(editor, onlyNode(on)) },
  { kind: 'duplicate-nodes', title: 'Duplicate', keys: 'Ctrl+D', fits: (_, on) => on.nodes.length > 0, asks: false, run: (editor, on) => void duplicateNodes(editor, on.nodes) },
  { kind: 'set-position', title: 'Put it at a place', initial: (editor, on) => placeOf(editor, on), asks: true, fits: (_, on) => onlyNode(on) !== null },
  { kind: 'forget-positions', title: 'Let the layout place it', fits: (editor, on) => on.nodes.some((id) => editor.document?.arrangement.places.get(id)?.[editor.state.direction.peek()]), prefill: (editor, on) => ({ graph: on.graph, nodes: on.nodes, direction: editor.state.direction.peek() }), asks: false },
  { kind: 'make-function', title: (on) => (on.nodes.length > 1 ? 'Make a function of these' : 'Make a function of it'), form: 'Make a function of', fits: (_, on) => on.nodes.length > 0 && on.values.length === 0, prefill: (_, on) => ofNodes(on) },
  {
    kind: 'inline-function', title: (on) => (on.nodes.length > 1 ? 'Inline the functions' : 'Inline the function'), fits: (editor, on) => on.values.length === 0 && calls(editor, on),
    prefill: (_, on) => (on.nodes.length === 1 ? { node: on.nodes[0] } : {}), asks: false,
    run: (editor, on) => void editor.perform(together(on.nodes.map((node) => ({ kind: 'inline-function', node })))),
  },
  { kind: 'extract-body', title: 'Put a body in its place', fits: (editor, on) => { const node = editor.node(onlyNode(on) ?? ''); return node !== undefined && node.bodies.length > 0 && ['If', 'Loop'].includes(node.op_type) } },
  { kind: 'extract-subgraph', title: 'Keep only this part', prefill: keptPart },
  { kind: 'remove-branch', title: 'Delete with what it feeds', danger: true, prefill: (_, on) => (onlyNode(on) === null ? null : { node: on.nodes[0], direction: 'down' }) },
  { kind: 'remove-branch', id: 'remove-branch-up', title: 'Delete with what feeds it', danger: true, prefill: (_, on) => (onlyNode(on) === null ? null : { node: on.nodes[0], direction: 'up' }) },
  { kind: 'remove-nodes', title: (on) => (on.nodes.length > 1 ? 'Delete nodes' : 'Delete'), keys: 'Delete', danger: true, prefill: (_, on) => ofNodes(on, { reconnect: false }) },
  { kind: 'remove-nodes', id: 'remove-reconnect', title: 'Delete and reconnect', keys: 'Ctrl+Delete', danger: true, prefill: (_, on) => ofNodes(on, { reconnect: true }) },
  // ---- values
  { kind: 'rename-value', title: 'Rename', keys: 'F2', fits: (_, on) => onlyValue(on) !== null, asks: false, run: (editor, on) => focusName(editor, on.values[0]!) },
  { kind: 'insert-node', title: 'Insert operator on this value', form: 'Insert on', prefill: (editor, on) => { const id = onlyValue(on); return id === null ? null : { value: id, ...inside(editor, id, on.graph) } } },
  { kind: 'resize-inputs', title: 'Resize this input', prefill: (editor, on) => (editor.value(onlyValue(on) ?? '')?.kind === 'input' ? {} : null), initial: (editor, on) => ({ shapes: { [on.values[0]!]: editor.value(on.values[0]!)?.shape ?? null } }) },
  { kind: 'set-value-type', title: 'Declare its type', initial: (editor, on) => { const value = editor.value(on.values[0]!); return { dtype: value?.dtype || undefined, shape: value?.shape ?? undefined } }, asks: true },
  { kind: 'add-output', title: 'Make output', fits: (editor, on) => { const value = editor.value(onlyValue(on) ?? ''); return value !== undefined && !value.is_output } },
  { kind: 'remove-output', title: 'Remove from the outputs', danger: true, fits: (editor, on) => editor.value(onlyValue(on) ?? '')?.is_output ?? false },
  { kind: 'promote-to-input', title: 'Make it a model input', fits: (editor, on) => { const value = editor.value(onlyValue(on) ?? ''); return value?.kind === 'initializer' || value?.kind === 'intermediate' } },
  { kind: 'freeze-input', title: 'Freeze to a constant', fits: (editor, on) => editor.value(onlyValue(on) ?? '')?.kind === 'input' },
  { kind: 'insert-preprocess', title: 'Insert preprocessing', prefill: (editor, on) => (editor.value(onlyValue(on) ?? '')?.kind === 'input' ? { input: on.values[0] } : null) },
  { kind: 'remove-input', title: 'Remove from the inputs', danger: true, fits: (editor, on) => editor.value(onlyValue(on) ?? '')?.kind === 'input' },
  { kind: 'replace-uses', title: 'Replace its uses', keys: 'R', prefill: (editor, on) => { const id = onlyValue(on) ?? editor.node(onlyNode(on) ?? '')?.outputs.find((one) => one !== ''); return id ? { value: id } : null } },
  { kind: 'set-tensor', title: 'Set values', form: 'Set values of', prefill: settable },
  { kind: 'cast-tensor', title: (on) => (onlyOne(on) ? 'Cast its tensor' : 'Cast their tensors'), form: 'Cast', prefill: (editor, on) => (initializers(editor, on) ? { values: on.values } : constants(editor, on)) },
  { kind: 'initializer-to-constant', title: (on) => (onlyOne(on) ? 'Make it a Constant node' : 'Make them Constant nodes'), fits: (editor, on) => initializers(editor, on) },
  { kind: 'constant-to-initializer', title: (on) => (onlyOne(on) ? 'Make it an initializer' : 'Make them initializers'), fits: (editor, on) => !inFunction(editor, on.graph), prefill: constants },
  // ---- anything
  { kind: 'set-doc', title: 'Edit the note', asks: true, initial: (editor, on) => ({ text: noteOf(editor, on) }) },
  { kind: 'set-metadata', title: 'Set metadata' },
  // ---- the model
  { kind: 'resize-inputs', id: 'resize-all', title: 'Resize inputs', fits: nothing },
  { kind: 'simplify', title: 'Simplify' },
  { kind: 'fold-constants', title: 'Fold constants' },
  { kind: 'infer-shapes', title: 'Infer shapes' },
  { kind: 'remove-unused', title: 'Remove unused' },
  { kind: 'sort-nodes', title: 'Sort nodes' },
  { kind: 'name-nodes', title: 'Name nodes' },
  { kind: 'convert-opset', title: 'Convert opset' },
  { kind: 'convert-dtype', title: 'Convert precision' },
  { kind: 'quantize', title: 'Quantize' },
  { kind: 'set-opset-import', title: 'Opset imports' },
  { kind: 'set-model-info', title: 'Model info', asks: true, initial: modelInfo },
  { kind: 'add-node', title: 'Add operator' },
  { kind: 'add-input', title: 'Add input' },
  { kind: 'reorder-io', title: 'Reorder inputs and outputs', asks: true, fits: (editor, on) => nothing(editor, on) && severalIn(editor) },
  { kind: 'rename-dim', title: 'Rename a dimension' },
  { kind: 'merge-model', title: 'Merge another model' },
  // ---- what other places offer: the canvas, the clipboard, the panels
  ...['batch', 'add-note', 'set-note', 'remove-note', 'paste-nodes'].map((kind) => ({ kind, title: '', fits: () => false })),
]

function nothing(_: Editor, on: Subjects): boolean {
  return on.nodes.length + on.values.length === 0
}

/** Whether there is any order to speak of. */
function severalIn(editor: Editor): boolean {
  const graph = editor.document?.graph(MAIN_GRAPH)
  return (graph?.inputs.length ?? 0) > 1 || (graph?.outputs.length ?? 0) > 1
}

/** Constants are chosen by their value, or by the node that makes it. */
function constants(editor: Editor, on: Subjects): Record<string, unknown> | null {
  const made = on.nodes.map((id) => editor.node(id)).map((node) => (node?.op_type === 'Constant' ? (node.outputs[0] ?? '') : ''))
  const values = [...on.values, ...made]
  return values.length > 0 && values.every((id) => id !== '' && madeByConstant(editor, id)) ? { values } : null
}

/** An initializer, what a Constant node makes, or that node. */
function settable(editor: Editor, on: Subjects): Record<string, unknown> | null {
  const node = editor.node(onlyNode(on) ?? '')
  const id = onlyValue(on) ?? (node?.op_type === 'Constant' ? (node.outputs[0] ?? '') : '')
  const value = editor.value(id)
  return value && (value.kind === 'initializer' || value.bytes > 0 || constantAttribute(editor, id)) ? { value: id } : null
}

/** What the chosen nodes take from elsewhere and what they give: the borders of a model of their own. */
function keptPart(editor: Editor, on: Subjects): Record<string, unknown> | null {
  const document = editor.document
  if (!document || on.nodes.length === 0) return null
  const inside = new Set(on.nodes)
  const inputs = new Set<string>()
  const outputs = new Set<string>()
  for (const id of on.nodes) {
    const node = editor.node(id)
    for (const value of node?.inputs ?? []) {
      const producer = document.producer(value)?.node
      if (value !== '' && editor.value(value)?.kind !== 'initializer' && (producer === undefined || !inside.has(producer))) inputs.add(value)
    }
    for (const value of node?.outputs ?? []) {
      if (value !== '' && (editor.value(value)?.is_output || document.consumers(value).some((use) => !inside.has(use.node)) || document.consumers(value).length === 0)) outputs.add(value)
    }
  }
  return { inputs: [...inputs], outputs: [...outputs] }
}

/** Where the node stands now. */
function placeOf(editor: Editor, on: Subjects): Record<string, unknown> {
  const { x, y, within, direction } = editor.canvas?.placeOf(on.nodes[0]!) ?? {}
  return { x, y, direction, ...(within ? { within } : {}) }
}

export function noteOf(editor: Editor, on: Subjects): string {
  const id = on.nodes[0] ?? on.values[0]
  if (id === undefined) return editor.document?.model.doc ?? ''
  return editor.node(id)?.doc ?? editor.value(id)?.doc ?? ''
}

function modelInfo(editor: Editor): Record<string, unknown> {
  const model = editor.document?.model
  if (!model) return {}
  return { producer: model.producer, version: model.model_version, domain: model.domain, ir_version: model.ir_version }
}
