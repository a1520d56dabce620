/** Turns ids (selection, findings, hits, people) into what is marked in the scene that is shown. */
import type { Diagnostic, Participant } from '../protocol/types'
import { isRowConstant, takerOf } from '../document/row-constants'
import type { PlacedScene } from '../scene/placed'
import { SCOPE, type Scene } from '../scene/scene'
import { clip, drawable } from '../scene/text'
import { peerColour } from '../theme'
import { litItems, type Lit } from './lit'
import type { Badge, Marks, PeerCursor, PeerMark } from './frame'

const RANK = { error: 2, warning: 1, info: 0 } as const

export class MarkBook {
  selection: ReadonlySet<string> = new Set()
  private diagnostics: readonly Diagnostic[] = []
  private hits: readonly string[] = []
  private peers: readonly Participant[] = []
  private lit: Lit | null = null
  private hoverItem = -1
  private preview: readonly number[] = []
  private hoverValue = -1
  private hoverScope = -1
  private made: Marks | null = null
  private scene: Scene | null = null

  setSelection(ids: ReadonlySet<string>): void {
    this.selection = ids
    this.made = null
  }

  setDiagnostics(list: readonly Diagnostic[]): void {
    this.diagnostics = list
    this.made = null
  }

  setHits(ids: Iterable<string>): void {
    this.hits = [...ids]
    this.made = null
  }

  setLit(lit: Lit | null): void {
    this.lit = lit
    this.made = null
  }

  /** items that a rectangle touches while it is drawn */
  setPreview(items: readonly number[]): void {
    this.preview = items
    if (this.made) this.made = { ...this.made, preview: items }
  }

  setPeers(participants: readonly Participant[]): void {
    this.peers = participants
    this.made = null
  }

  /** Returns whether it changed. */
  setHover(item: number, value: number, scope = -1): boolean {
    if (item === this.hoverItem && value === this.hoverValue && scope === this.hoverScope) return false
    this.hoverItem = item
    this.hoverValue = value
    this.hoverScope = scope
    if (this.made) this.made = { ...this.made, hoverItem: item, hoverValue: value, hoverScope: scope }
    return true
  }

  of({ scene }: PlacedScene): Marks {
    if (this.made && this.scene === scene) return this.made
    if (this.scene !== scene) {
      this.hoverItem = -1
      this.hoverValue = -1
      this.hoverScope = -1
      this.preview = []
    }
    this.scene = scene
    const selectedItems = new Set<number>()
    const accentEdges = new Set<number>()
    const tensors = new Set<number>()
    const wireEnds = new Set<number>()
    const inside = new Map<number, number>()
    for (const id of this.selection) select(scene, id, { selectedItems, accentEdges, tensors, wireEnds, inside })
    for (const [item, count] of inside) if (scene.kind[item] === SCOPE && wholly(scene, item, count)) { inside.delete(item); take(scene, item, selectedItems, accentEdges) }
    this.made = {
      selectedItems, accentEdges, tensors, wireEnds, inside, selectedScopes: selectedScopes(scene, this.selection),
      hoverScope: this.hoverScope, hoverItem: this.hoverItem, hoverValue: this.hoverValue, preview: this.preview,
      hits: this.hits.flatMap((id) => (isWire(scene, id) ? [] : seenAt(scene, id))).filter((item) => !selectedItems.has(item)),
      hitEdges: new Set(this.hits.flatMap((id) => (isWire(scene, id) ? wiresOf(scene, id) : []))),
      badges: badges(scene, this.diagnostics),
      peers: this.peers.flatMap((peer) => peerMarks(scene, peer)),
      cursors: this.peers.flatMap((peer) => peerCursors(scene, peer)),
      lit: this.lit && litItems(scene, this.lit),
    }
    return this.made
  }
}

interface Selected { selectedItems: Set<number>; accentEdges: Set<number>; tensors: Set<number>; wireEnds: Set<number>; inside: Map<number, number> }

function select(scene: Scene, id: string, { selectedItems: items, accentEdges: edges, tensors, wireEnds, inside }: Selected): void {
  const { document } = scene
  const node = document.nodeIndex(id)
  const item = node < 0 ? -1 : scene.itemShowing(node)
  if (item >= 0) {
    if (scene.kind[item] !== SCOPE && takerOf(document, node) >= 0) tensors.add(document.outputAt(node, 0))
    else if (scene.kind[item] === SCOPE) inside.set(item, (inside.get(item) ?? 0) + 1)
    else take(scene, item, items, edges)
    return
  }
  const value = node < 0 ? document.valueIndex(id) : -1
  if (value < 0) return
  for (const pill of scene.pillsOf(value)) items.add(pill)
  const [first, end] = scene.edgesOf(value)
  for (let edge = first; edge < end; edge++) {
    edges.add(edge)
    wireEnds.add(scene.target[edge])
  }
  if (document.producerOf(value) < 0 || isRowConstant(document, value)) tensors.add(value)
}

