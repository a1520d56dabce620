/** Graphs of a few nodes, and edits of them as a server would tell them, for tests of what follows edits. */
import fc from 'fast-check'
import { mergeChanges, type ChangeSet } from '../document/changes'
import { documentOf, mainGraph, node, value } from '../document/encode.fixture'
import type { ModelDocument } from '../document/model'
import type { Change, NodeView } from '../protocol/types'
import { patchedTree } from '../scopes/patched'
import { scopeTree } from '../scopes/tree'
import { buildScene, sceneParts } from './build'
import type { Direction } from './flow'
import type { Measure } from './measure'
import { PathNumbers, type Fold } from './nest'
import { patchedScene } from './patched'
import type { Scene, SceneParts } from './scene'

export const MEASURE: Measure = { width: (text) => text.length * 6 }
const OPERATORS = ['Relu', 'Neg', 'Abs', 'Sqrt', 'Exp', 'Log', 'Sin']

/** Nodes of two inputs in scopes of a few; each takes from one of those before it, from the model's input, or from a constant of its own or a shared one. */
export function graphOf(count: number, takes: readonly number[]): ModelDocument {
  const from = (at: number, n: number): string => (n % (at + 1) === 0 ? 'value:x' : `value:y${(n % (at + 1)) - 1}`)
  const nodes = Array.from({ length: count }, (_, at) =>
    node(`n${at}`, OPERATORS[at % 7], [from(at, takes[2 * at]), at % 3 === 0 ? 'value:w' : at % 5 === 1 ? `value:c${at % 10}` : from(at, takes[2 * at + 1])], [`value:y${at}`, ...(at % 4 === 0 ? [`value:z${at}`] : [])], { name: `/s${at >> 2}/t${at >> 1}/${at}` }))
  const constants = [1, 6].map((at) => node(`c${at}`, 'Constant', [], [`value:c${at}`], { name: `/s0/c${at}`, attributes: { value: { type: 'TENSOR', value: `int64[1]: ${at}` } } }))
  nodes.unshift(...constants)
  const values = [value('value:x', { kind: 'input' }), value('value:w', { kind: 'initializer', bytes: 64 }), ...nodes.flatMap((one) => one.outputs.map((id) => value(id, { shape: [id.length] })))]
  return documentOf({ graphs: [mainGraph(['value:x'], [`value:y${count - 1}`, 'value:y0'])], nodes, values })
}

type Edit = { what: 'insert' | 'remove' | 'rewire' | 'rename' | 'alone' | 'retype' | 'constant'; at: number; to: number }

/** The change of each edit, as a server would tell it; a removed node's takers read its first input. */
function deltaOf(document: ModelDocument, { what, at, to }: Edit, number: number): Change[] {
  const ids = document.nodeIds('graph:')
  const nodes = ids.map((id) => document.node(id)!)
  const picked = nodes[at % nodes.length]
  const read = (taker: NodeView, old: string, now: string): Change => ({ table: 'node', id: taker.id, after: { ...taker, inputs: taker.inputs.map((one) => (one === old ? now : one)) } })
  const takersOf = (id: string): NodeView[] => nodes.filter((one) => one.id !== picked.id && one.inputs.includes(id))
  if (what === 'rename') return [{ table: 'value', id: picked.outputs[0], after: { ...document.value(picked.outputs[0])!, name: `renamed_to_something_longer_${number}` } }]
  if (what === 'retype') return [{ table: 'value', id: 'value:w', after: { ...document.value('value:w')!, shape: [number, 77] } }, { table: 'node', id: picked.id, after: { ...picked, op_type: 'Tanh' } }]
  if (what === 'rewire') return [{ table: 'node', id: picked.id, after: { ...picked, inputs: [picked.inputs[0] ?? '', ['value:x', '', 'value:w', 'value:c1', 'value:c6'][to % 5]] } }]
  const fresh = `value:new${number}`
  if (what === 'alone') return [{ table: 'value', id: fresh, after: value(fresh) }, { table: 'node', id: `new${number}`, after: node(`new${number}`, 'Cosh', [], [fresh], { name: `/s${to % 3}/new` }) }]
  const made = picked.outputs[0]
  if (what === 'constant') return [{ table: 'value', id: fresh, after: value(fresh) }, { table: 'node', id: `new${number}`, after: node(`new${number}`, 'Constant', [], [fresh], { name: '', attributes: { value_int: { type: 'INT', value: to } } }) }, ...(picked.inputs.length > 0 ? [read(picked, picked.inputs[0]!, fresh)] : [])]
  if (what === 'insert') return [{ table: 'value', id: fresh, after: value(fresh) }, { table: 'node', id: `new${number}`, after: node(`new${number}`, 'Tanh', [made, 'value:w'], [fresh], { name: '' }) }, ...takersOf(made).map((one) => read(one, made, fresh))]
  if (nodes.length < 5 || document.value(made)!.is_output || document.graph('graph:')!.outputs.includes(made)) return []
  return [...takersOf(made).map((one) => read(one, made, picked.inputs[0] ?? '')), { table: 'node', id: picked.id, after: null }, ...picked.outputs.map((id): Change => ({ table: 'value', id, after: null }))]
}

function drop(document: ModelDocument, parts: SceneParts, changes: ChangeSet): void {
  const touched = (index: number): void => {
    if (index < 0) return
    parts.cards.drop(document.producerOf(index))
    for (const use of document.usesAt(index)) parts.cards.drop(use.node)
  }
  for (const id of changes.nodes) parts.cards.drop(document.nodeIndexEver(id))
  for (const id of changes.values) touched(document.valueIndexEver(id))
}

export const anyEdit = fc.record<Edit>({ what: fc.constantFrom('insert', 'remove', 'rewire', 'rename', 'alone', 'retype', 'constant'), at: fc.nat(100), to: fc.nat(100) })

/** One step of an edit or its undo: the scene before, the one that is built afresh, and the one that is patched where that can be. */
export interface Step { edit: Edit; before: Scene; built: Scene; patched: Scene | null }

/** Makes the edits one after the other, and undoes every third. `folded`: with scopes, all open. */
export function* edited(document: ModelDocument, list: readonly Edit[], folded: boolean, direction: Direction): Generator<Step> {
  const parts = sceneParts(document, MEASURE)
  const numbers = new PathNumbers()
  const foldOf = (tree = scopeTree(document, 'graph:')): Fold => ({ tree, open: new Set(Array.from({ length: tree.count - 1 }, (_, i) => tree.path(i + 1))), numbers })
  let fold: Fold | null = folded ? foldOf() : null
  let scene = buildScene(document, 'graph:', parts, fold, direction)
  for (const [number, edit] of list.entries()) {
    const delta = deltaOf(document, edit, number)
    const undo = delta.map((change) => ({ ...change, after: change.table === 'node' ? (document.node(change.id) ?? null) : (document.value(change.id) ?? null) }) as Change)
    for (const changesOf of [delta, ...(number % 3 === 2 ? [undo] : [])]) {
      const changes = mergeChanges([document.apply({ revision: document.revision + 1, delta: changesOf } as never)])
      drop(document, parts, changes)
      const tree = fold && patchedTree(fold.tree, document, 'graph:', changes)
      if (fold && tree && tree !== fold.tree) fold = { ...fold, tree }
      else if (fold && !tree) fold = foldOf()
      const patched = patchedScene(scene, changes, parts, fold)
      const built = buildScene(document, 'graph:', parts, fold, direction)
      yield { edit, before: scene, built, patched }
      scene = patched ?? built
    }
  }
}
