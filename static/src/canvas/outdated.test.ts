/** Outdated pictures: what replaced them keeps what they had in common, and reading them is an error. */
import { expect, test } from 'vitest'
import { documentOf, mainGraph, node, value } from '../document/encode.fixture'
import { PlacedScene } from '../scene/placed'
import { Outdated } from './outdated'
import { laidOut } from './picture.fixture'

function chain(): PlacedScene {
  return laidOut(documentOf({
    graphs: [mainGraph(['value:x'], [])], nodes: [node('node:r', 'Relu', ['value:x'], ['value:h']), node('node:s', 'Neg', ['value:h'], [])],
    values: [value('value:x', { kind: 'input' }), value('value:h')],
  }))
}

/** The first picture was replaced by the second. */
function replaced(first: PlacedScene, second: PlacedScene): Outdated {
  const outdated = new Outdated()
  outdated.add(first)
  outdated.sweep([second], [])
  return outdated
}

test('a picture that is shown no more cannot be read by mistake', () => {
  const [first, second] = [chain(), chain()]
  replaced(first, second)
  expect(() => first.boxOf(0)).toThrow(TypeError)
  expect(() => first.layout.points[0]).toThrow(TypeError)
  expect(() => first.scene.wires.incoming(1)).toThrow(TypeError)
})

test('the same scene in other places stays whole when the first are outdated', () => {
  const first = chain()
  const second = new PlacedScene(first.scene, { ...first.layout, x: first.layout.x.slice() })
  const before = [...first.points]
  replaced(first, second)
  expect([...second.points]).toEqual(before)
  expect(second.scene.incoming(1).length).toBe(1)
})

test('what is still in use elsewhere stays until it is not', () => {
  const [first, second] = [chain(), chain()]
  const outdated = new Outdated()
  outdated.add(first)
  outdated.sweep([second, first], [])
  expect(first.boxOf(0).left).toBe(first.x[0])
  outdated.sweep([second], [])
  expect(() => first.boxOf(0)).toThrow(TypeError)
})
