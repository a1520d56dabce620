/** The nodes of the graph in sight in their scopes, between its inputs and its outputs. */
import type { JSX } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { useEditor } from '../forms/editor-context'
import { Icon } from './Icon'
import { clipped, Name } from './Name'
import { type GroupRow, type Leaf, nodesWithin, outlineAtFirst, type OutlineRow, outlineRows, pathsAround, type ScopeRow } from './outline-rows'
import { plural } from './status'
import { useOutline } from './use-outline'
import { VirtualList } from './VirtualList'

const ROW = 26
const ROOM = 44 // rows that may be open at first

export function Outline(): JSX.Element {
  const editor = useEditor()
  const outlined = useOutline(editor)
  const single = editor.state.selectedId.value
  const [opened, setOpened] = useState<{ graph: string; open: ReadonlySet<string> }>({ graph: '', open: new Set() })
  const open = useMemo(() => (outlined && opened.graph !== outlined.graph ? outlineAtFirst(outlined.tree, ROOM) : opened.open), [opened, outlined?.graph])
  const put = (next: ReadonlySet<string>): void => { if (outlined) setOpened({ graph: outlined.graph, open: next }) }
  useEffect(() => {
    const around = outlined && single !== null ? pathsAround(outlined.document, outlined.tree, single) : []
    if (around.some((path) => !open.has(path))) put(new Set([...open, ...around]))
  }, [single, outlined])
  const rows = useMemo(() => (outlined ? outlineRows(outlined.document, outlined.graph, outlined.tree, open) : []), [outlined, open])
  const [cursor, setCursor] = useState<string | null>(null) // a scope that the arrows stand on
  const active = useMemo(() => rows.findIndex((row) => (row.what === 'leaf' ? cursor === null && row.id === single : row.path === cursor)), [rows, single, cursor])
  useEffect(() => { if (single !== null) setCursor(null) }, [single])

  const toggle = (path: string): void => {
    const next = new Set(open)
    if (!next.delete(path)) next.add(path)
    setCursor(path)
    put(next)
  }
  /** All of the scope is selected, and brought into view. */
  const takeAll = (path: string): void => {
    const scope = outlined?.tree.find(path) ?? -1
    if (!outlined || scope < 0) return
    const ids = nodesWithin(outlined.document, outlined.tree, scope)
    setCursor(path)
    editor.select(ids)
    editor.canvas?.zoomTo(ids)
  }
  const move = (index: number): void => {
    const row = rows[index]
    if (!row) return
    if (row.what !== 'leaf') setCursor(row.path)
    else { setCursor(null); void editor.goTo(row.id) }
  }
  const onKey = (event: KeyboardEvent, index: number): boolean => {
    const row = rows[index]
    if (!row || !['ArrowLeft', 'ArrowRight', 'Enter', ' '].includes(event.key)) return false
    const holds = row.what !== 'leaf'
    if (holds && event.key === 'Enter' && (event.ctrlKey || event.metaKey)) takeAll(row.path)
    else if (holds && (event.key === 'Enter' || event.key === ' ' || row.open === (event.key === 'ArrowLeft'))) toggle(row.path)
    else if (event.key === 'ArrowLeft') move(rows.slice(0, index).findLastIndex(({ depth }) => depth < row.depth))
    else if (event.key === 'ArrowRight' && holds) move(index + 1)
    return true
  }
  const take = (id: string, more: boolean): void => {
    setCursor(null)
    if (more) editor.select([id], 'toggle')
    else void editor.goTo(id)
  }
  if (outlined && rows.length === 0) return <p class="quiet outline-none">Nothing here yet. Double-click the canvas to add an operator.</p>
  return (
    <VirtualList count={rows.length} rowHeight={ROW} label="Outline" tree active={active} idOf={(index) => `outline-${index}`} onMove={move} onKey={onKey}
      row={(index) => <Row key={keyOf(rows[index]!)} index={index} row={rows[index]!} cursor={cursor} onToggle={toggle} onAll={takeAll} onGo={take} />} />
  )
}

