/** The same graph drawn by us and by Netron's dagre, with the same boxes and the same labels. */
import { drawnByCanvas, drawnByNetron } from './curves.mjs'

/** Our layout of the input as a drawing. */
export function drawnByUs(input, result) {
  const nodes = Array.from(result.x, (x, i) => ({ left: x, top: result.y[i], right: x + input.width[i], bottom: result.y[i] + input.height[i] }))
  const lines = Array.from(input.source, (_, e) => {
    const points = []
    for (let k = result.pointStart[e]; k < result.pointStart[e + 1]; k++) points.push([result.points[2 * k], result.points[2 * k + 1]])
    return { value: input.value[e], points, drawn: drawnByCanvas(points) }
  })
  const labels = []
  result.labelX.forEach((x, e) => { if (!Number.isNaN(x)) labels.push({ left: x, top: result.labelY[e] - 7, right: x + input.labelWidth[e], bottom: result.labelY[e] + 7 }) })
  return { nodes, lines, labels }
}

/** Laid out as Netron's grapher.js asks for it. Of several edges between two nodes it knows one, as Netron does. */
export function drawnByDagre(dagre, input) {
  const nodes = Array.from(input.width, (width, i) => ({ v: String(i), width, height: input.height[i] }))
  const known = new Set()
  const edges = []
  for (let e = 0; e < input.source.length; e++) {
    const [v, w] = [String(input.source[e]), String(input.target[e])]
    if (known.has(`${v},${w}`)) continue
    known.add(`${v},${w}`)
    const label = input.labelWidth[e]
    edges.push({ v, w, value: input.value[e], minlen: 1, weight: 1, width: label, height: label > 0 ? 14 : 0, labeloffset: 10, labelpos: 'r' })
  }
  dagre.layout(nodes, edges, { nodesep: 20, ranksep: 20 }, {})
  return {
    nodes: nodes.map(({ x, y, width, height }) => ({ left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 })),
    lines: edges.map(({ value, points }) => { const route = (points ?? []).map(({ x, y }) => [x, y]); return { value, points: route, drawn: drawnByNetron(route) } }),
    labels: edges.filter(({ width, x }) => width > 0 && x !== undefined).map(({ x, y, width, height }) => ({ left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 })),
  }
}
