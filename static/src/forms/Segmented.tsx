/** One of a few, side by side: arrows move, as in any group of radio buttons. */
import type { JSX } from 'preact'
import { drawNow } from '../panels/picture-first'

interface SegmentedProps<T extends string> { label: string; id?: string; options: readonly { value: T; label: string; title?: string }[]; value: T; onChange(value: T): void }

export function Segmented<T extends string>({ label, id, options, value, onChange }: SegmentedProps<T>): JSX.Element {
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const at = options.findIndex((one) => one.value === value)
    const next = options[(at + step + options.length) % options.length]!
    onChange(next.value)
    const group = event.currentTarget as HTMLElement
    drawNow()
    group.querySelector<HTMLElement>('[aria-checked="true"]')?.focus()
  }
  return (
    <div class="segmented" role="radiogroup" id={id} aria-label={label} onKeyDown={move}>
      {options.map((one) => (
        <button key={one.value} type="button" role="radio" aria-checked={one.value === value} tabIndex={one.value === value ? 0 : -1} title={one.title} onClick={() => onChange(one.value)}>{one.label}</button>
      ))}
    </div>
  )
}
