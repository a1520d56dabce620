/** Whose job a page follows. */
import { expect, it } from 'vitest'
import type { JobMessage } from '../protocol/types'
import type { Work } from '../state'
import { heardOfWork } from './work'

const WAITING: Work = { what: 'edit', edit: { kind: 'simplify' }, job: null, progress: null, text: 'Starting' }

function told(author: string, job = 'a'): JobMessage {
  return { session: 's', job, kind: 'edit', revision: 1, state: 'running', progress: 0.5, text: 'folding', result: null, error: null, author }
}

it('takes the job of its own edit', () => {
  expect(heardOfWork(WAITING, told('me'), 'me')).toMatchObject({ job: 'a', progress: 0.5, text: 'folding' })
})

it('leaves the job of somebody else alone, so that Cancel cannot stop it', () => {
  expect(heardOfWork(WAITING, told('they'), 'me')).toBe(WAITING)
  expect(heardOfWork({ ...WAITING, job: 'a' }, told('they', 'b'), 'me')?.job).toBe('a')
})
