/** Who makes and who takes each value: indexes built once from the columns, then kept up to date edit by edit. */

/** A slot of a node, by index. */
export interface Use { node: number; slot: number }

/** Node inputs or outputs as one flat list: node n has items[start[n] .. start[n + 1]). */
export interface Flat { start: Uint32Array; items: Int32Array }

export class Links {
  private readonly producerNode: Int32Array
  private readonly producerSlot: Uint32Array
  private readonly useStart: Uint32Array
  private readonly useNode: Uint32Array
  private readonly useSlot: Uint32Array
  private readonly newProducers = new Map<number, Use | null>()
  private readonly newUses = new Map<number, Use[]>()
  private readonly baseValues: number

  constructor(nodes: number, values: number, inputs: Flat, outputs: Flat) {
    this.baseValues = values
    this.producerNode = new Int32Array(values).fill(-1)
    this.producerSlot = new Uint32Array(values)
    for (let node = nodes - 1; node >= 0; node--) {
      for (let i = outputs.start[node + 1] - 1; i >= outputs.start[node]; i--) {
        const value = outputs.items[i]
        if (value < 0) continue
        this.producerNode[value] = node
        this.producerSlot[value] = i - outputs.start[node]
      }
    }
    this.useStart = new Uint32Array(values + 1)
    for (const value of inputs.items) if (value >= 0) this.useStart[value + 1]++
    for (let value = 0; value < values; value++) this.useStart[value + 1] += this.useStart[value]
    this.useNode = new Uint32Array(this.useStart[values])
    this.useSlot = new Uint32Array(this.useStart[values])
    const next = this.useStart.slice()
    for (let node = 0; node < nodes; node++) {
      for (let i = inputs.start[node]; i < inputs.start[node + 1]; i++) {
        const value = inputs.items[i]
        if (value < 0) continue
        const at = next[value]++
        this.useNode[at] = node
        this.useSlot[at] = i - inputs.start[node]
      }
    }
  }

  /** -1: nobody makes it */
  producerOf(value: number): number {
    if (this.newProducers.size > 0) {
      const changed = this.newProducers.get(value)
      if (changed !== undefined) return changed === null ? -1 : changed.node
    }
    return value < this.baseValues ? this.producerNode[value] : -1
  }

  producer(value: number): Use | null {
    const changed = this.newProducers.get(value)
    if (changed !== undefined) return changed
    if (value >= this.baseValues || this.producerNode[value] < 0) return null
    return { node: this.producerNode[value], slot: this.producerSlot[value] }
  }

  uses(value: number): Use[] {
    const changed = this.newUses.get(value)
    if (changed) return changed
    const found: Use[] = []
    if (value >= this.baseValues) return found
    for (let i = this.useStart[value]; i < this.useStart[value + 1]; i++) found.push({ node: this.useNode[i], slot: this.useSlot[i] })
    return found
  }

  useCount(value: number): number {
    const changed = this.newUses.get(value)
    if (changed) return changed.length
    return value < this.baseValues ? this.useStart[value + 1] - this.useStart[value] : 0
  }

  /** A node's wires go: call before its inputs and outputs change. */
  unlink(node: number, inputs: ArrayLike<number>, outputs: ArrayLike<number>): void {
    for (const value of new Set(Array.from(inputs))) {
      if (value >= 0) this.newUses.set(value, this.uses(value).filter((use) => use.node !== node))
    }
    for (const value of Array.from(outputs)) {
      if (value >= 0 && this.producerOf(value) === node) this.newProducers.set(value, null)
    }
  }

  /** Uses of one value become uses of another. */
  move(from: number, to: number, moved: readonly Use[]): void {
    const gone = new Set(moved.map(keyOf))
    this.newUses.set(from, this.uses(from).filter((use) => !gone.has(keyOf(use))))
    this.newUses.set(to, this.uses(to).concat(moved))
  }

  /** A node's wires come: call after its inputs and outputs changed. */
  link(node: number, inputs: ArrayLike<number>, outputs: ArrayLike<number>): void {
    const fresh = new Set<number>()
    for (let slot = 0; slot < inputs.length; slot++) {
      const value = inputs[slot]
      if (value < 0) continue
      if (!fresh.has(value)) this.newUses.set(value, this.uses(value).slice())
      fresh.add(value)
      this.newUses.get(value)!.push({ node, slot })
    }
    for (let slot = 0; slot < outputs.length; slot++) {
      if (outputs[slot] >= 0) this.newProducers.set(outputs[slot], { node, slot })
    }
  }
}

/** one number for each slot of each node */
function keyOf({ node, slot }: Use): number {
  return slot * 2 ** 32 + node
}
