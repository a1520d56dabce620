/** The model's inputs or outputs in the order that is wanted: dragged, or moved by the arrow keys. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { drawNow } from '../../panels/picture-first'
import { MAIN_GRAPH } from '../../state'
import { useEditor } from '../editor-context'
import { typeText } from '../literals'
import type { WidgetProps } from '../widget'

export function OrderedValuesWidget({ id, field, value, form }: WidgetProps): JSX.Element {
  const editor = useEditor()
  const graph = editor.document?.graph(MAIN_GRAPH)
  const standing = (field.name === 'outputs' ? graph?.outputs : graph?.inputs) ?? []
  const order = Array.isArray(value) ? (value as string[]) : standing
  const [dragged, setDragged] = useState<number | null>(null)
  const put = (next: string[]): void => form.set(field.name, next.join('\n') === standing.join('\n') ? undefined : next)
  const shift = (at: number, step: number, row: HTMLElement): void => {
    if (at + step < 0 || at + step >= order.length) return
    put(moved(order, at, at + step))
    const list = row.parentElement
    drawNow()
    ;(list?.children[at + step] as HTMLElement | undefined)?.focus()
  }
  if (order.length < 2) return <p class="quiet" id={id}>{order.length === 0 ? 'There are none.' : 'There is only one.'}</p>
  return (
    <ol class="ordered" id={id} aria-label={field.label}>
      {order.map((one, at) => {
        const name = editor.value(one)?.name ?? one
        return (
          <li key={one} class={dragged === at ? 'ordered-row dragged' : 'ordered-row'} tabIndex={0} draggable aria-label={`${name}, ${at + 1} of ${order.length}; Alt and arrows move it`}
            onDragStart={(event) => { setDragged(at); event.dataTransfer?.setData('text/plain', name) }} onDragEnd={() => setDragged(null)}
            onDragOver={(event) => { event.preventDefault(); if (dragged !== null && dragged !== at) { put(moved(order, dragged, at)); setDragged(at) } }} onDrop={(event) => event.preventDefault()}
            onKeyDown={(event) => {
              const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
              if (step === undefined) return
              event.preventDefault()
              if (event.altKey) shift(at, step, event.currentTarget)
              else (event.currentTarget.parentElement?.children[at + step] as HTMLElement | undefined)?.focus()
            }}>
            <span class="ordered-grip" aria-hidden="true">⠿</span><span class="ordered-number">{at + 1}</span><span class="cut">{name}</span>
            <span class="detail">{typeText(editor.value(one) ?? { dtype: '', shape: null })}</span>
            <button type="button" class="icon-button small" aria-label={`Move ${name} up`} disabled={at === 0} onClick={(event) => shift(at, -1, event.currentTarget.parentElement!)}>↑</button>
            <button type="button" class="icon-button small" aria-label={`Move ${name} down`} disabled={at === order.length - 1} onClick={(event) => shift(at, 1, event.currentTarget.parentElement!)}>↓</button>
          </li>
        )
      })}
    </ol>
  )
}

export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list]
  const [one] = next.splice(from, 1)
  next.splice(to, 0, one!)
  return next
}
