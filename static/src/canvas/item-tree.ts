/** What is on screen as a list for screen readers and tests: visually hidden, brought up to date when the picture rests. */
import type { Bounds, PlacedScene } from '../scene/placed'
import { CAPTURED, INPUT, LOOSE, NODE, OUTPUT, SCOPE, SCOPE_ID } from '../scene/scene'
import { clip, drawable, typeText } from '../scene/text'
import type { Camera } from './camera'
import type { Badge } from './frame'
import { placeInWords, wireInWords } from './neighbours'
import { itemBox } from './paint-marks'

const MOST_ENTRIES = 300
const REST_MS = 90
const LABEL_HEIGHT = 14
/** no label reaches farther from its wire */
const BESIDE = 240
let trees = 0

export interface TreeState {
  placed: PlacedScene
  camera: Camera
  selection: ReadonlySet<string>
  selectedItems: ReadonlySet<number>
  labels: boolean
  /** what keys act on, and the item where it is seen */
  current: readonly string[]
  badges: readonly Badge[]
}

interface Entry {
  id: string
  kind: 'node' | 'value' | 'scope'
  expanded?: boolean
  label: string
  about?: string
  /** from 1 among all items and wires of the graph */
  position?: number
  x: number
  y: number
  width: number
  height: number
  selected: boolean
}

export class ItemTree {
  readonly element: HTMLElement
  private timer = 0
  private latest = 0
  private readonly prefix = `scalpel-items-${++trees}`

  /** `read` gives what is to be listed when the time has come; null: nothing is shown */
  constructor(private readonly canvas: HTMLCanvasElement, private readonly read: () => TreeState | null) {
    this.element = document.createElement('ul')
    this.element.id = this.prefix
    this.element.setAttribute('role', 'tree')
    this.element.setAttribute('aria-label', 'Nodes and values in view')
    this.element.setAttribute('aria-multiselectable', 'true')
    Object.assign(this.element.style, { position: 'absolute', width: '1px', height: '1px', margin: '0', padding: '0', overflow: 'hidden', clipPath: 'inset(50%)', whiteSpace: 'nowrap', pointerEvents: 'none' })
    canvas.setAttribute('aria-owns', this.prefix)
  }

  /** The picture changed: lists it again once it rests, or at last after four rests; busy until then, as the places in it are old. */
  changed(): void {
    const now = performance.now()
    if (this.timer !== 0) {
      if (now - this.latest > REST_MS * 4) return
      clearTimeout(this.timer)
    } else {
      this.latest = now
      this.element.setAttribute('aria-busy', 'true')
    }
    this.timer = window.setTimeout(() => this.update(), REST_MS)
  }

  destroy(): void {
    clearTimeout(this.timer)
    this.element.remove()
  }

  private update(): void {
    this.timer = 0
    this.element.removeAttribute('aria-busy')
    const state = this.read()
    const entries = state ? listEntries(state) : []
    const total = state ? state.placed.scene.count + wireCount(state.placed) : 0
    const children = this.element.children
    while (children.length > entries.length) this.element.lastElementChild!.remove()
    const origin = this.canvas.getBoundingClientRect()
    let active = ''
    let best = Infinity
    entries.forEach((entry, i) => {
      let element = children[i] as HTMLElement | undefined
      if (!element) {
        element = document.createElement('li')
        element.setAttribute('role', 'treeitem')
        element.id = `${this.prefix}-${i}`
        this.element.append(element)
      }
      write(element, entry, origin, total)
      const at = state!.current.indexOf(entry.id)
      if (at >= 0 && at < best) {
        best = at
        active = element.id
      }
    })
    if (active) this.canvas.setAttribute('aria-activedescendant', active)
    else this.canvas.removeAttribute('aria-activedescendant')
  }
}

function write(element: HTMLElement, entry: Entry, origin: DOMRect, total: number): void {
  const set = (name: string, value: string | undefined): void => {
    if (value === undefined) element.removeAttribute(name)
    else if (element.getAttribute(name) !== value) element.setAttribute(name, value)
  }
  set('data-id', entry.id)
  set('data-kind', entry.kind)
  set('data-x', (entry.x + origin.left).toFixed(1))
  set('data-y', (entry.y + origin.top).toFixed(1))
  set('data-w', entry.width.toFixed(1))
  set('data-h', entry.height.toFixed(1))
  set('aria-label', entry.label)
  set('aria-selected', String(entry.selected))
  set('aria-expanded', entry.expanded === undefined ? undefined : String(entry.expanded))
  set('aria-description', entry.about)
  set('aria-level', '1')
  set('aria-posinset', entry.position === undefined ? undefined : String(entry.position))
  set('aria-setsize', entry.position === undefined ? undefined : String(total))
}

/** Each value that runs along wires counts once. */
function wireCount({ scene }: PlacedScene): number {
  let count = 0
  for (let edge = 0; edge < scene.edgeCount; edge++) if (edge === 0 || scene.value[edge] !== scene.value[edge - 1]) count++
  return count
}

