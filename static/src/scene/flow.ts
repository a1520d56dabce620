/** Which way a graph runs: down the page, or across it to the right. What goes along and across the flow is x and y, or the other way round. */
import type { LayoutInput } from '../layout/types'

export type Direction = LayoutInput['direction']

export interface Spot { x: number; y: number }

/** A place by how far it is across and along the flow. */
export function spotIn(direction: Direction, across: number, along: number): Spot {
  return direction === 'right' ? { x: along, y: across } : { x: across, y: along }
}
