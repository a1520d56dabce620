/** The state of the model in plain words, for the pill in the top bar. */
import type { Diagnostic } from '../protocol/types'
import type { ConnectionState, EditorState } from '../state'

export type Tone = 'valid' | 'warning' | 'error' | 'quiet'
export interface Status { tone: Tone; text: string; opens: 'problems' | 'run' | null; busy: boolean }

interface Facts {
  loading: 'loading' | 'ready' | 'failed'
  connection: ConnectionState
  pending: number
  checking: boolean
  /** a run is under way */
  running: boolean
  diagnostics: readonly Diagnostic[]
  /** what the last run of this very revision showed; 'failed': it came to no end; 'elsewhere': this machine has no kernel for one of its operators */
  run: { milliseconds: number; same: boolean | null; notNumbers: boolean } | 'failed' | 'elsewhere' | null
}

export function statusOf(facts: Facts): Status {
  const quiet = (text: string): Status => ({ tone: 'quiet', text, opens: null, busy: true })
  if (facts.loading === 'loading') return quiet('Opening…')
  if (facts.loading === 'failed') return { tone: 'error', text: 'Could not be opened', opens: null, busy: false }
  if (facts.connection === 'closed') return { tone: 'error', text: 'Closed on the server', opens: null, busy: false }
  if (facts.connection === 'offline') return quiet(facts.pending > 0 ? `Reconnecting… ${plural(facts.pending, 'edit')} waiting` : 'Reconnecting…')
  if (facts.connection === 'recovering') return quiet('Recovering…')
  if (facts.connection === 'connecting') return quiet('Connecting…')
  const errors = facts.diagnostics.filter((one) => one.severity === 'error').length
  const warnings = facts.diagnostics.filter((one) => one.severity === 'warning').length
  if (facts.checking) return { tone: 'quiet', text: 'Checking…', opens: errors + warnings > 0 ? 'problems' : null, busy: true }
  if (facts.running) return quiet('Running…')
  if (errors > 0) return { tone: 'error', text: [plural(errors, 'error'), warnings > 0 ? plural(warnings, 'warning') : ''].filter(Boolean).join(' · '), opens: 'problems', busy: false }
  const parts = [warnings > 0 ? `Valid · ${plural(warnings, 'warning')}` : 'Valid']
  if (facts.run === 'failed') return { tone: 'error', text: [...parts, 'the run failed'].join(' · '), opens: 'run', busy: false }
  if (facts.run === 'elsewhere') return { tone: warnings > 0 ? 'warning' : 'valid', text: [...parts, 'cannot be run here'].join(' · '), opens: 'run', busy: false }
  if (facts.run) {
    parts.push(`ran in ${millisecondsText(facts.run.milliseconds)}`)
    if (facts.run.same !== null) parts.push(facts.run.same ? 'same outputs as the original' : 'outputs differ from the original')
    if (facts.run.notNumbers) parts.push('NaN in outputs')
  }
  return { tone: warnings > 0 || facts.run?.notNumbers ? 'warning' : 'valid', text: parts.join(' · '), opens: warnings > 0 ? 'problems' : facts.run ? 'run' : null, busy: false }
}

export function statusOfState(state: EditorState): Status {
  const last = state.run.value
  const current = last && last.revision === state.revision.value ? last.result : null
  const known = current?.outputs.filter((output) => output.equal !== null) ?? []
  return statusOf({
    loading: state.loading.value,
    connection: state.connection.value,
    pending: state.pending.value,
    checking: state.checking.value,
    running: state.job.value?.state === 'running',
    diagnostics: state.diagnostics.value,
    run: runFailed(state) ? (state.runError.value?.code === 'no-kernel' ? 'elsewhere' : 'failed') : current && { milliseconds: current.milliseconds, same: known.length > 0 ? known.every((output) => output.equal) : null, notNumbers: current.outputs.some((output) => output.nans > 0) },
  })
}

/** The last run was of this very revision and failed; asking for sizes is no failure. */
function runFailed(state: EditorState): boolean {
  const job = state.job.value
  return job?.state === 'failed' && job.revision === state.revision.value && state.runError.value !== null
}

export function plural(count: number, word: string): string {
  return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`
}

export function millisecondsText(milliseconds: number): string {
  if (milliseconds < 0.1) return '< 0.1 ms'
  if (milliseconds < 1000) return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`
  return `${(milliseconds / 1000).toFixed(1)} s`
}
