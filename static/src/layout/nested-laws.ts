/** What every nested layout must keep, for tests: each broken law is one line of text. */
import { crosses } from './laws'
import type { Box } from './line-laws'
import { checkApart, checkFalling, type Point } from './line-laws'
import type { LayoutInput, LayoutNest, LayoutResult, NestResult } from './types'

const SLACK = 0.2
/** Of a container's title: what stands right of its name, and where the name begins and ends. */
const NAME = { left: 10, top: 5, bottom: 23, behind: 42 }

/** The laws that the layout breaks; empty when it is sound. */
export function brokenNesting(input: LayoutInput, result: LayoutResult): string[] {
  const nest = input.nest!
  const broken: string[] = []
  const nodes = Array.from(result.x, (left, i) => ({ left, top: result.y[i], right: left + input.width[i], bottom: result.y[i] + input.height[i] }))
  const boxes = boxesOf(result.nest!)
  checkContainment(nest, nodes, boxes, broken)
  checkOverlap(nest, nodes, boxes, broken)
  const lines: Point[][] = []
  for (let e = 0; e < input.source.length; e++) {
    const line: Point[] = []
    for (let k = result.pointStart[e]; k < result.pointStart[e + 1]; k++) line.push([result.points[2 * k], result.points[2 * k + 1]])
    checkEnds({ ...input, targetX: result.targetX ?? input.targetX }, nodes, e, line, broken)
    checkPassage(nest, input, nodes, boxes, e, line, broken)
    if (e < (input.wires ?? Infinity)) checkNames(nest, input, boxes, e, line, broken)
    lines.push(input.direction === 'right' ? line.map(([x, y]) => [y, x]) : line)
  }
  checkApart(input, result.targetX ?? input.targetX, lines, broken)
  checkFalling(input, nodes, boxes, nest, broken)
  checkLabels(input, nest, nodes, boxes, result, broken)
  return broken
}

function boxesOf({ x, y, width, height }: NestResult): Box[] {
  return Array.from(x, (left, c) => ({ left, top: y[c], right: left + width[c], bottom: y[c] + height[c] }))
}

function inside(inner: Box, outer: Box): boolean {
  return inner.left >= outer.left - SLACK && inner.right <= outer.right + SLACK && inner.top >= outer.top - SLACK && inner.bottom <= outer.bottom + SLACK
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right - SLACK && b.left < a.right - SLACK && a.top < b.bottom - SLACK && b.top < a.bottom - SLACK
}

function checkContainment(nest: LayoutNest, nodes: Box[], boxes: Box[], broken: string[]): void {
  nodes.forEach((node, i) => {
    if (![node.left, node.top].every(Number.isFinite)) broken.push(`node ${i} stands nowhere`)
    if (nest.of[i] >= 0 && !inside(node, boxes[nest.of[i]])) broken.push(`node ${i} is not inside container ${nest.of[i]}`)
  })
  boxes.forEach((box, c) => { if (nest.parent[c] >= 0 && !inside(box, boxes[nest.parent[c]])) broken.push(`container ${c} is not inside container ${nest.parent[c]}`) })
}

/** Whether container `outer` is around what stands in container `of` (or is it). */
function holds(nest: LayoutNest, outer: number, of: number): boolean {
  for (let at = of; at >= 0; at = nest.parent[at]) if (at === outer) return true
  return false
}

function checkOverlap(nest: LayoutNest, nodes: Box[], boxes: Box[], broken: string[]): void {
  nodes.forEach((a, i) => {
    for (let j = i + 1; j < nodes.length; j++) if (overlap(a, nodes[j])) broken.push(`nodes ${i} and ${j} overlap`)
    boxes.forEach((box, c) => { if (!holds(nest, c, nest.of[i]) && overlap(a, box)) broken.push(`node ${i} lies on container ${c}`) })
  })
  boxes.forEach((a, c) => {
    for (let d = c + 1; d < boxes.length; d++) if (!holds(nest, c, d) && !holds(nest, d, c) && overlap(a, boxes[d])) broken.push(`containers ${c} and ${d} overlap`)
  })
}

