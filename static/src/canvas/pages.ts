/** How the graph is cut into pages of paper: whole on one page where it can be read there, else in bands between its boxes. */
import type { PlacedScene } from '../scene/placed'

/** A part of the graph, in its units, and which of the rows and columns of pages it is, from 0. */
export interface Page { box: { x: number; y: number; width: number; height: number }; row: number; column: number }
/** `scale`: points of paper per unit. `across`: the paper is wider than it is high. */
export interface Pages { pages: Page[]; rows: number; columns: number; scale: number; across: boolean }

/** Points that are free on A4 and on Letter alike, within margins and below the head. */
const PAPER = { upright: { width: 538, height: 690 }, across: { width: 730, height: 496 } }
/** text on cards is 11 units high */
const TEXT = 11
const READ = 6.5 / TEXT
const LEAST_WHOLE = 6 / TEXT
/** with a magnifying glass; below, nobody reads it on any number of pages */
const LEAST = 3 / TEXT
/** points per unit: a small graph is not blown up */
const MOST = 0.9
const MOST_PAGES = 16
const SMALLER = 0.94
/** the last part of a page in which a place to cut is looked for, and how many places are */
const WINDOW = 0.35
const PLACES = 48

export function pagesOf(placed: PlacedScene, box: Page['box']): Pages {
  const upright = cutFor(placed, box, false)
  const across = cutFor(placed, box, true)
  if (Math.min(across.scale, upright.scale) >= LEAST_WHOLE && across.pages.length !== upright.pages.length) return across.pages.length < upright.pages.length ? across : upright
  return across.scale > upright.scale * 1.01 ? across : upright
}

function cutFor(placed: PlacedScene, box: Page['box'], across: boolean): Pages {
  const paper = across ? PAPER.across : PAPER.upright
  const whole = Math.min(MOST, paper.width / box.width, paper.height / box.height)
  if (whole < LEAST_WHOLE) {
    const [wide, high] = spansOf(placed)
    for (let scale = READ; scale >= LEAST; scale *= SMALLER) {
      if (Math.ceil((box.width * scale) / paper.width) * Math.ceil((box.height * scale) / paper.height) > MOST_PAGES) continue
      const x = cuts(box.x, box.x + box.width, paper.width / scale, wide)
      const y = cuts(box.y, box.y + box.height, paper.height / scale, high)
      const columns = x.length - 1
      const rows = y.length - 1
      if (columns * rows > MOST_PAGES) continue
      const pages = Array.from({ length: columns * rows }, (_, at): Page => {
        const row = Math.floor(at / columns)
        const column = at % columns
        return { box: { x: x[column]!, y: y[row]!, width: x[column + 1]! - x[column]!, height: y[row + 1]! - y[row]! }, row, column }
      })
      return { pages, rows, columns, scale, across }
    }
  }
  return { pages: [{ box, row: 0, column: 0 }], rows: 1, columns: 1, scale: whole, across }
}

/** From where to where boxes and labels reach, across and down: pairs. */
function spansOf({ scene, x, y, labelX, labelY }: PlacedScene): [number[], number[]] {
  const wide: number[] = []
  const high: number[] = []
  for (let item = 0; item < scene.count; item++) {
    wide.push(x[item], x[item] + scene.width[item])
    high.push(y[item], y[item] + scene.height[item])
  }
  for (let edge = 0; edge < scene.edgeCount; edge++) {
    const label = scene.labels[edge]
    if (!label || Number.isNaN(labelX[edge])) continue
    wide.push(labelX[edge], labelX[edge] + label.width)
    high.push(labelY[edge] - TEXT / 2, labelY[edge] + TEXT / 2)
  }
  return [wide, high]
}

/** Where bands of at most this size begin and end: each as large as may be, but rather a bit smaller than through a box. */
function cuts(from: number, to: number, size: number, spans: readonly number[]): number[] {
  const found = [from]
  for (let at = from; to - at > size * 1.0001; found.push(at)) {
    let best = at + size
    let fewest = Infinity
    for (let place = 0; place <= PLACES && fewest > 0; place++) {
      const cut = at + size * (1 - (WINDOW * place) / PLACES)
      let through = 0
      for (let i = 0; i < spans.length; i += 2) if (spans[i]! < cut && spans[i + 1]! > cut) through++
      if (through >= fewest) continue
      fewest = through
      best = cut
    }
    at = best
  }
  found.push(to)
  return found
}
