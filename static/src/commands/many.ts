/** Several nodes or values at once: what they have in common, and the edits that change all of them in one revision. */
import { attributeText, isTextual } from '../forms/literals'
import { sameDomain } from '../forms/widget'
import type { EditData, NodeView, OperatorView, ValueView } from '../protocol/types'

export interface OperatorCount { op_type: string; domain: string; family: NodeView['family']; ids: string[] }
export interface CommonAttribute {
  name: string
  type: string
  /** what all of them say; null: they differ */
  text: string | null
  /** how many say it themselves; the others have the default */
  set: number
  doc: string
}
export interface Renaming { find: string; replace: string; pattern: boolean }
export interface Renamed { id: string; from: string; to: string }

const SHOWN_ATTRIBUTES = 24

export function countOperators(nodes: readonly NodeView[]): OperatorCount[] {
  const counts = new Map<string, OperatorCount>()
  for (const node of nodes) {
    const key = `${node.domain} ${node.op_type}`
    const count = counts.get(key) ?? { op_type: node.op_type, domain: node.domain, family: node.family, ids: [] }
    count.ids.push(node.id)
    counts.set(key, count)
  }
  return [...counts.values()].sort((a, b) => b.ids.length - a.ids.length || a.op_type.localeCompare(b.op_type))
}

/** Attributes that every one of the nodes has or may have, with the value they share. */
export function commonAttributes(nodes: readonly NodeView[], operators: readonly OperatorView[]): CommonAttribute[] {
  const kinds = countOperators(nodes)
  const schemas = kinds.map((kind) => operators.find((one) => one.op_type === kind.op_type && sameDomain(one.domain, kind.domain)))
  const names = new Set([...(schemas[0]?.attributes.map((one) => one.name) ?? []), ...Object.keys(nodes[0]?.attributes ?? {})])
  const found: CommonAttribute[] = []
  for (const name of names) {
    const types = new Set<string>()
    const texts = new Set<string>()
    let set = 0
    const everywhere = nodes.every((node) => {
      const schema = schemas[kinds.findIndex((kind) => kind.op_type === node.op_type && kind.domain === node.domain)]?.attributes.find((one) => one.name === name)
      const own = node.attributes[name]
      if (!own && !schema) return false
      types.add(own?.type ?? schema!.type)
      if (own) set += 1
      texts.add(own ? (own.ref ? `from ${own.ref}` : own.cut ? '…' : attributeText(own, name)) : textOfDefault(schema!, name))
      return true
    })
    if (!everywhere || types.size !== 1 || !isTextual([...types][0]!)) continue
    const doc = schemas[0]?.attributes.find((one) => one.name === name)?.doc ?? ''
    found.push({ name, type: [...types][0]!, text: texts.size === 1 ? [...texts][0]! : null, set, doc })
  }
  return found.sort((a, b) => Number(b.set > 0) - Number(a.set > 0)).slice(0, SHOWN_ATTRIBUTES)
}

function textOfDefault(schema: OperatorView['attributes'][number], name: string): string {
  return schema.default === null || schema.default === undefined ? '' : attributeText({ type: schema.type, value: schema.default }, name)
}

/** One edit for all of them, so that one undo takes it back. */
export function together(edits: readonly EditData[]): EditData {
  return edits.length === 1 ? edits[0]! : { kind: 'batch', edits: [...edits] }
}

/** What the names would become; only those that change. A pattern is a regular expression, `$1` its first group. */
export function renamed(named: readonly { id: string; name: string }[], how: Renaming): Renamed[] | string {
  if (how.find === '') return []
  let search: RegExp | string = how.find
  if (how.pattern) {
    try {
      search = new RegExp(how.find, 'g')
    } catch {
      return 'this is no pattern yet: a bracket is missing, or a sign has nothing to repeat'
    }
  }
  return named.flatMap(({ id, name }) => {
    const to = typeof search === 'string' ? name.split(search).join(how.replace) : name.replace(search, how.replace)
    return to === name ? [] : [{ id, from: name, to }]
  })
}

/** Names of dims in the shapes of these values, the most frequent first. */
export function namedDims(values: readonly Pick<ValueView, 'shape'>[]): string[] {
  const counts = new Map<string, number>()
  for (const value of values) for (const dim of value.shape ?? []) if (typeof dim === 'string') counts.set(dim, (counts.get(dim) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name)
}

export interface MixedDim { axis: number; names: string[] }

/** Where every one of the values names its dim, but not all by the same name. */
export function mixedDims(values: readonly Pick<ValueView, 'shape'>[]): MixedDim[] {
  const shapes = values.map((value) => value.shape)
  const rank = shapes[0]?.length ?? 0
  if (shapes.length < 2 || shapes.some((shape) => shape?.length !== rank)) return []
  return Array.from({ length: rank }, (_, axis) => {
    const dims = shapes.map((shape) => shape![axis])
    return { axis, names: dims.every((dim) => typeof dim === 'string') ? [...new Set(dims as string[])] : [] }
  }).filter(({ names }) => names.length > 1)
}

/** What all say; null when they differ. */
export function common<T>(items: readonly T[], text: (item: T) => string): string | null {
  const texts = new Set(items.map(text))
  return texts.size === 1 ? [...texts][0]! : null
}
