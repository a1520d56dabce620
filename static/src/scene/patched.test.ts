/** Patched scenes: after any small edit they are what a scene built afresh would be. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyEdit, edited, graphOf, type Step } from './edits.fixture'
import type { Scene } from './scene'

/** What a scene says, column by column. */
function said(scene: Scene): unknown {
  const { kind, index, cards, source, target, value: values, slot, labels, room, key, width, height, sourceAt, targetAt } = scene
  return { kind, index, cards, source, target, values, slot, labels, room, key, width, height, sourceAt, targetAt, of: scene.nesting?.of, out: scene.wires.outEdges, into: scene.wires.inEdges, rows: [...scene.rows].sort(([one], [other]) => one - other) }
}

let patches = 0
let edits = 0

/** Says how many patched scenes were not what building makes. */
function wrongPatches(steps: Iterable<Step>): string[] {
  const wrong: string[] = []
  for (const { edit, built, patched } of steps) {
    edits += 1
    if (!patched) continue
    patches += 1
    try { expect(said(patched)).toEqual(said(built)) } catch (thrown) { wrong.push(`${JSON.stringify(edit)}: ${String(thrown).slice(0, 400)}`) }
  }
  return wrong
}

test.each([['down, with open scopes', true, 'down'], ['to the right, without scopes', false, 'right']] as const)('after any edits a patched scene is what is built, %s', (_, folded, direction) => {
  patches = edits = 0
  fc.assert(
    fc.property(fc.integer({ min: 6, max: 24 }), fc.array(fc.nat(1000), { minLength: 48, maxLength: 48 }), fc.array(anyEdit, { minLength: 1, maxLength: 8 }), (count, takes, list) => {
      expect(wrongPatches(edited(graphOf(count, takes), list, folded, direction))).toEqual([])
    }),
    { numRuns: 80 },
  )
  expect(patches).toBeGreaterThan(edits / 4)
})
