/** What every layout must keep, for tests: each broken law is one line of text. */
import { APART, checkApart, checkFalling, type Point, type Box } from './line-laws'
import type { LayoutInput, LayoutResult } from './types'

const SLACK = 0.1

/** The laws that the layout breaks; empty when it is sound. */
export function brokenLaws(input: LayoutInput, result: LayoutResult): string[] {
  const broken: string[] = []
  const boxes = sideways(input, boxesOf(input, result))
  const turned = input.direction === 'right'
  checkBoxes(boxes, broken)
  const shelf = new Shelf(boxes)
  const lines: Point[][] = []
  for (let e = 0; e < input.source.length; e++) {
    const line: Point[] = []
    for (let k = result.pointStart[e]; k < result.pointStart[e + 1]; k++) {
      const point: Point = [result.points[2 * k], result.points[2 * k + 1]]
      line.push(turned ? [point[1], point[0]] : point)
    }
    checkEnds(input, result, boxes, e, line, broken)
    checkPassage(shelf, e, line, broken)
    lines.push(line)
  }
  checkApart(input, result.targetX ?? input.targetX, lines, broken)
  checkFalling(input, boxesOf(input, result), [], null, broken)
  checkPorts(input, result, broken)
  checkLabels(input, result, broken)
  return broken
}

function boxesOf(input: LayoutInput, { x, y }: LayoutResult): Box[] {
  return Array.from(x, (left, i) => ({ left, top: y[i], right: left + input.width[i], bottom: y[i] + input.height[i] }))
}

function sideways(input: LayoutInput, boxes: Box[]): Box[] {
  if (input.direction === 'down') return boxes
  return boxes.map(({ left, top, right, bottom }) => ({ left: top, top: left, right: bottom, bottom: right }))
}

function overlap(a: Box, b: Box, slack: number): boolean {
  return a.left < b.right - slack && b.left < a.right - slack && a.top < b.bottom - slack && b.top < a.bottom - slack
}

function checkBoxes(boxes: Box[], broken: string[]): void {
  const byTop = boxes.map((_, i) => i).sort((a, b) => boxes[a].top - boxes[b].top)
  for (let i = 0; i < byTop.length; i++) {
    const a = boxes[byTop[i]]
    if (![a.left, a.top, a.right, a.bottom].every(Number.isFinite)) broken.push(`node ${byTop[i]} stands nowhere`)
    for (let j = i + 1; j < byTop.length && boxes[byTop[j]].top < a.bottom; j++) {
      const near = { ...a, left: a.left - 23, right: a.right + 23 }
      if (overlap(near, boxes[byTop[j]], SLACK)) broken.push(`nodes ${byTop[i]} and ${byTop[j]} overlap or nearly touch`)
    }
  }
}

function checkEnds(input: LayoutInput, result: LayoutResult, boxes: Box[], e: number, line: [number, number][], broken: string[]): void {
  if (line.length < 2) {
    broken.push(`edge ${e} has no line`)
    return
  }
  const source = boxes[input.source[e]]
  const target = boxes[input.target[e]]
  const port = (wanted: number, box: Box): number => box.left + Math.min(Math.max(wanted, 0), box.right - box.left)
  const [first, second] = line
  const [before, last] = line.slice(-2)
  if (Math.abs(first[0] - port(input.sourceX[e], source)) > SLACK || Math.abs(first[1] - source.bottom) > SLACK) broken.push(`edge ${e} does not start at its port`)
  if (Math.abs(last[0] - port((result.targetX ?? input.targetX)[e], target)) > SLACK || Math.abs(last[1] - target.top) > SLACK) broken.push(`edge ${e} does not end at its port`)
  if (Math.abs(first[0] - second[0]) > SLACK || second[1] <= first[1]) broken.push(`edge ${e} does not leave downwards`)
  if (Math.abs(before[0] - last[0]) > SLACK || last[1] <= before[1]) broken.push(`edge ${e} does not enter downwards`)
}

