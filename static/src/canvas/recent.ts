/** The last pictures of a document's smaller graphs, and from where they were looked at: what is undone, or done again, looks exactly as it did. */
import type { PlacedScene } from '../scene/placed'
import type { Scene } from '../scene/scene'
import { samePlace, type Camera, type Place } from './camera'

const MOST_PICTURES = 24
/** boxes and wires: of larger graphs none is kept, they take too much memory */
const MOST_THINGS = 5000

export class Recent {
  /** the newest first; none is provisional */
  pictures: PlacedScene[] = []
  /** from where a picture was looked at when the next one came */
  private readonly left = new WeakMap<PlacedScene, Place>()
  /** from where the newest one was looked at first */
  private arrived: Place | null = null

  constructor(private readonly camera: Camera) {}

  add(placed: PlacedScene): void {
    const others = this.pictures.filter(({ base, scene }) => base !== placed.base && scene.document === placed.scene.document)
    this.pictures = [...(placed.scene.count + placed.scene.edgeCount < MOST_THINGS ? [placed] : []), ...others].slice(0, MOST_PICTURES)
  }

  /** The newest one that shows the same boxes and wires. */
  find(scene: Scene): PlacedScene | undefined {
    return this.pictures.find((one) => scene.fits(one.scene))
  }

  /** The view goes from one to the next. */
  leave(placed: PlacedScene): void {
    this.left.set(placed, this.camera.place)
  }

  arrive(): void {
    this.arrived = this.camera.place
  }

  /** Where the view was when the picture was left, if the reader has not moved since the newest one came. */
  placeOf(placed: PlacedScene): Place | null {
    const { place } = this.camera
    const left = this.arrived && samePlace(this.arrived, place) ? this.left.get(placed) : undefined
    return left?.zoom === place.zoom ? left : null
  }

  clear(): void {
    this.pictures = []
  }
}
