/** A piece of a graph as a whole, and where the pieces go. */
import type { Outline } from './outline'
import type { Shape } from './shape'

export interface Box {
  left: number
  top: number
  right: number
  bottom: number
  /** for a piece that continues an earlier layout: where it began then; it keeps its x */
  keptAt: number | null
  /** what it is like at each height; worked out when asked for */
  outline(): Outline
  /** what it covers exactly; worked out when asked for */
  shape(): Shape
}

export interface Places {
  /** shift of each piece */
  dx: Float64Array
  dy: Float64Array
  lonelyX: Float64Array
  lonelyY: Float64Array
  bounds: { left: number; top: number; right: number; bottom: number }
}
