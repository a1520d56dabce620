/** The slots of an item as places on its edges: where wires end, and where further ones could. */
import { slotName } from '../document/records'
import type { OperatorView, SlotView } from '../protocol/types'
import { isRow } from './card'
import type { Direction } from './flow'
import { NODE, OUTPUT, portAt, SCOPE, type Scene } from './scene'

export type Side = 'in' | 'out'
/** 'row': an initializer or a default stands in it; 'omitted': optional; 'missing': the operator needs it; 'next': one more of any number */
export type Filling = 'wired' | 'row' | 'omitted' | 'missing' | 'next'

export interface Port {
  item: number
  side: Side
  /** of the node; 0 for a pill */
  slot: number
  /** along its side, from the left or upper end: inputs are on the upper side, or the left one where the graph runs to the right */
  at: number
  /** index of the value that is there; -1: empty */
  value: number
  name: string
  filling: Filling
  /** what the operator takes there, as in 'tensor(float)'; empty: anything, or unknown */
  types: readonly string[]
  /** the dtype that the other slots of its type parameter have already; '' when it is free */
  alike: string
}

/** Operators of the model's opsets by domain and name. */
export class Operators {
  private readonly byName = new Map<string, OperatorView>()

  constructor(readonly list: readonly OperatorView[]) {
    for (const one of list) this.byName.set(`${usual(one.domain)}\n${one.op_type}`, one)
  }

  find(domain: string, op_type: string): OperatorView | undefined {
    return this.byName.get(`${usual(domain)}\n${op_type}`)
  }
}

function usual(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain
}

const STEP = 16
const MARGIN: Readonly<Record<Direction, number>> = { down: 10, right: 4 }

/** Inputs in their order, then outputs. */
export function portsOf(scene: Scene, item: number, operators: Operators): Port[] {
  if (scene.kind[item] === NODE) return [...inputPorts(scene, item, operators), ...outputPorts(scene, item)]
  if (scene.kind[item] === OUTPUT || scene.kind[item] === SCOPE) return [] // what it holds has ports once it is open
  const wire = scene.outgoing(item)[0]
  const at = wire === undefined ? scene.side(item) / 2 : scene.sourceAt[wire]
  return [{ item, side: 'out', slot: 0, at, value: scene.index[item], name: '', filling: 'wired', types: [], alike: '' }]
}

function inputPorts(scene: Scene, item: number, operators: Operators): Port[] {
  const { document } = scene
  const node = scene.index[item]
  const values = document.inputsAt(node)
  const { slots, more, name } = inputSlots(scene, node, operators)
  const fixed = new Map<number, number>()
  for (const edge of scene.incoming(item)) if (scene.slot[edge] >= 0) fixed.set(scene.slot[edge], scene.targetAt[edge])
  const count = Math.max(values.length, slots.length) + (more && values.length >= slots.length ? 1 : 0)
  const places = spread(scene.side(item), Array.from({ length: count }, (_, slot) => fixed.get(slot) ?? null), scene.direction)
  const schemaOf = (slot: number): SlotView | undefined => slots[slot] ?? (slots.at(-1)?.variadic ? slots.at(-1) : undefined)
  const alike = (own: number): string => {
    const parameter = schemaOf(own)?.parameter
    const other = parameter ? Array.from(values).findIndex((value, slot) => slot !== own && value >= 0 && schemaOf(slot)?.parameter === parameter && document.typeAt(value).dtype !== '') : -1
    return other < 0 ? '' : document.typeAt(values[other]).dtype
  }
  return places.map((at, slot): Port => {
    const value = slot < values.length ? values[slot] : -1
    const schema = schemaOf(slot)
    return { item, side: 'in', slot, at, value, name: name(slot), filling: filling(value, fixed.has(slot), slot >= values.length && slot >= slots.length, schema), types: schema?.types ?? [], alike: alike(slot) }
  })
}

function filling(value: number, wired: boolean, isNext: boolean, schema: SlotView | undefined): Filling {
  if (value >= 0) return wired ? 'wired' : 'row'
  if (isNext) return 'next'
  return schema && !schema.optional && !schema.variadic ? 'missing' : 'omitted'
}

