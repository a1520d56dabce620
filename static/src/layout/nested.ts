/**
 * Lays out a graph with open scopes: each is laid out on its own, inner ones first, and is a box in what is around it. Edges go through
 * borders at ports.
 */
import { layout } from './layout'
import { LevelCache } from './nested-cache'
import { cutLevels, numberOf, type LevelEdge, type Levels } from './nested-levels'
import { NestRecall, packMemory, type LevelPlaces, type Recollection } from './nested-memory'
import { bucket } from './piece'
import { FIRST, LAST, type LayoutInput, type LayoutMemory, type LayoutNest, type LayoutResult } from './types'

const PORT_WIDTH = 8
const PADDING = 20
/** the strip with a scope's name */
export const SCOPE_TITLE = 32
/** between a border and the ports inside it */
const PORT_DEPTH = 8
const GRAPH = -1

/** Lays out any graph: one without a nest in one go. `cache`: of earlier layouts, of this graph or another one. */
export function layoutNested(input: LayoutInput, memory?: LayoutMemory, cache = new LevelCache()): LayoutResult {
  if (!input.nest) return layout(input, memory)
  const started = performance.now()
  const nested = new Nested(input, input.nest, memory?.nest ? new NestRecall(memory.nest) : null, cache)
  const result = nested.solve()
  result.milliseconds = performance.now() - started
  return result
}

class Nested {
  private readonly levels: Levels
  private readonly right: boolean
  private readonly members: { start: Uint32Array; member: Uint32Array }
  private readonly edgesOf: { start: Uint32Array; member: Uint32Array }
  private readonly width: Float32Array
  private readonly height: Float32Array
  /** per node of all levels: its left upper corner in its container */
  private readonly x: Float32Array
  private readonly y: Float32Array
  /** per port: where it is along its border */
  private readonly portAt: Float32Array
  /** per level: what is added to the places of its layout so that they are relative to the container */
  private readonly shiftX: Float32Array
  private readonly shiftY: Float32Array
  private readonly results: LayoutResult[] = []
  private readonly places: LevelPlaces[] = []
  private readonly local: Uint32Array
  private readonly localEdge: Uint32Array
  /** per value of the edges: its number in the level at hand, and which level that was */
  private readonly localValue: Uint32Array
  private readonly numberedIn: Int32Array

  constructor(private readonly input: LayoutInput, private readonly nest: LayoutNest, private readonly recall: NestRecall | null, private readonly cache: LevelCache) {
    const levels = (this.levels = cutLevels(input, nest))
    this.right = input.direction === 'right'
    this.members = bucket(levels.levelOf, levels.nodes, levels.count)
    this.edgesOf = bucket(levels.edges.map((edge) => edge.level), levels.edges.length, levels.count)
    this.width = new Float32Array(levels.nodes).fill(this.right ? 0 : PORT_WIDTH)
    this.height = new Float32Array(levels.nodes).fill(this.right ? PORT_WIDTH : 0)
    this.width.set(input.width)
    this.height.set(input.height)
    this.x = new Float32Array(levels.nodes)
    this.y = new Float32Array(levels.nodes)
    this.portAt = new Float32Array(levels.side.length)
    this.shiftX = new Float32Array(levels.count)
    this.shiftY = new Float32Array(levels.count)
    this.local = new Uint32Array(levels.nodes)
    this.localEdge = new Uint32Array(levels.edges.length)
    this.localValue = new Uint32Array(input.source.length + 1)
    this.numberedIn = new Int32Array(input.source.length + 1).fill(-1)
  }

  solve(): LayoutResult {
    for (let level = this.levels.count - 1; level >= 0; level--) this.solveLevel(level)
    return this.assemble()
  }

