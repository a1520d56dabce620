/** What the validators found: one line over the canvas, and the whole list above it when asked for. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { fix } from '../commands/fix'
import { useEditor } from '../forms/editor-context'
import { Segmented } from '../forms/Segmented'
import { sentence } from '../forms/sentence'
import type { Diagnostic, Severity } from '../protocol/types'
import { Icon } from './Icon'
import { clipped } from './Name'
import { plural } from './status'

const ORDER: readonly Severity[] = ['error', 'warning', 'info']
const TITLES: Readonly<Record<Severity, string>> = { error: 'Errors', warning: 'Warnings', info: 'Notes' }
const SHOWN = 200 // of each severity
const FILTERED_FROM = 8 // problems; fewer are seen at once

export function sorted(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...diagnostics].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity))
}

/** `2 errors, 1 warning, 3 notes` */
function counts(diagnostics: readonly Diagnostic[]): string {
  const of = (severity: Severity): number => diagnostics.filter((one) => one.severity === severity).length
  const words = ORDER.map((severity) => (of(severity) > 0 ? plural(of(severity), severity === 'info' ? 'note' : severity) : '')).filter(Boolean)
  return words.join(', ')
}

export function ProblemsBar(): JSX.Element | null {
  const editor = useEditor()
  const { state } = editor
  const all = sorted(state.diagnostics.value)
  const first = all.find((one) => one.severity !== 'info')
  if (!first || state.loading.value !== 'ready') return null
  const isOpen = state.problemsOpen.value // the list above says the rest
  return (
    <div class={`problems-bar ${first.severity}${state.checking.value ? ' stale' : ''}`} role="group" aria-label="Problems">
      <button type="button" class="problems-first" aria-expanded={isOpen} onClick={() => { state.problemsOpen.value = !isOpen }}>
        <span class="pill-dot" aria-hidden="true" /><span class="problems-count">{counts(all.filter((one) => one.severity !== 'info'))}{isOpen ? '' : ':'}</span>{!isOpen && <span class="cut" title={sentence(first.message)}>{sentence(first.message)}</span>}
      </button>
      {!isOpen && first.fix && <button key={keyOf(first)} type="button" class="problems-fix" onClick={() => void fix(editor, first.fix!)}>Fix</button>}
    </div>
  )
}

/** Words that all have to stand in the message, the hint, the code or the name of what it is about. */
export function filtered(diagnostics: readonly Diagnostic[], severity: Severity | 'all', text: string, nameOf: (id: string) => string): Diagnostic[] {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean)
  return diagnostics.filter((one) => {
    if (severity !== 'all' && one.severity !== severity) return false
    const said = [one.message, one.hint ?? '', one.code, ...one.subjects.slice(0, 4).map(nameOf)].join(' ').toLowerCase()
    return words.every((word) => said.includes(word))
  })
}

export function ProblemsPanel(): JSX.Element | null {
  const editor = useEditor()
  const { state } = editor
  const [severity, setSeverity] = useState<Severity | 'all'>('all')
  const [text, setText] = useState('')
  if (!state.problemsOpen.value) return null
  const all = sorted(state.diagnostics.value)
  const found = filtered(all, severity, text, (id) => editor.node(id)?.name || editor.value(id)?.name || '')
  const kinds = ORDER.filter((one) => all.some((other) => other.severity === one))
  return (
    <section class="problems" aria-label="All problems">
      <header class="problems-head">
        <h2>Problems</h2><span class="quiet cut">{state.checking.value ? 'checking…' : counts(all)}</span>
        <span class="grow" />
        {kinds.length > 1 && <Segmented label="Which problems" options={[{ value: 'all', label: 'All' }, ...kinds.map((one) => ({ value: one as Severity | 'all', label: TITLES[one] }))]} value={severity} onChange={(one: Severity | 'all') => setSeverity(one)} />}
        {all.length >= FILTERED_FROM && <input class="field problems-filter" type="search" aria-label="Filter the problems" placeholder="Filter" spellcheck={false} value={text} onInput={(event) => setText(event.currentTarget.value)} />}
        <button type="button" class="icon-button small" aria-label="Close the problems" onClick={() => { state.problemsOpen.value = false }}><Icon name="close" /></button>
      </header>
      <div class="problems-list">
        {found.length === 0 && <Nothing all={all} />}
        {ORDER.map((one) => <Group key={one} severity={one} found={found.filter((other) => other.severity === one)} titled={kinds.length > 1 && severity === 'all'} />)}
      </div>
    </section>
  )
}

function Nothing({ all }: { all: readonly Diagnostic[] }): JSX.Element {
  const { state } = useEditor()
  if (all.length > 0) return <p class="problems-empty">Nothing of this kind. <span class="quiet">{counts(all)} in all.</span></p>
  return <p class="problems-empty">{state.checking.value ? 'The model is being checked…' : <><strong>Nothing to mend.</strong> <span class="quiet">Every edit is checked again as soon as it is made.</span></>}</p>
}

function Group({ severity, found, titled }: { severity: Severity; found: readonly Diagnostic[]; titled: boolean }): JSX.Element | null {
  if (found.length === 0) return null
  return (
    <section aria-label={TITLES[severity]}>
      {titled && <h3 class="section-title">{TITLES[severity]} <span class="count">{found.length.toLocaleString('en')}</span></h3>}
      <ul>
        {keyed(found.slice(0, SHOWN)).map(([key, one]) => <Row key={key} one={one} />)}
        {found.length > SHOWN && <li class="quiet padded">and {(found.length - SHOWN).toLocaleString('en')} more</li>}
      </ul>
    </section>
  )
}

/** A finding is its element for as long as it stands: a click that began on one never ends on another. */
function keyOf(one: Diagnostic): string {
  return [one.code, one.message, ...one.subjects].join('\n')
}

/** Several may say the same. */
function keyed(found: readonly Diagnostic[]): [string, Diagnostic][] {
  const times = new Map<string, number>()
  return found.map((one) => {
    const key = keyOf(one)
    times.set(key, (times.get(key) ?? 0) + 1)
    return [`${key}\n${times.get(key)}`, one]
  })
}

function Row({ one }: { one: Diagnostic }): JSX.Element {
  const editor = useEditor()
  const subject = one.subjects.find((id) => editor.node(id) ?? editor.value(id))
  const name = subject && (editor.node(subject)?.name || editor.node(subject)?.op_type || editor.value(subject)?.name)
  return (
    <li class={`problem ${one.severity}`}>
      <button type="button" class="problem-main" disabled={!subject} title={subject ? 'Go there' : undefined} onClick={() => subject && void editor.goTo(subject)}>
        <span class="pill-dot" role="img" aria-label={one.severity} />
        <span class="problem-text"><span>{sentence(one.message)}</span>{one.hint && <span class="problem-hint">{sentence(one.hint)}</span>}</span>
        {name && !one.message.includes(name) && <span class="detail cut" title={clipped(name)}>{clipped(name)}</span>}
      </button>
      {one.fix && <button type="button" class="button small" onClick={() => void fix(editor, one.fix!)}>Fix</button>}
    </li>
  )
}
