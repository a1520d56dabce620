/** How far the longest path of a drawing strays from one vertical line. */

/** Nodes of a longest path, from the top; among paths of the same length the one whose edges are given first. */
export function longestPath(input, { rank }) {
  const order = Uint32Array.from({ length: input.count }, (_, i) => i).sort((a, b) => rank[a] - rank[b])
  const out = Array.from({ length: input.count }, () => [])
  for (let e = 0; e < input.source.length; e++) if (rank[input.source[e]] < rank[input.target[e]]) out[input.source[e]].push(input.target[e])
  const length = new Int32Array(input.count)
  const from = new Int32Array(input.count).fill(-1)
  for (const node of order) {
    for (const next of out[node]) {
      if (length[next] > length[node]) continue
      length[next] = length[node] + 1
      from[next] = node
    }
  }
  let end = 0
  for (let i = 0; i < input.count; i++) if (length[i] > length[end]) end = i
  const path = []
  for (let node = end; node >= 0; node = from[node]) path.push(node)
  return path.reverse()
}

/** Pixels from the leftmost to the rightmost axis on the path; the share of its nodes within a box of the most common axis; and between its ends. */
export function straying(input, result) {
  const axes = longestPath(input, result).map((node) => result.x[node] + input.width[node] / 2)
  const sorted = [...axes].sort((a, b) => a - b)
  const middle = sorted[sorted.length >> 1]
  const near = axes.filter((x) => Math.abs(x - middle) < 100).length
  const tenth = Math.max(1, Math.floor(axes.length / 10))
  const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length
  return {
    path: axes.length,
    path_range: Math.round(sorted.at(-1) - sorted[0]),
    path_near_axis: Math.round((1000 * near) / axes.length) / 1000,
    path_drift: Math.round(mean(axes.slice(-tenth)) - mean(axes.slice(0, tenth))),
  }
}
