/**
 * What a drawing is like, measured the same way whoever drew it. A drawing is { nodes: [{ left, top, right, bottom }],
 * lines: [{ value, points: [[x, y], …], drawn: [[x, y], …] }], labels: [{ left, top, right, bottom }] }; `points` is the route,
 * `drawn` the same as the eye sees it, with all its curves, in small pieces.
 *
 * Lines of one value are one ink: what they share counts once. A crossing is a point where the inks of two values meet other than
 * at an end of both. A bend is a stretch of the drawn line that curves one way, by more than five degrees in all. The direction in
 * which a line leaves and enters a box is straight down: one that stands askew on its box has a bend there, and is no straighter for
 * having its corner at the border. Corners are the bends between the ends alone, with ends that may stand as they like. A turn
 * is a stretch in which a line goes sideways one way.
 */
const LEAST_BEND = (5 * Math.PI) / 180
const SAME = 0.5
const UPRIGHT = 0.5

export function quality(drawing) {
  const inks = inksOf(drawing.lines)
  return { crossings: crossings(inks), bends: bends(drawing.lines, true), corners: bends(drawing.lines, false), turns: turns(drawing.lines), length: Math.round(sum(inks.map(length))), ...extent(drawing) }
}

function inksOf(lines) {
  const known = new Set()
  const segments = []
  for (const { value, points } of lines) {
    for (let k = 1; k < points.length; k++) {
      const [[x1, y1], [x2, y2]] = [points[k - 1], points[k]]
      const name = [value, x1, y1, x2, y2].map((n) => Math.round(n * 8)).join()
      if (known.has(name) || (x1 === x2 && y1 === y2)) continue
      known.add(name)
      segments.push({ value, x1, y1, x2, y2, top: Math.min(y1, y2), bottom: Math.max(y1, y2), left: Math.min(x1, x2), right: Math.max(x1, x2), isStart: k === 1, isEnd: k === points.length - 1 })
    }
  }
  return segments.sort((a, b) => a.top - b.top)
}

function length({ x1, y1, x2, y2 }) {
  return Math.hypot(x2 - x1, y2 - y1)
}

function crossings(segments) {
  const met = new Map()
  let open = []
  for (const one of segments) {
    open = open.filter((other) => other.bottom >= one.top)
    for (const other of open) if (other.value !== one.value && other.left <= one.right && one.left <= other.right) meet(one, other, met)
    open.push(one)
  }
  let count = 0
  for (const places of met.values()) count += places.length
  return count
}

function meet(a, b, met) {
  const [ax, ay, bx, by] = [a.x2 - a.x1, a.y2 - a.y1, b.x2 - b.x1, b.y2 - b.y1]
  const across = ax * by - ay * bx
  if (Math.abs(across) < 1e-9) return
  const t = ((b.x1 - a.x1) * by - (b.y1 - a.y1) * bx) / across
  const u = ((b.x1 - a.x1) * ay - (b.y1 - a.y1) * ax) / across
  if (t < 0 || t > 1 || u < 0 || u > 1) return
  const [x, y] = [a.x1 + t * ax, a.y1 + t * ay]
  const atEnd = (s) => (s.isStart && Math.hypot(x - s.x1, y - s.y1) < SAME) || (s.isEnd && Math.hypot(x - s.x2, y - s.y2) < SAME)
  if (atEnd(a) && atEnd(b)) return
  const pair = a.value < b.value ? `${a.value},${b.value}` : `${b.value},${a.value}`
  const places = met.get(pair) ?? []
  if (places.some(([px, py]) => Math.hypot(px - x, py - y) < SAME)) return
  places.push([x, y])
  met.set(pair, places)
}

/** Stretches in which lines curve one way, each place of a value's ink once. */
function bends(lines, withEnds) {
  const places = new Set()
  for (const { value, drawn } of lines) {
    let heading = withEnds ? Math.PI / 2 : NaN
    let way = 0
    let turned = 0
    let begin = drawn[0]
    const finish = () => { if (turned > LEAST_BEND) places.add([value, Math.round(begin[0]), Math.round(begin[1]), way].join()) }
    const head = (direction, at) => {
      const by = Number.isNaN(heading) ? 0 : Math.atan2(Math.sin(direction - heading), Math.cos(direction - heading))
      heading = direction
      if (Math.abs(by) < 1e-6) return
      if (Math.sign(by) !== way) {
        finish()
        way = Math.sign(by)
        turned = 0
        begin = at
      }
      turned += Math.abs(by)
    }
    for (let k = 1; k < drawn.length; k++) {
      const [dx, dy] = [drawn[k][0] - drawn[k - 1][0], drawn[k][1] - drawn[k - 1][1]]
      if (Math.hypot(dx, dy) > 1e-3) head(Math.atan2(dy, dx), drawn[k - 1])
    }
    if (withEnds) head(Math.PI / 2, drawn.at(-1))
    finish()
  }
  return places.size
}

function turns(lines) {
  const places = new Set()
  for (const { value, points } of lines) {
    let way = 0
    for (let k = 1; k < points.length; k++) {
      const dx = points[k][0] - points[k - 1][0]
      const now = Math.abs(dx) < UPRIGHT ? 0 : Math.sign(dx)
      if (now !== 0 && now !== way) places.add([value, Math.round(2 * points[k - 1][0]), Math.round(2 * points[k - 1][1]), now].join())
      way = now
    }
  }
  return places.size
}

function extent({ nodes, lines, labels }) {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity }
  const take = (left, top, right, bottom) => {
    box.left = Math.min(box.left, left)
    box.top = Math.min(box.top, top)
    box.right = Math.max(box.right, right)
    box.bottom = Math.max(box.bottom, bottom)
  }
  for (const { left, top, right, bottom } of [...nodes, ...labels]) take(left, top, right, bottom)
  for (const { points } of lines) for (const [x, y] of points) take(x, y, x, y)
  const [width, height] = [Math.max(1, box.right - box.left), Math.max(1, box.bottom - box.top)]
  return { width: Math.round(width), height: Math.round(height), aspect: Math.round((100 * width) / height) / 100 }
}

function sum(numbers) {
  return numbers.reduce((a, b) => a + b, 0)
}
