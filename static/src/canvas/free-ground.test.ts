/** A new note hides nothing. */
import { describe, expect, it } from 'vitest'
import { documentOf, mainGraph, node, value } from '../document/encode.fixture'
import type { Direction } from '../scene/flow'
import type { Bounds } from '../scene/placed'
import { meet } from '../scene/standing'
import { freeGround } from './free-ground'
import { laidOut } from './picture.fixture'

const OUTPUTS = Array.from({ length: 6 }, (_, at) => `value:o${at}`)
const document = documentOf({
  graphs: [mainGraph(['value:x'], ['value:y'])],
  nodes: [node('node:s', 'Split', ['value:x'], OUTPUTS), ...OUTPUTS.map((output, at) => node(`node:r${at}`, 'Relu', [output], [`value:r${at}`])), node('node:k', 'Concat', OUTPUTS.map((_, at) => `value:r${at}`), ['value:y'])],
  values: [value('value:x', { kind: 'input' }), value('value:y', { kind: 'output', is_output: true }), ...OUTPUTS.map((id) => value(id, { dtype: 'float32', shape: [1, 3, 224, 224] })), ...OUTPUTS.map((_, at) => value(`value:r${at}`))],
})
const ALL = { left: -1e6, top: -1e6, right: 1e6, bottom: 1e6 }
const SIZE = { width: 240, height: 84 }

function hidden(direction: Direction, at: { x: number; y: number }, notes: Bounds[]): unknown[] {
  const placed = laidOut(document, direction)
  const note = { left: at.x, top: at.y, right: at.x + SIZE.width, bottom: at.y + SIZE.height }
  const boxes = placed.scene.cards.map((card, item) => ({ what: card.title, box: placed.boxOf(item) }))
  const labels = placed.scene.labels.flatMap((label, edge) => (label ? [{ what: label.text, box: { left: placed.labelX[edge]!, top: placed.labelY[edge]! - 8, right: placed.labelX[edge]! + label.width, bottom: placed.labelY[edge]! + 8 } }] : []))
  return [...boxes, ...labels, ...notes.map((box) => ({ what: 'a note', box }))].filter(({ box }) => meet(box, note)).map(({ what }) => what)
}

describe.each(['down', 'right'] as const)('in a graph that runs %s', (direction) => {
  const placed = laidOut(document, direction)
  const middle = placed.boxOf(placed.itemOfNode('node:r3'))

  it('notes that are wanted at one place, on a card, hide neither cards nor labels nor one another', () => {
    const notes: Bounds[] = []
    for (let time = 0; time < 4; time++) {
      const at = freeGround(placed, { x: middle.left, y: middle.top }, SIZE, notes, ALL)
      expect(hidden(direction, at, notes)).toEqual([])
      notes.push({ left: at.x, top: at.y, right: at.x + SIZE.width, bottom: at.y + SIZE.height })
    }
  })

  it('a note stays where it is wanted on free ground', () => {
    const wanted = { x: placed.bounds.right + 50, y: placed.bounds.top }
    expect(freeGround(placed, wanted, SIZE, [], ALL)).toEqual(wanted)
  })

  it('a note is put where it is seen', () => {
    const view = { left: middle.left - 600, top: middle.top - 600, right: middle.right, bottom: middle.bottom + 600 }
    const at = freeGround(placed, { x: middle.right + 24, y: middle.top }, SIZE, [], view)
    expect([at.x >= view.left, at.x + SIZE.width <= view.right, at.y >= view.top, at.y + SIZE.height <= view.bottom]).toEqual([true, true, true, true])
  })
})
