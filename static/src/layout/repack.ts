/** Packs pieces anew as few as need be: those that stood somewhere stay, those that make the whole too large go where there is room. */
import type { Box, Places } from './box'

export const PIECE_GAP = 36
/** what is this far apart across stands beside one another */
export const BESIDE_GAP = 28

interface Frame { left: number; top: number; right: number; bottom: number }

/** Puts each piece into the free place at which all together are smallest: below another one or beside it, as far up as it can stand. */
export function fill(boxes: readonly Box[], stay: readonly number[], pieces: readonly number[], places: Places): void {
  const taken = stay.map((p) => frameOf(boxes, places, p))
  const size = (p: number): number => (boxes[p].right - boxes[p].left) * (boxes[p].bottom - boxes[p].top)
  for (const p of [...pieces].sort((a, b) => size(b) - size(a) || a - b)) {
    const box = boxes[p]
    const [width, height] = [box.right - box.left, box.bottom - box.top]
    let best: Frame = { left: 0, top: 0, right: width, bottom: height }
    let least = Infinity
    for (const left of taken.flatMap((one) => [one.left, one.right + BESIDE_GAP])) {
      const frame = lowest(taken, left, width, height)
      const { left: l, top: t, right: r, bottom: b } = around([...taken, frame])
      const cost = (r - l) * (b - t) + frame.top
      if (cost < least) [best, least] = [frame, cost]
    }
    taken.push(best)
    places.dx[p] = best.left - box.left
    places.dy[p] = best.top - box.top
  }
}

/** Of the pieces that stay, the smallest at the border that should come in; -1: only the largest is there. `wide`: rather at the sides than at the lower end. */
export function outermost(boxes: readonly Box[], stay: readonly number[], places: Places, wide: boolean): number {
  const frames = stay.map((p) => frameOf(boxes, places, p))
  const { left, right, bottom } = around(frames)
  const size = (k: number): number => (frames[k].right - frames[k].left) * (frames[k].bottom - frames[k].top)
  const all = Array.from(stay.keys()).sort((a, b) => size(a) - size(b))
  const smaller = all.slice(0, -1)
  const out = smaller.find((k) => (wide ? frames[k].left <= left || frames[k].right >= right : frames[k].bottom >= bottom)) ?? smaller[0]
  return out === undefined ? -1 : stay[out]
}

function frameOf(boxes: readonly Box[], { dx, dy }: Places, p: number): Frame {
  const { left, top, right, bottom } = boxes[p]
  return { left: left + dx[p], top: top + dy[p], right: right + dx[p], bottom: bottom + dy[p] }
}

function lowest(taken: readonly Frame[], left: number, width: number, height: number): Frame {
  const beside = taken.filter((one) => one.left < left + width + BESIDE_GAP && left < one.right + BESIDE_GAP).sort((a, b) => a.top - b.top)
  let top = 0
  for (const one of beside) if (one.top < top + height + PIECE_GAP && top < one.bottom + PIECE_GAP) top = one.bottom + PIECE_GAP
  return { left, top, right: left + width, bottom: top + height }
}

function around(frames: readonly Frame[]): Frame {
  const whole = { left: Infinity, top: 0, right: -Infinity, bottom: 0 }
  for (const { left, right, bottom } of frames) {
    whole.left = Math.min(whole.left, left)
    whole.right = Math.max(whole.right, right)
    whole.bottom = Math.max(whole.bottom, bottom)
  }
  return whole
}
