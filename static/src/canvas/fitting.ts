/** Where a dragged end of a wire may go: decided cheaply here so that slots light up; the server is the judge. */
import type { PlacedScene } from '../scene/placed'
import { accepts, type Port } from '../scene/ports'
import { reach } from '../scene/reach'
import { NODE } from '../scene/scene'
import { shortDtype } from '../scene/text'

/** The end that is in the hand: a value on its way to an input, an input on its way to a value, or all that read a value. */
export interface LooseEnd {
  /** the value that is carried; -1: an empty input looks for one */
  value: number
  /** where the value comes from: its node or pill; -1 for an initializer */
  origin: number
  /** the input that is in the hand, empty or with its wire; null: a value is */
  input: Port | null
  /** the fixed end, in the graph's coordinates, and which way its wire leaves */
  at: { x: number; y: number; side: 'in' | 'out' | 'row' }
  /** several wires of one value that look for another source; `consumers` null: all of its readers */
  uses?: { value: number; consumers: (string | { node: string; slot: number })[] | null; items: readonly number[]; ends: readonly { x: number; y: number; side: 'in' }[] }
}

/** Whether it goes to an output. */
export function seeksOutput({ input, value, uses }: LooseEnd): boolean {
  return uses !== undefined || (input !== null && value < 0)
}

/** '' when it fits, else why not in a few words. */
export class Fitting {
  private readonly makers: Uint8Array | null
  private readonly takers: Uint8Array | null

  constructor(private readonly placed: PlacedScene, private readonly end: LooseEnd) {
    const { scene } = placed
    // a value may not go to anything that it is computed from, an input not to anything computed from its node
    this.makers = end.value >= 0 && end.origin >= 0 ? reach(scene, end.origin, 'up') : null
    const readers = end.uses?.items ?? (end.input ? [end.input.item] : [])
    this.takers = readers.length > 0 ? behind(scene, readers) : null
  }

  refusal(port: Port): string {
    return port.side === 'in' ? this.refusalOfInput(port) : this.refusalOfOutput(port)
  }

  fits(port: Port): boolean {
    return this.refusal(port) === ''
  }

  private refusalOfInput(port: Port): string {
    const { value, input } = this.end
    if (this.end.uses) return 'these wires need an output'
    if (value < 0) return 'an input needs an output'
    if (input && port.item === input.item && port.slot === input.slot) return 'already there'
    if (port.value === value) return 'already there'
    if (this.makers?.[port.item]) return 'would make a cycle'
    return this.refusedType(port, value)
  }

  private refusalOfOutput(port: Port): string {
    const { input, value, uses } = this.end
    if (uses) return this.refusalOfSource(port, uses.value)
    if (!input) return 'an output needs an input'
    if (port.value === value) return 'already there'
    if (this.takers![port.item]) return 'would make a cycle'
    return this.refusedType(input, port.value)
  }

  private refusalOfSource(port: Port, value: number): string {
    if (port.value === value) return 'already there'
    if (this.takers![port.item]) return 'would make a cycle'
    const { document } = this.placed.scene
    const was = document.typeAt(value).dtype
    const now = document.typeAt(port.value).dtype
    return was === '' || now === '' || was === now ? '' : `must be ${shortDtype(was)}`
  }

  private refusedType(input: Port, value: number): string {
    const { dtype } = this.placed.scene.document.typeAt(value)
    if (!accepts(input.types, dtype)) return `${input.name} takes no ${shortDtype(dtype)}`
    return input.alike === '' || dtype === '' || input.alike === dtype ? '' : `${input.name} must be ${shortDtype(input.alike)}`
  }
}

/** What is computed from any of these items; closed scopes among them are the server's to judge. */
function behind(scene: PlacedScene['scene'], items: readonly number[]): Uint8Array {
  const found = new Uint8Array(scene.count)
  for (const item of items.filter((one) => scene.kind[one] === NODE)) reach(scene, item, 'down').forEach((is, at) => { if (is) found[at] = 1 })
  return found
}
