/** A long answer arrives whole, and is told of on its way. */
import { expect, it, vi } from 'vitest'
import { received } from './received'

const MB = 2 ** 20

function answer(pieces: number, headers: Record<string, string>): Response {
  let sent = 0
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 60))
      if (sent === pieces) controller.close()
      else controller.enqueue(new Uint8Array(MB).fill(++sent))
    },
  })
  return new Response(stream, { headers })
}

it('tells the bytes that are there, and gives all of them in order', async () => {
  const told = vi.fn()
  const all = new Uint8Array(await received(answer(6, { 'Content-Length': String(6 * MB) }), told))
  expect([all.length, ...[0, 1, 2, 3, 4, 5].map((at) => all[at * MB])]).toEqual([6 * MB, 1, 2, 3, 4, 5, 6])
  expect(told).toHaveBeenCalledWith(2 * MB, 6 * MB)
})

it('says nothing of an answer whose length nobody knows', async () => {
  const told = vi.fn()
  expect((await received(answer(2, {}), told)).byteLength).toBe(2 * MB)
  expect((await received(answer(2, { 'Content-Length': String(5 * MB), 'Content-Encoding': 'gzip' }), told)).byteLength).toBe(2 * MB)
  expect(told).not.toHaveBeenCalled()
})
