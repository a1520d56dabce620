/** What the validators found: one line over the canvas, and the whole list above it when asked for. */
import type { JSX } from 'preact'
import { useEditor } from '../forms/editor-context'
import { sentence } from '../forms/sentence'
import type { Diagnostic, Severity } from '../protocol/types'
import { Icon } from './Icon'
import { clipped } from './Name'
import { plural } from './status'

const ORDER: readonly Severity[] = ['error', 'warning', 'info']
const SHOWN = 300

export function sorted(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...diagnostics].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity))
}

/** `2 errors, 1 warning, 3 notes` */
function counts(diagnostics: readonly Diagnostic[]): string {
  const of = (severity: Severity): number => diagnostics.filter((one) => one.severity === severity).length
  const words = ORDER.map((severity) => (of(severity) > 0 ? plural(of(severity), severity === 'info' ? 'note' : severity) : '')).filter(Boolean)
  return words.join(', ') || 'none'
}

export function ProblemsBar(): JSX.Element | null {
  const editor = useEditor()
  const { state } = editor
  const all = sorted(state.diagnostics.value)
  const first = all.find((one) => one.severity !== 'info')
  if (!first || state.loading.value !== 'ready') return null
  return (
    <div class={`problems-bar ${first.severity}${state.checking.value ? ' stale' : ''}`} role="group" aria-label="Problems">
      <button type="button" class="problems-first" aria-expanded={state.problemsOpen.value} onClick={() => { state.problemsOpen.value = !state.problemsOpen.value }}>
        <span class="pill-dot" aria-hidden="true" /><span class="problems-count">{counts(all.filter((one) => one.severity !== 'info'))}:</span><span class="cut" title={sentence(first.message)}>{sentence(first.message)}</span>
      </button>
      {first.fix && <button type="button" class="problems-fix" onClick={() => void editor.perform(first.fix!)}>Fix</button>}
    </div>
  )
}

export function ProblemsPanel(): JSX.Element | null {
  const editor = useEditor()
  const { state } = editor
  if (!state.problemsOpen.value) return null
  const all = sorted(state.diagnostics.value)
  return (
    <section class="problems" aria-label="All problems">
      <header class="problems-head">
        <h2>Problems</h2><span class="quiet">{counts(all)}</span>
        <button type="button" class="icon-button small" aria-label="Close the problems" onClick={() => { state.problemsOpen.value = false }}><Icon name="close" /></button>
      </header>
      <ul>
        {all.slice(0, SHOWN).map((one, at) => <Row key={`${at} ${one.code}`} one={one} />)}
        {all.length > SHOWN && <li class="quiet padded">and {all.length - SHOWN} more</li>}
      </ul>
    </section>
  )
}

function Row({ one }: { one: Diagnostic }): JSX.Element {
  const editor = useEditor()
  const subject = one.subjects.find((id) => editor.node(id) ?? editor.value(id))
  const name = subject && (editor.node(subject)?.name || editor.node(subject)?.op_type || editor.value(subject)?.name)
  return (
    <li class={`problem ${one.severity}`}>
      <button type="button" class="problem-main" disabled={!subject} onClick={() => subject && void editor.goTo(subject)}>
        <span class="pill-dot" role="img" aria-label={one.severity} />
        <span class="problem-text"><span>{sentence(one.message)}</span>{one.hint && <span class="problem-hint">{sentence(one.hint)}</span>}</span>
        {name && !one.message.includes(name) && <span class="detail cut" title={clipped(name)}>{clipped(name)}</span>}
      </button>
      {one.fix && <button type="button" class="button small" onClick={() => void editor.perform(one.fix!)}>Fix</button>}
    </li>
  )
}
