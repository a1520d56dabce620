/** What the reader does on the canvas, told as nodes and values: selecting, opening, walking along the wires. */
import type { Bounds, PlacedScene } from '../scene/placed'
import { NODE, SCOPE, type Scene } from '../scene/scene'
import type { Port } from '../scene/ports'
import { Connecting, type ConnectHost } from './connecting'
import type { Place } from './camera'
import { hitAt, itemsIn, type Hit } from './hit'
import { wireAt } from './wire-at'
import { isOpen } from './hidden'
import { firstInside } from './inside'
import type { Gestures } from './input'
import { detailAt } from './lod'
import { itemsFor, type MarkBook } from './marks'
import type { MoveHost, Moving } from './moving'
import { itemBox } from './paint-marks'
import type { Stage } from './stage'
import { rowAt } from './port-book'
import { placeToReveal } from './revealing'
import { stuckTitleAt } from './stuck-titles'
import { nearestItem, type Step, Walk, wayOf } from './walk'

interface Area { x: number; y: number; width: number; height: number }

/** What is under the pointer: a node, a value (its wire or pill), or neither. */
export interface CanvasTarget {
  node?: string
  value?: string
  empty?: true
  /** a scope: its path, the same for people, and whether it is open */
  scope?: { path: string; name: string; open: boolean }
  /** the node's body is open, and was pointed at */
  inside?: true
  /** the attribute that holds the body whose row was opened */
  body?: string
}

export interface PointingHost extends ConnectHost, MoveHost {
  onContextMenu(target: CanvasTarget, clientX: number, clientY: number): void
  /** double click, or Enter */
  onOpen(target: CanvasTarget): void
  onHover?(target: CanvasTarget | null): void
  /** in the graph's coordinates; null: the pointer left */
  onCursor?(at: [number, number] | null): void
  /** What lies over the canvas, such as bars and the map, in its CSS pixels. */
  covers?(): Bounds[]
}

/** The body whose row of the card lies at this height of the graph. */
function bodyAt(placed: PlacedScene, item: number, y: number, zoom: number): Pick<CanvasTarget, 'body'> {
  const row = detailAt(zoom).rows ? placed.scene.cards[item]!.rows[rowAt(placed, item, y)] : undefined
  return row?.opens ? { body: row.name } : {}
}

/** on screen: between the edge of the view and the scope that one went to */
const START_INSET = 48

export class Pointing {
  /** the port under the pointer */
  port: Port | null = null
  private readonly walking = new Walk()
  /** where the pointer rests, in canvas pixels; null: elsewhere, or it drags something */
  private at: { x: number; y: number } | null = null

  constructor(
    private readonly stage: Stage, private readonly marks: MarkBook, private readonly connecting: Connecting, private readonly moving: Moving, private readonly host: PointingHost,
    private readonly goTo: (place: Place) => void, private readonly portsChanged: () => void, private readonly fold: (path: string, open: boolean) => void, private readonly foldBody: (node: string, open: boolean) => void,
  ) {}

  gestures(): Gestures {
    return {
      pan: (dx, dy) => this.stage.moveView((camera) => camera.panBy(dx, dy)),
      zoom: (factor, x, y) => this.stage.moveView((camera, least) => camera.zoomAt(factor, x, y, least)),
      press: (x, y, toggle) => this.press(this.hit(x, y), toggle),
      open: (x, y, clientX, clientY) => this.open(x, y, clientX, clientY),
      menu: (x, y, clientX, clientY) => this.menu(this.hit(x, y), clientX, clientY),
      hover: (at) => this.hover(at),
      marquee: (area) => this.previewMarquee(area),
      marqueeEnd: (area, toggle) => this.selectIn(area, toggle),
      canGrab: (x, y) => (this.connecting.canGrab(x, y) ? 'wire' : this.moving.canGrab(x, y) ? 'node' : null),
      grab: (x, y) => { if (this.connecting.canGrab(x, y)) this.connecting.begin(x, y); else this.moving.begin(x, y); this.portsChanged() },
      pull: (x, y) => { if (this.moving.active) this.moving.move(x, y); else this.connecting.move(x, y); this.portsChanged() },
      letGo: (clientX, clientY) => { if (this.moving.active) this.moving.drop(); else this.connecting.drop(clientX, clientY); this.portsChanged() },
      giveUp: () => { if (this.moving.active) this.moving.cancel(); else this.connecting.cancel(); this.portsChanged() },
      menuOfSelected: () => this.menuOfSelected(),
    }
  }

