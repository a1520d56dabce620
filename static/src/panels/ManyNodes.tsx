/** Fields that change several nodes at once: attributes they share, their operator, their names. */
import type { ComponentChildren, JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { type CommonAttribute, commonAttributes, renamed, type Renaming, together } from '../commands/many'
import { errorData } from '../connection/errors'
import { useEditor } from '../forms/editor-context'
import { InPlace } from '../forms/InPlace'
import { parseAttribute, typeHint } from '../forms/literals'
import { Refused } from '../forms/Refused'
import type { FieldSpec } from '../forms/schema'
import { complaint } from '../forms/sentence'
import type { FormAccess } from '../forms/widget'
import { AttributesWidget } from '../forms/widgets/AttributesWidget'
import { OpTypeWidget } from '../forms/widgets/OpTypeWidget'
import { without } from '../forms/without'
import type { AppErrorData, EditData, NodeView } from '../protocol/types'
import { Icon } from './Icon'
import { plural } from './status'

const SHOWN = 3 // names before and after

const takeFocus = (element: HTMLElement | null): void => element?.focus() // one function, so that it is called once

/** Whether the server can do all of these kinds. */
function useCan(...kinds: string[]): boolean {
  const types = useEditor().state.editTypes.value
  return kinds.every((kind) => types.some((one) => one.kind === kind))
}

export function ManyAttributes({ nodes, all }: { nodes: readonly NodeView[]; all: readonly NodeView[] }): JSX.Element | null {
  const editor = useEditor()
  const can = useCan('batch', 'set-attribute')
  const found = useMemo(() => commonAttributes(nodes, editor.state.operators.value), [nodes, editor.state.operators.value, editor.state.version.value])
  if (!can || found.length === 0) return null
  return (
    <section class="section" aria-label="Attributes they share">
      <h3 class="section-title">Attributes they share</h3>
      {found.map((one) => <CommonField key={one.name} one={one} nodes={all} />)}
    </section>
  )
}

function CommonField({ one, nodes }: { one: CommonAttribute; nodes: readonly NodeView[] }): JSX.Element {
  const editor = useEditor()
  const hint = one.text === null ? undefined : one.set === 0 ? (one.text === '' ? undefined : 'default') : undefined
  return (
    <InPlace id={`common-${one.name}`} label={one.name} text={one.text ?? ''} placeholder={one.text === null ? 'mixed' : typeHint(one.type, one.name)} hint={hint}
      apply={async (text) => editor.submit(together(nodes.map((node) => ({ kind: 'set-attribute', node: node.id, attribute: one.name, value: parseAttribute(one.type, text, one.name) }))))} />
  )
}

/** A part of the panel that opens when it is wanted. */
function Folded({ title, children }: { title: string; children(close: () => void): ComponentChildren }): JSX.Element {
  const [open, setOpen] = useState(false)
  return (
    <section class="section folded" aria-label={title}>
      <button type="button" class="folded-head" aria-expanded={open} onClick={() => setOpen(!open)}><Icon name={open ? 'down' : 'right'} /><span class="section-title">{title}</span></button>
      {open && children(() => setOpen(false))}
    </section>
  )
}

/** Sends the edits as one; a refusal stands where the button is. */
function useTogether(onDone: () => void): { error: AppErrorData | null; busy: boolean; send(edits: readonly EditData[]): Promise<void>; clear(): void } {
  const editor = useEditor()
  const [error, setError] = useState<AppErrorData | null>(null)
  const [busy, setBusy] = useState(false)
  const send = async (edits: readonly EditData[]): Promise<void> => {
    if (busy || edits.length === 0) return
    setBusy(true)
    try {
      await editor.submit(together(edits))
      setError(null)
      onDone()
    } catch (thrown) {
      setError(errorData(thrown))
    }
    setBusy(false)
  }
  return { error, busy, send, clear: () => setError(null) }
}

const OPERATOR: FieldSpec = { name: 'op_type', label: 'operator', description: '', widget: 'op_type', required: true, nullable: false, default: undefined, schema: {} }
const ATTRIBUTES: FieldSpec = { ...OPERATOR, name: 'attributes', label: 'attributes', widget: 'attributes', required: false }

export function ManyReplace({ nodes }: { nodes: readonly NodeView[] }): JSX.Element | null {
  return useCan('batch', 'replace-node') ? <Folded title="Replace their operator">{(close) => <ReplaceForm nodes={nodes} onDone={close} />}</Folded> : null
}

function ReplaceForm({ nodes, onDone }: { nodes: readonly NodeView[]; onDone(): void }): JSX.Element {
  const editor = useEditor()
  const [values, setValues] = useState<Record<string, unknown>>({})
  const [wrong, setWrong] = useState<Record<string, string>>({})
  const { error, busy, send, clear } = useTogether(onDone)
  const form: FormAccess = {
    values, operators: editor.state.operators.value, graph: editor.state.graph.value,
    set: (name, value) => { clear(); setValues((old) => ({ ...old, [name]: value })) },
    complain: (name, message) => setWrong((old) => (message === null ? without(old, name) : { ...old, [name]: message })),
  }
  const chosen = typeof values['op_type'] === 'string' && values['op_type'] !== ''
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
  return (
    <form class="many-form" onSubmit={(event) => { event.preventDefault(); void send(nodes.map((node) => ({ kind: 'replace-node', node: node.id, op_type: '', domain: '', ...given }))) }}>
      <div class="inplace"><label class="field-label" for="many-operator">by</label><OpTypeWidget id="many-operator" field={OPERATOR} value={values['op_type']} error={error?.fields?.['op_type'] ?? null} form={form} focus /></div>
      {chosen && <AttributesWidget id="many-attributes" field={ATTRIBUTES} value={values['attributes']} error={null} form={form} focus={false} />}
      {Object.values(wrong).slice(0, 1).map((line) => <p key={line} class="field-error" role="alert">{complaint('', line)}</p>)}
      {error && <Refused error={error} onGoTo={(subject) => void editor.goTo(subject)} />}
      <div class="form-deeds"><button type="submit" class="button" disabled={busy || !chosen || Object.keys(wrong).length > 0}>Replace {plural(nodes.length, 'operator')}</button></div>
    </form>
  )
}

export function ManyRename({ nodes }: { nodes: readonly NodeView[] }): JSX.Element | null {
  return useCan('batch', 'rename-node') ? <Folded title="Rename them">{(close) => <RenameForm nodes={nodes} onDone={close} />}</Folded> : null
}

function RenameForm({ nodes, onDone }: { nodes: readonly NodeView[]; onDone(): void }): JSX.Element {
  const editor = useEditor()
  const [how, setHow] = useState<Renaming>({ find: '', replace: '', pattern: false })
  const { error, busy, send, clear } = useTogether(onDone)
  const change = (part: Partial<Renaming>): void => { clear(); setHow({ ...how, ...part }) }
  const found = renamed(nodes, how)
  const list = typeof found === 'string' ? [] : found
  return (
    <form class="many-form" onSubmit={(event) => { event.preventDefault(); void send(list.map((one) => ({ kind: 'rename-node', node: one.id, name: one.to }))) }}>
      <div class="inplace"><label class="field-label" for="many-find">find</label><input id="many-find" class="field" type="text" spellcheck={false} autocomplete="off" ref={takeFocus} placeholder="a part of the names" value={how.find} aria-invalid={typeof found === 'string'} onInput={(event) => change({ find: event.currentTarget.value })} /></div>
      <div class="inplace"><label class="field-label" for="many-replace">replace by</label><input id="many-replace" class="field" type="text" spellcheck={false} autocomplete="off" placeholder={how.pattern ? '$1 is the first group' : 'nothing'} value={how.replace} onInput={(event) => change({ replace: event.currentTarget.value })} /></div>
      <label class="check"><input type="checkbox" checked={how.pattern} onChange={(event) => change({ pattern: event.currentTarget.checked })} />as a regular expression</label>
      {typeof found === 'string' && <p class="field-error" role="alert">{complaint('', found)}</p>}
      {list.length > 0 && (
        <ul class="renames" aria-label="New names">
          {list.slice(0, SHOWN).map((one) => <li key={one.id} title={`${one.from} → ${one.to}`}><span class="cut quiet">{one.from}</span><span class="preview-arrow">→</span><span class="cut">{one.to || 'no name'}</span></li>)}
          {list.length > SHOWN && <li class="quiet">and {(list.length - SHOWN).toLocaleString('en')} more</li>}
        </ul>
      )}
      {how.find !== '' && list.length === 0 && typeof found !== 'string' && <p class="quiet small">No name holds this.</p>}
      {error && <Refused error={error} onGoTo={(subject) => void editor.goTo(subject)} />}
      <div class="form-deeds"><button type="submit" class="button" disabled={busy || list.length === 0}>{list.length > 0 ? `Rename ${plural(list.length, 'node')}` : 'Rename'}</button></div>
    </form>
  )
}
