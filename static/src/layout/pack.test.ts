/** Pieces stand beside one another, where they find room. */
import { expect, test } from 'vitest'
import { Outline } from './outline'
import type { Box, Places } from './box'
import { pack } from './pack'

/** A piece that is between these sides down to each of these heights. */
function piece(...parts: [left: number, right: number, bottom: number][]): Box {
  const outline = new Outline()
  let top = 0
  for (const [left, right, bottom] of parts) {
    outline.add(left, top, right, bottom)
    top = bottom
  }
  return { left: Math.min(...parts.map(([left]) => left)), right: Math.max(...parts.map(([, right]) => right)), top: 0, bottom: top, keptAt: null, outline: () => outline, shape: () => { throw new Error('only what stays still has a shape') } }
}

const packed = (...boxes: Box[]): Places => pack(boxes, new Uint32Array(), new Float32Array(), new Float32Array(), false, 'fresh', Infinity)

test('a small piece stands to the right of a large one', () => {
  const { dx, bounds } = packed(piece([0, 300, 400]), piece([0, 80, 100]))
  expect(dx[1]).toBeGreaterThan(300)
  expect(bounds.left).toBe(0)
})

test('it stands to the left where the large one leaves room there, and only there', () => {
  const { dx, bounds } = packed(piece([200, 300, 300], [0, 300, 400]), piece([0, 80, 100]))
  expect(dx[1]! + 80).toBeLessThan(200)
  expect(bounds.right - bounds.left).toBe(300)
})
