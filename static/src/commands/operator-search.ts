/** Which operators a typed text means, in which order, and which of them fit where one was asked for. */
import type { OperatorView } from '../protocol/types'
import { accepts } from '../scene/ports'
import type { Editor } from './editor'
import type { OperatorsAsked } from '../state'

export interface OperatorRow { operator: OperatorView; /** over the first row of its kind; '' elsewhere */ heading: string }

/** What models are mostly made of: shown first while nothing is typed. */
const USUAL = [
  'Relu', 'Add', 'Mul', 'Conv', 'MatMul', 'Gemm', 'Cast', 'Reshape', 'Transpose', 'Concat', 'Sub', 'Div', 'Sigmoid', 'Softmax', 'Identity', 'Clip',
  'Slice', 'Gather', 'Squeeze', 'Unsqueeze', 'Flatten', 'MaxPool', 'AveragePool', 'GlobalAveragePool', 'BatchNormalization', 'LayerNormalization', 'Constant',
]
const RECENT_KEY = 'scalpel.recent-operators'
const KEPT = 5

/** The best first: the very name, its beginning, the beginnings of its words (`gap`: GlobalAveragePool), a part of it; standard operators before others, and those that models are mostly made of before rare ones. */
export function searchOperators(operators: readonly OperatorView[], text: string, recent: readonly string[] = []): OperatorRow[] {
  const wanted = text.trim().toLowerCase()
  const usable = operators.filter((one) => !one.deprecated)
  if (wanted === '') return shelves(usable, recent)
  const ranked = usable.flatMap((operator) => {
    const rank = rankOf(operator, wanted)
    return rank === null ? [] : [{ operator, rank: rank + (isStandard(operator) ? 0 : 0.5) }]
  })
  const usual = ({ op_type }: OperatorView): number => Number(!USUAL.includes(op_type))
  return ranked.sort((a, b) => a.rank - b.rank || usual(a.operator) - usual(b.operator) || a.operator.op_type.length - b.operator.op_type.length || a.operator.op_type.localeCompare(b.operator.op_type)).map(({ operator }) => ({ operator, heading: '' }))
}

function rankOf({ op_type }: OperatorView, wanted: string): number | null {
  const name = op_type.toLowerCase()
  if (name === wanted) return 0
  if (name.startsWith(wanted)) return 1
  if (initials(op_type).startsWith(wanted)) return 2
  if (name.includes(wanted)) return 3
  return inWords(op_type, wanted) ? 4 : null
}

function initials(op_type: string): string {
  return wordsOf(op_type).map((word) => word[0]!).join('').toLowerCase()
}

function wordsOf(op_type: string): string[] {
  return op_type.match(/[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|\d+/g) ?? []
}

/** `layno` means LayerNormalization: pieces of the beginnings of words, in order. */
function inWords(op_type: string, wanted: string): boolean {
  let rest = wanted
  for (const word of wordsOf(op_type)) {
    let taken = 0
    while (taken < word.length && taken < rest.length && word[taken]!.toLowerCase() === rest[taken]) taken++
    rest = rest.slice(taken)
  }
  return rest === ''
}

function isStandard({ domain }: OperatorView): boolean {
  return domain === '' || domain === 'ai.onnx'
}

function shelves(usable: readonly OperatorView[], recent: readonly string[]): OperatorRow[] {
  const rows: OperatorRow[] = []
  const shelf = (heading: string, found: readonly OperatorView[]): void => {
    const fresh = found.filter((operator) => !rows.some((row) => row.operator === operator))
    fresh.forEach((operator, at) => rows.push({ operator, heading: at === 0 ? heading : '' }))
  }
  const standard = new Map(usable.filter(isStandard).map((one) => [one.op_type, one]))
  shelf('Used last', recent.flatMap((id) => usable.filter((one) => operatorId(one) === id)))
  shelf('Often used', USUAL.flatMap((name) => standard.get(name) ?? []))
  shelf('All operators', [...usable].sort((a, b) => Number(isStandard(b)) - Number(isStandard(a)) || a.op_type.localeCompare(b.op_type)))
  return rows
}

/** Those whose first input takes the value, or whose first output the waiting input takes; types that are not known fit. */
export function fittingOperators(editor: Editor, asked: OperatorsAsked): readonly OperatorView[] {
  const all = editor.state.operators.value
  const value = asked.from ?? asked.wire?.value
  if (value) {
    const dtype = editor.value(value)?.dtype ?? ''
    return all.filter((one) => one.inputs.length > 0 && accepts(one.inputs[0]!.types, dtype))
  }
  if (!asked.to) return all
  const wanted = typesOfSlot(editor, asked.to)
  return all.filter((one) => one.outputs.length > 0 && (wanted.length === 0 || one.outputs[0]!.types.some((type) => wanted.includes(type))))
}

function typesOfSlot(editor: Editor, { node, slot }: { node: string; slot: number }): readonly string[] {
  const view = editor.node(node)
  const schema = editor.state.operators.peek().find((one) => one.op_type === view?.op_type && one.domain === view.domain)
  return (schema?.inputs[slot] ?? schema?.inputs.at(-1))?.types ?? []
}

/** The document's functions as operators: they are called like any other. Of several overloads the first by name is called. */
export function functionsAsOperators(editor: Editor): OperatorView[] {
  const { document } = editor
  if (!document) return []
  const functions = [...document.graphs.values()].filter((graph) => graph.domain !== undefined).sort((one, other) => (one.overload ?? '').localeCompare(other.overload ?? ''))
  const slots = (ids: readonly string[]) => ids.map((id) => ({ name: document.value(id)?.name ?? '', doc: '', optional: false, variadic: false, types: [] }))
  const found = new Map<string, OperatorView>()
  for (const { name, domain = '', inputs, outputs } of functions) {
    const operator: OperatorView = { op_type: name, domain, since: 1, family: 'custom', doc: 'A function of this model.', deprecated: false, inputs: slots(inputs), outputs: slots(outputs), attributes: [] }
    if (!found.has(operatorId(operator))) found.set(operatorId(operator), operator)
  }
  return [...found.values()]
}

export function operatorId({ domain, op_type }: { domain: string; op_type: string }): string {
  return `${domain} ${op_type}`
}

export function recentOperators(storage: Pick<Storage, 'getItem'>): string[] {
  try {
    const kept: unknown = JSON.parse(storage.getItem(RECENT_KEY) ?? '[]')
    return Array.isArray(kept) ? kept.filter((one) => typeof one === 'string') : []
  } catch {
    return [] // something else wrote there
  }
}

export function keepOperator(storage: Pick<Storage, 'getItem' | 'setItem'>, operator: { domain: string; op_type: string }): void {
  const id = operatorId(operator)
  storage.setItem(RECENT_KEY, JSON.stringify([id, ...recentOperators(storage).filter((one) => one !== id)].slice(0, KEPT)))
}