/** Ports keep their order, stand no nearer to one another than they were wanted or than lines may, and on their side of the box. */
function checkPorts(input: LayoutInput, { targetX }: LayoutResult, broken: string[]): void {
  if (!targetX) return
  const side = input.direction === 'right' ? input.height : input.width
  const wanted = input.targetX.map((at, e) => Math.min(Math.max(at, 0), side[input.target[e]]))
  const sorted = Array.from(input.target.keys()).sort((a, b) => input.target[a] - input.target[b] || wanted[a] - wanted[b] || targetX[a] - targetX[b])
  sorted.forEach((e, k) => {
    const node = input.target[e]
    if (targetX[e] < -SLACK || targetX[e] > side[node] + SLACK) broken.push(`edge ${e} enters beside node ${node}`)
    const before = sorted[k - 1]
    if (k === 0 || input.target[before] !== node) return
    const apart = wanted[e] - wanted[before]
    if (targetX[e] - targetX[before] < Math.min(apart, APART) - SLACK || (apart === 0 && targetX[e] !== targetX[before])) broken.push(`ports of node ${node} do not stand apart as they should`)
  })
}

/** Boxes by their tops, to find those at a height. */
class Shelf {
  private readonly byTop: number[]
  private readonly tallest: number

  constructor(readonly boxes: readonly Box[]) {
    this.byTop = boxes.map((_, i) => i).sort((a, b) => boxes[a].top - boxes[b].top)
    this.tallest = boxes.reduce((most, { top, bottom }) => Math.max(most, bottom - top), 0)
  }

  /** Indexes of boxes that reach into these heights, and of some near them. */
  *between(top: number, bottom: number): Iterable<number> {
    let low = 0
    for (let high = this.byTop.length; low < high; ) {
      const middle = (low + high) >> 1
      if (this.boxes[this.byTop[middle]].top < top - this.tallest - 1) low = middle + 1
      else high = middle
    }
    for (; low < this.byTop.length && this.boxes[this.byTop[low]].top <= bottom; low++) yield this.byTop[low]
  }
}

/** No line runs through a box; its own ends it only touches. */
function checkPassage(shelf: Shelf, e: number, line: [number, number][], broken: string[]): void {
  for (let k = 1; k < line.length; k++) {
    const [from, to] = [line[k - 1], line[k]]
    for (const i of shelf.between(Math.min(from[1], to[1]), Math.max(from[1], to[1]))) {
      if (crosses(from, to, shelf.boxes[i], SLACK)) broken.push(`edge ${e} runs through node ${i}`)
    }
  }
}

/** Whether a line runs through a box, more than `slack` inside its borders. */
export function crosses(a: [number, number], b: [number, number], box: Box, slack: number): boolean {
  let from = 0
  let to = 1
  for (const axis of [0, 1] as const) {
    const low = (axis === 0 ? box.left : box.top) + slack
    const high = (axis === 0 ? box.right : box.bottom) - slack
    const d = b[axis] - a[axis]
    if (Math.abs(d) < 1e-9) {
      if (a[axis] <= low || a[axis] >= high) return false
      continue
    }
    const t = [(low - a[axis]) / d, (high - a[axis]) / d].sort((p, q) => p - q)
    from = Math.max(from, t[0])
    to = Math.min(to, t[1])
  }
  return from < to
}

function checkLabels(input: LayoutInput, result: LayoutResult, broken: string[]): void {
  const boxes = boxesOf(input, result)
  const labels: Box[] = []
  for (let e = 0; e < input.source.length; e++) {
    if (!Number.isNaN(result.labelX[e])) {
      labels.push({ left: result.labelX[e], right: result.labelX[e] + input.labelWidth[e], top: result.labelY[e] - 6, bottom: result.labelY[e] + 6 })
    }
  }
  const nodes = new Shelf(boxes)
  const others = new Shelf(labels)
  labels.forEach((label, i) => {
    for (const n of nodes.between(label.top, label.bottom)) if (overlap(label, boxes[n], SLACK)) broken.push(`label ${i} lies on node ${n}`)
    for (const j of others.between(label.top, label.bottom)) if (j > i && overlap(label, labels[j], SLACK)) broken.push(`labels ${i} and ${j} overlap`)
  })
}
