/** A formula for a tensor, with examples to take, and what it would make shown while it is typed. */
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { tryFormula } from '../../commands/tensor'
import { AppFailure } from '../../connection/errors'
import type { TensorStatistics } from '../../protocol/report'
import { useEditor } from '../editor-context'
import { numberText, shapeText } from '../literals'
import type { TensorLiteral } from '../tensor-literal'

const EXAMPLES: readonly { text: string; says: string; ofX?: boolean }[] = [
  { text: 'zeros', says: 'every element is 0' }, { text: 'ones', says: 'every element is 1' }, { text: 'full(0.5)', says: 'every element is 0.5' },
  { text: 'normal(0, 0.02)', says: 'random numbers of this mean and deviation, the same each time' }, { text: 'uniform(-1, 1)', says: 'random numbers between these' },
  { text: 'arange', says: '0, 1, 2 … in row-major order' }, { text: 'eye', says: '1 on the diagonal, 0 elsewhere' },
  { text: 'x * 2', says: 'twice what it is now', ofX: true }, { text: 'clip(x, -1, 1)', says: 'what it is now, kept between these', ofX: true },
]
const PATIENCE = 250 // ms after the last key

interface FormulaFieldProps {
  text: string
  tensor: TensorLiteral | undefined
  /** the value that it is for; '' for an attribute, whose formula is tried when it is applied */
  value: string
  /** there is a tensor that x can stand for */
  hasTensor: boolean
  invalid: boolean
  onInput(text: string): void
  onWrong(line: string | null): void
}

export function FormulaField({ text, tensor, value, hasTensor, invalid, onInput, onWrong }: FormulaFieldProps): JSX.Element {
  const editor = useEditor()
  const input = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => input.current?.focus(), []) // it has just been chosen
  const [tried, setTried] = useState<TensorStatistics | null>(null)
  const asked = tensor?.formula === undefined || value === '' ? null : JSON.stringify(tensor)
  useEffect(() => {
    if (asked === null) return setTried(null)
    const stop = new AbortController()
    const timer = setTimeout(() => {
      tryFormula(editor, value, JSON.parse(asked) as { formula: string }, stop.signal).then((found) => { setTried(found); onWrong(null) }, (thrown: unknown) => {
        if (stop.signal.aborted) return
        if (!(thrown instanceof AppFailure)) throw thrown
        setTried(null)
        onWrong(thrown.data.fields?.['formula'] ?? thrown.data.message)
      })
    }, PATIENCE)
    return () => { clearTimeout(timer); stop.abort() }
  }, [asked])
  return (
    <>
      <input ref={input} class="field mono" type="text" aria-label="formula" placeholder="full(0.5)" spellcheck={false} autocomplete="off" value={text} aria-invalid={invalid} onInput={(event) => onInput(event.currentTarget.value)} />
      <div class="add-list" role="group" aria-label="Examples">
        {EXAMPLES.filter((one) => hasTensor || !one.ofX).map((one) => <button key={one.text} type="button" class="chip" title={one.says} onClick={() => onInput(one.text)}>{one.text}</button>)}
      </div>
      {tried && <Tried found={tried} />}
      {!tried && hasTensor && <p class="quiet small">x is the tensor as it is now.</p>}
    </>
  )
}

function Tried({ found }: { found: TensorStatistics }): JSX.Element {
  const shown = found.values.map((value) => (typeof value === 'number' ? numberText(value) : String(value)))
  const more = Number(found.elements) > shown.length ? ' …' : ''
  const [low, high] = [found.minimum, found.maximum].map((value) => (typeof value === 'number' ? numberText(value) : String(value)))
  const faults = found.nans + found.infinities
  return (
    <p class="tried small" role="status" aria-label="What the formula makes">
      <span class="quiet">{[shapeText(found.shape), found.dtype].join(' ')}{found.minimum === null ? '' : `, ${low === high ? `all ${low}` : `${low} to ${high}`}`}{faults > 0 ? `, ${faults.toLocaleString('en')} not finite` : ''}</span>
      {shown.length > 0 && low !== high && <span class="mono cut">{shown.join(', ')}{more}</span>}
    </p>
  )
}
