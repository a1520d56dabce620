/** Lays a graph out in rows: pure, on typed arrays, in one call. The steps are one file each. */
import { spare } from '../document/release'
import { outlineOf, type Outline } from './outline'
import type { Box, Places } from './box'
import { areaOf, pack, type Packing } from './pack'
import { cut, turn, type Turned } from './piece'
import { settle, type Obstacles } from './settle'
import { Shape } from './shape'
import type { Solved } from './finish'
import { solve } from './solve'
import { FIRST, LAST, LONELY, PUT, type LayoutInput, type LayoutMemory, type LayoutResult } from './types'
import { remember, trunksOf, type Memory } from './warm'

/** of a node that stood nowhere */
const NEW = 0
const NONE = new Uint32Array()
const MOST_KEPT = 300
/** Of the area, and of the width, that all would take afresh. */
const WORTH_KEEPING = 1.22

/** Lays out the graph; with the memory of an earlier layout, what survives stays where it was as far as possible. */
export function layout(input: LayoutInput, memory?: LayoutMemory): LayoutResult {
  const started = performance.now()
  const turned = turn(input)
  const { pieces, lonely } = cut(turned)
  const remembered = memory && memory.key.length > 0 ? remember(memory, input) : null
  const solved = pieces.map((piece) => solve(piece, input.key, remembered))
  const result = putTogether(input, turned, solved, lonely, remembered)
  if (input.direction === 'right') transpose(input, result)
  result.milliseconds = performance.now() - started
  return result
}

/** Pieces and nodes without edges, with as much where it stood as leaves all of it about as small as it would be afresh. */
function putTogether(input: LayoutInput, turned: Turned, solved: Solved[], lonely: Uint32Array, memory: Memory | null): LayoutResult {
  const packed = (from: Box[], apart: Uint32Array, packing: Packing, limit = Infinity): Places => pack(from, apart, turned.width, turned.height, turned.pin !== null, packing, limit)
  const boxes = solved.map(boundsOf)
  if (!memory) return assemble(input, solved, packed(boxes, lonely, 'fresh'), lonely)
  const rankOf = (node: number): number => lonelyRank(memory, input.key[node])
  const remain = lonely.filter((node) => rankOf(node) === LONELY)
  const known = remain.length <= MOST_KEPT ? remain : NONE // each looks at everything near it
  const free = lonely.filter((node) => rankOf(node) !== PUT)
  const unknown = known.length > 0 ? free.filter((node) => rankOf(node) === NEW) : free
  const finished = (result: LayoutResult): LayoutResult => keepLonely(lonely.filter((node) => rankOf(node) === PUT), free, input, memory, turned, result)
  const staying = (packing: Packing, limit?: number): LayoutResult => keepLonely(known, unknown, input, memory, turned, assemble(input, solved, packed(boxes, unknown, packing, limit), unknown))
  if (memory.isStill) return finished(staying('still'))
  const first = staying('kept')
  if (solved.length + free.length < 2) return finished(first)
  const freshBoxes = solved.map(({ afresh }, p) => (afresh ? boundsOf(afresh) : boxes[p]))
  const wanted = packed(freshBoxes, free, 'fresh').bounds
  const isSmall = ({ bounds }: Pick<Places, 'bounds'>): boolean =>
    areaOf(bounds) <= WORTH_KEEPING * areaOf(wanted) && bounds.right - bounds.left <= WORTH_KEEPING * (wanted.right - wanted.left)
  if (isSmall(first)) return finished(first)
  const limit = WORTH_KEEPING * areaOf(packed(freshBoxes, NONE, 'fresh').bounds)
  const largest = largestKept(boxes)
  if (known.length > 0) {
    const places = packed(boxes, free, 'kept')
    if (isSmall(places)) return finished(assemble(input, solved, places, free))
  }
  const closer = staying('close', limit)
  if (isSmall(closer)) return finished(closer)
  for (const places of [packed(boxes, free, 'close', limit), shifted(packed(boxes, free, 'fresh'), largest)]) if (isSmall(places)) return finished(assemble(input, solved, places, free))
  return finished(assemble(input, solved.map((one) => one.afresh ?? one), shifted(packed(freshBoxes, free, 'fresh'), largest), free))
}

/** The largest piece that stood somewhere; -1: there is none. */
function largestKept(boxes: Box[]): number {
  let largest = -1
  let most = 0
  boxes.forEach((box, p) => {
    if (box.keptAt === null || areaOf(box) <= most) return
    largest = p
    most = areaOf(box)
  })
  return largest
}

/** The places moved across so that piece p stays at its x. */
function shifted(places: Places, p: number): Places {
  if (p < 0) return places
  const by = -places.dx[p]
  const { left, top, right, bottom } = places.bounds
  return { ...places, dx: places.dx.map((dx) => dx + by), lonelyX: places.lonelyX.map((x) => x + by), bounds: { left: left + by, top, right: right + by, bottom } }
}

/** What a node without edges was: LONELY when it had edges then. */
function lonelyRank(memory: Memory, key: number): number {
  const was = memory.findAny(key)
  return was < 0 ? NEW : Math.min(memory.rank[was], LONELY)
}

