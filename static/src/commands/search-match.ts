/** Whether a node or a value is what a term of Find asks for. */
import type { ModelDocument } from '../document/model'
import type { TypeFacts } from '../document/records'
import type { AttributeView } from '../protocol/types'
import { dtypeOfAttribute, longDtype, typeable } from '../scene/text'
import type { Pattern, Term } from './search-query'

export interface Test { node(index: number): boolean; value(index: number): boolean }

/** Texts that fit a regular expression, by its source: they were tried elsewhere. */
export type Tried = ReadonlyMap<string, ReadonlySet<string>>

/** Tests of one term. `seen` hears of attributes of the name that the term asks for. */
export function testOf(document: ModelDocument, { key, attribute: wanted, pattern, negated }: Term, tried: Tried, seen: () => void): Test {
  const text = textTest(pattern, tried)
  const type = typeTest(pattern, text, key)
  const attribute = attributeTest(pattern, text)
  const anyValue = (count: number, at: (slot: number) => number, test: (value: number) => boolean): boolean => {
    for (let slot = 0; slot < count; slot++) if (at(slot) >= 0 && test(at(slot))) return true
    return false
  }
  const takes = (node: number, test: (value: number) => boolean): boolean => anyValue(document.inputCountAt(node), (slot) => document.inputAt(node, slot), test)
  const makes = (node: number, test: (value: number) => boolean): boolean => anyValue(document.outputCountAt(node), (slot) => document.outputAt(node, slot), test)
  const valueName = (value: number): boolean => text(document.valueNameAt(value))
  const isInitializer = (value: number): boolean => document.kindAt(value) === 'initializer' || document.bytesAt(value) > 0
  const initializer = (value: number): boolean => isInitializer(value) && valueName(value)
  const ofType = (value: number): boolean => type(document.typeAt(value))
  const never = (): boolean => false
  const tests: Record<Term['key'], Test> = {
    any: { node: (node) => text(document.nodeNameAt(node)) || text(document.operatorAt(node).op_type) || document.hasAttributeAt(node, patternText(pattern)), value: (value) => valueName(value) || (SHAPED.test(patternText(pattern)) && ofType(value)) },
    name: { node: (node) => text(document.nodeNameAt(node)), value: valueName },
    op: { node: opTest(document, pattern, text), value: never },
    domain: { node: (node) => text(document.operatorAt(node).domain || 'ai.onnx'), value: never },
    in: { node: (node) => takes(node, valueName), value: never },
    out: { node: (node) => makes(node, valueName), value: never },
    init: { node: (node) => takes(node, initializer), value: initializer },
    dtype: { node: (node) => takes(node, ofType) || makes(node, ofType), value: ofType },
    shape: { node: (node) => takes(node, ofType) || makes(node, ofType), value: ofType },
    type: { node: (node) => takes(node, ofType) || makes(node, ofType), value: ofType },
    attr: { node: (node) => document.attributesAt(node).some(([name, view]) => text(name) || attribute(name, view)), value: never },
    attribute: { node: namedAttribute(document, wanted, attribute, seen), value: never },
  }
  const test = tests[key]
  return negated ? { node: (node) => !test.node(node), value: (value) => !test.value(value) } : test
}

const SHAPED = /^\[?[\w*?]*[×x,][\w*?×x,…. ]*\]?$/ // 64×56, 1,3,*

function patternText(pattern: Pattern): string {
  return pattern.what === 'text' && !pattern.whole ? pattern.text : ''
}

export function textTest(pattern: Pattern, tried: Tried): (text: string) => boolean {
  if (pattern.what === 'expression') {
    const fitting = tried.get(pattern.source)
    return (text) => fitting?.has(text) ?? false
  }
  return (text) => typeable(text).toLowerCase().includes(pattern.text)
}

/** The very operator where the model has one of that name; while it is typed, those that begin so. */
function opTest(document: ModelDocument, pattern: Pattern, text: (text: string) => boolean): (node: number) => boolean {
  if (pattern.what === 'expression') return (node) => text(document.operatorAt(node).op_type)
  const exact = pattern.whole || document.operatorTypes().some((op) => op.toLowerCase() === pattern.text)
  return (node) => {
    const op = document.operatorAt(node).op_type.toLowerCase()
    return exact ? op === pattern.text : op.startsWith(pattern.text)
  }
}

function namedAttribute(document: ModelDocument, wanted: string, test: (name: string, view: AttributeView) => boolean, seen: () => void): (node: number) => boolean {
  const key = wanted.toLowerCase()
  return (node) => {
    for (const [name, view] of document.attributesAt(node)) {
      if (name.toLowerCase() !== key) continue
      seen()
      return test(name, view)
    }
    return false
  }
}

