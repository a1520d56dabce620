/** The graph as DOT, for Graphviz: the nodes and wires that are shown, by operator, name and type. */
import { clip, typeText } from '../scene/text'
import type { Scene } from '../scene/scene'
import { NODE, SCOPE } from '../scene/scene'
import { FAMILY_COLOUR, FAMILY_COLOURS } from '../theme'

const NAME = 120
const CLUSTER = 'labeljust=l fontname="Inter,Helvetica,sans-serif" fontsize=11 fontcolor="#566072" style="rounded,filled" fillcolor="#EEF2F8" color="#98A1B0"'

/** Quoted, so that nothing in a name is anything but text: Graphviz reads backslashes in labels, too. */
export function quoted(text: string): string {
  return `"${text.replace(/\0/g, '').replaceAll('\\', '\\\\').replaceAll('"', '\\"').replace(/\r\n?|\n/g, '\\n')}"`
}

/** `items`, `edges`: what is in the picture. */
export function dotOf(scene: Scene, items: ArrayLike<number>, edges: ArrayLike<number>, title: string): string {
  const lines = [`digraph ${quoted(title)} {`, `  rankdir=${scene.direction === 'right' ? 'LR' : 'TB'}`, '  node [shape=box style="rounded,filled" fontname="Inter,Helvetica,sans-serif" fontsize=12 fontcolor=white color=white]', '  edge [fontname="Inter,Helvetica,sans-serif" fontsize=10 fontcolor="#566072" color="#8A94A6"]']
  lines.push(...itemLines(scene, Array.from(items)))
  const { document } = scene
  for (let i = 0; i < edges.length; i++) {
    const edge = edges[i]!
    const { dtype, shape } = document.typeAt(scene.value[edge])
    const label = typeText(dtype, shape)
    const about = [label && `label=${quoted(label)}`, `tooltip=${quoted(clip(document.valueNameAt(scene.value[edge]), NAME))}`].filter(Boolean).join(' ')
    lines.push(`  n${scene.source[edge]} -> n${scene.target[edge]} [${about}]`)
  }
  return [...lines, '}', ''].join('\n')
}

/** Items by the open scopes and bodies that they stand in: each is a cluster, inner ones within outer ones. */
function itemLines(scene: Scene, items: readonly number[]): string[] {
  const { nesting } = scene
  const inside = new Map<number, string[]>()
  const into = (container: number): string[] => inside.get(container) ?? inside.set(container, []).get(container)!
  for (const item of items) into(nesting?.of[item] ?? -1).push(itemLine(scene, item))
  for (let container = (nesting?.nest.count ?? 0) - 1; container >= 0; container--) { // inner ones come after outer ones
    const own = inside.get(container)
    if (!own) continue
    const head = [`label=${quoted(clip(nesting!.nest.title(container).text, NAME))}`, CLUSTER]
    into(nesting!.nest.parent[container]!).push(`subgraph cluster_${container} {`, ...[...head, ...own].map((line) => `  ${line}`), '}')
  }
  return (inside.get(-1) ?? []).map((line) => `  ${line}`)
}

function itemLine(scene: Scene, item: number): string {
  const index = scene.index[item]
  const card = scene.cards[item]
  if (card.scope && scene.kind[item] === SCOPE) return `n${item} [label=${quoted([`${card.title} ${card.scope.times}`.trim(), ...card.scope.lines].join('\n'))} shape=folder style=filled fillcolor=white fontcolor="#1B1F26" color="#566072"]`
  if (scene.kind[item] !== NODE) return `n${item} [label=${quoted(card.title)} ${card.family < 0 ? 'shape=oval style=filled fillcolor="#EEF1F6" fontcolor="#1B1F26" color="#8A94A6"' : `fillcolor="${FAMILY_COLOURS[card.family]}"`}]`
  const name = clip(scene.document.nodeNameAt(index), NAME)
  const label = [scene.document.operatorAt(index).op_type, name].filter((part) => part !== '').join('\n')
  return `n${item} [label=${quoted(label)} fillcolor="${FAMILY_COLOURS[card.family] ?? FAMILY_COLOUR.arithmetic}"]`
}