/** Nodes without edges that stood somewhere stay there, as far as nothing else came to stand in their place; `placed`: those that have one already. */
function keepLonely(known: Uint32Array, placed: Uint32Array, input: LayoutInput, memory: Memory, turned: Turned, result: LayoutResult): LayoutResult {
  if (known.length === 0) return result
  const isPlaced = Uint8Array.from(result.rank, (rank) => Number(rank >= 0))
  for (const node of placed) isPlaced[node] = 1
  const wanted = (node: number): { x: number; y: number } => { const was = memory.findAny(input.key[node]); return { x: memory.x[was], y: memory.y[was] } }
  if (known.length === input.count) {
    const { x, y } = wanted(known[0])
    result.bounds = { left: x, top: y, right: x, bottom: y }
  }
  settle([...known], wanted, isPlaced, { ...turned, ...result, beyond: beyondPorts(turned, result) })
  for (const node of known) result.rank[node] = lonelyRank(memory, input.key[node])
  return result
}

/** Where lines go on from pinned nodes to the border, however far that is. */
function beyondPorts({ pin, width, height }: Turned, { x, y }: LayoutResult): Obstacles[] {
  const found: Obstacles[] = []
  pin?.forEach((side, i) => {
    if (side === FIRST) found.push({ left: x[i], top: -Infinity, right: x[i] + width[i], bottom: y[i] })
    else if (side === LAST) found.push({ left: x[i], top: y[i] + height[i], right: x[i] + width[i], bottom: Infinity })
  })
  return found
}

function boundsOf(solved: Solved): Box {
  const { piece, x, drawing } = solved
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity }
  const include = (px: number, py: number): void => {
    if (px < box.left) box.left = px
    if (px > box.right) box.right = px
    if (py < box.top) box.top = py
    if (py > box.bottom) box.bottom = py
  }
  for (let i = 0; i < piece.count; i++) {
    include(x[i], drawing.y[i])
    include(x[i] + piece.width[i], drawing.y[i] + piece.height[i])
  }
  for (let k = 0; k < drawing.points.length; k += 2) include(drawing.points[k], drawing.points[k + 1])
  for (let e = 0; e < piece.edgeCount; e++) {
    if (Number.isNaN(drawing.labelX[e])) continue
    include(drawing.labelX[e], drawing.labelY[e])
    include(drawing.labelX[e] + piece.labelAcross[e], drawing.labelY[e])
  }
  let outline: Outline | null = null
  let shape: Shape | null = null
  return { ...box, left: Math.floor(box.left), right: Math.ceil(box.right), keptAt: solved.keptAt, outline: () => (outline ??= outlineOf(solved, box)), shape: () => (shape ??= new Shape(solved)) }
}

function assemble(input: LayoutInput, solved: Solved[], places: ReturnType<typeof pack>, lonely: Uint32Array): LayoutResult {
  const edges = input.source.length
  const counts = spare.take(Uint32Array, edges + 1).fill(0)
  for (const { piece, drawing } of solved) {
    for (let e = 0; e < piece.edgeCount; e++) counts[piece.edges[e] + 1] = drawing.pointStart[e + 1] - drawing.pointStart[e]
  }
  for (let e = 0; e < edges; e++) counts[e + 1] += counts[e]
  const result: LayoutResult = {
    x: spare.take(Float32Array, input.count).fill(0),
    y: spare.take(Float32Array, input.count).fill(0),
    pointStart: counts,
    points: spare.take(Float32Array, 2 * counts[edges]),
    labelX: spare.take(Float32Array, edges).fill(NaN),
    labelY: spare.take(Float32Array, edges).fill(NaN),
    targetX: spare.take(Float32Array, edges).fill(0),
    bounds: { left: 0, top: 0, right: 0, bottom: 0 },
    rank: spare.take(Int32Array, input.count).fill(LONELY),
    trunks: trunksOf(solved, places.dx, input.key),
    milliseconds: 0,
  }
  solved.forEach((part, p) => copyPiece(part, places.dx[p], places.dy[p], result))
  for (let k = 0; k < lonely.length; k++) {
    result.x[lonely[k]] = places.lonelyX[k]
    result.y[lonely[k]] = places.lonelyY[k]
  }
  result.bounds = places.bounds
  return result
}

function copyPiece(part: Solved, dx: number, dy: number, result: LayoutResult): void {
  const { piece, ranks, x, drawing } = part
  for (let i = 0; i < piece.count; i++) {
    const node = piece.nodes[i]
    result.x[node] = x[i] + dx
    result.y[node] = drawing.y[i] + dy
    result.rank[node] = ranks.rank[i]
  }
  for (let e = 0; e < piece.edgeCount; e++) {
    const edge = piece.edges[e]
    let to = 2 * result.pointStart[edge]
    for (let k = 2 * drawing.pointStart[e]; k < 2 * drawing.pointStart[e + 1]; k += 2) {
      result.points[to++] = drawing.points[k] + dx
      result.points[to++] = drawing.points[k + 1] + dy
    }
    result.targetX![edge] = piece.targetX[e]
    result.labelX[edge] = drawing.labelX[e] + dx
    result.labelY[edge] = drawing.labelY[e] + dy
  }
}

/** Turns a downward drawing to the right. A label stands above its edge then, and its middle height stays the middle. */
function transpose(input: LayoutInput, result: LayoutResult): void {
  const { x, y, points, labelX, labelY } = result
  for (let i = 0; i < input.count; i++) [x[i], y[i]] = [y[i], x[i]]
  for (let k = 0; k < points.length; k += 2) [points[k], points[k + 1]] = [points[k + 1], points[k]]
  for (let e = 0; e < labelX.length; e++) {
    const across = labelX[e]
    labelX[e] = labelY[e] - input.labelWidth[e] / 2
    labelY[e] = across + 7
  }
  const { left, top, right, bottom } = result.bounds
  result.bounds = { left: top, top: left, right: bottom, bottom: right }
}
