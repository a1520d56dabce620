/** Why an edit was refused: one line, what to do, and buttons for a choice that only a person can make. */
import type { JSX } from 'preact'
import type { AppErrorData } from '../protocol/types'
import { sentence } from './sentence'

interface RefusedProps {
  id?: string
  error: AppErrorData
  onChoice?(parameters: Record<string, unknown>): void
  onTakeBack?(): void
  /** what taking back is called where no field stands behind the refusal */
  back?: string
  onGoTo?(subject: string): void
  /** what a subject is called; '' when it is not there any more */
  nameOf?(subject: string): string
}

const SUBJECTS = 4 // links at most
const NOTHING_TO_DO = /^nothing-to-/ // an answer, no failure

export function Refused({ id, error, onChoice, onTakeBack, back = 'Take back', onGoTo, nameOf }: RefusedProps): JSX.Element {
  const fieldLines = Object.entries(error.fields ?? {})
  const text = fieldLines.length === 1 && error.code === 'wrong-parameters' ? fieldLines[0]![1] : error.message
  const named = error.subjects.map((subject) => ({ subject, name: nameOf?.(subject) ?? 'Show' })).filter(({ name }) => name !== '')
  const links = onGoTo ? named.slice(0, nameOf ? SUBJECTS : 1) : []
  const calm = Boolean(error.choices) || NOTHING_TO_DO.test(error.code)
  return (
    <div id={id} class={calm ? 'refused question' : 'refused'} role="alert">
      <p class="refused-line">{sentence(text)}</p>
      {error.hint && !error.choices && <p class="refused-hint">{sentence(error.hint)}</p>}
      {onChoice && error.choices && (
        <div class="choices">
          {error.choices.map(({ label, ...parameters }) => (
            <button key={label} type="button" class="button small" onPointerDown={(event) => event.preventDefault()} onClick={() => onChoice(parameters)}>{label}</button>
          ))}
        </div>
      )}
      {(onTakeBack || links.length > 0) && (
        <div class="refused-deeds">
          {links.map(({ subject, name }) => <button key={subject} type="button" class="link cut" title={`Go to ${name}`} onClick={() => onGoTo!(subject)}>{name}</button>)}
          {named.length > links.length && nameOf && <span class="quiet">and {named.length - links.length} more</span>}
          {onTakeBack && <button type="button" class="link" onPointerDown={(event) => event.preventDefault()} onClick={onTakeBack}>{error.choices ? 'Cancel' : back}</button>}
        </div>
      )}
    </div>
  )
}
