/** Where an item stands, in words for a screen reader: what it takes from and leads to, whether it opens, what is wrong with it. */
import type { PlacedScene } from '../scene/placed'
import { NODE } from '../scene/scene'
import { clip, drawable } from '../scene/text'
import type { Badge } from './frame'

const NAMED = 4 // on each side
const NAME = 60

/** 'after Conv conv1 and 2 more, before Add add; Enter goes into it; has a warning' */
export function placeInWords(placed: PlacedScene, item: number, badges: readonly Badge[]): string {
  const { scene } = placed
  const before = listed(placed, Array.from(scene.incoming(item), (edge) => scene.source[edge]))
  const after = listed(placed, Array.from(scene.outgoing(item), (edge) => scene.target[edge]))
  const wires = [before && `after ${before}`, after && `before ${after}`].filter(Boolean).join(', ') || 'joined to nothing'
  const badge = badges.find((one) => one.item === item)
  const opens = scene.kind[item] === NODE && scene.document.opensAt(scene.index[item]) ? 'Enter goes into it' : ''
  return [wires, opens, badge && `has ${badge.count > 1 ? `${badge.count} findings, the worst of them ` : ''}${badge.severity === 'info' ? 'a note' : badge.severity === 'error' ? 'an error' : 'a warning'}`].filter(Boolean).join('; ')
}

/** 'from Conv conv1 to Relu relu1 and Add add' */
export function wireInWords(placed: PlacedScene, value: number): string {
  const { scene } = placed
  const [first, end] = scene.edgesOf(value)
  if (first === end) return ''
  return `from ${title(placed, scene.source[first])} to ${listed(placed, Array.from({ length: end - first }, (_, at) => scene.target[first + at]))}`
}

function listed(placed: PlacedScene, items: readonly number[]): string {
  const all = [...new Set(items)]
  const names = all.slice(0, NAMED).map((item) => title(placed, item))
  const more = all.length - names.length
  if (more > 0) names.push(`${more.toLocaleString('en')} more`)
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

function title({ scene }: PlacedScene, item: number): string {
  const index = scene.index[item]
  const name = scene.kind[item] === NODE ? [scene.document.operatorAt(index).op_type, scene.document.nodeNameAt(index)].filter(Boolean).join(' ') : scene.cards[item].title
  return clip(drawable(name), NAME)
}
