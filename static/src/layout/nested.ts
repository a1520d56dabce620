/**
 * Lays out a graph with open scopes: each is laid out on its own, inner ones first, and is a box in what is around it. Edges go through
 * borders at ports.
 */
import { layout } from './layout'
import { inputOf, LevelCache, type LevelDraft } from './nested-cache'
import { cutLevels, numberOf, type Levels } from './nested-levels'
import { NestRecall, packMemory, type Standing } from './nested-memory'
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
  const nested = new Nested(input, input.nest, memory?.nest ? new NestRecall(memory.nest, memory) : null, cache)
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
  /** what a later layout remembers */
  private readonly standing: Standing
  private readonly draft: LevelDraft
  private readonly local: Uint32Array
  private readonly localEdge: Uint32Array
  /** per value of the edges: its number in the level at hand, and which level that was */
  private readonly localValue: Uint32Array
  private readonly numberedIn: Int32Array

  constructor(private readonly input: LayoutInput, private readonly nest: LayoutNest, private readonly recall: NestRecall | null, private readonly cache: LevelCache) {
    const levels = (this.levels = cutLevels(input, nest))
    this.right = input.direction === 'right'
    this.members = bucket(levels.levelOf, levels.nodes, levels.count)
    this.edgesOf = bucket(levels.edges.level, levels.edges.count, levels.count)
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
    this.localEdge = new Uint32Array(levels.edges.count)
    this.localValue = new Uint32Array(input.source.length)
    this.numberedIn = new Int32Array(input.source.length).fill(-1)
    this.standing = {
      level: Float64Array.from({ length: levels.count }, (_, level) => (level === 0 ? GRAPH : nest.key[level - 1])), start: this.members.start,
      key: new Float64Array(levels.nodes), x: new Float32Array(levels.nodes), y: new Float32Array(levels.nodes), width: new Float32Array(levels.nodes), rank: new Int32Array(levels.nodes),
    }
    const nodes = longest(this.members.start)
    const edges = longest(this.edgesOf.start)
    this.draft = {
      count: 0, edges: 0, direction: input.direction, width: new Float32Array(nodes), height: new Float32Array(nodes),
      source: new Uint32Array(edges), target: new Uint32Array(edges), value: new Uint32Array(edges),
      sourceX: new Float32Array(edges), targetX: new Float32Array(edges), labelWidth: new Float32Array(edges), pinned: false, pin: new Uint8Array(nodes), rigid: new Uint8Array(nodes),
    }
  }

  solve(): LayoutResult {
    for (let level = this.levels.count - 1; level >= 0; level--) this.solveLevel(level)
    return this.assemble()
  }

  private solveLevel(level: number): void {
    const { levels, members, x, y, standing, draft } = this
    const from = members.start[level]
    const end = members.start[level + 1]
    const nodes = members.member.subarray(from, end)
    this.draftNodes(level, nodes)
    this.draftEdges(level)
    const key = standing.key.subarray(from, end)
    const id = standing.level[level]
    const result = this.cache.get(id, key, draft, this.recall, (isKnown) => {
      const known = isKnown ? this.recall!.of(id, key, standing.width.subarray(from, end), this.right)! : null
      const input = inputOf(draft, known?.key ?? Uint32Array.from(nodes, (_, i) => i))
      return { input, result: known ? inPlaces(layout(input, known.memory), input.key) : layout(input) }
    })
    this.results[level] = result
    standing.x.set(result.x, from)
    standing.y.set(result.y, from)
    standing.rank.set(result.rank, from)
    if (level > 0) this.close(level, nodes, result)
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i]
      x[node] = result.x[i] + this.shiftX[level]
      y[node] = result.y[i] + this.shiftY[level]
      if (node >= levels.firstPort) this.portAt[node - levels.firstPort] = (this.right ? y[node] : x[node]) + PORT_WIDTH / 2
    }
  }

  private draftNodes(level: number, nodes: Uint32Array): void {
    const { levels, draft, standing, right } = this
    const from = this.members.start[level]
    draft.count = nodes.length
    draft.pinned = level > 0
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i]
      this.local[node] = i
      draft.width[i] = this.width[node]
      draft.height[i] = this.height[node]
      draft.pin[i] = level === 0 || node < levels.firstPort ? 0 : levels.side[node - levels.firstPort]
      draft.rigid[i] = Number(node >= levels.firstBox)
      standing.key[from + i] = this.keyOf(node)
      standing.width[from + i] = right ? this.height[node] : this.width[node]
    }
  }

  private draftEdges(level: number): void {
    const { levels, draft, edgesOf, local, input } = this
    const { source, target, value, of, sourcePort, targetPort, before } = levels.edges
    const from = edgesOf.start[level]
    let values = 0
    draft.edges = edgesOf.start[level + 1] - from
    for (let i = 0; i < draft.edges; i++) {
      const edge = edgesOf.member[from + i]
      this.localEdge[edge] = i
      draft.source[i] = local[numberOf(levels, source[edge])]
      draft.target[i] = local[numberOf(levels, target[edge])]
      draft.sourceX[i] = source[edge] < 0 ? PORT_WIDTH / 2 : sourcePort[edge] >= 0 ? this.portAt[sourcePort[edge]] : input.sourceX[of[edge]]
      draft.targetX[i] = target[edge] < 0 ? PORT_WIDTH / 2 : targetPort[edge] >= 0 ? this.portAt[targetPort[edge]] : input.targetX[of[edge]]
      draft.labelWidth[i] = before[edge] < 0 ? input.labelWidth[of[edge]] : 0
      // the same numbers in all levels that look alike
      if (this.numberedIn[value[edge]] !== level) {
        this.numberedIn[value[edge]] = level
        this.localValue[value[edge]] = values++
      }
      draft.value[i] = this.localValue[value[edge]]
    }
  }

  private keyOf(node: number): number {
    const { firstBox, firstPort, side, portValue } = this.levels
    if (node < firstBox) return this.input.key[node]
    if (node < firstPort) return this.nest.key[node - firstBox]
    return -1 - 2 * portValue[node - firstPort] - (side[node - firstPort] === FIRST ? 0 : 1)
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
      bounds: this.results[0].bounds, rank: new Int32Array(input.count), nest: { ...boxes, memory: packMemory(this.standing, this.results) }, milliseconds: 0,
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
      for (let at = levels.last[e]; at >= 0; at = levels.edges.before[at]) length += this.pointsOf(at) - 2
      pointStart[e + 1] = pointStart[e] + length
    }
    const points = new Float32Array(2 * pointStart[count])
    for (let e = 0; e < count; e++) {
      let to = 2 * pointStart[e + 1]
      for (let at = levels.last[e]; at >= 0; at = levels.edges.before[at]) {
        const level = levels.edges.level[at]
        const before = levels.edges.before[at]
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
        if (before >= 0 || levels.edges.of[at] !== e) continue
        labelX[e] = part.labelX[local] + dx
        labelY[e] = part.labelY[local] + dy
      }
    }
    return { pointStart, points, labelX, labelY, targetX }
  }

  private pointsOf(edge: number): number {
    const { pointStart } = this.results[this.levels.edges.level[edge]]
    return pointStart[this.localEdge[edge] + 1] - pointStart[this.localEdge[edge]]
  }
}

/** How long the longest of the lists is that begin at these places. */
function longest(start: Uint32Array): number {
  let most = 0
  for (let l = 1; l < start.length; l++) most = Math.max(most, start[l] - start[l - 1])
  return most
}

/** The result with trunks named by the place of their node in the level, which is what a memory wants. */
function inPlaces(result: LayoutResult, key: Uint32Array): LayoutResult {
  if (!result.trunks || result.trunks.key.length === 0) return result
  const place = new Map<number, number>()
  key.forEach((one, i) => place.set(one, i))
  return { ...result, trunks: { ...result.trunks, key: result.trunks.key.map((one) => place.get(one)!) } }
}

