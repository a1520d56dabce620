/** What an item depends on, and what depends on it: along the scene's wires, which those to bodies are among. */
import type { ModelDocument } from '../document/model'
import { NODE, type Scene } from './scene'

/** 1 for the item and everything that its inputs are computed from ('up'), or that is computed from it ('down'). */
export function reach(scene: Scene, item: number, way: 'up' | 'down'): Uint8Array {
  if (scene.folds) return throughScopes(scene, item, way)
  const found = new Uint8Array(scene.count)
  const ends = way === 'up' ? scene.source : scene.target
  const waiting = [item]
  found[item] = 1
  while (waiting.length > 0) {
    const at = waiting.pop()!
    for (const edge of way === 'up' ? scene.incoming(at) : scene.outgoing(at)) {
      if (found[ends[edge]]) continue
      found[ends[edge]] = 1
      waiting.push(ends[edge])
    }
  }
  return found
}

/** Where scopes are closed, the scene does not tell which of a card's wires depend on which: the nodes themselves do. */
function throughScopes(scene: Scene, item: number, way: 'up' | 'down'): Uint8Array {
  const { document, graph } = scene
  const found = new Uint8Array(scene.count)
  const seen = new Set<number>()
  const waiting: number[] = []
  const meet = (node: number): void => {
    if (node < 0 || seen.has(node)) return
    seen.add(node)
    waiting.push(node)
    const own = scene.itemOfNode(node)
    if (own >= 0) found[own] = 1
  }
  found[item] = 1
  if (scene.kind[item] === NODE) meet(scene.index[item])
  else if (way === 'down') for (const { node } of document.usesAt(scene.index[item])) meet(within(document, graph, node))
  while (waiting.length > 0) {
    const node = waiting.pop()!
    if (way === 'up') for (const value of takenBy(document, graph, node)) meet(within(document, graph, document.producerOf(value)))
    else for (const value of Array.from(document.outputsAt(node))) for (const use of value < 0 ? [] : document.usesAt(value)) meet(within(document, graph, use.node))
  }
  return found
}

/** The node of this graph that holds the node in a body, or is it; -1: neither. */
function within(document: ModelDocument, graph: string, node: number): number {
  let at = node
  while (at >= 0 && document.graphOfNode(at) !== graph) at = document.ownerOf(document.graphOfNode(at))
  return at
}

/** Values of this graph that the node takes, or its bodies do. */
function* takenBy(document: ModelDocument, graph: string, node: number): Generator<number> {
  for (const value of Array.from(document.inputsAt(node))) if (value >= 0 && document.graphOfValue(value) === graph) yield value
  if (!document.hasBodies(node)) return
  for (const body of document.nodeAt(node).bodies) for (const inner of document.nodesOf(body)) yield* takenBy(document, graph, inner)
}
