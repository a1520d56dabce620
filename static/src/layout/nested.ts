/**
 * Lays out a graph with open scopes: each is laid out on its own, inner ones first, and is a box in what is around it. Edges go through
 * borders at ports.
 */
import { spare } from '../document/release'
import { layout } from './layout'
import { inputOf, LevelCache } from './nested-cache'
import { cutLevels, type Levels } from './nested-levels'
import { blankMemory, GRAPH, NestRecall, sameLevel } from './nested-memory'
import { bucket } from './piece'
import { FIRST, LAST, type LayoutInput, type LayoutMemory, type LayoutNest, type LayoutResult, type NestMemory } from './types'

const PORT_WIDTH = 8
const PADDING = 16
/** the strip with a scope's name */
export const SCOPE_TITLE = 28
/** between a border and the ports inside it */
const PORT_DEPTH = 4
/** of what a scope asks for its title: what stands right of the name there, less a little air */
const BEHIND_NAME = 42
/** where a name begins, and ends with a little air below it */
const NAME_LEFT = 10
const NAME_BOTTOM = 24
/** how far what is in a scope may go aside so that wires come in beside its name */
const MOST_ASIDE = 110
/** by such steps, so that blocks stay alike whose names are a little longer than one another's: a block is laid out once */
const ASIDE_STEP = 32

