/** A node's inputs or outputs as cards: the slot, the value in it, its type; a click goes there, the pencil renames. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useEditor } from '../forms/editor-context'
import { InPlace } from '../forms/InPlace'
import { shapeText, shortDtype } from '../forms/literals'
import type { NodeView, SlotView, ValueView } from '../protocol/types'
import { Icon } from './Icon'
import { clipped, Name } from './Name'

const SHOWN = 24

interface SlotCardsProps { title: string; node: NodeView; ids: readonly string[]; names: readonly string[]; slots: readonly SlotView[]; side: 'input' | 'output' }

export function SlotCards({ title, node, ids, names, slots, side }: SlotCardsProps): JSX.Element {
  const [all, setAll] = useState(false)
  const shown = all ? ids : ids.slice(0, SHOWN)
  return (
    <section class="section" aria-label={title} style={{ '--slot': `${Math.max(2, ...shown.map((_, slot) => (names[slot] || String(slot + 1)).length))}ch` }}>
      <h3 class="section-title">{title}</h3>
      {ids.length === 0 && <p class="quiet">none</p>}
      {shown.map((id, slot) => {
        const name = names[slot] || String(slot + 1)
        const doc = slots.find((one) => one.name === name)?.doc
        return id === ''
          ? <div key={slot} class="card empty"><span class="slot cut" title={doc}>{name}</span><span class="quiet">left out</span></div>
          : <ValueCard key={`${node.id} ${slot} ${id}`} id={id} slot={name} doc={doc} side={side} />
      })}
      {ids.length > shown.length && <button type="button" class="link" onClick={() => setAll(true)}>and {(ids.length - shown.length).toLocaleString('en')} more</button>}
    </section>
  )
}

export function ValueCard({ id, slot, doc, side }: { id: string; slot?: string; doc?: string; side: 'input' | 'output' | 'graph' }): JSX.Element | null {
  const editor = useEditor()
  const [renaming, setRenaming] = useState(false)
  const value = editor.value(id)
  if (!value) return null
  const has = (kind: string): boolean => editor.state.editTypes.value.some((one) => one.kind === kind)
  return (
    <div class={slot === undefined ? 'card no-slot' : 'card'} data-id={id}>
      {slot !== undefined && <span class="slot cut" title={doc || slot}>{slot}</span>}
      <div class="card-main">
        {renaming
          ? <InPlace bare id={`rename-${id}`} label={`name of ${slot ?? value.name}`} text={value.name} focus onDone={() => setRenaming(false)} apply={(name) => editor.submit({ kind: 'rename-value', value: id, name })} />
          : <button type="button" class="card-name" aria-label={value.name} title={`${clipped(value.name)}: go there`} onClick={() => void editor.goTo(id)} onDblClick={() => setRenaming(true)}><Name name={value.name} /></button>}
        <TypeLine value={value} />
      </div>
      {!renaming && <button type="button" class="icon-button small quiet-until" aria-label={`Rename ${value.name}`} title="Rename" onClick={() => setRenaming(true)}><Icon name="pencil" /></button>}
      {side === 'output' && !value.is_output && has('add-output') && (
        <button type="button" class="link" onClick={() => void editor.perform({ kind: 'add-output', value: id })}>make output</button>
      )}
      {side === 'output' && value.is_output && <span class="tag">output</span>}
      {side === 'input' && value.kind !== 'intermediate' && value.kind !== 'output' && <span class="tag">{value.kind}</span>}
    </div>
  )
}

export function TypeLine({ value }: { value: ValueView }): JSX.Element {
  const shape = shapeText(value.shape)
  const dtype = shortDtype(value.dtype)
  if (!shape && !dtype) return <span class="type-line unknown">type unknown</span>
  return (
    <span class="type-line cut" title={value.dtype}>
      {shape || 'any shape'} {dtype}{value.inferred ? ' · inferred' : ''}
    </span>
  )
}
