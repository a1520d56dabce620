/** How the graph is cut into pages of paper: whole on one page where it can be read there, else in bands between its boxes; a strip that is long and thin, in rows or columns that fill the page. */
import type { PlacedScene } from '../scene/placed'

/** A part of the graph, in its units, and which of the rows and columns of parts it is, from 0. */
export interface Part { box: { x: number; y: number; width: number; height: number }; row: number; column: number }
/**
 * `scale`: points of paper per unit. `across`: the paper is wider than it is high. `perPage`: so many parts, which are strips
 * then, stand on a page, below each other when the graph runs to the right, else beside each other. `overview`: too small to be read.
 */
export interface Pages { parts: Part[]; perPage: number; rows: number; columns: number; scale: number; across: boolean; overview: boolean }

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
/** points between two strips on a page, and for the line of words above each */
const STRIP_GAP = 14
const STRIP_HEAD = 14
/** points across: its number */
const STRIP_LEAST = 16
/** points that are taken by what an overview says of itself */
const OVERVIEW_WORDS = 36
/** points per unit: dust */
const DUST = 1e-5
const SMALLER = 0.94
/** the last part of a page in which a place to cut is looked for, and how many places are */
const WINDOW = 0.35
const PLACES = 48

export function pagesOf(placed: PlacedScene, box: Part['box']): Pages {
  const upright = cutFor(placed, box, false)
  const across = cutFor(placed, box, true)
  if (Math.min(across.scale, upright.scale) >= LEAST_WHOLE && sheets(across) !== sheets(upright)) return sheets(across) < sheets(upright) ? across : upright
  return across.scale > upright.scale * 1.01 ? across : upright
}

function sheets({ parts, perPage }: Pages): number {
  return Math.ceil(parts.length / perPage)
}

function cutFor(placed: PlacedScene, box: Part['box'], across: boolean): Pages {
  const paper = across ? PAPER.across : PAPER.upright
  const whole = Math.min(MOST, paper.width / box.width, paper.height / box.height)
  const one: Pages = { parts: [{ box, row: 0, column: 0 }], perPage: 1, rows: 1, columns: 1, scale: whole, across, overview: false }
  if (whole >= LEAST_WHOLE) return one
  const spans = spansOf(placed)
  for (let scale = READ; scale >= LEAST; scale *= SMALLER) {
    const cut = cutAt(spans, box, paper, scale, MOST_PAGES)
    if (cut) return { ...cut, scale, across, overview: false }
  }
  const less = { width: paper.width, height: paper.height - OVERVIEW_WORDS }
  const least = Math.min(less.width / box.width, less.height / box.height)
  for (let scale = LEAST; scale > Math.max(least, DUST); scale *= SMALLER) {
    const cut = cutAt(spans, box, less, scale, 1)
    if (cut) return { ...cut, scale, across, overview: true }
  }
  return { ...one, scale: least, overview: true }
}

/** null: it takes more pages */
function cutAt([wide, high]: readonly [number[], number[]], box: Part['box'], paper: { width: number; height: number }, scale: number, most: number): Pick<Pages, 'parts' | 'perPage' | 'rows' | 'columns'> | null {
  const width = box.width * scale
  const height = box.height * scale
  const below = Math.floor((paper.height + STRIP_GAP) / (height + STRIP_HEAD + STRIP_GAP)) // as many strips, if it runs to the right
  const beside = Math.floor((paper.width + STRIP_GAP) / (Math.max(width, STRIP_LEAST) + STRIP_GAP))
  const [strips, room] = below > 1 ? [below, paper] : beside > 1 ? [beside, { width: paper.width, height: paper.height - STRIP_HEAD }] : [1, paper]
  if (Math.ceil((Math.ceil(width / room.width) * Math.ceil(height / room.height)) / strips) > most) return null
  const x = cuts(box.x, box.x + box.width, room.width / scale, wide)
  const y = cuts(box.y, box.y + box.height, room.height / scale, high)
  const columns = x.length - 1
  const rows = y.length - 1
  if (Math.ceil((columns * rows) / strips) > most) return null
  const parts = Array.from({ length: columns * rows }, (_, at): Part => {
    const row = Math.floor(at / columns)
    const column = at % columns
    return { box: { x: x[column]!, y: y[row]!, width: x[column + 1]! - x[column]!, height: y[row + 1]! - y[row]! }, row, column }
  })
  return { parts, perPage: strips, rows, columns }
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
