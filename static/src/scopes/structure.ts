/** Scopes found by structure, where names tell nothing: pieces of the graph that come again and again. */
import type { ModelDocument } from '../document/model'
import type { Draft } from './draft'
import type { Flow } from './flow'
import { hashText, mix } from './looks'
import { regions } from './periods'

const LEAST = 5 // nodes in a block
const FAR = 24 // nodes in the sequence; what comes from farther away is not what a block is made of
const REACH = 4 // nodes on either side that a module of several branches may take in
const CROWD = 60 // nodes directly in one scope that are too many to be looked at

interface Sequence {
  /** positions of the nodes that compute, as they run */
  at: Int32Array
  /** operator and wiring, equal at the same places of blocks */
  labels: Int32Array
  /** operator alone */
  ops: Int32Array
  /** for a border before each place: values that cross it, those that come from far away apart */
  crossing: Int32Array
}

/** Puts nodes that crowd one scope into blocks. True when there are any. */
export function findBlocks(document: ModelDocument, flow: Flow, draft: Draft): boolean {
  const crowds: number[][] = Array.from({ length: draft.count }, () => [])
  for (const position of flow.order) if (!flow.fixed[position]) crowds[draft.scopeOf[position]].push(position)
  let found = false
  crowds.forEach((crowd, scope) => {
    if (crowd.length > CROWD || (draft.count === 1 && crowd.length > 3 * LEAST)) found = partInto(document, flow, draft, scope, crowd) || found
  })
  return found
}

function partInto(document: ModelDocument, flow: Flow, draft: Draft, scope: number, positions: readonly number[]): boolean {
  const sequence = sequenceOf(document, flow, Int32Array.from(positions))
  const blocks = blocksOf(sequence)
  const counts = new Map<string, number>()
  for (const [from, to] of blocks) {
    const kind = kindOf(document, flow, sequence.at.subarray(from, to))
    const number = counts.get(kind) ?? 0
    counts.set(kind, number + 1)
    const path = `${draft.path(scope)}~${document.nodeIdAt(flow.nodes[sequence.at[from]])}`
    const block = draft.add(scope, `${kind}.${number}`, path)
    for (let i = from; i < to; i++) draft.scopeOf[sequence.at[i]] = block
    if (to - from > CROWD) partInto(document, flow, draft, block, Array.from(sequence.at.subarray(from, to)))
  }
  return blocks.length > 0
}

function sequenceOf(document: ModelDocument, flow: Flow, at: Int32Array): Sequence {
  const rank = new Int32Array(flow.count).fill(-1)
  at.forEach((position, i) => { rank[position] = i })
  const known = new Map<object, number>()
  const labels = new Int32Array(at.length)
  const ops = new Int32Array(at.length)
  const last = Int32Array.from(at, (_, i) => i)
  at.forEach((position, i) => {
    const operator = document.operatorAt(flow.nodes[position])
    let op = known.get(operator)
    if (op === undefined) known.set(operator, (op = hashText(`${operator.domain}:${operator.op_type}`)))
    let label = mix(op, document.inputCountAt(flow.nodes[position]))
    for (let k = flow.inStart[position]; k < flow.inStart[position + 1]; k++) {
      const from = rank[flow.ins[k]]
      if (flow.fixed[flow.ins[k]]) continue
      const distance = from < 0 ? FAR : Math.min(FAR, i - from)
      label = mix(label, mix(flow.inSlots[k], distance))
      if (distance < FAR && from >= 0) last[from] = Math.max(last[from], i)
    }
    labels[i] = label
    ops[i] = op
  })
  const crossing = new Int32Array(at.length + 1)
  last.forEach((end, i) => {
    if (end <= i) return
    crossing[i + 1] += 1
    crossing[end + 1] -= 1
  })
  for (let i = 1; i <= at.length; i++) crossing[i] += crossing[i - 1]
  return { at, labels, ops, crossing }
}