/** Whole lists (`1,1`, `*` for any item), numbers by value or by the dtype that they stand for, texts by a part of them; an empty pattern takes whatever is set. */
function attributeTest(pattern: Pattern, text: (text: string) => boolean): (name: string, view: AttributeView) => boolean {
  const isDtype = dtypeTest(pattern, text)
  const known = new Map<AttributeView, boolean>()
  const test = (view: AttributeView): boolean => {
    if (pattern.what === 'expression') return text(attributeText(view))
    if (pattern.text === '') return true
    if (Array.isArray(view.value)) return sameList(itemsOf(pattern.text), view.value.map(String), sameItem)
    if (typeof view.value === 'number') return sameItem(pattern.text, String(view.value))
    return pattern.whole ? attributeText(view).toLowerCase() === pattern.text : text(attributeText(view))
  }
  return (name, view) => {
    let found = known.get(view)
    if (found === undefined) known.set(view, (found = test(view)))
    return found || isDtype(dtypeNamed(name, view))
  }
}

/** `to` 9 → 'bool', 10 → 'float16'; '' for attributes that stand for no dtype. */
export function dtypeNamed(name: string, view: AttributeView): string {
  const short = dtypeOfAttribute(name, view)
  return longDtype(short) ?? short
}

export function attributeText({ value }: AttributeView): string {
  return Array.isArray(value) ? value.join(',') : typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : JSON.stringify(value)
}

function itemsOf(text: string): string[] {
  const items = text.replace(/^\[|\]$/g, '')
  return items === '' ? [] : items.split(/[,×]|(?<=[\w*?])x(?=[\w*?])/).map((item) => item.trim())
}

/** Floats of models have 32 bits: 0.2 finds 0.20000000298. */
function sameItem(wanted: string, item: string): boolean {
  if (wanted === '*' || wanted === '?') return true
  if (wanted.toLowerCase() === item.toLowerCase()) return true
  return wanted !== '' && Number.isFinite(Number(wanted)) && Math.fround(Number(wanted)) === Math.fround(Number(item))
}

/** `…` or `...` stands for any number of items. */
function sameList(wanted: readonly string[], items: readonly string[], same: (wanted: string, item: string) => boolean): boolean {
  const rest = wanted.findIndex((item) => item === '…' || item === '...')
  if (rest < 0) return wanted.length === items.length && wanted.every((item, i) => same(item, items[i]))
  const behind = wanted.slice(rest + 1)
  if (items.length < wanted.length - 1) return false
  return wanted.slice(0, rest).every((item, i) => same(item, items[i])) && behind.every((item, i) => same(item, items[items.length - behind.length + i]))
}

/** what people call dtypes besides the short names that cards show */
const ALSO: ReadonlyMap<string, string> = new Map([['fp16', 'float16'], ['half', 'float16'], ['fp32', 'float32'], ['float', 'float32'], ['fp64', 'float64'], ['double', 'float64'], ['int', 'int32'], ['long', 'int64']])

/** A dtype by its full or short name, or by the beginning of it. */
function dtypeTest(pattern: Pattern, text: (text: string) => boolean): (dtype: string) => boolean {
  if (pattern.what === 'expression') return (dtype) => dtype !== '' && text(dtype)
  const named = ALSO.get(pattern.text) ?? longDtype(pattern.text)
  const wanted = named ?? pattern.text
  return (dtype) => {
    const name = dtype.toLowerCase()
    return name !== '' && (named !== undefined || pattern.whole ? name === wanted : name.startsWith(wanted) || (name.includes('(') && name.includes(wanted)))
  }
}

/** Values of one type share the facts about it: each is looked at once. */
function typeTest(pattern: Pattern, text: (text: string) => boolean, key: Term['key']): (facts: TypeFacts) => boolean {
  const known = new Map<TypeFacts, boolean>()
  const shape = ({ shape: dims }: TypeFacts): boolean => {
    if (dims === null) return false
    const items = dims.map((dim) => String(dim ?? '?'))
    if (pattern.what === 'expression') return text(items.join(','))
    if (key === 'shape') return sameList(itemsOf(pattern.text), items, sameItem)
    return items.join('×').toLowerCase().includes(itemsOf(pattern.text).join('×'))
  }
  const dtype = dtypeTest(pattern, text)
  const test = (facts: TypeFacts): boolean => (key === 'dtype' ? dtype(facts.dtype) : key === 'type' ? dtype(facts.dtype) || shape(facts) : shape(facts))
  return (facts) => {
    let found = known.get(facts)
    if (found === undefined) known.set(facts, (found = test(facts)))
    return found
  }
}
