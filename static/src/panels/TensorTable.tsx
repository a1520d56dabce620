/** The table of a tensor's values: a cell is edited where it stands, and several before they are applied together. */
import type { JSX } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Piece } from '../commands/tensor'
import type { TensorValue } from '../protocol/report'
import { type Corner, elementAt, linesOf, type Room } from './tensor-slices'

export interface Shown { values: readonly TensorValue[]; piece: Piece; corner: Corner; room: Room }
/** What was typed over elements, by flat index, until it is applied. */
export type Drafts = ReadonlyMap<number, string>
export interface CellEditing {
  drafts: Drafts
  /** the element whose draft was refused */
  wrong: number | null
  /** what was typed, or null to take it back */
  onDraft(element: number, text: string | null): void
  /** applies all drafts, and this one */
  onApply(element: number, text: string): void
}

const ARROWS: Readonly<Record<string, [down: number, right: number]>> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }

export function TensorTable({ shown, shape, editing }: { shown: Shown; shape: readonly number[]; /** null: it is only looked at */ editing: CellEditing | null }): JSX.Element {
  const { corner, room, piece } = shown
  const table = useRef<HTMLTableElement>(null)
  const [at, setAt] = useState<[line: number, column: number]>([0, 0])
  const [open, setOpen] = useState<{ element: number; text: string; all: boolean } | null>(null)
  const lines = linesOf(shown.values, shape, piece, room)
  const vector = shape.length < 2
  const width = lines[0]?.length ?? 0
  const here: [number, number] = [Math.min(at[0], lines.length - 1), Math.min(at[1], (lines[Math.min(at[0], lines.length - 1)]?.length ?? 1) - 1)]
  const label = (line: number): number => (vector ? (corner.row + line) * room.columns : corner.row + line)
  const textAt = (line: number, column: number): string => {
    const element = elementAt(shape, piece, room, line, column)
    return (element === null ? undefined : editing?.drafts.get(element)) ?? String(lines[line]![column])
  }
  const begin = (line: number, column: number, text?: string): void => {
    const element = elementAt(shape, piece, room, line, column)
    const value = lines[line]?.[column]
    if (!editing || element === null || value === undefined || (typeof value === 'string' && value.endsWith('…'))) return
    setAt([line, column])
    setOpen({ element, text: text ?? textAt(line, column), all: text === undefined })
  }
  const focusCell = (line: number, column: number): void => {
    setAt([line, column])
    table.current?.querySelector<HTMLElement>(`td[data-at="${line} ${column}"]`)?.focus()
  }
  /** What was typed stays as a draft, unless it is what stands. */
  const keep = (line: number, column: number, text: string): void => {
    const element = elementAt(shape, piece, room, line, column)!
    if (text !== textAt(line, column)) editing?.onDraft(element, text === String(lines[line]![column]) ? null : text)
    setOpen(null)
  }
  const step = (line: number, column: number, by: 1 | -1): [number, number] | null => {
    const flat = lines.flatMap((cells, row) => cells.map((_, cell): [number, number] => [row, cell]))
    return flat[flat.findIndex(([row, cell]) => row === line && cell === column) + by] ?? null
  }
  const onCellKey = (event: KeyboardEvent, line: number, column: number): void => {
    const arrow = ARROWS[event.key]
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (arrow) {
      const next: [number, number] = [line + arrow[0], column + arrow[1]]
      if (lines[next[0]]?.[next[1]] !== undefined) focusCell(...next)
    } else if (editing && (event.key === 'Enter' || event.key === 'F2')) begin(line, column)
    else if (editing && /^[-+.\d]$/.test(event.key)) begin(line, column, event.key)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const onFieldKey = (event: KeyboardEvent & { currentTarget: HTMLInputElement }, line: number, column: number): void => {
    event.stopPropagation()
    const text = event.currentTarget.value
    if (event.key === 'Enter') {
      const element = open!.element
      setOpen(null)
      editing!.onApply(element, text)
    } else if (event.key === 'Escape') {
      editing!.onDraft(open!.element, null)
      setOpen(null)
    } else if (event.key === 'Tab') {
      const next = step(line, column, event.shiftKey ? -1 : 1)
      keep(line, column, text)
      if (next) begin(...next)
    } else return
    event.preventDefault()
    if (event.key !== 'Tab') focusCell(line, column)
  }
  return (
    <table ref={table} class={editing ? 'value-table editable' : 'value-table'} aria-label="Elements">
      {shape.length > 0 && (
        <thead><tr><th scope="col" aria-label="index" />{Array.from({ length: width }, (_, column) => <th key={column} scope="col">{vector ? `+${column}` : (corner.column + column).toLocaleString('en')}</th>)}</tr></thead>
      )}
      <tbody>
        {lines.map((line, row) => (
          <tr key={row}>
            {shape.length > 0 && <th scope="row">{label(row).toLocaleString('en')}</th>}
            {line.map((value, column) => {
              const element = elementAt(shape, piece, room, row, column)
              const draft = element === null ? undefined : editing?.drafts.get(element)
              const edited = open !== null && open.element === element
              return (
                <td key={column} data-at={`${row} ${column}`} tabIndex={here[0] === row && here[1] === column ? 0 : -1} class={cellClass(value, draft)} title={draft === undefined ? String(value) : `${draft}, was ${String(value)}`}
                  aria-invalid={editing?.wrong === element ? true : undefined} onFocus={() => setAt([row, column])} onDblClick={() => { if (!edited) begin(row, column) }} onKeyDown={(event) => { if (!edited) onCellKey(event, row, column) }}>
                  {edited
                    ? <CellField text={open.text} all={open.all} onKeyDown={(event) => onFieldKey(event, row, column)} onLeave={(text) => keep(row, column, text)} />
                    : draft ?? cellText(value)}
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function CellField({ text, all, onKeyDown, onLeave }: { text: string; all: boolean; onKeyDown(event: KeyboardEvent & { currentTarget: HTMLInputElement }): void; onLeave(text: string): void }): JSX.Element {
  const input = useRef<HTMLInputElement>(null)
  const done = useRef(false)
  useLayoutEffect(() => { // before the next key is pressed: it belongs here
    input.current?.focus()
    if (all) input.current?.select()
    else input.current?.setSelectionRange(text.length, text.length)
  }, [])
  return (
    <input ref={input} class="cell-field" type="text" aria-label="element" spellcheck={false} autocomplete="off" defaultValue={text}
      onKeyDown={(event) => { done.current = ['Enter', 'Escape', 'Tab'].includes(event.key); onKeyDown(event) }}
      onBlur={(event) => { if (!done.current) onLeave(event.currentTarget.value) }} />
  )
}

function cellClass(value: TensorValue, draft: string | undefined): string {
  if (draft !== undefined) return 'draft'
  return isOdd(value) ? 'odd' : value === 0 || value === false ? 'zero' : ''
}

function isOdd(value: TensorValue): boolean {
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity'
}

export function cellText(value: TensorValue): string {
  if (typeof value === 'number') return shortNumber(value)
  if (value === 'Infinity') return '∞'
  if (value === '-Infinity') return '−∞'
  return String(value)
}

/** Three digits are enough to compare by eye; the whole number is in the tooltip. */
function shortNumber(value: number): string {
  const size = Math.abs(value)
  if (Number.isInteger(value) && size < 1e7) return String(value)
  return size >= 1e5 || size < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(3)))
}