/** Lays out any graph: one without a nest in one go. `cache`: of earlier layouts, of this graph or another one. */
export function layoutNested(input: LayoutInput, memory?: LayoutMemory, cache = new LevelCache()): LayoutResult {
  if (!input.nest) return layout(input, memory)
  const started = performance.now()
  const nested = new Nested(input, input.nest, typeof memory?.nest === 'object' ? new NestRecall(memory.nest, memory) : null, cache)
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
  /** what goes into each level and comes out; the shifts make places of its layout relative to the container */
  private readonly all: NestMemory
  private readonly local: Uint32Array
  private readonly localEdge: Uint32Array
  /** per value of the edges: its number in the level at hand, and which level that was */
  private readonly localValue: Uint32Array
  private readonly numberedIn: Int32Array

  constructor(private readonly input: LayoutInput, private readonly nest: LayoutNest, private readonly recall: NestRecall | null, private readonly cache: LevelCache) {
    const scratch = cache.scratch
    const levels = (this.levels = cutLevels(input, nest, scratch))
    this.right = input.direction === 'right'
    this.members = bucket(levels.levelOf, levels.nodes, levels.count)
    this.edgesOf = bucket(levels.edges.level, levels.edges.count, levels.count)
    this.width = scratch.take('node width', Float32Array, levels.nodes).fill(this.right ? 0 : PORT_WIDTH)
    this.height = scratch.take('node height', Float32Array, levels.nodes).fill(this.right ? PORT_WIDTH : 0)
    this.width.set(input.width)
    this.height.set(input.height)
    this.x = scratch.take('x', Float32Array, levels.nodes)
    this.y = scratch.take('y', Float32Array, levels.nodes)
    this.portAt = scratch.take('portAt', Float32Array, levels.ports)
    this.local = scratch.take('local', Uint32Array, levels.nodes)
    this.localEdge = scratch.take('localEdge', Uint32Array, levels.edges.count)
    this.localValue = scratch.take('localValue', Uint32Array, input.source.length)
    this.numberedIn = scratch.take('numberedIn', Int32Array, input.source.length).fill(-1)
    this.all = blankMemory(input.direction, this.members.start, this.edgesOf.start)
    this.all.level.set(nest.key, 1)
    this.all.level[0] = GRAPH
    this.all.title.set(nest.title, 1)
  }

  solve(): LayoutResult {
    for (let level = this.levels.count - 1; level >= 0; level--) {
      this.takeNodes(level)
      this.takeEdges(level)
      if (!this.keep(level)) {
        this.all.results[level] = this.layOut(level)
        if (level > 0) this.close(level)
      }
      this.put(level)
    }
    return this.assemble()
  }

  /** A level in which all is as it was. */
  private keep(level: number): boolean {
    const { all, recall } = this
    if (!recall || recall.memory.direction !== all.direction) return false
    const { memory } = recall
    const was = recall.find(all.level[level], level)
    if (was < 0 || !sameLevel(all, level, memory, was)) return false
    all.results[level] = memory.results[was]
    all.boxWidth[level] = memory.boxWidth[was]
    all.boxHeight[level] = memory.boxHeight[was]
    all.shiftX[level] = memory.shiftX[was]
    all.shiftY[level] = memory.shiftY[was]
    return true
  }

  private layOut(level: number): LayoutResult {
    const { all, recall } = this
    const was = recall ? recall.find(all.level[level], level) : -1
    if (was < 0) return this.cache.alike(all, level, layout)
    const from = all.start[level]
    const end = all.start[level + 1]
    const known = recall!.of(was, all, level)
    const input = inputOf(all, level, known?.key ?? Uint32Array.from({ length: end - from }, (_, i) => i))
    return known ? inPlaces(layout(input, known.memory), input.key) : layout(input)
  }

  /** Where things of the level stand in its container; how large that is. */
  private put(level: number): void {
    const { levels, x, y, all, right, portAt } = this
    const { member } = this.members
    const from = all.start[level]
    const end = all.start[level + 1]
    const placed = all.results[level]
    const shiftX = all.shiftX[level]
    const shiftY = all.shiftY[level]
    const { firstPort } = levels
    for (let i = from; i < end; i++) {
      const node = member[i]
      x[node] = placed.x[i - from] + shiftX
      y[node] = placed.y[i - from] + shiftY
      if (node >= firstPort) portAt[node - firstPort] = (right ? y[node] : x[node]) + PORT_WIDTH / 2
    }
    if (level === 0) return
    this.width[levels.firstBox + level - 1] = all.boxWidth[level]
    this.height[levels.firstBox + level - 1] = all.boxHeight[level]
  }

  private takeNodes(level: number): void {
    const { levels, local, width, height } = this
    const { member } = this.members
    const { start, key, width: widths, height: heights, pin, rigid } = this.all
    const { firstBox, firstPort, side } = levels
    const from = start[level]
    const end = start[level + 1]
    for (let i = from; i < end; i++) {
      const node = member[i]
      local[node] = i - from
      widths[i] = width[node]
      heights[i] = height[node]
      pin[i] = level === 0 || node < firstPort ? 0 : side[node - firstPort]
      rigid[i] = node >= firstBox ? 1 : 0
      key[i] = this.keyOf(node)
    }
  }

  private takeEdges(level: number): void {
    const { levels, edgesOf, local, input, portAt, localEdge, localValue, numberedIn } = this
    const { source, target, value, of, sourcePort, targetPort, before } = levels.edges
    const { edgeStart, source: sources, target: targets, value: values, sourceX, targetX, labelWidth } = this.all
    const { member } = edgesOf
    const { sourceX: leaves, targetX: enters, labelWidth: labels } = input
    const ports = levels.firstPort - 1
    const from = edgeStart[level]
    const end = edgeStart[level + 1]
    let count = 0
    for (let i = from; i < end; i++) {
      const edge = member[i]
      const begin = source[edge]
      const goal = target[edge]
      const whole = of[edge]
      localEdge[edge] = i - from
      sources[i] = local[begin < 0 ? ports - begin : begin]
      targets[i] = local[goal < 0 ? ports - goal : goal]
      sourceX[i] = begin < 0 ? PORT_WIDTH / 2 : sourcePort[edge] >= 0 ? portAt[sourcePort[edge]] : leaves[whole]
      targetX[i] = goal < 0 ? PORT_WIDTH / 2 : targetPort[edge] >= 0 ? portAt[targetPort[edge]] : enters[whole]
      labelWidth[i] = before[edge] < 0 ? labels[whole] : 0
      // the same numbers in all levels that look alike
      const run = value[edge]
      if (numberedIn[run] !== level) {
        numberedIn[run] = level
        localValue[run] = count++
      }
      values[i] = localValue[run]
    }
  }

  private keyOf(node: number): number {
    const { firstBox, firstPort, side, portValue } = this.levels
    if (node < firstBox) return this.input.key[node]
    if (node < firstPort) return this.nest.key[node - firstBox]
    return -1 - 2 * portValue[node - firstPort] - (side[node - firstPort] === FIRST ? 0 : 1)
  }

  /** The box around a level, now that its inside is known. */
  private close(level: number): void {
    const { all, right } = this
    const from = all.start[level]
    const { bounds, x, y } = all.results[level]
    let first = false
    let last = false
    let free = Infinity
    let entry = Infinity
    for (let i = from; i < all.start[level + 1]; i++) {
      if (all.pin[i] === FIRST) {
        first = true
        entry = Math.min(entry, x[i - from] + PORT_WIDTH / 2 - bounds.left)
      } else if (all.pin[i] === LAST) last = true
      else free = Math.min(free, y[i - from] - bounds.top)
    }
    const begin = first ? PORT_DEPTH : PADDING
    const end = last ? PORT_DEPTH : PADDING
    const top = right || free === Infinity ? SCOPE_TITLE : Math.max(PORT_DEPTH, SCOPE_TITLE - Math.floor(free))
    const left = right ? begin : PADDING
    const inner = bounds.right - bounds.left + left + (right ? end : PADDING)
    const least = Math.max(inner, all.title[level])
    const under = right || !first ? 0 : Math.max(0, all.title[level] - BEHIND_NAME - entry - left - Math.floor((least - inner) / 2))
    const aside = under > MOST_ASIDE ? 0 : ASIDE_STEP * Math.ceil(under / ASIDE_STEP)
    const width = Math.ceil(least + aside)
    all.boxWidth[level] = width
    all.shiftX[level] = left - bounds.left + Math.floor(right ? 0 : (least - inner) / 2 + aside)
    const below = first && !right ? Math.max(top, NAME_BOTTOM + bounds.top - this.bendAtName(level, top)) : top
    all.boxHeight[level] = Math.ceil(bounds.bottom - bounds.top + below + (right ? PADDING : end))
    all.shiftY[level] = below - bounds.top
  }

  /** The height at which the first line that came in goes aside where the name would stand if the level began at `top`; Infinity: none does. */
  private bendAtName(level: number, top: number): number {
    const { all, levels, edgesOf, input: { wires = Infinity } } = this
    const { points, pointStart, bounds } = all.results[level]
    const left = NAME_LEFT - all.shiftX[level]
    const right = all.title[level] - BEHIND_NAME - all.shiftX[level]
    const bottom = NAME_BOTTOM - top + bounds.top
    let found = Infinity
    for (let e = all.edgeStart[level]; e < all.edgeStart[level + 1]; e++) {
      if (all.pin[all.start[level] + all.source[e]] !== FIRST || levels.edges.of[edgesOf.member[e]] >= wires) continue
      const local = e - all.edgeStart[level]
      for (let p = pointStart[local]; p + 1 < pointStart[local + 1]; p++) {
        const x = points[2 * p]
        const y = points[2 * p + 1]
        const nextX = points[2 * p + 2]
        if (y >= bottom) break
        if (x !== nextX && Math.min(x, nextX) < right && Math.max(x, nextX) > left) found = Math.min(found, y)
      }
    }
    return found
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
      x: spare.copy(x.subarray(0, input.count)), y: spare.copy(y.subarray(0, input.count)), ...this.lines(originX, originY),
      bounds: this.all.results[0].bounds, rank: spare.take(Int32Array, input.count), nest: { ...boxes, memory: this.all }, milliseconds: 0,
    }
    for (let i = 0; i < input.count; i++) {
      const level = levels.levelOf[i]
      result.x[i] += originX[level]
      result.y[i] += originY[level]
      result.rank[i] = this.all.results[level].rank[this.local[i]]
    }
    return result
  }

  /** Joins what edges were cut into. At a border the line goes straight on, so that the ends of both parts are no points of it. */
  private lines(originX: Float32Array, originY: Float32Array): Pick<LayoutResult, 'pointStart' | 'points' | 'labelX' | 'labelY' | 'targetX'> {
    const { levels, input, all } = this
    const count = input.source.length
    const labelX = spare.take(Float32Array, count).fill(NaN)
    const labelY = spare.take(Float32Array, count).fill(NaN)
    const targetX = spare.copy(input.targetX)
    const pointStart = spare.take(Uint32Array, count + 1)
    pointStart[0] = 0
    for (let e = 0; e < count; e++) {
      let length = 2
      for (let at = levels.last[e]; at >= 0; at = levels.edges.before[at]) length += this.pointsOf(at) - 2
      pointStart[e + 1] = pointStart[e] + length
    }
    const points = spare.take(Float32Array, 2 * pointStart[count])
    for (let e = 0; e < count; e++) {
      let to = 2 * pointStart[e + 1]
      for (let at = levels.last[e]; at >= 0; at = levels.edges.before[at]) {
        const level = levels.edges.level[at]
        const before = levels.edges.before[at]
        const part = all.results[level]
        const local = this.localEdge[at]
        const dx = originX[level] + all.shiftX[level]
        const dy = originY[level] + all.shiftY[level]
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
    const { pointStart } = this.all.results[this.levels.edges.level[edge]]
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

