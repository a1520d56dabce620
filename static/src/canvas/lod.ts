/** What is worth drawing at which zoom. */

export interface Detail {
  /** far out: cached pictures instead of shapes */
  tiles: boolean
  curves: boolean
  names: boolean
  arrows: boolean
  /** cards with their rows; below this a node is one block of colour with a larger name */
  rows: boolean
  labels: boolean
}

export const TILES_BELOW = 0.2
const CURVES_FROM = 0.15
const NAMES_FROM = 0.22
const ARROWS_FROM = 0.3
const ROWS_FROM = 0.45
const LABELS_FROM = 0.55
/** names of open scopes; below, only their grounds are drawn */
export const TITLES_FROM = 0.3

export function detailAt(zoom: number): Detail {
  return {
    tiles: zoom < TILES_BELOW,
    curves: zoom >= CURVES_FROM,
    names: zoom >= NAMES_FROM,
    arrows: zoom >= ARROWS_FROM,
    rows: zoom >= ROWS_FROM,
    labels: zoom >= LABELS_FROM,
  }
}

/** How thick a wire is on screen, in CSS pixels: thinner far out, never a bar close up. */
export function wireWidth(zoom: number): number {
  return Math.min(2, Math.max(0.6, 1.25 * Math.sqrt(zoom)))
}
