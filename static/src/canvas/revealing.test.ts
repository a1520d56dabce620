/** What is revealed comes to where it is seen well. */
import { describe, expect, it } from 'vitest'
import { documentOf, mainGraph, node, value } from '../document/encode.fixture'
import type { Bounds } from '../scene/placed'
import { Camera, type Place } from './camera'
import { laidOut } from './picture.fixture'
import { Revealing } from './revealing'
import type { Stage } from './stage'

const LENGTH = 30
const MAP: Bounds = { left: 600, top: 400, right: 790, bottom: 590 }

/** A long chain, seen on a canvas of 800 × 600 with one of its nodes this far below its upper edge; goes to a node, and gives where on screen that is then. */
function seen(topOfTenth: number, revealed: number, covers: readonly Bounds[] = [], left = 300): { x: number; y: number; moved: boolean } {
  const count = Array.from({ length: LENGTH }, (_, at) => at)
  const placed = laidOut(documentOf({
    graphs: [mainGraph(['value:0'], [`value:${LENGTH}`])], nodes: count.map((at) => node(`node:${at}`, 'Relu', [`value:${at}`], [`value:${at + 1}`])),
    values: [value('value:0', { kind: 'input' }), ...count.map((at) => value(`value:${at + 1}`, at + 1 === LENGTH ? { kind: 'output', is_output: true } : {}))],
  }))
  const camera = new Camera()
  Object.assign(camera, { width: 800, height: 600 })
  const item = (at: number): number => placed.itemOfNode(`node:${at}`)
  camera.jump({ x: placed.x[item(10)] - left, y: placed.y[item(10)] - topOfTenth, zoom: 1 })
  let moved = false
  const goTo = (place: Place): void => { moved = true; camera.jump(place) }
  new Revealing({ placed, camera } as unknown as Stage, () => {}, goTo, () => covers).reveal(`node:${revealed}`)
  const { left: x, top, right, bottom } = placed.boxOf(item(revealed))
  return { x: camera.screenX((x + right) / 2), y: camera.screenY((top + bottom) / 2), moved }
}

describe('what is revealed', () => {
  it.each([['above', 25, 400], ['below', 0, 100]])('comes to the middle from out of sight, %s', (_, revealed, top) => {
    expect(seen(top, revealed).y).toBeCloseTo(300)
  })

  it('stays where it is where it is seen', () => {
    expect(seen(200, 10).moved).toBe(false)
  })

  it('moves by as little as it takes where the edge of the canvas cuts it', () => {
    const { y } = seen(-5, 10)
    expect(y).toBeGreaterThan(48)
    expect(y).toBeLessThan(80)
  })

  it('comes out from beneath what lies over the canvas', () => {
    expect(seen(450, 10, [MAP], 650).y).toBeCloseTo(300)
  })
})