interface RowProps<R extends OutlineRow> { index: number; row: R; cursor: string | null; onToggle(path: string): void; onAll(path: string): void; onGo(id: string, more: boolean): void }

function Row({ row, ...rest }: RowProps<OutlineRow>): JSX.Element {
  return row.what === 'leaf' ? <LeafRow row={row} {...rest} /> : row.what === 'scope' ? <Scope row={row} {...rest} /> : <Group row={row} {...rest} />
}

/** A row is its element for as long as it is there: a click that began on one never ends on another. */
function keyOf(row: OutlineRow): string {
  return row.what === 'leaf' ? row.id : row.path
}

const indented = (depth: number): { paddingInlineStart: string } => ({ paddingInlineStart: `${8 + Math.min(depth, 8) * 14}px` })

function Scope({ index, row: { path, depth, label, times, nodes, parameters, share, open }, cursor, onToggle, onAll }: RowProps<ScopeRow>): JSX.Element {
  const told = [plural(nodes, 'node'), parameters > 0 ? `${plural(parameters, 'parameter')} (${percent(share)})` : ''].filter(Boolean).join(', ')
  const figures = parameters > 0 ? `${nodes.toLocaleString('en')} · ${percent(share)}` : nodes.toLocaleString('en')
  return (
    <div id={`outline-${index}`} role="treeitem" aria-level={depth + 1} aria-expanded={open} aria-label={`${clipped(label)}${times > 1 ? ` ×${times.toLocaleString('en')}` : ''} ${figures}: ${told}`}
      class={path === cursor ? 'row scope cursor' : 'row scope'} style={indented(depth)} title={`${clipped(label)}\n${told}\nClick to select all of it (Ctrl+Enter)`} onClick={() => onAll(path)}>
      <span class="turn" onClick={(event) => { event.stopPropagation(); onToggle(path) }}><Icon name={open ? 'down' : 'right'} /></span>
      <span class="cut">{clipped(label)}</span>
      {' '}{times > 1 && <span class="times">×{times.toLocaleString('en')}</span>}
      {' '}<span class="detail tally"><span>{nodes.toLocaleString('en')}</span>{parameters > 0 && <span> · {percent(share)}</span>}</span>
    </div>
  )
}

function percent(share: number): string {
  return share > 0 && share < 0.01 ? '<1 %' : `${Math.round(share * 100)} %`
}

function Group({ index, row: { path, depth, label, count, open }, cursor, onToggle }: RowProps<GroupRow>): JSX.Element {
  return (
    <div id={`outline-${index}`} role="treeitem" aria-level={depth + 1} aria-expanded={open} aria-label={`${label}, ${plural(count, 'input')}`} class={path === cursor ? 'row scope cursor' : 'row scope'} style={indented(depth)} title={label} onClick={() => onToggle(path)}>
      <Icon name={open ? 'down' : 'right'} />
      <span class="cut">{label}</span>
      {' '}<span class="detail">{count.toLocaleString('en')}</span>
    </div>
  )
}

function LeafRow({ index, row: { id, depth, label, name, detail, makes }, onGo }: RowProps<Leaf>): JSX.Element {
  const selected = useEditor().state.selection.value
  return (
    <div id={`outline-${index}`} role="treeitem" aria-level={depth + 1} aria-selected={selected.has(id)} aria-label={`${clipped(name) || (makes ? `unnamed, makes ${clipped(makes)}` : 'unnamed')}, ${detail}`}
      class="row" style={indented(depth)} data-id={id} title={clipped(name || (makes ? `unnamed, makes ${makes}` : detail))} onClick={(event) => onGo(id, event.ctrlKey || event.metaKey)}>
      {makes ? <span class="made-by"><Name name={makes} /></span> : <Name name={label} />}
      {' '}{(label !== detail || depth === 0) && <span class="detail">{detail}</span>}
    </div>
  )
}
