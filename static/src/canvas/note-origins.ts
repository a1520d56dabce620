/** What notes stand beside: they go along with the nearest node or scope, however the graph is laid out, and with the next when that goes. */
import type { LayoutResult } from '../layout/types'
import type { NoteSpot, NoteView } from '../protocol/types'
import { originOf } from '../scene/arrange'
import type { Bounds, PlacedScene } from '../scene/placed'
import { NODE, SCOPE, SCOPE_ID, type Scene } from '../scene/scene'
import type { Direction, Spot } from '../scene/flow'
import { freeGround, type Size } from './free-ground'
import type { NoteOrigins, NotePlace } from './note-layer'

/** between a note and what it is put beside */
export const NOTE_ASIDE = 24
/** which of the things around a note it remembers, from the nearest one: some are left when many go at once */
const REMEMBERED = [0, 1, 2, 4, 8, 16, 32, 64]
const LONGEST_ID = 1000
const EVERYWHERE: Bounds = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity }

export function noteOrigins(placed: PlacedScene): NoteOrigins {
  return {
    standing: (note) => standing(placed, note), turned: (note, size, notes) => turnedOver(placed, note, size, notes),
    measured: (at, about) => measured(placed, at, about), free: (at, size, notes, view) => freeGround(placed, at, size, notes, view),
  }
}

function standing(placed: PlacedScene, note: NoteView): ReturnType<NoteOrigins['standing']> {
  const own = placeOf(note, placed.scene.direction)
  const at = spotOf(placed, own ?? note)
  return own || at.gathered !== undefined ? at : { ...at, unknown: true }
}

/** Where it was put with the graph running this way; null: it was not yet. */
function placeOf(note: NoteView, direction: Direction): NoteSpot | null {
  return (note.direction ?? 'down') === direction ? note : note.turned ?? null
}

function spotOf(placed: PlacedScene, note: NoteSpot): Spot & { gathered?: number } {
  const { scene } = placed
  const scope = Object.entries(note.beside ?? {}).find(([id]) => id.startsWith(SCOPE_ID))
  const found = itemOf(placed, note)
  if (!found) {
    const origin = originOf(scene, placed.base)
    return { x: origin.x + note.x, y: origin.y + note.y }
  }
  const { item, x, y } = found
  const atScope = scope && besideScope(placed, item, scope)
  if (atScope) return atScope
  if (scene.kind[item] !== SCOPE) return { x: placed.x[item] + x, y: placed.y[item] + y }
  const card = placed.boxOf(item) // that has closed over the node
  return { x: card.right + NOTE_ASIDE, y: card.top, gathered: item }
}

/** The first of the things that it is beside which is there, and where it stands from that. */
function itemOf({ scene }: PlacedScene, { near, x, y, beside }: NoteSpot): { item: number; x: number; y: number } | null {
  for (const [id, [fromX, fromY]] of [[near ?? '', [x, y]] as const, ...Object.entries(beside ?? {})]) {
    const node = scene.document.nodeIndex(id)
    const item = node < 0 || scene.document.graphOfNode(node) !== scene.graph ? -1 : scene.itemShowing(node)
    if (item >= 0) return { item, x: fromX, y: fromY }
  }
  return null
}

const turnedOvers = new WeakMap<LayoutResult, Map<string, Spot>>()

/** Where a note stands that was put while the graph ran the other way: at the side of its node that this turns it to, on free ground. */
function turnedOver(placed: PlacedScene, note: NoteView, size: Size, notes: () => readonly Bounds[]): Spot {
  const known = turnedOvers.get(placed.base) ?? new Map<string, Spot>()
  turnedOvers.set(placed.base, known)
  const key = [note.id, note.x, note.y, note.near, size.width, size.height].join(' ')
  const at = known.get(key) ?? turnedOverNow(placed, note, size, notes())
  known.set(key, at)
  return at
}

function turnedOverNow(placed: PlacedScene, note: NoteView, size: Size, notes: readonly Bounds[]): Spot {
  const kept = spotOf(placed, note)
  const found = itemOf(placed, note)
  if (!found) return freeGround(placed, kept, size, notes, EVERYWHERE)
  const { left, top, right, bottom } = placed.boxOf(found.item)
  const [dx, dy] = [kept.x - left, kept.y - top]
  let at: Spot
  if (kept.x >= right) at = { x: left + dy, y: bottom + kept.x - right }
  else if (kept.x + size.width <= left) at = { x: left + dy, y: top - size.height - (left - kept.x - size.width) }
  else if (kept.y >= bottom) at = { x: right + kept.y - bottom, y: top + dx }
  else if (kept.y + size.height <= top) at = { x: left - size.width - (top - kept.y - size.height), y: top + dx }
  else return kept // it lies on its node, as somebody wanted it
  return freeGround(placed, at, size, notes, EVERYWHERE)
}

/** Beside the scope where it is closed, and where it is open on the same side of it; null: what the item shows is not in it. */
function besideScope(placed: PlacedScene, item: number, [id, [x, y]]: [string, [number, number]]): Spot | null {
  const { scene } = placed
  if (scene.kind[item] === SCOPE && scene.idOf(item) === id) return { x: placed.x[item] + x, y: placed.y[item] + y }
  if (!scene.nesting || !placed.nest) return null
  const { of, nest } = scene.nesting
  for (let container = of[item]; container >= 0; container = nest.parent[container]) {
    if (`${SCOPE_ID}${nest.path(container)}` !== id) continue
    const box = placed.boxOfContainer(container)
    return { x: x < 0 ? box.left + x : box.right + NOTE_ASIDE, y: box.top + y }
  }
  return null
}

/** `about`: the item that it is measured from, whichever is nearer. */
function measured(placed: PlacedScene, at: Spot, about = -1): NotePlace {
  const { scene } = placed
  const around = byDistance(placed, at)
  if (about >= 0 && isOwn(scene, about)) around.unshift(about)
  const places = new Map<string, [number, number]>()
  const put = (id: string, item: number): void => {
    if (places.size === 0 || (!places.has(id) && id.length <= LONGEST_ID)) places.set(id, [Math.round(at.x - placed.x[item]), Math.round(at.y - placed.y[item])])
  }
  for (const rank of REMEMBERED) {
    const item = around[rank]
    if (item === undefined) break
    const ids = scene.idsOf(item)
    if (ids.length === 0) continue
    put(ids[0]!, item)
    if (scene.kind[item] !== SCOPE) continue
    put(ids.at(-1)!, item)
    if (rank === 0) put(scene.idOf(item), item)
  }
  const [nearest, ...beside] = places
  if (!nearest) {
    const origin = originOf(scene, placed.base)
    return { x: Math.round(at.x - origin.x), y: Math.round(at.y - origin.y), direction: scene.direction }
  }
  const [near, [x, y]] = nearest
  return { x, y, near, beside: Object.fromEntries(beside), direction: scene.direction }
}

/** Nodes of this graph and its closed scopes, the nearest first. */
function byDistance(placed: PlacedScene, { x, y }: Spot): number[] {
  const { scene } = placed
  const found: [number, number][] = []
  for (let item = 0; item < scene.count; item++) {
    if (!isOwn(scene, item)) continue
    const box = placed.boxOf(item)
    found.push([Math.hypot(Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom)), item])
  }
  return found.sort((one, other) => one[0] - other[0]).map(([, item]) => item)
}

function isOwn(scene: Scene, item: number): boolean {
  return scene.kind[item] === SCOPE || (scene.kind[item] === NODE && scene.document.graphOfNode(scene.index[item]) === scene.graph)
}