/** Blocks as [from, to) of the sequence, in its order. */
function blocksOf(sequence: Sequence): [number, number][] {
  const { labels, ops } = sequence
  const blocks: [number, number][] = []
  const taken = new Uint8Array(labels.length)
  const take = (from: number, to: number): void => {
    blocks.push([from, to])
    taken.fill(1, from, to)
  }
  const same = (a: number, b: number, length: number): boolean => {
    for (let i = 0; i < length; i++) if (ops[a + i] !== ops[b + i]) return false
    return true
  }
  for (const { start, period, times } of regions(labels, LEAST, sequence.crossing)) {
    for (let k = 0; k < times; k++) take(start + k * period, start + (k + 1) * period)
    // the first and the last block take what they need from elsewhere, and are wired a little differently
    if (start >= period && !taken.subarray(start - period, start).includes(1) && same(start - period, start, period)) take(start - period, start)
    const end = start + period * times
    if (end + period <= labels.length && !taken.subarray(end, end + period).includes(1) && same(end, start, period)) take(end, end + period)
  }
  for (const [from, to] of likeSegments(sequence, taken)) take(from, to)
  return blocks.sort(([a], [b]) => a - b)
}

/** Pieces between two places that only one value crosses, where there are others of the same operators and wiring: modules of several branches. */
function likeSegments({ labels, ops, crossing }: Sequence, taken: Uint8Array): [number, number][] {
  const alike = new Map<number, [number, number][]>()
  for (let from = 0, at = 1, hash = labels[0] ?? 0; at <= labels.length; at++) {
    if (at < labels.length && crossing[at] > 1 && !taken[at]) {
      hash = mix(hash, labels[at])
      continue
    }
    if (at - from >= LEAST - 1 && !taken[from]) {
      const list = alike.get(hash)
      if (list) list.push([from, at])
      else alike.set(hash, [[from, at]])
    }
    from = at
    hash = labels[at] ?? 0
  }
  const found: [number, number][] = []
  for (const segments of alike.values()) {
    if (segments.length < 2) continue
    const grown = grow(segments, ops, taken)
    for (const [from, to] of grown) taken.fill(1, from, to)
    found.push(...grown)
  }
  return found
}

/** What stands before, or right behind, every one of them belongs to them. */
function grow(segments: [number, number][], ops: Int32Array, taken: Uint8Array): [number, number][] {
  const grown = segments.map(([from, to]): [number, number] => [from, to])
  const marked = taken.slice()
  for (const [from, to] of grown) marked.fill(1, from, to)
  for (const side of [0, 1] as const) {
    for (let step = 0; step < REACH; step++) {
      const next = grown.map((one) => (side === 0 ? one[0] - 1 : one[1]))
      if (next.some((at) => at < 0 || at >= ops.length || marked[at] === 1 || ops[at] !== ops[next[0]]) || new Set(next).size < next.length) break
      grown.forEach((one, i) => {
        marked[next[i]] = 1
        one[side] += side === 0 ? -1 : 1
      })
    }
  }
  return grown
}

/** A word for what the nodes are together. */
function kindOf(document: ModelDocument, flow: Flow, positions: Int32Array): string {
  const ops = new Map<string, number>()
  for (const position of positions) {
    const { op_type } = document.operatorAt(flow.nodes[position])
    ops.set(op_type, (ops.get(op_type) ?? 0) + 1)
  }
  const many = (...types: string[]): number => types.reduce((sum, type) => sum + (ops.get(type) ?? 0), 0)
  const products = many('MatMul', 'Gemm', 'MatMulInteger', 'QLinearMatMul', 'MatMulNBits', 'FusedMatMul')
  const convolutions = many('Conv', 'QLinearConv', 'ConvInteger', 'FusedConv', 'ConvTranspose')
  const attention = many('Softmax', 'Attention', 'MultiHeadAttention', 'GroupQueryAttention', 'QAttention')
  if (ops.size === 1) return [...ops.keys()][0]
  if (attention > 0 && products > 1) return many('LayerNormalization', 'SkipLayerNormalization', 'SimplifiedLayerNormalization', 'SkipSimplifiedLayerNormalization', 'RMSNormalization', 'ReduceMean') > 0 ? 'transformer' : 'attention'
  if (convolutions > 0) return many('Add', 'QLinearAdd', 'Sum') > 0 ? 'residual' : many('Concat', 'QLinearConcat') > 0 ? 'branches' : 'conv'
  return products > 0 ? 'dense' : 'block'
}
