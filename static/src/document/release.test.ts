/** Memory that is used again: only for arrays that it is large enough for, and only when it was given back. */
import { expect, test, vi } from 'vitest'
import { Spare } from './release'

test('memory that was given back is used for the next array, and no other is', () => {
  const spare = new Spare(1000)
  const [one, other] = [spare.take(Float32Array, 100), spare.take(Float32Array, 100)]
  spare.give([one.buffer as ArrayBuffer])
  expect(spare.take(Uint32Array, 90).buffer).toBe(one.buffer)
  expect(spare.take(Uint32Array, 90).buffer).not.toBe(other.buffer)
})

test('memory that was given back twice is used once', () => {
  const spare = new Spare(1000)
  const { buffer } = spare.take(Float32Array, 100)
  spare.give([buffer as ArrayBuffer])
  spare.give([buffer as ArrayBuffer])
  expect(spare.take(Float32Array, 100).buffer).not.toBe(spare.take(Float32Array, 100).buffer)
})

test('much larger memory waits for a larger array', () => {
  const spare = new Spare(1000)
  const { buffer } = spare.take(Float32Array, 100)
  spare.give([buffer as ArrayBuffer])
  expect(spare.take(Float32Array, 40).buffer).not.toBe(buffer)
})

test('arrays that came from elsewhere are left alone until they are adopted', () => {
  const spare = new Spare(1000)
  const found = new Float32Array(100)
  spare.give([found.buffer])
  expect(spare.take(Float32Array, 100).buffer).not.toBe(found.buffer)
  spare.adopt([found.buffer])
  spare.give([found.buffer])
  expect(spare.take(Float32Array, 100).buffer).toBe(found.buffer)
})

test('what is more than may wait is given back to the system', () => {
  const spare = new Spare(500)
  const [one, other] = [spare.take(Uint8Array, 400), spare.take(Uint8Array, 400)]
  spare.give([one.buffer as ArrayBuffer, other.buffer as ArrayBuffer])
  expect([one.length, other.length]).toEqual([400, 0])
})

test('what waited for a while without any use is given back to the system too', () => {
  vi.useFakeTimers()
  try {
    const spare = new Spare(1000)
    const one = spare.take(Uint8Array, 400)
    spare.give([one.buffer as ArrayBuffer])
    vi.advanceTimersByTime(60_000)
    expect(one.length).toBe(0)
    expect(spare.take(Uint8Array, 400).length).toBe(400)
  } finally {
    vi.useRealTimers()
  }
})
