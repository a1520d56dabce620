/** The way to an earlier state leads over one's own edits only. */
import { expect, it } from 'vitest'
import type { HistoryEntry } from '../protocol/types'
import { wayTo } from './travel'

const entry = (revision: number, author = 'me', undone = false): HistoryEntry => ({ revision, author, undone, title: '', kind: '', author_name: '', at: '' })

it('goes back by undoing what came after', () => {
  expect(wayTo([entry(1), entry(2), entry(3)], 'me', 1)).toEqual({ undo: 2, redo: 0, others: [] })
  expect(wayTo([entry(1), entry(2)], 'me', 0)).toMatchObject({ undo: 2 })
  expect(wayTo([entry(1), entry(2)], 'me', 2)).toMatchObject({ undo: 0, redo: 0 })
})
it('comes back by redoing as far as asked', () => {
  const undone = [entry(1), entry(2, 'me', true), entry(3, 'me', true)]
  expect(wayTo(undone, 'me', 2)).toMatchObject({ undo: 0, redo: 1 })
  expect(wayTo(undone, 'me', 3)).toMatchObject({ undo: 0, redo: 2 })
})
it('cannot bring back what a newer edit has ended', () => {
  expect(wayTo([entry(1, 'me', true), entry(4)], 'me', 1)).toMatchObject({ undo: 1, redo: 0 })
})
it('names the edits of others that stay', () => {
  expect(wayTo([entry(1), entry(2, 'you'), entry(3), entry(4, 'you', true)], 'me', 1)).toEqual({ undo: 1, redo: 0, others: [entry(2, 'you')] })
})
