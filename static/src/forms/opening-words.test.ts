/** What is said while a model is opened. */
import { describe, expect, it } from 'vitest'
import type { OpeningProgress } from '../protocol/types'
import { openingFraction, openingText } from './opening-words'

describe('an opening', () => {
  it.each<[OpeningProgress, string, number | null]>([
    [{ step: 'reading', done: 0, of: 3.1e9 }, 'Reading 3.1 GB; weights stay where they are.', null],
    [{ step: 'nodes', done: 12_000, of: 50_000 }, 'Making the graph: 12,000 of 50,000 nodes.', 0.24],
    [{ step: 'nodes', done: 50_000, of: 50_000 }, 'All 50,000 nodes are read; starting the session.', null],
    [{ step: 'loading', done: 4e6, of: 16e6 }, 'Loading the graph: 4.0 MB of 16.0 MB.', 0.25],
    [{ step: 'layout', done: 0, of: 50_000 }, 'Laying out the graph of 50,000 nodes.', null],
  ])('says what happens, in figures where they are known: %o', (progress, text, fraction) => {
    expect([openingText(progress), openingFraction(progress)]).toEqual([text, fraction])
  })
})
