/** Which part of the graph is on screen, and how it moves there. */
import type { Bounds } from '../scene/placed'

/** all of a chain of a hundred thousand nodes is seen with it */
export const LEAST_ZOOM = 0.00005
export const MOST_ZOOM = 4
const GLIDE_MS = 160
/** on screen: so much of the graph stays in view */
const HELD = 48

export interface Place { x: number; y: number; zoom: number }

export function samePlace(one: Place, other: Place): boolean {
  return one.x === other.x && one.y === other.y && one.zoom === other.zoom
}

/** x, y: the graph's coordinates at the canvas's left upper corner. */
export class Camera {
  x = 0
  y = 0
  zoom = 1
  /** of the canvas, in CSS pixels */
  width = 1
  height = 1
  private glide: { from: Place; to: Place; start: number } | null = null

  get place(): Place {
    return { x: this.x, y: this.y, zoom: this.zoom }
  }

  get view(): Bounds {
    return { left: this.x, top: this.y, right: this.x + this.width / this.zoom, bottom: this.y + this.height / this.zoom }
  }

  screenX(x: number): number {
    return (x - this.x) * this.zoom
  }

  screenY(y: number): number {
    return (y - this.y) * this.zoom
  }

  graphX(x: number): number {
    return this.x + x / this.zoom
  }

  graphY(y: number): number {
    return this.y + y / this.zoom
  }

  panBy(dx: number, dy: number): void {
    this.glide = null
    this.x -= dx / this.zoom
    this.y -= dy / this.zoom
  }

  /** What is under the point (in canvas pixels) stays there. `least`: no farther out than this, or than it is. */
  zoomAt(factor: number, x: number, y: number, least = LEAST_ZOOM): void {
    this.glide = null
    const zoom = clampZoom(Math.max(this.zoom * factor, Math.min(least, this.zoom)))
    this.x += x / this.zoom - x / zoom
    this.y += y / this.zoom - y / zoom
    this.zoom = zoom
  }

  /** Goes back so far that some of the bounds, or all where they are small, is in view. */
  hold(bounds: Bounds): void {
    const start = (from: number, span: number, least: number, most: number): number => {
      const held = Math.min(HELD / this.zoom, most - least)
      return Math.max(least + held - span, Math.min(from, most - held))
    }
    this.x = start(this.x, this.width / this.zoom, bounds.left, bounds.right)
    this.y = start(this.y, this.height / this.zoom, bounds.top, bounds.bottom)
  }

  jump(place: Place): void {
    this.glide = null
    this.set(place)
  }

  /** Moves there within 160 ms. */
  glideTo(place: Place, now: number): void {
    this.glide = { from: this.place, to: place, start: now }
  }

  /** Moves what is under way; true while there is more to come. */
  step(now: number): boolean {
    if (!this.glide) return false
    const { from, to, start } = this.glide
    const t = Math.min(1, Math.max(0, (now - start) / GLIDE_MS))
    const eased = 1 - (1 - t) ** 3
    const zoom = from.zoom * (to.zoom / from.zoom) ** eased
    // where the middle of the screen is in the graph, so that zoom and place arrive together
    const middle = (place: Place, size: number, at: number): number => at + size / 2 / place.zoom
    const x = middle(from, this.width, from.x) + (middle(to, this.width, to.x) - middle(from, this.width, from.x)) * eased
    const y = middle(from, this.height, from.y) + (middle(to, this.height, to.y) - middle(from, this.height, from.y)) * eased
    this.set({ x: x - this.width / 2 / zoom, y: y - this.height / 2 / zoom, zoom })
    if (t >= 1) {
      this.set(to)
      this.glide = null
    }
    return this.glide !== null
  }

  /** The place where all of the bounds is seen. `below`: what bars cover at the lower edge. */
  fitting(bounds: Bounds, padding: number, most: number, below = 0): Place {
    const width = Math.max(1, bounds.right - bounds.left)
    const height = Math.max(1, bounds.bottom - bounds.top)
    const room = (size: number): number => Math.max(40, size - 2 * padding)
    const zoom = clampZoom(Math.min(most, room(this.width) / width, room(this.height - below) / height))
    return this.centred((bounds.left + bounds.right) / 2, (bounds.top + bounds.bottom) / 2 + below / 2 / zoom, zoom)
  }

  centred(x: number, y: number, zoom: number): Place {
    return { x: x - this.width / 2 / zoom, y: y - this.height / 2 / zoom, zoom }
  }

  private set(place: Place): void {
    this.x = place.x
    this.y = place.y
    this.zoom = place.zoom
  }
}

export function clampZoom(zoom: number): number {
  return Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, zoom))
}
