/** Cuts a nested graph into levels: what stands directly in each container, and the edges, cut where they cross a border. */
import { Scratch } from './scratch'
import { FIRST, LAST, type LayoutInput, type LayoutNest } from './types'

/**
 * Nodes of all levels have one numbering: those of the input, then a box per container, then ports. A port is a place on the border of
 * a container where a value crosses it: one per value and border, standing inside; outside the box itself is the end of the edge.
 */
export interface Levels {
  /** level 0 is the graph itself, level c + 1 the inside of container c */
  count: number
  nodes: number
  firstBox: number
  firstPort: number
  levelOf: Int32Array
  /** per port: FIRST where values come in, LAST where they go out; the value. The arrays may be longer than there are ports. */
  side: Uint32Array
  portValue: Uint32Array
  ports: number
  edges: LevelEdges
  /** per edge of the input: the last of the edges that it is cut into; the others follow by `before` */
  last: Int32Array
}

/** The edges of all levels, column by column. Ports are known by -1 - port here: they are numbered when all are counted. */
export interface LevelEdges {
  /** how many there are; the arrays may be longer */
  count: number
  level: Int32Array
  /** a node, or -1 - a port */
  source: Int32Array
  target: Int32Array
  /** edges of one value from one source share it; below the number of the input's edges */
  value: Int32Array
  /** the edge of the input that says where it leaves or enters a node */
  of: Int32Array
  /** the port of the box that it leaves or enters; -1: no box */
  sourcePort: Int32Array
  targetPort: Int32Array
  /** the edge that this one goes on from; -1: it begins at a node */
  before: Int32Array
}

/** The levels are good until the same scratch is used again. */
export function cutLevels(input: LayoutInput, nest: LayoutNest, scratch = new Scratch()): Levels {
  return new Cutter(input, nest, scratch).cut()
}

class Cutter {
  private readonly edges: LevelEdges
  private ports = 0
  private side: Uint32Array
  private portValue: Uint32Array
  private portContainer: Uint32Array
  /** per container, for the value at hand: its port, and the edge that leads to it */
  private readonly stamp: Int32Array
  private readonly exit: Int32Array
  private readonly exitEdge: Int32Array
  private readonly enterStamp: Int32Array
  private readonly enter: Int32Array
  private readonly enterEdge: Int32Array
  private readonly depth: Int32Array
  private run = -1
  private edge = 0
  /** where the edge at hand comes from: the node in that level, the port when it is a box, the edge that leads to it */
  private fromNode = -1
  private fromPort = -1
  private fromBefore = -1

  constructor(private readonly input: LayoutInput, private readonly nest: LayoutNest, private readonly scratch: Scratch) {
    const containers = nest.parent.length
    const room = (name: keyof LevelEdges): Int32Array => scratch.take(name, Int32Array, Math.ceil(1.6 * input.source.length) + 16)
    this.edges = { count: 0, level: room('level'), source: room('source'), target: room('target'), value: room('value'), of: room('of'), sourcePort: room('sourcePort'), targetPort: room('targetPort'), before: room('before') }
    const portRoom = Math.ceil(0.6 * input.source.length) + 16
    this.side = scratch.take('side', Uint32Array, portRoom)
    this.portValue = scratch.take('portValue', Uint32Array, portRoom)
    this.portContainer = scratch.take('portContainer', Uint32Array, portRoom)
    this.stamp = new Int32Array(containers).fill(-1)
    this.exit = new Int32Array(containers)
    this.exitEdge = new Int32Array(containers)
    this.enterStamp = new Int32Array(containers).fill(-1)
    this.enter = new Int32Array(containers)
    this.enterEdge = new Int32Array(containers)
    this.depth = new Int32Array(containers)
    for (let c = 0; c < containers; c++) this.depth[c] = nest.parent[c] < 0 ? 0 : this.depth[nest.parent[c]] + 1
  }