/** What a node can take: by its operator, by the function that it calls, or anything. `more`: one slot after the last is always free. */
function inputSlots({ document }: Scene, node: number, operators: Operators): { slots: readonly SlotView[]; more: boolean; name(slot: number): string } {
  const { domain, op_type, input_names, variadic_input, function: graph } = document.operatorAt(node)
  const known = operators.find(domain, op_type)
  if (known) {
    const variadic = known.inputs.at(-1)?.variadic ?? false
    const names = known.inputs.map((slot) => slot.name)
    return { slots: known.inputs, more: variadic, name: (slot) => slotName(names, variadic, slot) || `input ${slot + 1}` }
  }
  const called = graph === undefined ? undefined : document.graph(graph)
  if (called) {
    const names = called.inputs.map((id) => document.value(id)?.name ?? '')
    return { slots: names.map((name) => ({ name, doc: '', optional: true, variadic: false, types: [] })), more: false, name: (slot) => names[slot] || `input ${slot + 1}` }
  }
  return { slots: [], more: operators.list.length > 0, name: (slot) => slotName(input_names, variadic_input, slot) || `input ${slot + 1}` }
}

function outputPorts(scene: Scene, item: number): Port[] {
  const { document } = scene
  const node = scene.index[item]
  const names = document.operatorAt(node)
  const wired = new Map<number, number>()
  for (const edge of scene.outgoing(item)) wired.set(scene.value[edge], scene.sourceAt[edge])
  const values = Array.from(document.outputsAt(node), (value, slot) => ({ value, slot })).filter(({ value }) => value >= 0)
  const places = spread(scene.side(item), values.map(({ value }) => wired.get(value) ?? null), scene.direction)
  return values.map(({ value, slot }, i): Port => ({
    item, side: 'out', slot, at: places[i], value, filling: 'wired', types: [], alike: '',
    name: slotName(names.output_names, names.variadic_output, slot) || (values.length > 1 ? `output ${slot + 1}` : 'output'),
  }))
}

/** Places for all on a side of this length, where some have theirs: the others go between them, or beside the outermost. */
export function spread(length: number, fixed: readonly (number | null)[], direction: Direction): number[] {
  const first = fixed.findIndex((at) => at !== null)
  if (first < 0) return fixed.map((_, i) => portAt(length, i, fixed.length, direction))
  const places = fixed.slice() as number[]
  const last = fixed.findLastIndex((at) => at !== null)
  const before = Math.min(STEP, (places[first] - MARGIN[direction]) / Math.max(1, first))
  for (let i = 0; i < first; i++) places[i] = places[first] - before * (first - i)
  const count = fixed.length - 1 - last
  const after = Math.min(STEP, (length - MARGIN[direction] - places[last]) / Math.max(1, count))
  for (let i = 1; i <= count; i++) places[last + i] = places[last] + after * i
  for (let from = first; from < last;) {
    let to = from + 1
    while (fixed[to] === null) to++
    for (let i = from + 1; i < to; i++) places[i] = places[from] + ((places[to] - places[from]) * (i - from)) / (to - from)
    from = to
  }
  return places
}

const WORDS: Readonly<Record<string, string>> = { float32: 'float', float64: 'double' }

/** A dtype of ours as schemas write it: 'float32' → 'tensor(float)', 'seq(tensor(float32))' → 'seq(tensor(float))'. */
export function schemaType(dtype: string): string {
  if (dtype.includes('(')) return dtype.replace(/tensor\(([a-z0-9]+)\)/g, (_, word: string) => `tensor(${WORDS[word] ?? word})`)
  return `tensor(${WORDS[dtype] ?? dtype})`
}

/** Whether a slot of these types takes the dtype; what is not known fits. */
export function accepts(types: readonly string[], dtype: string): boolean {
  return types.length === 0 || dtype === '' || types.includes(schemaType(dtype))
}

/** The initializer or constant that stands in a row of the item's card; null for other rows. */
export function tensorOfRow(scene: Scene, item: number, row: number): { value: number; slot: number } | null {
  if (scene.kind[item] !== NODE) return null
  const slot = scene.cards[item].rows[row]?.slot ?? -1
  const value = slot < 0 ? -1 : scene.document.inputsAt(scene.index[item])[slot]
  return value >= 0 && isRow(scene.document, value) ? { value, slot } : null
}
