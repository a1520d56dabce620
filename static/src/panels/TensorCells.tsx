/** The elements that somebody typed over in the table of a tensor, until they are applied or taken back. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { type Cell, tensorEdit, type TensorSubject } from '../commands/tensor'
import { errorData } from '../connection/errors'
import { useEditor } from '../forms/editor-context'
import { LiteralError } from '../forms/literals'
import { Refused } from '../forms/Refused'
import { sentence } from '../forms/sentence'
import { parseElement } from '../forms/tensor-literal'
import type { AppErrorData } from '../protocol/types'
import { plural } from './status'
import type { CellEditing, Drafts } from './TensorTable'
import { placeOf } from './tensor-slices'

export interface Cells { editing: CellEditing; error: AppErrorData | null; busy: boolean; apply(): void; takeBack(): void }

const MOST = 10_000 // cells in one edit
const NONE: Drafts = new Map()

export function useCells(subject: TensorSubject, shape: readonly number[], dtype: string): Cells {
  const editor = useEditor()
  const [drafts, setDrafts] = useState<Drafts>(NONE)
  const [error, setError] = useState<AppErrorData | null>(null)
  const [wrong, setWrong] = useState<number | null>(null)
  const [busy, setBusy] = useState(false)
  const put = (next: Drafts): void => { setDrafts(next); setError(null); setWrong(null) }
  const send = async (all: Drafts): Promise<void> => {
    if (busy || all.size === 0) return
    let reading = -1
    try {
      if (all.size > MOST) throw new LiteralError(`${all.size} elements are too many at once`)
      const cells = [...all].map(([element, text]): Cell => {
        reading = element
        return { at: placeOf(shape, element), value: parseElement(text, dtype) }
      })
      setBusy(true)
      await editor.submit(tensorEdit(subject, { cells }))
      put(NONE)
    } catch (thrown) {
      if (thrown instanceof LiteralError) setWrong(reading)
      setError(thrown instanceof LiteralError ? { code: 'wrong-parameters', message: thrown.message, hint: '', subjects: [] } : errorData(thrown))
    } finally {
      setBusy(false)
    }
  }
  const editing: CellEditing = {
    drafts,
    wrong,
    onDraft: (element, text) => put(changed(drafts, element, text)),
    onApply: (element, text) => {
      const next = changed(drafts, element, text)
      put(next)
      void send(next)
    },
  }
  return { editing, error, busy, apply: () => void send(drafts), takeBack: () => put(NONE) }
}

function changed(drafts: Drafts, element: number, text: string | null): Drafts {
  const next = new Map(drafts)
  if (text === null) next.delete(element)
  else next.set(element, text)
  return next
}

/** Complex numbers have no literal of their own. */
export function isTyped(dtype: string): boolean {
  return dtype !== '' && !dtype.startsWith('complex')
}

/** What waits to be applied, and why it was refused. */
export function CellsBar({ cells }: { cells: Cells }): JSX.Element | null {
  const { drafts } = cells.editing
  if (drafts.size === 0) return null
  const { error } = cells
  return (
    <div class="cells-bar" role="group" aria-label="Changed elements">
      {error && (error.code === 'wrong-parameters' && !error.fields ? <p class="refused-line small" role="alert">{sentence(error.message)}</p> : <Refused error={error} />)}
      <div class="cells-line">
        <span class="quiet">{plural(drafts.size, 'element')} changed</span>
        <button type="button" class="link" onClick={cells.takeBack}>take back</button>
        <button type="button" class="button small primary" disabled={cells.busy} onClick={cells.apply}>Apply</button>
      </div>
    </div>
  )
}
