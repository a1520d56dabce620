/** The nodes of the graph in sight as a tree of scopes, between its inputs and its outputs. */
import type { JSX } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { useEditor } from '../forms/editor-context'
import { Icon } from './Icon'
import { clipped, Name } from './Name'
import { isScope, opening, type Row, rowsOf, scopesAround } from './scopes'
import { plural } from './status'
import { useOutline } from './use-outline'
import { VirtualList } from './VirtualList'

const ROW = 26
const ROOM = 44 // rows that may be open at first

export function Outline(): JSX.Element {
  const editor = useEditor()
  const outline = useOutline(editor)
  const selected = editor.state.selection.value
  const single = editor.state.selectedId.value
  const [opened, setOpened] = useState<{ graph: string; open: ReadonlySet<string> }>({ graph: '', open: new Set() })
  const tree = outline?.tree
  const open = useMemo(() => (outline && opened.graph !== outline.graph ? opening(outline.tree, ROOM) : opened.open), [opened, outline?.graph])
  const put = (next: ReadonlySet<string>): void => { if (outline) setOpened({ graph: outline.graph, open: next }) }
  useEffect(() => {
    const around = tree && single !== null ? scopesAround(tree, single) : []
    if (around.some((key) => !open.has(key))) put(new Set([...open, ...around]))
  }, [single, tree])
  const rows = useMemo(() => (tree ? rowsOf(tree, open) : []), [tree, open])
  const [cursor, setCursor] = useState<string | null>(null) // a scope that the arrows stand on
  const active = useMemo(() => rows.findIndex(({ item }) => (isScope(item) ? item.key === cursor : cursor === null && item.id === single)), [rows, single, cursor])
  useEffect(() => { if (single !== null) setCursor(null) }, [single])

  const toggle = (key: string): void => {
    const next = new Set(open)
    if (!next.delete(key)) next.add(key)
    put(next)
  }
  const move = (index: number): void => {
    const item = rows[index]?.item
    if (!item) return
    if (isScope(item)) setCursor(item.key)
    else { setCursor(null); void editor.goTo(item.id) }
  }
  const onKey = (event: KeyboardEvent, index: number): boolean => {
    const item = rows[index]?.item
    if (!item || !['ArrowLeft', 'ArrowRight', 'Enter', ' '].includes(event.key)) return false
    if (isScope(item) && (event.key === 'Enter' || event.key === ' ' || open.has(item.key) === (event.key === 'ArrowLeft'))) toggle(item.key)
    else if (event.key === 'ArrowLeft') move(rows.slice(0, index).findLastIndex(({ depth }) => depth < rows[index]!.depth))
    else if (event.key === 'ArrowRight' && isScope(item)) move(index + 1)
    return true
  }
  return (
    <VirtualList count={rows.length} rowHeight={ROW} label="Outline" tree active={active} idOf={(index) => `outline-${index}`} onMove={move} onKey={onKey}
      row={(index) => <OutlineRow key={index} index={index} row={rows[index]!} open={open} selected={selected} cursor={cursor}
        onToggle={(key) => { setCursor(key); toggle(key) }} onGo={(id, more) => { setCursor(null); if (more) editor.select([id], 'toggle'); else void editor.goTo(id) }} />} />
  )
}

interface OutlineRowProps {
  index: number
  row: Row
  open: ReadonlySet<string>
  selected: ReadonlySet<string>
  cursor: string | null
  onToggle(key: string): void
  onGo(id: string, more: boolean): void
}

function OutlineRow({ index, row: { item, depth }, open, selected, cursor, onToggle, onGo }: OutlineRowProps): JSX.Element {
  const indent = { paddingInlineStart: `${8 + Math.min(depth, 8) * 14}px` }
  if (isScope(item)) {
    return (
      <div id={`outline-${index}`} role="treeitem" aria-level={depth + 1} aria-expanded={open.has(item.key)} aria-label={`${item.label}, ${plural(item.count, item.unit ?? 'node')}`}
        class={item.key === cursor ? 'row scope cursor' : 'row scope'} style={indent} title={item.unit === undefined ? item.key : item.label} onClick={() => onToggle(item.key)}>
        <Icon name={open.has(item.key) ? 'down' : 'right'} />
        <span class="cut">{item.label}</span>
        <span class="detail">{item.unit === undefined ? plural(item.count, 'node') : item.count.toLocaleString('en')}</span>
      </div>
    )
  }
  return (
    <div id={`outline-${index}`} role="treeitem" aria-level={depth + 1} aria-selected={selected.has(item.id)} aria-label={`${clipped(item.name) || (item.makes ? `unnamed, makes ${clipped(item.makes)}` : 'unnamed')}, ${item.detail}`}
      class="row" style={indent} data-id={item.id} title={clipped(item.name || (item.makes ? `unnamed, makes ${item.makes}` : item.detail))} onClick={(event) => onGo(item.id, event.ctrlKey || event.metaKey)}>
      {item.makes ? <span class="made-by"><Name name={item.makes} /></span> : <Name name={item.label} />}
      {(item.label !== item.detail || depth === 0) && <span class="detail">{item.detail}</span>}
    </div>
  )
}