  private solveLevel(level: number): void {
    const { levels, members, x, y } = this
    const nodes = members.member.subarray(members.start[level], members.start[level + 1])
    for (let i = 0; i < nodes.length; i++) this.local[nodes[i]] = i
    const key = Float64Array.from(nodes, (node) => this.keyOf(node))
    const across = this.right ? this.height : this.width
    const breadth = Float32Array.from(nodes, (node) => across[node])
    const id = level === 0 ? GRAPH : this.nest.key[level - 1]
    const known = this.recall?.of(id, key, breadth, this.right) ?? null
    const input = this.inputOf(level, nodes, known)
    const result = this.cache.get(id, input, known, () => (known ? inPlaces(layout(input, known.memory), input.key) : layout(input)))
    this.results[level] = result
    this.remember(level, { level: id, key, width: breadth, result })
    if (level > 0) this.close(level, nodes, result)
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i]
      x[node] = result.x[i] + this.shiftX[level]
      y[node] = result.y[i] + this.shiftY[level]
      if (node >= levels.firstPort) this.portAt[node - levels.firstPort] = (this.right ? y[node] : x[node]) + PORT_WIDTH / 2
    }
  }

  private remember(level: number, places: LevelPlaces): void {
    this.places[level] = places
  }

  private keyOf(node: number): number {
    const { firstBox, firstPort, side, portValue } = this.levels
    if (node < firstBox) return this.input.key[node]
    if (node < firstPort) return this.nest.key[node - firstBox]
    return -1 - 2 * portValue[node - firstPort] - (side[node - firstPort] === FIRST ? 0 : 1)
  }

  private inputOf(level: number, nodes: Uint32Array, known: Recollection | null): LayoutInput {
    const { levels, edgesOf, local } = this
    const own = edgesOf.member.subarray(edgesOf.start[level], edgesOf.start[level + 1])
    const edges = Array.from(own, (edge) => levels.edges[edge])
    const pin = level === 0 ? undefined : Uint8Array.from(nodes, (node) => (node < levels.firstPort ? 0 : levels.side[node - levels.firstPort]))
    own.forEach((edge, i) => { this.localEdge[edge] = i })
    return {
      count: nodes.length, width: Float32Array.from(nodes, (node) => this.width[node]), height: Float32Array.from(nodes, (node) => this.height[node]),
      key: known?.key ?? Uint32Array.from(nodes, (_, i) => i),
      source: Uint32Array.from(edges, (edge) => local[numberOf(levels, edge.source)]), target: Uint32Array.from(edges, (edge) => local[numberOf(levels, edge.target)]),
      value: this.valuesOf(level, edges),
      sourceX: Float32Array.from(edges, (edge) => this.leavesAt(edge)), targetX: Float32Array.from(edges, (edge) => this.entersAt(edge)),
      labelWidth: Float32Array.from(edges, (edge) => (edge.before < 0 ? this.input.labelWidth[edge.of] : 0)),
      direction: this.input.direction, pin, rigid: Uint8Array.from(nodes, (node) => Number(node >= levels.firstBox)),
    }
  }

  /** Values in the order in which the level has them: the same numbers in all levels that look alike. */
  private valuesOf(level: number, edges: readonly LevelEdge[]): Uint32Array {
    let count = 0
    return Uint32Array.from(edges, ({ value }) => {
      if (this.numberedIn[value] !== level) {
        this.numberedIn[value] = level
        this.localValue[value] = count++
      }
      return this.localValue[value]
    })
  }

  private leavesAt({ source, sourcePort, of }: LevelEdge): number {
    if (source < 0) return PORT_WIDTH / 2
    return sourcePort >= 0 ? this.portAt[sourcePort] : this.input.sourceX[of]
  }

  private entersAt({ target, targetPort, of }: LevelEdge): number {
    if (target < 0) return PORT_WIDTH / 2
    return targetPort >= 0 ? this.portAt[targetPort] : this.input.targetX[of]
  }

  /** The box around a level, now that its inside is known. */
  private close(level: number, nodes: Uint32Array, result: LayoutResult): void {
    const { levels, right } = this
    const { bounds } = result
    const box = levels.firstBox + level - 1
    const has = (side: number): boolean => nodes.some((node) => node >= levels.firstPort && levels.side[node - levels.firstPort] === side)
    const begin = has(FIRST) ? PORT_DEPTH : PADDING
    const end = has(LAST) ? PORT_DEPTH : PADDING
    let free = Infinity
    nodes.forEach((node, i) => { if (node < levels.firstPort) free = Math.min(free, result.y[i] - bounds.top) })
    const top = right || free === Infinity ? SCOPE_TITLE : Math.max(PORT_DEPTH, SCOPE_TITLE - Math.floor(free))
    const left = right ? begin : PADDING
    const inner = bounds.right - bounds.left + left + (right ? end : PADDING)
    const width = Math.ceil(Math.max(inner, this.nest.title[level - 1]))
    this.width[box] = width
    this.height[box] = Math.ceil(bounds.bottom - bounds.top + top + (right ? PADDING : end))
    this.shiftX[level] = left - bounds.left + Math.floor(right ? 0 : (width - inner) / 2)
    this.shiftY[level] = top - bounds.top
  }

  private assemble(): LayoutResult {
    const { input, levels, nest, x, y } = this
    const containers = nest.parent.length
    // where the places of a level's layout begin on the page; boxes are numbered from the outside in
    const originX = new Float32Array(levels.count)
    const originY = new Float32Array(levels.count)
    const boxes = { x: new Float32Array(containers), y: new Float32Array(containers), width: this.width.slice(levels.firstBox, levels.firstPort), height: this.height.slice(levels.firstBox, levels.firstPort) }
    for (let c = 0; c < containers; c++) {
      const around = nest.parent[c] + 1
      originX[c + 1] = boxes.x[c] = originX[around] + x[levels.firstBox + c]
      originY[c + 1] = boxes.y[c] = originY[around] + y[levels.firstBox + c]
    }
    const result: LayoutResult = {
      x: x.slice(0, input.count), y: y.slice(0, input.count), ...this.lines(originX, originY),
      bounds: this.results[0].bounds, rank: new Int32Array(input.count), nest: { ...boxes, memory: packMemory(this.places) }, milliseconds: 0,
    }
    for (let i = 0; i < input.count; i++) {
      const level = levels.levelOf[i]
      result.x[i] += originX[level]
      result.y[i] += originY[level]
      result.rank[i] = this.results[level].rank[this.local[i]]
    }
    return result
  }

  /** Joins what edges were cut into. At a border the line goes straight on, so that the ends of both parts are no points of it. */
  private lines(originX: Float32Array, originY: Float32Array): Pick<LayoutResult, 'pointStart' | 'points' | 'labelX' | 'labelY' | 'targetX'> {
    const { levels, input } = this
    const count = input.source.length
    const labelX = new Float32Array(count).fill(NaN)
    const labelY = new Float32Array(count).fill(NaN)
    const targetX = input.targetX.slice()
    const pointStart = new Uint32Array(count + 1)
    for (let e = 0; e < count; e++) {
      let length = 2
      for (let at = levels.last[e]; at >= 0; at = levels.edges[at].before) length += this.pointsOf(at) - 2
      pointStart[e + 1] = pointStart[e] + length
    }
    const points = new Float32Array(2 * pointStart[count])
    for (let e = 0; e < count; e++) {
      let to = 2 * pointStart[e + 1]
      for (let at = levels.last[e]; at >= 0; at = levels.edges[at].before) {
        const { level, before } = levels.edges[at]
        const part = this.results[level]
        const local = this.localEdge[at]
        const dx = originX[level] + this.shiftX[level]
        const dy = originY[level] + this.shiftY[level]
        if (at === levels.last[e] && part.targetX) targetX[e] = part.targetX[local]
        const end = part.pointStart[local + 1] - (at === levels.last[e] ? 0 : 1)
        const begin = part.pointStart[local] + (before < 0 ? 0 : 1)
        for (let p = end - 1; p >= begin; p--) {
          points[--to] = part.points[2 * p + 1] + dy
          points[--to] = part.points[2 * p] + dx
        }
        if (before >= 0 || levels.edges[at].of !== e) continue
        labelX[e] = part.labelX[local] + dx
        labelY[e] = part.labelY[local] + dy
      }
    }
    return { pointStart, points, labelX, labelY, targetX }
  }

  private pointsOf(edge: number): number {
    const { pointStart } = this.results[this.levels.edges[edge].level]
    return pointStart[this.localEdge[edge] + 1] - pointStart[this.localEdge[edge]]
  }
}

/** The result with trunks named by the place of their node in the level, which is what a memory wants. */
function inPlaces(result: LayoutResult, key: Uint32Array): LayoutResult {
  if (!result.trunks || result.trunks.key.length === 0) return result
  const place = new Map<number, number>()
  key.forEach((one, i) => place.set(one, i))
  return { ...result, trunks: { ...result.trunks, key: result.trunks.key.map((one) => place.get(one)!) } }
}

