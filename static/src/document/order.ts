/** Where nodes stand among those of their graph: as in the file, new ones behind what they take from, and what comes back where it was. */

export class NodeOrder {
  /** of nodes that edits put among others; the rest stand in file order, which is that of their indexes */
  private readonly places = new Map<number, number>()
  /** the graphs that nodes were taken out of */
  private readonly left = new Map<number, string>()

  /** What stands earlier in its graph has a smaller number. */
  placeOf(node: number): number {
    return this.places.get(node) ?? node
  }

  /** `order`: the nodes of the graph. */
  take(order: number[], graph: string, node: number): void {
    const at = order.indexOf(node)
    if (at < 0) return
    order.splice(at, 1)
    this.left.set(node, graph)
  }

  /** `isMaker`: of what the node takes. */
  put(order: number[], graph: string, node: number, isMaker: (node: number) => boolean): void {
    if (this.left.get(node) === graph) {
      order.splice(this.firstFrom(order, this.placeOf(node)), 0, node)
      return
    }
    const last = order.findLastIndex(isMaker)
    const at = last < 0 ? order.length : last + 1
    const before = at > 0 ? this.placeOf(order[at - 1]) : -1
    this.places.set(node, at < order.length ? (before + this.placeOf(order[at])) / 2 : before + 1)
    order.splice(at, 0, node)
  }

  private firstFrom(order: readonly number[], place: number): number {
    let [from, to] = [0, order.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if (this.placeOf(order[middle]) < place) from = middle + 1
      else to = middle
    }
    return from
  }
}
