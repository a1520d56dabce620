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
}

export function Refused({ id, error, onChoice, onTakeBack, back = 'Take back', onGoTo }: RefusedProps): JSX.Element {
  const fieldLines = Object.entries(error.fields ?? {})
  const text = fieldLines.length === 1 && error.code === 'wrong-parameters' ? fieldLines[0]![1] : error.message
  return (
    <div id={id} class={error.choices ? 'refused question' : 'refused'} role="alert">
      <p class="refused-line">{sentence(text)}</p>
      {error.hint && !error.choices && <p class="refused-hint">{sentence(error.hint)}</p>}
      {onChoice && error.choices && (
        <div class="choices">
          {error.choices.map(({ label, ...parameters }) => (
            <button key={label} type="button" class="button small" onPointerDown={(event) => event.preventDefault()} onClick={() => onChoice(parameters)}>{label}</button>
          ))}
        </div>
      )}
      {(onTakeBack || (onGoTo && error.subjects.length > 0)) && (
        <div class="refused-deeds">
          {onGoTo && error.subjects[0] && <button type="button" class="link" onClick={() => onGoTo(error.subjects[0]!)}>Show</button>}
          {onTakeBack && <button type="button" class="link" onPointerDown={(event) => event.preventDefault()} onClick={onTakeBack}>{error.choices ? 'Cancel' : back}</button>}
        </div>
      )}
    </div>
  )
}
