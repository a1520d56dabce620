/** The view after a body was opened. */
import { describe, expect, it } from 'vitest'
import { Camera } from './camera'
import { placeToSee } from './opened-view'

function cameraAt(x: number, y: number, zoom: number): Camera {
  const camera = new Camera()
  camera.width = 848
  camera.height = 688
  camera.jump({ x, y, zoom })
  return camera
}
const box = (left: number, top: number, right: number, bottom: number) => ({ left, top, right, bottom })
const node = box(100, 100, 250, 160)

describe('a body that was opened', () => {
  it('moves nothing where it is seen', () => {
    expect(placeToSee({ all: box(50, 100, 400, 500), node }, cameraAt(0, 0, 1), [])).toBeNull()
  })

  it('is moved in by as little as it takes', () => {
    expect(placeToSee({ all: box(50, 100, 400, 650), node }, cameraAt(0, 0, 1), [])).toEqual({ x: 0, y: 42, zoom: 1 })
  })

  it('comes to the middle with a node that was out of sight', () => {
    expect(placeToSee({ all: box(50, 100, 400, 500), node }, cameraAt(0, 120, 1), [])).toEqual({ x: -199, y: -44, zoom: 1 })
  })

  it('comes out from beneath what lies over the canvas', () => {
    const place = placeToSee({ all: box(50, 100, 400, 500), node }, cameraAt(-400, 0, 1), [box(700, 450, 840, 680)])!
    expect(400 - place.x).toBeLessThan(700)
  })

  it('is seen whole at a smaller scale where that can be read', () => {
    const camera = cameraAt(0, 0, 1)
    const place = placeToSee({ all: box(50, 100, 400, 1100), node }, camera, [])!
    expect(place.zoom).toBeCloseTo(0.568)
    camera.jump(place)
    expect(camera.view.top).toBeLessThanOrEqual(100)
    expect(camera.view.bottom).toBeGreaterThanOrEqual(1100)
  })

  it('is seen from its node on where it is too large', () => {
    const place = placeToSee({ all: box(50, 100, 400, 5000), node }, cameraAt(0, 0, 1), [])!
    expect(place.zoom).toBe(0.55)
    expect(place.y).toBeCloseTo(100 - 40 / 0.55)
  })

  it('is not enlarged for a reader who is farther away', () => {
    expect(placeToSee({ all: box(50, 100, 400, 5000), node }, cameraAt(-50, 50, 0.1), [])?.zoom ?? 0.1).toBe(0.1)
  })
})
