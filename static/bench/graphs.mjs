/** Graphs of known shapes, of any size, for the layout's bench. */

function toInput(count, links) {
  const into = new Int32Array(count)
  for (const [, to] of links) into[to]++
  const at = new Int32Array(count)
  const width = Float32Array.from({ length: count }, (_, i) => 64 + ((i * 37) % 80))
  const seen = new Set()
  return {
    count,
    width,
    height: Float32Array.from({ length: count }, (_, i) => 26 + ((i * 53) % 60)),
    key: Uint32Array.from({ length: count }, (_, i) => i),
    source: Uint32Array.from(links, (l) => l[0]),
    target: Uint32Array.from(links, (l) => l[1]),
    value: Uint32Array.from(links, (l) => l[0]),
    sourceX: Float32Array.from(links, (l) => width[l[0]] / 2),
    targetX: Float32Array.from(links, (l) => width[l[1]] / 2 + (++at[l[1]] - (into[l[1]] + 1) / 2) * Math.min(14, width[l[1]] / (into[l[1]] + 1))),
    labelWidth: Float32Array.from(links, (l) => (seen.has(l[0]) ? 0 : (seen.add(l[0]), 90))),
    direction: 'down',
  }
}

/** Attention and feed-forward blocks with residual edges and one mask that feeds them all. */
export function transformer(nodes) {
  const links = [[0, 1]]
  let last = 1
  let next = 3
  const add = (...from) => {
    for (const node of from) links.push([node, next])
    return next++
  }
  while (next < nodes) {
    const norm = add(add(last), last)
    const [q, k, v] = [add(add(norm)), add(add(norm)), add(add(norm))]
    const mixed = add(add(add(add(q, add(k)), 2)), v)
    const kept = add(add(add(mixed)), last)
    const inner = add(add(kept), kept)
    const up = add(inner)
    last = add(add(add(add(add(up), up), add(inner))), kept)
  }
  return toInput(next, links)
}

/** An encoder and a decoder with a skip at every depth, and dense blocks of four. */
export function unet(nodes) {
  const links = []
  const depth = Math.floor(nodes / 8)
  let next = 1
  const block = (input) => {
    const inside = [input]
    for (let i = 0; i < 4; i++) {
      for (const node of inside) links.push([node, next])
      inside.push(next++)
    }
    return next - 1
  }
  const skips = []
  let last = 0
  for (let d = 0; d < depth; d++) skips.push((last = block(last)))
  for (let d = depth - 1; d >= 0; d--) {
    links.push([skips[d], next])
    last = block(last)
  }
  return toInput(next, links)
}

/** The input with one more node on its middle edge. */
export function withOneMore(input) {
  const e = Math.floor(input.source.length / 2)
  const grow = (array, ...more) => {
    const larger = new array.constructor(array.length + more.length)
    larger.set(array)
    larger.set(more, array.length)
    return larger
  }
  const target = grow(input.target, input.target[e])
  target[e] = input.count
  const targetX = grow(input.targetX, input.targetX[e])
  targetX[e] = 40
  return {
    ...input,
    count: input.count + 1,
    width: grow(input.width, 80),
    height: grow(input.height, 30),
    key: grow(input.key, input.count),
    source: grow(input.source, input.count),
    target,
    value: grow(input.value, input.count),
    sourceX: grow(input.sourceX, 40),
    targetX,
    labelWidth: grow(input.labelWidth, 90),
  }
}

/** A chain with a branch of three and a skip at every few nodes, from one end to the other: as deep as it has nodes. */
export function decoder(nodes) {
  const links = []
  let last = 0
  let next = 1
  while (next < nodes) {
    const from = last
    for (let k = 0; k < 6; k++) {
      links.push([last, next])
      last = next++
    }
    links.push([from, next], [next, next + 1], [next + 1, next + 2])
    links.push([last, next + 3], [next + 2, next + 3], [from, next + 3])
    last = next + 3
    next += 4
  }
  return toInput(next, links)
}
