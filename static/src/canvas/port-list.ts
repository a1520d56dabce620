/** The ports that are shown, as a list for screen readers and tests: visually hidden, brought up to date when the picture rests. */
import type { Port } from '../scene/ports'
import { clip, drawable } from '../scene/text'
import type { Connecting } from './connecting'
import type { MarkBook } from './marks'
import { itemsInView, itemsWithPorts, portPlace, PORTS_FROM } from './port-book'
import type { Stage } from './stage'

const MOST_PORTS = 200
const REST_MS = 60

export class PortList {
  readonly element = document.createElement('ul')
  private timer = 0

  constructor(private readonly stage: Stage, private readonly marks: MarkBook, private readonly connecting: Connecting) {
    this.element.setAttribute('aria-label', 'Slots of the node that is pointed at')
    Object.assign(this.element.style, { position: 'absolute', width: '1px', height: '1px', margin: '0', padding: '0', overflow: 'hidden', clipPath: 'inset(50%)', whiteSpace: 'nowrap', pointerEvents: 'none' })
  }

  changed(): void {
    if (this.timer === 0) this.timer = window.setTimeout(() => this.update(), REST_MS)
  }

  destroy(): void {
    clearTimeout(this.timer)
    this.element.remove()
  }

  private update(): void {
    this.timer = 0
    const ports = this.shown()
    const { children } = this.element
    while (children.length > ports.length) this.element.lastElementChild!.remove()
    if (ports.length === 0) return
    const origin = this.stage.canvas.getBoundingClientRect()
    ports.forEach((port, i) => {
      const entry = (children[i] as HTMLElement | undefined) ?? this.element.appendChild(document.createElement('li'))
      this.write(entry, port, origin)
    })
  }

  private shown(): Port[] {
    const { placed, camera } = this.stage
    if (!placed || camera.zoom < PORTS_FROM) return []
    const items = new Set<number>()
    if (this.connecting.current) itemsInView(placed, camera, items)
    else for (const item of itemsWithPorts(placed, camera, this.marks.of(placed))) items.add(item)
    const { left, top, right, bottom } = camera.view
    return [...items].slice(0, MOST_PORTS).flatMap((item) => this.connecting.book.of(placed.scene, item)).filter((port) => {
      const { x, y } = portPlace(placed, port)
      return x >= left && x <= right && y >= top && y <= bottom
    }).slice(0, MOST_PORTS)
  }

  private write(entry: HTMLElement, port: Port, origin: DOMRect): void {
    const { camera } = this.stage
    const placed = this.stage.placed!
    const { scene } = placed
    const set = (name: string, value: string): void => { if (entry.getAttribute(name) !== value) entry.setAttribute(name, value) }
    const place = portPlace(placed, port)
    const { current } = this.connecting
    set('data-port', `${scene.idOf(port.item)}:${port.slot}:${port.side}`)
    set('data-x', (camera.screenX(place.x) + origin.left).toFixed(1))
    set('data-y', (camera.screenY(place.y) + origin.top).toFixed(1))
    set('data-filling', port.filling)
    set('data-fits', current ? String(current.fitting.fits(port)) : '')
    const held = port.value < 0 ? 'empty' : clip(drawable(scene.document.valueNameAt(port.value)), 80)
    const side = port.side === 'in' ? 'input' : 'output'
    set('aria-label', `${port.name.startsWith(side) ? port.name : `${side} ${port.name}`} of ${scene.cards[port.item].title}: ${held}`)
  }
}
