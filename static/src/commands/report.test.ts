/** The report on the model that panels ask for. */
import { signal } from '@preact/signals'
import { describe, expect, it } from 'vitest'
import type { Editor } from './editor'
import type { MissingFiles } from '../protocol/types'
import { fetchReport, takeMissing } from './report'

function editorWith(during: (state: ReturnType<typeof stateOf>) => void): { editor: Editor; state: ReturnType<typeof stateOf> } {
  const state = stateOf()
  const report = (): Promise<unknown> => { during(state); return Promise.resolve({ revision: 3 }) }
  return { editor: { state, api: { report }, session: 's' } as unknown as Editor, state }
}

const stateOf = () => ({
  revision: signal(3), missing: signal<object>({ count: 1 }), report: signal<{ revision: number } | null>(null),
  reportAsked: signal<number | null>(null), reportError: signal<unknown>(null),
})

describe('the report', () => {
  it('is of the revision that it was asked for', async () => {
    const { editor, state } = editorWith(() => undefined)
    await fetchReport(editor)
    expect(state.report.value).toEqual({ revision: 3 })
  })

  it('is old at once when data files came while it was made', async () => {
    const { editor, state } = editorWith((now) => { now.missing.value = { count: 0 } })
    await fetchReport(editor)
    expect(state.report.value).toEqual({ revision: -1 })
  })

  it('is old when data files came after it was made, and stays as it is when nothing is missing that was there', async () => {
    const { editor, state } = editorWith(() => undefined)
    await fetchReport(editor)
    const missing = (count: number): MissingFiles => ({ count, tensors: count, bytes: 8 * count, files: [] })
    state.missing.value = missing(1)
    takeMissing(editor.state, missing(1))
    expect(state.report.value).toEqual({ revision: 3 })
    takeMissing(editor.state, missing(0))
    expect(state.report.value).toEqual({ revision: -1 })
    expect(state.missing.value).toEqual(missing(0))
  })
})