function checkEnds(input: LayoutInput, nodes: Box[], e: number, line: Point[], broken: string[]): void {
  if (line.length < 2) {
    broken.push(`edge ${e} has no line`)
    return
  }
  const right = input.direction === 'right'
  const source = nodes[input.source[e]]
  const target = nodes[input.target[e]]
  const [first, last] = [line[0], line.at(-1)!]
  const leaves: Point = right ? [source.right, source.top + input.sourceX[e]] : [source.left + input.sourceX[e], source.bottom]
  const enters: Point = right ? [target.left, target.top + input.targetX[e]] : [target.left + input.targetX[e], target.top]
  if (Math.hypot(first[0] - leaves[0], first[1] - leaves[1]) > 2 * SLACK) broken.push(`edge ${e} does not start at its port`)
  if (Math.hypot(last[0] - enters[0], last[1] - enters[1]) > 2 * SLACK) broken.push(`edge ${e} does not end at its port`)
}

/** No line runs through a node, nor into a container that holds neither of its ends, and none crosses a border at a slant. */
function checkPassage(nest: LayoutNest, input: LayoutInput, nodes: Box[], boxes: Box[], e: number, line: Point[], broken: string[]): void {
  const ends = [nest.of[input.source[e]], nest.of[input.target[e]]]
  for (let k = 1; k < line.length; k++) {
    nodes.forEach((node, i) => { if (crosses(line[k - 1], line[k], node, SLACK)) broken.push(`edge ${e} runs through node ${i}`) })
    boxes.forEach((box, c) => {
      const own = ends.some((end) => holds(nest, c, end))
      if (!own && crosses(line[k - 1], line[k], box, SLACK)) broken.push(`edge ${e} runs through container ${c}`)
      if (own && slants(line[k - 1], line[k], box, input.direction === 'right')) broken.push(`edge ${e} crosses the border of container ${c} at a slant`)
    })
  }
}

/** A line that comes into a container may run straight down behind its name, where there was no room beside it, but bends below it. */
function checkNames(nest: LayoutNest, input: LayoutInput, boxes: Box[], e: number, line: Point[], broken: string[]): void {
  boxes.forEach((box, c) => {
    if (input.direction === 'right' || !holds(nest, c, nest.of[input.target[e]]) || holds(nest, c, nest.of[input.source[e]])) return
    const name = { left: box.left + NAME.left, right: box.left + nest.title[c] - NAME.behind, top: box.top + NAME.top, bottom: box.top + NAME.bottom }
    for (let k = 1; k < line.length; k++) {
      const [a, b] = [line[k - 1], line[k]]
      if (Math.abs(a[0] - b[0]) > SLACK && crosses(a, b, name, SLACK)) broken.push(`edge ${e} bends at the name of container ${c}`)
    }
  })
}

/** Whether a piece that is not along the flow has one end in the box and one outside. */
function slants(a: Point, b: Point, box: Box, right: boolean): boolean {
  if (Math.abs(right ? a[1] - b[1] : a[0] - b[0]) <= SLACK) return false
  const within = (p: Point): boolean => p[0] > box.left + SLACK && p[0] < box.right - SLACK && p[1] > box.top + SLACK && p[1] < box.bottom - SLACK
  return within(a) !== within(b)
}

function checkLabels(input: LayoutInput, nest: LayoutNest, nodes: Box[], boxes: Box[], { labelX, labelY }: LayoutResult, broken: string[]): void {
  for (let e = 0; e < input.source.length; e++) {
    if (Number.isNaN(labelX[e])) continue
    const label = { left: labelX[e], right: labelX[e] + input.labelWidth[e], top: labelY[e] - 6, bottom: labelY[e] + 6 }
    nodes.forEach((node, i) => { if (overlap(label, node)) broken.push(`label ${e} lies on node ${i}`) })
    boxes.forEach((box, c) => { if (!holds(nest, c, nest.of[input.source[e]]) && overlap(label, box)) broken.push(`label ${e} lies on container ${c}`) })
  }
}
