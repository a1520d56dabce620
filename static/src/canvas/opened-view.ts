/** Where the view goes so that a body that was opened is seen with its node: no farther than needed, and no smaller than can be read. */
import { isWithin, union, type Bounds, type PlacedScene } from '../scene/placed'
import { samePlace, type Camera, type Place } from './camera'
import { placeClearOf } from './clear-of'
import { BARS } from './opening'

const MARGIN = 40
/** types and attributes are still drawn */
const LEAST_READ = 0.55

/** What is open in place of these nodes, each with its node; null: nothing is. */
export function openedBox(placed: PlacedScene, nodes: readonly string[]): { all: Bounds; node: Bounds } | null {
  const { scene } = placed
  const nest = scene.nesting?.nest
  const item = nodes.length > 0 ? placed.itemOfNode(nodes[0]) : -1
  if (!nest || item < 0) return null
  const boxes: Bounds[] = []
  for (let container = 0; container < nest.count; container++) if (nest.body(container)?.node === scene.index[item]) boxes.push(placed.boxOfContainer(container))
  const node = placed.boxOf(item)
  return boxes.length > 0 ? { all: union([node, ...boxes])!, node } : null
}

/**
 * The nearest place from which all is seen; where it is too large, the node and as much as there is room for. A node that was out of sight, and what would lie
 * beneath the `covers` of the canvas (in its CSS pixels), comes as near to the middle as there is room. Null: all is seen already.
 */
export function placeToSee({ all, node }: { all: Bounds; node: Bounds }, camera: Camera, covers: readonly Bounds[]): Place | null {
  const width = Math.max(40, camera.width - 2 * MARGIN)
  const height = Math.max(40, camera.height - BARS - 2 * MARGIN)
  const fits = Math.min(width / (all.right - all.left), height / (all.bottom - all.top))
  const zoom = Math.min(camera.zoom, Math.max(LEAST_READ, fits))
  const x = shifted((camera.x - (node.left + node.right) / 2) * (camera.zoom / zoom) + (node.left + node.right) / 2 + MARGIN / zoom, width / zoom, all.left, all.right, node.left, node.right) - MARGIN / zoom
  const y = shifted((camera.y - node.top) * (camera.zoom / zoom) + node.top + MARGIN / zoom, height / zoom, all.top, all.bottom, node.top, node.bottom) - MARGIN / zoom
  const near = { x, y, zoom }
  if (isWithin(node, camera.view) && !isCovered(all, near, covers)) return samePlace(near, camera.place) ? null : near
  const clear = placeClearOf(covers, all, camera, zoom)
  return clear.zoom < Math.min(camera.zoom, LEAST_READ) ? near : clear
}

function isCovered({ left, top, right, bottom }: Bounds, { x, y, zoom }: Place, covers: readonly Bounds[]): boolean {
  return covers.some((box) => box.left < (right - x) * zoom && box.right > (left - x) * zoom && box.top < (bottom - y) * zoom && box.bottom > (top - y) * zoom)
}

/** Where a window of so much room begins, near `at`: around all of it, else around the node and what is on the side where more is. */
function shifted(at: number, room: number, from: number, to: number, first: number, last: number): number {
  if (to - from <= room) return Math.max(to - room, Math.min(at, from))
  const most = Math.min(first, to - room)
  const least = Math.max(last - room, from)
  return to - last >= first - from ? Math.max(most, least) : least
}