  cut(): Levels {
    const { input, nest, scratch } = this
    const count = input.source.length
    const last = scratch.take('last', Int32Array, count)
    for (let e = 0; e < count; e++) {
      if (e === 0 || input.value[e] !== input.value[e - 1] || input.source[e] !== input.source[e - 1]) this.run++
      this.edge = e
      const container = nest.of[input.target[e]]
      if (nest.of[input.source[e]] === container) last[e] = this.within(container, e)
      else {
        this.upstream(container)
        last[e] = this.add(container, input.target[e], -1)
      }
    }
    const containers = nest.parent.length
    const firstPort = input.count + containers
    const nodes = firstPort + this.ports
    const levelOf = scratch.take('levelOf', Int32Array, nodes)
    for (let i = 0; i < input.count; i++) levelOf[i] = nest.of[i] + 1
    for (let c = 0; c < containers; c++) levelOf[input.count + c] = nest.parent[c] + 1
    for (let p = 0; p < this.ports; p++) levelOf[firstPort + p] = this.portContainer[p] + 1
    return { count: containers + 1, nodes, firstBox: input.count, firstPort, levelOf, side: this.side, portValue: this.portValue, ports: this.ports, edges: this.edges, last }
  }

  /** An edge that crosses no border, as most do. */
  private within(container: number, e: number): number {
    const { edges, input } = this
    if (edges.count === edges.level.length) lengthen(edges, this.scratch)
    const at = edges.count++
    edges.level[at] = container + 1
    edges.source[at] = input.source[e]
    edges.target[at] = input.target[e]
    edges.value[at] = this.run
    edges.of[at] = e
    edges.sourcePort[at] = edges.targetPort[at] = edges.before[at] = -1
    return at
  }

  /** An edge from where upstream led. */
  private add(container: number, target: number, targetPort: number): number {
    const { edges } = this
    if (edges.count === edges.level.length) lengthen(edges, this.scratch)
    const at = edges.count++
    edges.level[at] = container + 1
    edges.source[at] = this.fromNode
    edges.target[at] = target
    edges.value[at] = this.run
    edges.of[at] = this.edge
    edges.sourcePort[at] = this.fromPort
    edges.targetPort[at] = targetPort
    edges.before[at] = this.fromBefore
    return at
  }

  private addPort(container: number, side: number): number {
    if (this.ports === this.side.length) for (const name of PORT_COLUMNS) this[name] = longer(this[name], name, this.scratch)
    const port = this.ports++
    this.portContainer[port] = container
    this.portValue[port] = this.input.value[this.edge]
    this.side[port] = side
    return port
  }

  /** Finds where the value comes from, seen inside the container (-1: the graph itself). */
  private upstream(container: number): void {
    const { nest, input } = this
    const source = input.source[this.edge]
    let at = nest.of[source]
    if (at === container) return this.comesFrom(source, -1, -1)
    const depth = container < 0 ? -1 : this.depth[container]
    let inner = -1
    while (at >= 0 && this.depth[at] > depth) {
      inner = at
      at = nest.parent[at]
    }
    if (at === container && inner >= 0) this.leave(inner)
    else this.arrive(container)
  }

  /** Out of a container that the source is in: what its surroundings see of it is the box. */
  private leave(container: number): void {
    if (this.stamp[container] !== this.run) {
      this.upstream(container)
      const port = this.addPort(container, LAST)
      this.stamp[container] = this.run
      this.exit[container] = port
      this.exitEdge[container] = this.add(container, -1 - port, -1)
    }
    this.comesFrom(this.input.count + container, this.exit[container], this.exitEdge[container])
  }

  /** Into a container that the source is not in: its inside begins at the port. */
  private arrive(container: number): void {
    if (this.enterStamp[container] !== this.run) {
      const around = this.nest.parent[container]
      this.upstream(around)
      const port = this.addPort(container, FIRST)
      this.enterStamp[container] = this.run
      this.enter[container] = port
      this.enterEdge[container] = this.add(around, this.input.count + container, port)
    }
    this.comesFrom(-1 - this.enter[container], -1, this.enterEdge[container])
  }

  private comesFrom(node: number, port: number, before: number): void {
    this.fromNode = node
    this.fromPort = port
    this.fromBefore = before
  }
}

const PORT_COLUMNS = ['side', 'portValue', 'portContainer'] as const
const COLUMNS = ['level', 'source', 'target', 'value', 'of', 'sourcePort', 'targetPort', 'before'] as const

function lengthen(edges: LevelEdges, scratch: Scratch): void {
  for (const name of COLUMNS) edges[name] = longer(edges[name], name, scratch)
}

function longer<T extends Int32Array | Uint32Array>(column: T, name: string, scratch: Scratch): T {
  const made = new (column.constructor as new (length: number) => T)(Math.ceil(1.5 * column.length))
  made.set(column)
  scratch.put(name, made)
  return made
}