/** Selected items first, then those in view; at most 300. */
function listEntries(state: TreeState): Entry[] {
  const { placed, camera, selection } = state
  const { scene } = placed
  const view = camera.view
  const entries: Entry[] = []
  const rest: Entry[] = []
  for (let item = 0; item < scene.count && rest.length < MOST_ENTRIES; item++) {
    if (placed.x[item] > view.right || placed.y[item] > view.bottom || placed.x[item] + scene.width[item] < view.left || placed.y[item] + scene.height[item] < view.top) continue
    const entry = itemEntry(state, item)
    ;(entry.selected ? entries : rest).push(entry)
  }
  for (const entry of titleEntries(state)) if (rest.length < MOST_ENTRIES) rest.push(entry)
  for (const id of selection) {
    const node = entries.length < MOST_ENTRIES ? scene.document.nodeIndex(id) : -1
    const item = node < 0 ? -1 : scene.itemOfNode(node)
    if (item >= 0 && !entries.some((entry) => entry.id === id)) entries.push(itemEntry(state, item))
  }
  for (let edge = 0; edge < scene.edgeCount && entries.length + rest.length < MOST_ENTRIES; edge++) {
    const first = edge === 0 || scene.value[edge] !== scene.value[edge - 1]
    const entry = first && isNear(placed.edgeBoxes, edge, view) ? edgeEntry(state, edge) : null
    if (entry) (entry.selected ? entries : rest).push(entry)
  }
  return entries.concat(rest).slice(0, MOST_ENTRIES)
}

/** Open scopes in view, by their titles. */
function titleEntries({ placed, camera }: TreeState): Entry[] {
  const nest = placed.scene.nesting?.nest
  const entries: Entry[] = []
  for (let container = 0; container < (nest?.count ?? 0); container++) {
    const box = placed.boxOfContainer(container)
    const x = camera.screenX(box.left)
    const y = camera.screenY(box.top)
    const width = (box.right - box.left) * camera.zoom
    if (x > camera.width || x + width < 0 || y > camera.height || y + 30 * camera.zoom < 0) continue
    const path = nest!.path(container)
    entries.push({ id: `${SCOPE_ID}${path}`, kind: 'scope', expanded: true, label: `scope ${clip(drawable(nest!.name(container)), 80)}, open`, selected: false, x, y, width, height: 30 * camera.zoom })
  }
  return entries
}

function itemEntry({ placed, camera, selection, selectedItems, badges }: TreeState, item: number): Entry {
  const id = placed.scene.idOf(item)
  const standing = { about: placeInWords(placed, item, badges), position: item + 1 }
  if (placed.scene.kind[item] === SCOPE) return { id, kind: 'scope', expanded: false, label: scopeLabel(placed, item), ...standing, selected: selectedItems.has(item), ...itemBox(placed, camera, item) }
  const isNode = placed.scene.kind[item] === NODE
  return { id, kind: isNode ? 'node' : 'value', label: itemLabel(placed, item), ...standing, selected: selection.has(id), ...itemBox(placed, camera, item) }
}

function scopeLabel({ scene }: PlacedScene, item: number): string {
  const { scope } = scene.cards[item]
  return [`scope ${clip(drawable(scene.shownPath(item)), 80)}`, scope!.times && `${scope!.times.slice(1)} times`, 'closed', ...scope!.lines].filter(Boolean).join(', ')
}

/** 'Add net/add, 2 inputs, 1 output' */
export function itemLabel({ scene }: PlacedScene, item: number): string {
  const index = scene.index[item]
  const { document } = scene
  if (scene.kind[item] === NODE) {
    const inputs = Array.from(document.inputsAt(index)).filter((value) => value >= 0).length
    const outputs = Array.from(document.outputsAt(index)).filter((value) => value >= 0).length
    const name = [document.operatorAt(index).op_type, clip(drawable(document.nodeNameAt(index)), 80)].filter(Boolean).join(' ')
    return `${name}, ${counted(inputs, 'input')}, ${counted(outputs, 'output')}`
  }
  const what = { [INPUT]: 'input', [OUTPUT]: 'output', [LOOSE]: 'value without a producer', [CAPTURED]: 'value from the outer graph' }[scene.kind[item] as 1 | 2 | 3 | 4]
  return `${what} ${valueLabel(scene, index)}`
}

function valueLabel({ document }: PlacedScene['scene'], value: number): string {
  const type = document.typeAt(value)
  const text = typeText(type.dtype, type.shape)
  return `${clip(drawable(document.valueNameAt(value)), 80)}${text ? `, ${text}` : ''}`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/** Whether the wire, with room for a label beside it, is anywhere near: a look at its box costs least. */
function isNear(boxes: Float32Array, edge: number, view: Bounds): boolean {
  return boxes[4 * edge] - BESIDE < view.right && boxes[4 * edge + 2] + BESIDE > view.left && boxes[4 * edge + 1] - BESIDE < view.bottom && boxes[4 * edge + 3] + BESIDE > view.top
}

/** A small box on the wire where a click takes it: over its label, else around the middle of its first piece. */
function edgeEntry({ placed, camera, selection, labels }: TreeState, edge: number): Entry | null {
  const { scene, labelX, labelY, pointStart, points } = placed
  const label = scene.labels[edge]
  let box: { x: number; y: number; width: number; height: number }
  if (labels && label && !Number.isNaN(labelX[edge])) {
    box = { x: camera.screenX(labelX[edge]), y: camera.screenY(labelY[edge]) - (LABEL_HEIGHT / 2) * camera.zoom, width: label.width * camera.zoom, height: LABEL_HEIGHT * camera.zoom }
  } else {
    const at = pointStart[edge] * 2
    if (pointStart[edge + 1] - pointStart[edge] < 2) return null
    box = { x: camera.screenX((points[at] + points[at + 2]) / 2) - 3, y: camera.screenY((points[at + 1] + points[at + 3]) / 2) - 3, width: 6, height: 6 }
  }
  const middleX = box.x + box.width / 2
  const middleY = box.y + box.height / 2
  if (middleX < 0 || middleY < 0 || middleX > camera.width || middleY > camera.height) return null
  const id = scene.document.valueIdAt(scene.value[edge])
  return { id, kind: 'value', label: `value ${valueLabel(scene, scene.value[edge])}`, about: wireInWords(placed, scene.value[edge]), selected: selection.has(id), ...box }
}