  private hit(x: number, y: number): Hit {
    const { placed, camera } = this.stage
    const stuck = placed ? stuckTitleAt(placed, camera, x, y) : -1
    if (stuck >= 0) return { scope: stuck, stuck: true }
    return placed && hitAt(placed, camera.graphX(x), camera.graphY(y), camera.zoom, detailAt(camera.zoom).labels)
  }

  private target(hit: Hit): CanvasTarget {
    const scene = this.stage.placed?.scene
    if (!hit || !scene) return { empty: true }
    if ('edge' in hit) return { value: scene.document.valueIdAt(scene.value[hit.edge]) }
    if ('scope' in hit) return this.container(scene, hit.scope)
    if (scene.kind[hit.item] === SCOPE) return { scope: { path: scene.scopePath(hit.item), name: scene.shownPath(hit.item), open: false } }
    return scene.kind[hit.item] === NODE ? { node: scene.idOf(hit.item) } : { value: scene.idOf(hit.item) }
  }

  /** An open scope, or the node whose body is open. */
  private container({ nesting, document }: Scene, container: number): CanvasTarget {
    const { nest } = nesting!
    const body = nest.body(container)
    return body ? { node: document.nodeIdAt(body.node), inside: true } : { scope: { path: nest.path(container), name: nest.name(container), open: true } }
  }

  private press(hit: Hit, toggle: boolean): void {
    const target = this.target(hit)
    if (hit && 'stuck' in hit && hit.stuck) this.toStart(hit.scope)
    if (target.node !== undefined && hit && 'fold' in hit && hit.fold) {
      this.foldBody(target.node, !target.inside && !isOpen(this.stage.placed!.scene, this.stage.placed!.scene.document.nodeIndex(target.node)))
      return
    }
    if (target.scope) {
      if (hit && 'fold' in hit && hit.fold) this.fold(target.scope.path, !target.scope.open)
      else this.selectAll(this.idsOf(hit), toggle)
      return
    }
    const id = target.node ?? target.value
    if (id !== undefined) this.host.onSelect([id], toggle ? 'toggle' : 'replace')
    else if (!toggle) this.host.onSelect([], 'replace')
  }

  private menu(hit: Hit, clientX: number, clientY: number): void {
    const target = this.target(hit)
    const ids = target.scope ? this.idsOf(hit) : []
    if (!ids.every((id) => this.marks.selection.has(id))) this.host.onSelect(ids, 'replace')
    this.host.onContextMenu(target, clientX, clientY)
  }

  /** What is selected by a click on it. */
  private idsOf(hit: Hit): string[] {
    const scene = this.stage.placed?.scene
    if (!scene || !hit || 'edge' in hit) return []
    if ('item' in hit) return scene.idsOf(hit.item)
    const { nest } = scene.nesting!
    return nest.nodesOf(hit.scope).map((node) => scene.document.nodeIdAt(node))
  }

  /** With `toggle` they join the selection; when all of them are in it, they leave it. */
  private selectAll(ids: string[], toggle: boolean): void {
    const { selection } = this.marks
    if (!toggle) this.host.onSelect(ids, 'replace')
    else if (ids.every((id) => selection.has(id))) this.host.onSelect(ids, 'toggle')
    else this.host.onSelect(ids.filter((id) => !selection.has(id)), 'toggle')
  }

