/** What the file says of a subject that has no form of its own: read-only text, so that nothing is hidden. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { AppFailure, errorData } from '../connection/errors'
import { useEditor } from '../forms/editor-context'
import type { MoreRow } from '../protocol/types'
import { Icon } from './Icon'

const FIRST = 40 // rows that are fetched at first
const NEXT = 500
const OPEN_UP_TO = 6 // rows that are shown without being asked for
const DEEPEST = 8 // levels of indentation
const PAUSE = 250 // ms after an edit, so that typing and dragging do not ask all the time

interface Found { rows: readonly MoreRow[]; next: number | null; whole: boolean }
const NOTHING: Found = { rows: [], next: null, whole: false }

interface MoreInFileProps { subject: string; title?: string }

export function MoreInFile({ subject, title = 'More in the file' }: MoreInFileProps): JSX.Element | null {
  const editor = useEditor()
  const { state } = editor
  const revision = state.revision.value
  const off = state.original.value === 'off' // what is told is about the edited model
  const [found, setFound] = useState<Found>(NOTHING)
  const [open, setOpen] = useState<boolean | null>(null)
  const [problem, setProblem] = useState('')
  const fetchRows = async (start: number, count: number, whole: boolean): Promise<Found | null> => {
    const answer = await editor.api.more(editor.session, subject, start, count, whole)
    return { rows: answer.rows, next: answer.next, whole }
  }
  useEffect(() => {
    let wanted = off
    const timer = setTimeout(() => {
      fetchRows(0, Math.max(FIRST, found.rows.length), found.whole).then((next) => { if (wanted && next) setFound(next) }, (thrown: unknown) => {
        if (!(thrown instanceof AppFailure)) throw thrown
        if (wanted && thrown.data.code === 'no-such-subject') setFound(NOTHING) // it is gone meanwhile
      })
    }, found === NOTHING ? 0 : PAUSE)
    return () => { wanted = false; clearTimeout(timer) }
  }, [subject, revision, off])
  if (!off || found.rows.length === 0) return null
  const cut = found.next !== null || found.rows.some((row) => row.cut)
  const shown = open ?? found.rows.length <= OPEN_UP_TO
  const attempt = async (work: () => Promise<Found | null>): Promise<void> => {
    try {
      const next = await work()
      setProblem('')
      if (next) setFound(next)
    } catch (thrown) {
      setProblem(errorData(thrown).message)
    }
  }
  const further = async (): Promise<Found | null> => {
    const next = await fetchRows(found.next ?? 0, NEXT, found.whole)
    return next && { ...next, rows: [...found.rows, ...next.rows] }
  }
  return (
    <section class="section more-in-file" aria-label={title}>
      <button type="button" class="folded-head" aria-expanded={shown} onClick={() => setOpen(!shown)}>
        <Icon name={shown ? 'down' : 'right'} /><span class="section-title">{title} <span class="count">{found.rows.length}{found.next === null ? '' : '+'}</span></span>
      </button>
      {shown && (
        <>
          <dl class="more-rows">{found.rows.map((row, at) => <Line key={at} row={row} />)}</dl>
          {found.next !== null && <button type="button" class="link" onClick={() => void attempt(further)}>show more</button>}
          {cut && !found.whole && <button type="button" class="link" onClick={() => void attempt(() => fetchRows(0, Math.max(NEXT, found.rows.length), true))}>show all, uncut</button>}
          {problem && <p class="field-error" role="alert">{problem}</p>}
        </>
      )}
    </section>
  )
}

function Line({ row }: { row: MoreRow }): JSX.Element {
  return (
    <div class={row.depth === 0 ? 'more-row' : 'more-row inside'} style={{ '--depth': Math.min(row.depth, DEEPEST) }}>
      <dt>{row.name}</dt>{row.text !== '' && <dd><bdi>{row.text}</bdi></dd>}
    </div>
  )
}
