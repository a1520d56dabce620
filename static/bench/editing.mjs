/** A graph that is edited at random, for the layout's bench: nodes and edges in lists, inputs of the layout on demand. */

/** Numbers below `end`, the same ones for the same seed. */
export function random(seed) {
  let state = seed >>> 0 || 1
  return (end) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % end
  }
}

export class EditedGraph {
  constructor(input) {
    this.nodes = Array.from({ length: input.count }, (_, i) => ({ key: input.key[i], width: input.width[i], height: input.height[i] }))
    this.edges = Array.from(input.source, (source, e) => ({ source: this.nodes[source], target: this.nodes[input.target[e]], value: input.value[e], label: input.labelWidth[e] }))
    this.nextKey = Math.max(0, ...input.key) + 1
    this.nextValue = Math.max(0, ...input.value) + 1
  }

  /** One edit such as people make: most insert a node on a wire or take one out, some add or remove a wire or a constant. */
  edit(pick, rank) {
    const kind = pick(10)
    if (this.edges.length === 0 || kind < 4) this.insert(pick)
    else if (kind < 7) this.remove(pick)
    else if (kind < 8) this.connect(pick, rank)
    else if (kind < 9) this.edges.splice(pick(this.edges.length), 1)
    else this.addConstant(pick)
  }

  insert(pick) {
    if (this.edges.length === 0) return
    const edge = this.edges[pick(this.edges.length)]
    const node = this.newNode(pick)
    this.edges.push({ source: node, target: edge.target, value: this.nextValue++, label: 90 })
    edge.target = node
  }

  /** What went into the node goes to its consumers. */
  remove(pick) {
    const node = this.nodes[pick(this.nodes.length)]
    const from = this.edges.find((edge) => edge.target === node && edge.source !== node)
    this.nodes.splice(this.nodes.indexOf(node), 1)
    this.edges = this.edges.filter((edge) => edge.target !== node && (from || edge.source !== node))
    for (const edge of this.edges) if (edge.source === node) Object.assign(edge, { source: from.source, value: from.value, label: 0 })
  }

  connect(pick, rank) {
    const [a, b] = [this.nodes[pick(this.nodes.length)], this.nodes[pick(this.nodes.length)]]
    const [up, down] = [rank.get(a.key) ?? -1, rank.get(b.key) ?? -1]
    if (up < 0 || down < 0 || up === down || Math.abs(up - down) > 12) return
    const [source, target] = up < down ? [a, b] : [b, a]
    const known = this.edges.find((edge) => edge.source === source)
    this.edges.push({ source, target, value: known?.value ?? this.nextValue++, label: known ? 0 : 90 })
  }

  addConstant(pick) {
    const target = this.nodes[pick(this.nodes.length)]
    this.edges.push({ source: this.newNode(pick), target, value: this.nextValue++, label: 60 })
  }

  newNode(pick) {
    const node = { key: this.nextKey++, width: 60 + pick(90), height: 24 + pick(60) }
    this.nodes.push(node)
    return node
  }

  input() {
    const { nodes } = this
    const place = new Map(nodes.map((node, i) => [node, i]))
    const edges = [...this.edges].sort((a, b) => place.get(a.source) - place.get(b.source) || a.value - b.value)
    const entering = new Map()
    const values = new Map()
    for (const { source, target, value } of edges) {
      entering.set(target, (entering.get(target) ?? 0) + 1)
      if (!values.has(source)) values.set(source, [])
      if (!values.get(source).includes(value)) values.get(source).push(value)
    }
    const port = (width, at, count) => (count === 1 ? width / 2 : width / 2 + (at - (count - 1) / 2) * Math.min(14, (width - 24) / (count - 1)))
    const entered = new Map()
    // in the order in which edges came to be
    const entry = new Map(this.edges.map((edge) => { const at = entered.get(edge.target) ?? 0; entered.set(edge.target, at + 1); return [edge, at] }))
    return {
      count: nodes.length, direction: 'down',
      width: Float32Array.from(nodes, ({ width }) => width), height: Float32Array.from(nodes, ({ height }) => height), key: Uint32Array.from(nodes, ({ key }) => key),
      source: Uint32Array.from(edges, ({ source }) => place.get(source)), target: Uint32Array.from(edges, ({ target }) => place.get(target)), value: Uint32Array.from(edges, ({ value }) => value),
      sourceX: Float32Array.from(edges, ({ source, value }) => port(source.width, values.get(source).indexOf(value), values.get(source).length)),
      targetX: Float32Array.from(edges, (edge) => port(edge.target.width, entry.get(edge), entering.get(edge.target))),
      labelWidth: Float32Array.from(edges, ({ label }) => label),
    }
  }
}
