/** Revisions that come out of order, twice, or with a gap. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RevisionMessage } from '../protocol/types'
import { failure } from './errors'
import { RevisionOrder } from './revisions'

const message = (revision: number): RevisionMessage => ({ revision }) as RevisionMessage

function order(fetched: (since: number) => Promise<RevisionMessage[]>, start = 0): { order: RevisionOrder; applied: number[]; reloads: () => number; at: (revision: number) => void } {
  let current = start
  let reloads = 0
  let server = start
  const applied: number[] = []
  const made = new RevisionOrder({
    current: () => current,
    apply: (one) => { applied.push(one.revision); current = one.revision },
    reload: () => { reloads += 1; current = server; return Promise.resolve() },
  }, fetched)
  return { order: made, applied, reloads: () => reloads, at: (revision) => { server = revision } }
}
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

describe('revisions', () => {
  it('are applied once and in sequence, whatever order they come in', async () => {
    await fc.assert(fc.asyncProperty(fc.shuffledSubarray([1, 2, 3, 4, 5, 6], { minLength: 6 }), async (arrival) => {
      const all = [1, 2, 3, 4, 5, 6].map(message)
      const { order: made, applied } = order((since) => Promise.resolve(all.filter((one) => one.revision > since)))
      for (const revision of arrival) { made.receive(message(revision)); made.receive(message(revision)) }
      await settled()
      expect(applied).toEqual([1, 2, 3, 4, 5, 6])
    }), { numRuns: 50 })
  })

  it('that are missing are fetched', async () => {
    const { order: made, applied, reloads } = order(() => Promise.resolve([1, 2, 3].map(message)))
    made.receive(message(3))
    await settled()
    expect(applied).toEqual([1, 2, 3])
    expect(reloads()).toBe(0)
  })

  it('that are too old to fetch are replaced by a snapshot', async () => {
    const { order: made, applied, reloads, at } = order(() => Promise.reject(failure('too-old', 'gone', '', 409)))
    at(900)
    await made.catchUpTo(900)
    expect(reloads()).toBe(1)
    made.receive(message(901))
    expect(applied).toEqual([901])
  })

  it('wait for the reconnect when there is no connection to fetch them by', async () => {
    const { order: made, reloads } = order(() => Promise.reject(failure('offline', 'no answer')))
    made.receive(message(5))
    await settled()
    expect(reloads()).toBe(0)
  })
})