function take(scene: Scene, item: number, items: Set<number>, edges: Set<number>): void {
  items.add(item)
  for (const edge of scene.incoming(item)) edges.add(edge)
  for (const edge of scene.outgoing(item)) edges.add(edge)
}

/** Whether so many nodes are all that a closed scope holds. */
function wholly(scene: Scene, item: number, count: number): boolean {
  return scene.nesting!.nest.fold.tree.nodeCount[scene.index[item]] === count
}

/** Open scopes of which every node is selected. */
function selectedScopes({ nesting, document }: Scene, selection: ReadonlySet<string>): ReadonlySet<number> {
  const found = new Set<number>()
  if (!nesting || selection.size < 2) return found
  const { nest } = nesting
  for (let container = 0; container < nest.count; container++) {
    if (nest.countOf(container) > selection.size) continue
    if (nest.nodesOf(container).every((node) => selection.has(document.nodeIdAt(node)))) found.add(container)
  }
  return found
}

/** A value that is seen as its wires only: it has no pill, and no row in a node. */
function isWire(scene: Scene, id: string): boolean {
  return scene.document.nodeIndex(id) < 0 && wiresOf(scene, id).length > 0 && scene.pillsOf(scene.document.valueIndex(id)).length === 0
}

function wiresOf(scene: Scene, id: string): number[] {
  const value = scene.document.valueIndex(id)
  if (value < 0) return []
  const [first, end] = scene.edgesOf(value)
  return Array.from({ length: end - first }, (_, at) => first + at)
}

/** Where an id is seen: the node, the value's pills, else the node that makes it, else the nodes that take it. */
export function itemsFor(scene: Scene, id: string): number[] {
  const { document } = scene
  const node = document.nodeIndex(id)
  if (node >= 0) {
    const item = scene.itemShowing(node)
    return item < 0 ? [] : [item]
  }
  const value = document.valueIndex(id)
  if (value < 0) return []
  const pills = scene.pillsOf(value)
  if (pills.length > 0) return [...pills]
  const producer = document.producerOf(value)
  const made = producer < 0 ? -1 : scene.itemShowing(producer)
  if (made >= 0) return [made]
  return [...new Set(document.usesAt(value).map((use) => scene.itemShowing(use.node)).filter((item) => item >= 0))]
}

/** Where an id is seen, or the node whose closed body it is in. */
function seenAt(scene: Scene, id: string): number[] {
  const items = itemsFor(scene, id)
  if (items.length > 0) return items
  const { document } = scene
  const node = document.nodeIndex(id)
  const value = node < 0 ? document.valueIndex(id) : -1
  let graph = node >= 0 ? document.graphOfNode(node) : value >= 0 ? document.graphOfValue(value) : ''
  while (graph !== scene.graph) {
    const holder = document.ownerOf(graph)
    if (holder < 0) return []
    const item = scene.itemShowing(holder)
    if (item >= 0) return [item]
    graph = document.graphOfNode(holder)
  }
  return []
}

/** One badge per item, of the worst finding about it; a value that is a wire is marked at the node that makes it. */
function badges(scene: Scene, diagnostics: readonly Diagnostic[]): Badge[] {
  const found = new Map<number, Badge>()
  for (const { severity, subjects } of diagnostics) {
    for (const item of new Set(subjects.flatMap((id) => seenAt(scene, id)))) {
      const known = found.get(item)
      found.set(item, { item, severity: known && RANK[known.severity] >= RANK[severity] ? known.severity : severity, count: (known?.count ?? 0) + 1 })
    }
  }
  return [...found.values()]
}

function peerMarks(scene: Scene, peer: Participant): PeerMark[] {
  if (peer.graph !== scene.graph) return []
  const colour = peerColour(peer.colour)
  return peer.selection.flatMap((id) => itemsFor(scene, id).map((item) => ({ item, colour })))
}

function peerCursors(scene: Scene, peer: Participant): PeerCursor[] {
  if (peer.graph !== scene.graph || !peer.cursor) return []
  return [{ x: peer.cursor[0], y: peer.cursor[1], name: clip(drawable(peer.name), 24), colour: peerColour(peer.colour) }]
}