  /** A node is opened; on a wire, or on empty ground, the palette of operators is. */
  private open(x: number, y: number, clientX: number, clientY: number, toAdd = false): void {
    const { placed, camera } = this.stage
    const hit = this.hit(x, y)
    const at = { x: camera.graphX(x), y: camera.graphY(y) }
    const scope = hit && this.target(hit).scope
    if (hit && (('fold' in hit && hit.fold) || ('stuck' in hit && hit.stuck))) return // the click did it already
    if (scope && !toAdd) {
      if (!(hit && 'fold' in hit && hit.fold)) this.fold(scope.path, !scope.open) // a click on the sign did it already
    } else if (hit && 'item' in hit && !toAdd) this.host.onOpen({ ...this.target(hit), ...bodyAt(placed!, hit.item, at.y, camera.zoom) })
    else this.connecting.ask({ clientX, clientY, at, wire: hit && 'edge' in hit && placed ? wireAt(placed, hit.edge, at, camera.zoom) : null, from: null, to: null, pointed: true })
  }

  /** The palette at a place on screen; without one on the selected value, behind the selected node, or in the middle of what is in sight. */
  openPalette(client: { x: number; y: number } | null): void {
    const { placed, camera, canvas } = this.stage
    const origin = canvas.getBoundingClientRect()
    if (client) {
      this.open(client.x - origin.left, client.y - origin.top, client.x, client.y, true)
      return
    }
    const current = this.currentThing()
    const box = current && placed ? itemBox(placed, camera, current.item) : null
    const across = placed?.scene.direction === 'right'
    const x = box ? Math.max(0, Math.min(across ? box.x + box.width + 16 : box.x + box.width / 2, origin.width)) : origin.width / 2
    const y = box ? Math.max(0, Math.min(across ? box.y + box.height / 2 : box.y + box.height + 16, origin.height)) : origin.height / 2
    const scene = placed?.scene
    const isNode = current !== null && scene !== undefined && scene.document.nodeIndex(current.id) >= 0
    const from = isNode ? scene.document.node(current.id)?.outputs.find((id) => id !== '') ?? null : null
    const wire = current && !isNode ? { value: current.id, consumers: null } : null
    this.connecting.ask({ clientX: origin.left + x, clientY: origin.top + y, at: { x: camera.graphX(x), y: camera.graphY(y) }, wire, from, to: null, pointed: false })
  }

  /** Another scene stands under the pointer. */
  lookAgain(): void {
    if (this.port || this.at) this.point(this.at)
  }

  private hover(at: { x: number; y: number } | null): void {
    const { camera } = this.stage
    this.point(at)
    this.host.onCursor?.(at && [camera.graphX(at.x), camera.graphY(at.y)])
  }

  private point(at: { x: number; y: number } | null): void {
    const { placed, canvas } = this.stage
    this.at = at
    const port = at && this.connecting.portAt(at.x, at.y)
    if (port !== this.port) {
      this.port = port
      this.stage.invalidate()
    }
    const hit = port ? { item: port.item } : at && this.hit(at.x, at.y)
    const item = hit && 'item' in hit ? hit.item : -1
    const value = hit && 'edge' in hit && placed ? placed.scene.value[hit.edge] : -1
    const scope = hit && 'scope' in hit ? hit.scope : -1
    if (this.marks.setHover(item, value, scope)) {
      this.stage.invalidate()
      this.portsChanged()
      canvas.title = hit && 'scope' in hit ? placed!.scene.nesting!.nest.name(hit.scope) : (hit && this.target(hit).scope?.name) ?? ''
      this.host.onHover?.(hit ? this.target(hit) : null)
    }
    canvas.style.cursor = port ? 'crosshair' : hit ? 'pointer' : ''
  }

  private touched(area: Area): number[] {
    const { placed, camera } = this.stage
    if (!placed) return []
    return itemsIn(placed, { left: camera.graphX(area.x), top: camera.graphY(area.y), right: camera.graphX(area.x + area.width), bottom: camera.graphY(area.y + area.height) })
  }

  private previewMarquee(area: Area | null): void {
    this.stage.marquee = area
    this.marks.setPreview(area ? this.touched(area) : [])
    this.stage.invalidate()
  }

  /** What the rectangle touches joins the selection; with `toggle`, what was selected leaves it. */
  private selectIn(area: Area, toggle: boolean): void {
    const { placed } = this.stage
    if (!placed) return
    const ids = [...new Set(this.touched(area).flatMap((item) => placed.scene.idsOf(item)))]
    this.host.onSelect(toggle ? ids : [...new Set([...this.marks.selection, ...ids])], toggle ? 'toggle' : 'replace')
  }

