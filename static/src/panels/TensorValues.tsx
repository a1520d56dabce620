/** A tensor's values by slice: an index for each leading dim, and a table of the last two. */
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { readValues, type TensorSubject } from '../commands/tensor'
import { AppFailure } from '../connection/errors'
import { useEditor } from '../forms/editor-context'
import { sentence } from '../forms/sentence'
import type { AppErrorData } from '../protocol/types'
import { Icon } from './Icon'
import { CellsBar, isTyped, useCells } from './TensorCells'
import { openSetValues } from './set-values'
import { type Shown, TensorTable } from './TensorTable'
import { type Corner, inside, pieceOf, plane, type Room } from './tensor-slices'

const ROWS = 8
const CELL = 56 // px of a column
const LABEL = 36 // px of a row's index
const FIRST: Corner = { lead: [], row: 0, column: 0 }

interface TensorValuesProps {
  subject: TensorSubject
  shape: readonly number[]
  dtype: string
  /** another one when the data is another */
  content: string
  editable: boolean
}

export function TensorValues({ subject, shape, dtype, content, editable }: TensorValuesProps): JSX.Element {
  const editor = useEditor()
  const box = useRef<HTMLDivElement>(null)
  const [columns, setColumns] = useState(0)
  const [asked, setAsked] = useState<Corner>(FIRST)
  const [shown, setShown] = useState<Shown | null>(null)
  const [error, setError] = useState<AppErrorData | null>(null)
  useEffect(() => {
    const measure = (): void => setColumns(Math.max(2, Math.floor(((box.current?.clientWidth ?? 300) - LABEL) / (dtype === 'string' ? 2 * CELL : CELL))))
    measure()
    const watch = new ResizeObserver(measure)
    if (box.current) watch.observe(box.current)
    return () => watch.disconnect()
  }, [dtype])
  const room: Room = { rows: ROWS, columns }
  const corner = inside(shape, asked, { ...room, columns: Math.max(1, columns) })
  useEffect(() => {
    const piece = columns > 0 ? pieceOf(shape, corner, room) : null
    if (!piece) return
    const stop = new AbortController()
    readValues(editor, subject, piece, stop.signal).then((view) => { setShown({ values: view.values, piece, corner, room }); setError(null) }, (thrown: unknown) => {
      if (thrown instanceof AppFailure) setError(thrown.data)
      else if (!stop.signal.aborted) throw thrown
    })
    return () => stop.abort()
  }, [JSON.stringify(corner), columns, JSON.stringify(subject), shape.join(), content])
  const cells = useCells(subject, shape, dtype)
  const empty = shape.some((dim) => dim === 0)
  return (
    <section class="section tensor-values" aria-label="Values">
      <div class="section-head">
        <h3 class="section-title">Values</h3>
        {editable && <button type="button" class="link small" onClick={(event) => openSetValues(editor, subject, event.currentTarget)}>Set values…</button>}
      </div>
      {empty && <p class="quiet">It has no elements.</p>}
      {!empty && shape.length > 2 && <Lead shape={shape} corner={corner} onChange={setAsked} />}
      <div ref={box} class="value-box">
        {error ? <p class="note warning" role="alert">{sentence(error.message)}</p> : !empty && shown && <TensorTable shown={shown} shape={shape} editing={editable && isTyped(dtype) ? cells.editing : null} />}
        {!empty && !shown && !error && [0, 1, 2, 3].map((row) => <span key={row} class="skeleton" style={{ '--width': '100%' }} />)}
      </div>
      {!empty && !error && <CellsBar cells={cells} />}
      {!empty && !error && columns > 0 && <Pages shape={shape} corner={corner} room={room} onChange={setAsked} />}
    </section>
  )
}

/** One index field for each dim before the last two. */
function Lead({ shape, corner, onChange }: { shape: readonly number[]; corner: Corner; onChange(corner: Corner): void }): JSX.Element {
  const set = (axis: number, at: number): void => onChange({ ...corner, lead: corner.lead.map((old, other) => (other === axis ? at : old)) })
  return (
    <div class="lead-indices">
      {shape.slice(0, -2).map((dim, axis) => (
        <label key={axis} class="lead-index">
          <span class="quiet">dim {axis}</span>
          <span class="stepper">
            <button type="button" class="icon-button small" aria-label={`Less along dim ${axis}`} disabled={corner.lead[axis] === 0} onClick={() => set(axis, corner.lead[axis]! - 1)}><Icon name="left" /></button>
            <input class="field" type="number" min={0} max={dim - 1} aria-label={`Index along dim ${axis}`} value={corner.lead[axis]} onChange={(event) => set(axis, Math.trunc(Number(event.currentTarget.value) || 0))} />
            <button type="button" class="icon-button small" aria-label={`More along dim ${axis}`} disabled={corner.lead[axis]! >= dim - 1} onClick={() => set(axis, corner.lead[axis]! + 1)}><Icon name="right" /></button>
          </span>
          <span class="quiet">of {dim.toLocaleString('en')}</span>
        </label>
      ))}
    </div>
  )
}

/** Rows and columns of the table, a page at a time. */
function Pages({ shape, corner, room, onChange }: { shape: readonly number[]; corner: Corner; room: Room; onChange(corner: Corner): void }): JSX.Element | null {
  const whole = plane(shape, room)
  const across = shape.length >= 2 && whole.columns > room.columns
  const down = whole.rows > room.rows
  if (!across && !down) return null
  return (
    <div class="pages">
      {down && <Page what="rows" at={corner.row} step={room.rows} of={whole.rows} scale={shape.length === 1 ? room.columns : 1} end={shape.length === 1 ? shape[0]! : whole.rows} onChange={(row) => onChange({ ...corner, row })} />}
      {across && <Page what="columns" at={corner.column} step={room.columns} of={whole.columns} scale={1} end={whole.columns} onChange={(column) => onChange({ ...corner, column })} />}
    </div>
  )
}

function Page({ what, at, step, of, scale, end, onChange }: { what: string; at: number; step: number; of: number; scale: number; end: number; onChange(at: number): void }): JSX.Element {
  const last = Math.min(end, (at + step) * scale) - 1
  const name = scale === 1 ? what : 'elements'
  return (
    <div class="page">
      <button type="button" class="icon-button small" aria-label={`Earlier ${name}`} disabled={at === 0} onClick={() => onChange(Math.max(0, at - step))}><Icon name="left" /></button>
      <span>{name} {(at * scale).toLocaleString('en')}–{last.toLocaleString('en')} <span class="quiet">of {end.toLocaleString('en')}</span></span>
      <button type="button" class="icon-button small" aria-label={`Later ${name}`} disabled={at + step >= of} onClick={() => onChange(at + step)}><Icon name="right" /></button>
    </div>
  )
}
