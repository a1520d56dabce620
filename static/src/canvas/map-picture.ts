/** The whole graph as a small picture: where it goes in a box, and its pixels, written box by box from the typed arrays. */
import type { PlacedScene } from '../scene/placed'
import type { Theme } from '../theme'

/** From the graph's coordinates to pixels of the map. Tall graphs are squeezed, so that their columns are still told apart. */
export interface MapScale { x: number; y: number; left: number; top: number }

const PADDING = 10
/** a small graph is not blown up */
const MOST = 0.12
/** as long as there is room, a node is this much of itself across, however tall the graph is */
const ACROSS = 0.1

export function mapScale({ bounds }: PlacedScene, width: number, height: number): MapScale {
  const across = Math.max(1, bounds.right - bounds.left)
  const down = Math.max(1, bounds.bottom - bounds.top)
  const fitX = (width - 2 * PADDING) / across
  const fitY = (height - 2 * PADDING) / down
  const whole = Math.min(fitX, fitY, MOST)
  const x = Math.min(fitX, Math.max(whole, ACROSS))
  const y = Math.min(fitY, Math.max(whole, ACROSS))
  return { x, y, left: width / 2 - (x * (bounds.left + bounds.right)) / 2, top: height / 2 - (y * (bounds.top + bounds.bottom)) / 2 }
}

/** Fills the pixels (RGBA, so many wide and high) of a map that is `ratio` device pixels to the CSS pixel. */
export function paintMap(pixels: Uint32Array, width: number, height: number, placed: PlacedScene, scale: MapScale, ratio: number, theme: Theme): void {
  pixels.fill(0)
  const { scene, x, y } = placed
  const colours = theme.specks.map(pixelOf)
  const pill = pixelOf(theme.pillLine)
  const least = Math.max(1, Math.round(ratio))
  paintScopes(pixels, width, height, placed, scale, ratio, theme)
  for (let item = 0; item < scene.count; item++) {
    const family = scene.cards[item].family
    const main = scene.cards[item].scope?.shares[0]?.family ?? family
    const colour = main < 0 ? pill : colours[main]
    const left = Math.floor((scale.left + x[item] * scale.x) * ratio) | 0 // as an integer it is no object
    const top = Math.floor((scale.top + y[item] * scale.y) * ratio) | 0
    const right = Math.min(width, Math.max(left + 2 * least, Math.round((scale.left + (x[item] + scene.width[item]) * scale.x) * ratio) | 0))
    const bottom = Math.min(height, Math.max(top + least, Math.round((scale.top + (y[item] + scene.height[item]) * scale.y) * ratio) | 0))
    for (let row = Math.max(0, top); row < bottom; row++) pixels.fill(colour, row * width + Math.max(0, left), row * width + right)
  }
}

/** Grounds of the outermost open scopes. */
function paintScopes(pixels: Uint32Array, width: number, height: number, placed: PlacedScene, scale: MapScale, ratio: number, theme: Theme): void {
  const nest = placed.scene.nesting?.nest
  const colour = pixelOf(theme.scopeLine)
  for (let container = 0; container < (nest?.count ?? 0); container++) {
    if (nest!.depth[container] > 0) continue
    const box = placed.boxOfContainer(container)
    const left = Math.max(0, Math.floor((scale.left + box.left * scale.x) * ratio))
    const right = Math.min(width, Math.ceil((scale.left + box.right * scale.x) * ratio))
    const bottom = Math.min(height, Math.ceil((scale.top + box.bottom * scale.y) * ratio))
    for (let row = Math.max(0, Math.floor((scale.top + box.top * scale.y) * ratio)); row < bottom; row++) pixels.fill(colour, row * width + left, row * width + right)
  }
}

/** '#2F5D9B' as one opaque pixel, in the byte order of an ImageData on a little-endian machine. A small negative number: it is no object. */
function pixelOf(colour: string): number {
  const rgb = parseInt(colour.slice(1), 16)
  return (255 << 24) | ((rgb & 255) << 16) | (rgb & 0xff00) | (rgb >> 16)
}
