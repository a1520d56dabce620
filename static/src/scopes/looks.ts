/** A number for what a node is: equal for nodes of the same operator, attributes, slots and weights' types, whatever their names. */
import type { ModelDocument } from '../document/model'
import type { TypeFacts } from '../document/records'
import { isTensor, type Flow } from './flow'

export function mix(a: number, b: number): number {
  let h = Math.imul(a ^ (b + 0x9e3779b9 + (a << 6) + (a >>> 2)), 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}

export function hashText(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h ^ (h >>> 15)
}

const [ABSENT, VALUE, TENSOR, BODY] = [1, 2, 3, 4]

export function looksOf(document: ModelDocument, flow: Flow): Int32Array {
  const known = new Map<object, number>()
  const remembered: Remembered = (thing, text) => {
    let hash = known.get(thing)
    if (hash === undefined) known.set(thing, (hash = hashText(text(thing))))
    return hash
  }
  return Int32Array.from({ length: flow.count }, (_, position) => look(document, flow.nodes[position], remembered))
}

export function lookOf(document: ModelDocument, node: number): number {
  return look(document, node, (thing, text) => hashText(text(thing)))
}

type Remembered = <T extends object>(thing: T, text: (thing: T) => string) => number

function look(document: ModelDocument, node: number, remembered: Remembered): number {
  let hash = remembered(document.operatorAt(node), ({ domain, op_type, overload }) => `${domain}:${op_type}:${overload ?? ''}`)
  const inputs = document.inputCountAt(node)
  for (let slot = 0; slot < inputs; slot++) {
    const value = document.inputAt(node, slot)
    if (value < 0) hash = mix(hash, ABSENT)
    else if (isTensor(document, value)) hash = mix(mix(hash, TENSOR), remembered(document.typeAt(value), typeText))
    else hash = mix(hash, VALUE)
  }
  for (let slot = 0; slot < document.outputCountAt(node); slot++) {
    const value = document.outputAt(node, slot)
    const type = value < 0 ? null : document.typeAt(value)
    hash = mix(hash, type && !type.inferred && type.dtype !== '' ? remembered(type, typeText) : ABSENT)
  }
  let attributes = 0 // in no order
  for (const [name, view] of document.attributesAt(node)) attributes = (attributes + mix(hashText(name), remembered(view, (v) => (v.type === 'GRAPH' ? String(BODY) : JSON.stringify(v))))) | 0
  return mix(hash, attributes)
}

/** Named dims look alike: inference gives every value its own. */
function typeText({ dtype, shape }: TypeFacts): string {
  return `${dtype}${shape === null ? '' : shape.map((dim) => (typeof dim === 'number' ? dim : '?')).join()}`
}
