/** A node's inputs or outputs as cards: the slot, the value in it, its type; a click goes there, and inputs take other values here. */
import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useEditor } from '../forms/editor-context'
import { InPlace } from '../forms/InPlace'
import { shapeText, shortDtype } from '../forms/literals'
import type { NodeView, SlotView, ValueView } from '../protocol/types'
import { ConnectField } from './ConnectField'
import { Icon } from './Icon'
import { clipped, Name } from './Name'

const SHOWN = 24

interface SlotCardsProps { title: string; node: NodeView; ids: readonly string[]; names: readonly string[]; slots: readonly SlotView[]; side: 'input' | 'output' }

export function SlotCards({ title, node, ids: held, names, slots, side }: SlotCardsProps): JSX.Element {
  const editor = useEditor()
  const ids = side === 'input' ? withMissing(held, slots) : held
  const [all, setAll] = useState(false)
  const [connecting, setConnecting] = useState<number | null>(null)
  const shown = all ? ids : ids.slice(0, SHOWN)
  const has = (kind: string): boolean => editor.state.editTypes.value.some((one) => one.kind === kind)
  const connectable = side === 'input' && has('connect')
  const further = connectable ? furtherSlots(ids.length, slots) : []
  const nameOf = (slot: number): string => names[slot] || slots[slot]?.name || String(slot + 1)
  const close = (): void => setConnecting(null)
  const connect = (slot: number): JSX.Element => <ConnectField key={`connect ${slot}`} node={node} slot={slot} name={nameOf(slot)} onDone={close} />
  const disconnect = (slot: number): void => { void editor.perform({ kind: 'disconnect', node: node.id, slot }) }
  return (
    <section class="section" aria-label={title} style={{ '--slot': `${Math.max(2, ...shown.map((_, slot) => nameOf(slot).length))}ch` }}>
      <div class="section-head">
        <h3 class="section-title">{title}</h3>
        {further.map(({ slot, name }) => <button key={slot} type="button" class="link" title={slots[slot]?.doc} onClick={() => setConnecting(slot)}>+ {name}</button>)}
      </div>
      {ids.length === 0 && connecting === null && <p class="quiet">none</p>}
      {shown.map((id, slot) => {
        const name = nameOf(slot)
        const doc = slots.find((one) => one.name === name)?.doc
        const required = slots[slot] !== undefined && !slots[slot].optional && !slots[slot].variadic
        if (connecting === slot) return connect(slot)
        if (id === '') {
          return (
            <div key={slot} class={required ? 'card empty missing' : 'card empty'}>
              <span class="slot cut" title={doc}>{name}</span><span class="quiet">{required ? 'missing' : 'left out'}</span>
              {connectable && <button type="button" class="link" onClick={() => setConnecting(slot)}>connect</button>}
            </div>
          )
        }
        return (
          <ValueCard key={`${node.id} ${slot} ${id}`} id={id} slot={name} doc={doc} side={side}>
            {connectable && <button type="button" class="icon-button small quiet-until" aria-label={`Connect another value to ${name}`} title="Connect another value" onClick={() => setConnecting(slot)}><Icon name="swap" /></button>}
            {side === 'input' && has('disconnect') && <button type="button" class="icon-button small quiet-until" aria-label={`Disconnect ${name}`} title="Disconnect" onClick={() => disconnect(slot)}><Icon name="close" /></button>}
          </ValueCard>
        )
      })}
      {connecting !== null && connecting >= shown.length && connect(connecting)}
      {ids.length > shown.length && <button type="button" class="link" onClick={() => setAll(true)}>and {(ids.length - shown.length).toLocaleString('en')} more</button>}
    </section>
  )
}

/** Required slots that the node does not have yet are empty ones, too. */
export function withMissing(ids: readonly string[], slots: readonly SlotView[]): readonly string[] {
  const needed = slots.findLastIndex((slot) => !slot.optional && !slot.variadic) + 1
  return needed <= ids.length ? ids : [...ids, ...Array.from({ length: needed - ids.length }, () => '')]
}

/** Slots that the operator has and the node does not use yet; a variadic one always has room for another. */
export function furtherSlots(count: number, slots: readonly SlotView[]): { slot: number; name: string }[] {
  const fixed = slots.map((slot, at) => ({ slot: at, name: slot.name, variadic: slot.variadic })).filter((one) => !one.variadic && one.slot >= count)
  const last = slots.at(-1)
  const more = last?.variadic ? [{ slot: Math.max(count, slots.length - 1), name: 'input' }] : []
  return [...fixed.map(({ slot, name }) => ({ slot, name })), ...more]
}

interface ValueCardProps { id: string; slot?: string; doc?: string; side: 'input' | 'output' | 'graph'; children?: ComponentChildren }

export function ValueCard({ id, slot, doc, side, children }: ValueCardProps): JSX.Element | null {
  const editor = useEditor()
  void editor.state.version.value // its name or type may have changed
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
      {!renaming && (
        <div class="card-deeds">
          <button type="button" class="icon-button small quiet-until" aria-label={`Rename ${value.name}`} title="Rename" onClick={() => setRenaming(true)}><Icon name="pencil" /></button>
          {children}
        </div>
      )}
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
      {shape || (value.dtype.includes('(') ? '' : 'any shape')} {dtype}{value.inferred ? ' · inferred' : ''}
    </span>
  )
}