  /** What keys act on: the last selected thing that is shown, and the item where it is seen. */
  private currentThing(): { id: string; item: number } | null {
    const { placed } = this.stage
    if (!placed) return null
    for (const id of [...this.marks.selection].reverse()) {
      const item = itemsFor(placed.scene, id).at(-1)
      if (item !== undefined) return { id, item }
    }
    return null
  }

  private currentItem(): number {
    return this.currentThing()?.item ?? -1
  }

  /** The ids of what keys act on and of the item where it is seen. */
  current(): string[] {
    const current = this.currentThing()
    return current ? [current.id, this.stage.placed!.scene.idOf(current.item)] : []
  }

  /** `extend`: what is selected stays so. */
  walk(step: Step, extend: boolean): void {
    const { placed } = this.stage
    if (!placed || placed.scene.count === 0) return
    const to = this.nextItem(placed, step)
    if (to < 0) return
    const ids = placed.scene.idsOf(to)
    const own = new Set(ids)
    this.host.onSelect(extend ? [...[...this.marks.selection].filter((one) => !own.has(one)), ...ids] : ids, 'replace')
    this.reveal(to)
  }

  private nextItem(placed: PlacedScene, step: Step): number {
    const { camera } = this.stage
    const from = this.currentThing()
    if (!from) return nearestItem(placed, camera.graphX(camera.width / 2), camera.graphY(camera.height / 2))
    const { scene } = placed
    const way = wayOf(placed, step)
    const value = way !== null && scene.idOf(from.item) !== from.id ? scene.document.valueIndex(from.id) : -1
    if (way !== null && value >= 0 && scene.edgesOf(value)[1] > 0) return this.walking.stepFromWire(placed, value, way)
    return this.walking.step(placed, from.item, step)
  }

  private reveal(item: number): void {
    const { placed, camera } = this.stage
    const place = placeToReveal(placed!, camera, item, this.host.covers?.() ?? [])
    if (place) this.goTo(place)
  }

  /** Moves the view to the upper end of an open scope. */
  toStart(container: number): void {
    const { placed, camera } = this.stage
    const { left, right, top } = placed!.boxOfContainer(container)
    const fits = (right - left) * camera.zoom <= camera.width - 2 * START_INSET
    this.goTo({ x: fits ? (left + right - camera.width / camera.zoom) / 2 : left - START_INSET / camera.zoom, y: top - START_INSET / camera.zoom, zoom: camera.zoom })
  }

  private selectedTarget(): CanvasTarget | null {
    const current = this.currentThing()
    if (!current) return null
    const { scene } = this.stage.placed!
    if (scene.kind[current.item] === SCOPE) return { scope: { path: scene.scopePath(current.item), name: scene.shownPath(current.item), open: false } }
    return this.stage.placed!.scene.document.nodeIndex(current.id) < 0 ? { value: current.id } : { node: current.id }
  }

  /** Into what is open in place of the node, else the host is told. */
  openSelected(): void {
    const target = this.selectedTarget()
    const inside = target?.node === undefined ? -1 : firstInside(this.stage.placed!.scene, this.currentItem())
    if (inside >= 0) {
      this.host.onSelect(this.stage.placed!.scene.idsOf(inside), 'replace')
      this.reveal(inside)
    } else if (target?.scope) this.fold(target.scope.path, true)
    else if (target) this.host.onOpen(target)
  }

  /** The menu of what is selected, beside it; the ground's when nothing is. */
  menuOfSelected(): void {
    const item = this.currentItem()
    const origin = this.stage.canvas.getBoundingClientRect()
    if (item < 0) {
      this.host.onContextMenu({ empty: true }, origin.left + origin.width / 2, origin.top + origin.height / 2)
      return
    }
    const box = itemBox(this.stage.placed!, this.stage.camera, item)
    const inside = (at: number, room: number): number => Math.max(0, Math.min(at, room))
    this.host.onContextMenu(this.selectedTarget()!, origin.left + inside(box.x + box.width, origin.width), origin.top + inside(box.y, origin.height))
  }
}
