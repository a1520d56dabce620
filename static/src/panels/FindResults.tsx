/** What was found, as a tree of scopes with counts. */
import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import type { Editor } from '../commands/editor'
import { isNodeHit } from '../commands/search'
import type { FindRow, GroupRow, HitRow } from '../commands/search-hits'
import { useEditor } from '../forms/editor-context'
import { nameWithin } from '../scopes/within'
import { FindExamples } from './FindExamples'
import { Icon } from './Icon'
import { keyText } from './KeysDialog'
import { clipped, Name } from './Name'
import { plural } from './status'
import type { Finding } from './use-find'
import { VirtualList } from './VirtualList'

const ROW = 26

export function FindResults({ finding }: { finding: Finding }): JSX.Element {
  const editor = useEditor()
  const { result, rows, row: active, at, together, go, toggle, step } = finding
  void editor.state.version.value // names may have changed
  if (!result) return <></>
  const { total, done, error } = result
  const onKey = (event: KeyboardEvent, index: number): boolean => {
    const row = rows[index]
    if (row?.what !== 'group' || !['ArrowLeft', 'ArrowRight', 'Enter', ' '].includes(event.key)) {
      if (event.key !== 'ArrowLeft' || !row || row.depth === 0) return false
      go(rows.slice(0, index).findLastIndex(({ what, depth }) => what === 'group' && depth < row.depth))
      return true
    }
    if (event.key === 'Enter' || event.key === ' ' || row.open === (event.key === 'ArrowLeft')) toggle(row.key)
    else if (event.key === 'ArrowRight') go(index + 1)
    return true
  }
  return (
    <div class="find-results">
      <div class="find-head">
        <h3 class="section-title" aria-live="polite">{error ? 'Not searched' : total === 0 ? (done ? 'Nothing found' : 'Searching…') : `${at >= 0 ? `${(at + 1).toLocaleString('en')} of ` : ''}${plural(total, 'hit')}${done ? '' : '…'}`}</h3>
        {total > 1 && <span class="find-steps">
          <button type="button" class="icon-button small" aria-label="Previous hit" title={`Previous hit (${keyText('Shift+F3')})`} onClick={() => step(-1)}><Icon name="up" /></button>
          <button type="button" class="icon-button small" aria-label="Next hit" title={`Next hit (${keyText('F3')})`} onClick={() => step(1)}><Icon name="down" /></button>
        </span>}
        {done && together > 1 && <button type="button" class="link" title={`Select them; Ctrl+click a hit adds it or takes it away (${keyText('Alt+Enter')})`} aria-label={together < total ? `Select ${together.toLocaleString('en')} here` : `Select all ${together.toLocaleString('en')}`} onClick={() => step('all')}>{together < total ? `Select ${together.toLocaleString('en')} here` : 'Select all'}</button>}
      </div>
      {error && <p class="find-error" id="find-error" role="alert">{error}</p>}
      {total === 0 && done && <FindExamples onTake={finding.setText} />}
      {rows.length > 0 && <VirtualList count={rows.length} rowHeight={ROW} label="Find results" tree active={active} onMove={go} onEnter={go} onKey={onKey} idOf={(index) => `found-${index}`}
        row={(index) => <Row key={keyOf(rows[index]!)} index={index} row={rows[index]!} active={index === active} finding={finding} editor={editor} />} />}
    </div>
  )
}

interface RowProps<R extends FindRow> { index: number; row: R; active: boolean; finding: Finding; editor: Editor }

function Row({ row, ...rest }: RowProps<FindRow>): JSX.Element {
  return row.what === 'group' ? <Group row={row} {...rest} /> : <Hit row={row} {...rest} />
}

/** A row is its element for as long as it is there: a click that began on one never ends on another. */
function keyOf(row: FindRow): string | number {
  return row.what === 'group' ? row.key : row.hit
}

const indented = (depth: number): { paddingInlineStart: string } => ({ paddingInlineStart: `${8 + Math.min(depth, 8) * 12}px` })

function Group({ index, row: { key, label, count, depth, open }, active, finding }: RowProps<GroupRow>): JSX.Element {
  return (
    <div id={`found-${index}`} role="treeitem" aria-level={depth + 1} aria-expanded={open} aria-label={`${clipped(label)}, ${plural(count, 'hit')}`} class={active ? 'row scope cursor' : 'row scope'} style={indented(depth)} title={clipped(label)} onClick={() => finding.toggle(key)}>
      <Icon name={open ? 'down' : 'right'} />
      {/ › |\//.test(label) ? <Name name={label} /> : <span class="cut">{clipped(label)}</span>}
      {' '}<span class="detail">{count.toLocaleString('en')}</span>
    </div>
  )
}

function Hit({ index, row, active, finding, editor }: RowProps<HitRow>): JSX.Element {
  const { hit, graph, depth, within, best } = row
  const { state } = editor
  const id = finding.idOf(row)
  const here = finding.inSight.has(graph)
  const selected = state.selection.value
  const called = (isNodeHit(hit) ? editor.node(id) : editor.value(id))?.name
  const last = useRef('')
  if (called !== undefined) last.current = called
  const name = called ?? last.current // what is gone is told by the name that it had
  const detail = isNodeHit(hit) ? nodeDetail(editor, id) : valueDetail(editor, id)
  const shown = within === '' ? name : nameWithin(name, within)
  return (
    <div id={`found-${index}`} role="treeitem" aria-level={depth + 1} aria-selected={active} class={selected.size > 1 && selected.has(id) ? 'row chosen' : 'row'} style={indented(depth)} data-id={id} title={clipped(name)} aria-label={`${clipped(name) || 'unnamed'}, ${detail}${here ? '' : ', elsewhere'}`}
      onClick={(event) => { if ((event.ctrlKey || event.metaKey) && here) editor.select([id], 'toggle'); else finding.go(index) }}>
      {isNodeHit(hit) ? <span class={`mark family-${editor.node(id)?.family ?? 'custom'}`} /> : <span class="mark wire" />}
      <Name name={shown} />
      {' '}<span class="detail">{here || !best ? detail : 'elsewhere'}</span>
    </div>
  )
}

/** `Conv node`; `node` alone when its name says the operator already. Never only the operator: a value may have the same name. */
function nodeDetail(editor: Editor, id: string): string {
  const node = editor.node(id)
  if (!node) return 'gone'
  const last = node.name.slice(node.name.lastIndexOf('/') + 1)
  return last.toLowerCase().startsWith(node.op_type.toLowerCase()) ? 'node' : `${node.op_type} node`
}

function valueDetail(editor: Editor, id: string): string {
  const value = editor.value(id)
  if (!value) return 'gone'
  return value.kind === 'intermediate' ? (value.is_output ? 'output' : 'value') : value.kind
}
