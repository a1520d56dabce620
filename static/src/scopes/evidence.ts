/** Which scope each node is in, as far as the file says: by exporter metadata, names of nodes, of what they make, of weights; the rest by its neighbours. */
import type { ModelDocument } from '../document/model'
import { takerOf } from '../document/row-constants'
import type { Draft } from './draft'
import { isTensor, type Flow } from './flow'

const NEAR = 6 // nodes in a row that go with what they take from; longer rows lie between what is before and behind them

export interface Evidence { byMetadata: number; byName: number; /** nodes about which the file says something */ known: number; /** nodes that it could say something about */ asked: number }

/** Puts every node into a scope of the draft. */
export function place(document: ModelDocument, flow: Flow, draft: Draft): Evidence {
  const { scopeOf } = draft
  const evidence: Evidence = { byMetadata: 0, byName: 0, known: 0, asked: 0 }
  for (let position = 0; position < flow.count; position++) {
    const node = flow.nodes[position]
    let scope = -1
    const told = document.scopeAt(node)
    if (told !== '') {
      scope = draft.scopeOfPath(told)
      evidence.byMetadata += 1
    } else {
      scope = draft.scopeOfName(document.nodeNameAt(node))
      if (scope < 0 && !flow.fixed[position]) scope = scopeOfWhatItMakes(document, node, draft)
      if (scope < 0) scope = scopeOfWeights(document, node, draft)
      if (scope > 0) evidence.byName += 1
    }
    scopeOf[position] = scope
    if (!flow.fixed[position]) evidence.asked += 1
    if (scope > 0 && !flow.fixed[position]) evidence.known += 1
  }
  constantsGoWithTakers(flow, draft)
  othersGoWithNeighbours(flow, draft)
  rowsGoWithTakers(document, flow, draft)
  return evidence
}

function scopeOfWhatItMakes(document: ModelDocument, node: number, draft: Draft): number {
  const value = document.outputCountAt(node) > 0 ? document.outputAt(node, 0) : -1
  return value < 0 || document.isOutputAt(value) ? -1 : draft.scopeOfName(document.valueNameAt(value))
}

/** Of the first tensor that nobody else reads: a weight is named after the module that owns it. */
function scopeOfWeights(document: ModelDocument, node: number, draft: Draft): number {
  for (let slot = 0; slot < document.inputCountAt(node); slot++) {
    const value = document.inputAt(node, slot)
    if (value < 0 || !isTensor(document, value) || document.useCountAt(value) > 1) continue
    const scope = draft.scopeOfName(document.valueNameAt(value))
    if (scope > 0) return scope
  }
  return -1
}

/** A constant that no scope names is drawn with those that take it. */
export function constantsGoWithTakers(flow: Flow, draft: Draft): void {
  const { scopeOf } = draft
  for (let at = flow.count - 1; at >= 0; at--) {
    const position = flow.order[at]
    if (scopeOf[position] > 0 || !flow.fixed[position]) continue
    let scope = -1
    for (let i = flow.outStart[position]; i < flow.outStart[position + 1]; i++) {
      const taker = scopeOf[flow.outs[i]]
      if (taker >= 0) scope = scope < 0 ? taker : draft.common(scope, taker)
    }
    if (scope >= 0) scopeOf[position] = scope
  }
}

/** A constant that is a row of a node is where that node is, whatever it is called. Whether any was elsewhere. */
export function rowsGoWithTakers(document: ModelDocument, flow: Flow, draft: Draft): boolean {
  const { scopeOf } = draft
  let moved = false
  for (let position = 0; position < flow.count; position++) {
    if (!flow.fixed[position]) continue
    const taker = takerOf(document, flow.nodes[position])
    const scope = taker < 0 ? -1 : scopeOf[flow.positionOf[taker]]
    if (scope < 0 || scope === scopeOf[position]) continue
    scopeOf[position] = scope
    moved = true
  }
  return moved
}

/** Nodes that nothing is said about go with what they take from; in the middle of a longer row of such, with what holds both of its ends. */
function othersGoWithNeighbours(flow: Flow, draft: Draft): void {
  const { scopeOf } = draft
  const said = Int32Array.from(scopeOf)
  const members = new Uint32Array(draft.count)
  for (const scope of said) if (scope >= 0) members[scope] += 1
  const behind = said.slice()
  for (let at = flow.count - 1; at >= 0; at--) {
    const position = flow.order[at]
    for (let i = flow.outStart[position]; i < flow.outStart[position + 1] && behind[position] < 0; i++) behind[position] = behind[flow.outs[i]]
  }
  const hops = new Uint16Array(flow.count)
  for (const position of flow.order) {
    if (said[position] >= 0) continue
    let from = -1
    for (let i = flow.inStart[position]; i < flow.inStart[position + 1]; i++) {
      const maker = flow.ins[i]
      if (scopeOf[maker] >= 0 && !flow.fixed[maker] && (from < 0 || maker > from)) from = maker
    }
    const before = from < 0 ? -1 : scopeOf[from]
    hops[position] = from < 0 ? NEAR : Math.min(NEAR, hops[from] + 1)
    if (before >= 0 && hops[position] < NEAR) scopeOf[position] = members[before] === 1 && said[from] >= 0 ? Math.max(0, draft.parent[before]) : before // a scope of one node is a module of one operator
    else if (behind[position] < 0) scopeOf[position] = 0
    else if (before < 0) scopeOf[position] = members[behind[position]] === 1 ? Math.max(0, draft.parent[behind[position]]) : behind[position]
    else scopeOf[position] = draft.common(before, behind[position])
  }
}
