/** Dragging an operator out of the palette: onto a wire, which it is spliced into, or onto the ground. */
import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Editor } from '../commands/editor'
import { graphFor, type Picked } from '../commands/insertion'
import { shortDtype } from '../scene/text'
import { accepts } from '../scene/ports'
import type { OperatorView } from '../protocol/types'
import type { OperatorsAsked } from '../state'

interface Ghost { operator: OperatorView; x: number; y: number }
interface OperatorDrag {
  ghost: Ghost | null
  begin(event: PointerEvent, operator: OperatorView): void
  move(event: PointerEvent): void
  end(event: PointerEvent): void
  cancel(): void
  /** whether the click that follows belongs to a drag */
  justDropped(): boolean
}

const FROM = 5 // pixels that a press must move to be a drag

/** `onDrop` hears what was dropped, and the asking as it would have been made there. */
export function useOperatorDrag(editor: Editor, onDrop: (picked: Picked, place: OperatorsAsked) => void): OperatorDrag {
  const start = useRef<{ x: number; y: number; operator: OperatorView; dragged: boolean } | null>(null)
  const dropped = useRef(false)
  const [ghost, setGhost] = useState<Ghost | null>(null)
  const refuses = (operator: OperatorView) => (value: string): string => {
    const dtype = editor.value(value)?.dtype ?? ''
    const [first] = operator.inputs
    return !first ? `${operator.op_type} takes no input` : accepts(first.types, dtype) ? '' : `${operator.op_type} takes no ${shortDtype(dtype)}`
  }
  const over = (x: number, y: number, operator: OperatorView): ReturnType<NonNullable<Editor['canvas']>['dropAt']> =>
    editor.canvas?.dropAt({ x, y }, refuses(operator)) ?? null
  const cancel = (): void => {
    if (start.current?.dragged) dropped.current = true
    start.current = null
    setGhost(null)
    editor.canvas?.dropAt(null, () => '')
  }
  return {
    ghost, cancel,
    justDropped: () => { const was = dropped.current; dropped.current = false; return was },
    begin: (event, operator) => {
      if (event.button !== 0) return
      dropped.current = false
      start.current = { x: event.clientX, y: event.clientY, operator, dragged: false }
      if (event.currentTarget instanceof Element) event.currentTarget.setPointerCapture(event.pointerId)
    },
    move: (event) => {
      const from = start.current
      if (!from || (!from.dragged && Math.hypot(event.clientX - from.x, event.clientY - from.y) < FROM)) return
      from.dragged = true
      over(event.clientX, event.clientY, from.operator)
      setGhost({ operator: from.operator, x: event.clientX, y: event.clientY })
    },
    end: (event) => {
      const from = start.current
      const place = from?.dragged ? over(event.clientX, event.clientY, from.operator) : null
      cancel()
      if (!from || !place) return
      const { op_type, domain } = from.operator
      const ground = { place: place.at, wire: place.wire, from: null, to: null }
      onDrop({ op_type, domain, schema: from.operator, outputs: 1 }, { at: { x: event.clientX, y: event.clientY }, ...ground, graph: graphFor(editor, ground, true) })
    },
  }
}

/** The operator at the pointer. */
export function DragGhost({ ghost: { operator, x, y } }: { ghost: Ghost }): JSX.Element {
  return <div class="operator-ghost" style={{ left: `${x + 12}px`, top: `${y + 12}px` }} aria-hidden="true"><span class={`mark family-${operator.family}`} />{operator.op_type}</div>
}
