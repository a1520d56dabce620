/** Lines as they are drawn, as many small straight pieces: ours as the canvas rounds them, Netron's as its grapher.js curves them. */

const STEPS = 16
/** as src/canvas/paint-edges.ts draws */
const CORNER = 14
const BEND_EARLY = 6
const BEND_PULL = 0.55

const between = ([ax, ay], [bx, by], t) => [ax + (bx - ax) * t, ay + (by - ay) * t]

/** Adds a Bézier curve through these control points, which begin where the line is. */
function curve(line, ...controls) {
  for (let k = 1; k <= STEPS; k++) {
    let points = [line.begin, ...controls]
    while (points.length > 1) points = points.slice(1).map((point, i) => between(points[i], point, k / STEPS))
    line.points.push(points[0])
  }
  line.begin = controls.at(-1)
}

function straight(line, to) {
  line.points.push(to)
  line.begin = to
}

/** A route of our layout that runs downwards. */
export function drawnByCanvas(route) {
  if (route.length < 3) return route
  const line = { begin: route[0], points: [route[0]] }
  for (let i = 1; i + 1 < route.length; i++) {
    const [before, at, next, after] = [route[i - 1], route[i], route[i + 1], route[i + 2]]
    if (after && Math.abs(at[0] - before[0]) < 0.1 && Math.abs(after[0] - next[0]) < 0.1 && next[1] - at[1] > 4) {
      const top = at[1] - Math.min(BEND_EARLY, (at[1] - before[1]) / 2)
      const bottom = next[1] + Math.min(BEND_EARLY, (after[1] - next[1]) / 2)
      const pull = (bottom - top) * BEND_PULL
      straight(line, [at[0], top])
      curve(line, [at[0], top + pull], [next[0], bottom - pull], [next[0], bottom])
      i++
      continue
    }
    const [into, out] = [Math.hypot(at[0] - before[0], at[1] - before[1]), Math.hypot(next[0] - at[0], next[1] - at[1])]
    const radius = Math.min(CORNER, into / 2, out / 2)
    straight(line, between(at, before, radius / into))
    curve(line, at, between(at, next, radius / out))
  }
  straight(line, route.at(-1))
  return line.points
}

/** A route of dagre's between its ends on two boxes: a cubic B-spline. */
export function drawnByNetron(route) {
  if (route.length < 3) return route
  const line = { begin: route[0], points: [route[0]] }
  straight(line, between(route[0], route[1], 1 / 6))
  for (let i = 2; i <= route.length; i++) {
    const [from, over, to] = [route[i - 2], route[i - 1], route[Math.min(i, route.length - 1)]]
    curve(line, between(from, over, 1 / 3), between(from, over, 2 / 3), [(from[0] + 4 * over[0] + to[0]) / 6, (from[1] + 4 * over[1] + to[1]) / 6])
  }
  straight(line, route.at(-1))
  return line.points
}
