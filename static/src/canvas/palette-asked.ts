/** What the canvas asks the palette of operators for: what shall stand there, and joined to what. */

export interface SlotOfNode { node: string; slot: number }

export interface PaletteAsked {
  /** on screen */
  clientX: number
  clientY: number
  /** in the graph's coordinates */
  at: { x: number; y: number }
  /** the wire that was pointed at, and those who read through it; null: all of its readers */
  wire: { value: string; consumers: (string | SlotOfNode)[] | null } | null
  /** the value that the new node shall take */
  from: string | null
  /** the input that shall take what the new node makes */
  to: SlotOfNode | null
  /** a hand chose the place: it counts, also where it lies in another graph */
  pointed: boolean
}
