/** The palette of operators at the pointer: type to find one, Enter puts it where it was asked for. */
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { insertOperator, type Picked } from '../commands/insertion'
import { fittingOperators, functionsAsOperators, keepOperator, recentOperators, searchOperators } from '../commands/operator-search'
import { useEditor } from '../forms/editor-context'
import { typeText } from '../forms/literals'
import type { OperatorView } from '../protocol/types'
import type { OperatorsAsked } from '../state'
import { CustomOperator } from './CustomOperator'
import { DragGhost, useOperatorDrag } from './operator-drag'
import { Icon } from './Icon'
import { clipped } from './Name'
import { clamp } from './place'

const SHOWN = 80
const WIDTH = 400
const LONGEST = 392
const NAME = /^[A-Za-z_][\w.-]*$/

export function OperatorPalette({ asked }: { asked: OperatorsAsked }): JSX.Element {
  const editor = useEditor()
  const [text, setText] = useState('')
  const [active, setActive] = useState(0)
  const [custom, setCustom] = useState<string | null>(null)
  /** Enter was pressed before it was known which operators there are */
  const [early, setEarly] = useState(false)
  const areKnown = editor.state.operators.value.length > 0
  const box = useRef<HTMLDivElement>(null)
  const list = useRef<HTMLUListElement>(null)
  const all = useMemo(() => [...functionsAsOperators(editor), ...fittingOperators(editor, asked)], [editor.state.operators.value])
  const found = useMemo(() => searchOperators(all, text, recentOperators(localStorage)), [all, text])
  const rows = found.slice(0, SHOWN)
  const name = text.trim()
  const offersCustom = areKnown && NAME.test(name) && !rows.some((row) => row.operator.op_type === name)
  const count = rows.length + (offersCustom ? 1 : 0)

  useLayoutEffect(() => { box.current?.querySelector('input')?.focus({ preventScroll: true }) }, [custom])
  useEffect(() => { list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' }) }, [active])
  useEffect(() => {
    const away = (event: PointerEvent): void => { if (!box.current?.contains(event.target as Node)) editor.state.palette.value = null }
    document.addEventListener('pointerdown', away, true)
    return () => document.removeEventListener('pointerdown', away, true)
  }, [])

  const close = (): void => {
    editor.state.palette.value = null
    editor.canvas?.focus()
  }
  const pick = (picked: Picked): void => {
    if (picked.schema) keepOperator(localStorage, picked)
    close()
    void insertOperator(editor, asked, picked)
  }
  const drag = useOperatorDrag(editor, (picked, place) => {
    if (picked.schema) keepOperator(localStorage, picked)
    close()
    void insertOperator(editor, place, picked)
  })
  const pickOperator = (operator: OperatorView): void => pick({ op_type: operator.op_type, domain: operator.domain, schema: operator, outputs: 1 })
  const choose = (at: number): void => {
    const row = rows[at]
    if (row) pickOperator(row.operator)
    else if (offersCustom) setCustom(name)
  }
  /** What is typed counts, also when its list is not on screen yet. */
  const enter = (): void => {
    if (!areKnown) return setEarly(true)
    const typed = box.current?.querySelector('input')?.value ?? text
    if (typed === text) return choose(active)
    const first = searchOperators(all, typed, recentOperators(localStorage))[0]
    if (first) pickOperator(first.operator)
    else if (NAME.test(typed.trim())) setCustom(typed.trim())
  }
  useEffect(() => {
    if (!early || !areKnown) return
    setEarly(false)
    enter()
  }, [early, areKnown])
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation()
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 7, PageUp: -7 }[event.key]
    if (event.key === 'Escape' && drag.ghost) drag.cancel()
    else if (event.key === 'Escape') { if (custom === null) close(); else setCustom(null) }
    else if (custom !== null) return
    else if (step !== undefined && count > 0) setActive(Math.abs(step) === 1 ? (active + step + count) % count : Math.max(0, Math.min(count - 1, active + step)))
    else if (event.key === 'Enter') enter()
    else if (event.key === 'Tab') close()
    else return
    event.preventDefault()
  }
  return (
    <div ref={box} style={placeOf(asked)} class={drag.ghost ? 'operators dragged' : 'operators'} role="dialog" aria-label="Operators" onKeyDown={onKeyDown}>
      {drag.ghost && <DragGhost ghost={drag.ghost} />}
      {custom !== null ? <CustomOperator name={custom} asked={asked} onBack={() => setCustom(null)} onPick={pick} /> : (
        <>
          <div class="operators-field">
            <Icon name="search" />
            <input type="text" role="combobox" aria-label="Operator" aria-expanded="true" aria-controls="operators-list" aria-activedescendant={count > 0 ? `operator-${active}` : undefined}
              placeholder={placeholder(asked)} spellcheck={false} autocomplete="off" value={text} onInput={(event) => { setText(event.currentTarget.value); setActive(0); setEarly(false) }} />
          </div>
          <Where asked={asked} />
          <ul ref={list} id="operators-list" class="operators-list" role="listbox" aria-label="Operators">
            {rows.map(({ operator, heading }, at) => (
              <>
                {heading && <li key={heading} class="operators-heading" role="presentation">{heading}</li>}
                <li key={`${operator.domain} ${operator.op_type}`} id={`operator-${at}`} role="option" aria-selected={at === active} class="operator" title={operator.doc.slice(0, 400)}
                  onPointerMove={() => { if (at !== active) setActive(at) }} onClick={() => { if (!drag.justDropped()) choose(at) }}
                  onPointerDown={(event) => drag.begin(event, operator)} onPointerMoveCapture={drag.move} onPointerUp={drag.end} onPointerCancel={drag.cancel}>
                  <span class={`mark family-${operator.family}`} />
                  <span class="operator-name cut">{operator.op_type}</span>
                  <span class="operator-doc cut">{firstSentence(operator)}</span>
                  {operator.domain && operator.domain !== 'ai.onnx' && <span class="operator-domain cut">{operator.domain}</span>}
                </li>
              </>
            ))}
            {found.length > SHOWN && <li class="operators-more" role="presentation">{(found.length - SHOWN).toLocaleString('en')} more; type to find them</li>}
            {(count === 0 || (rows.length === 0 && offersCustom)) && <li class="operators-more" role="presentation">{!areKnown ? 'Operators are being listed…' : name === '' ? 'No operator fits here' : `No operator ${asked.wire || asked.from || asked.to ? 'that fits here ' : ''}is called “${clipped(name)}”`}</li>}
            {offersCustom && (
              <li id={`operator-${rows.length}`} role="option" aria-selected={active === rows.length} class="operator custom"
                onPointerMove={() => { if (active !== rows.length) setActive(rows.length) }} onClick={() => choose(rows.length)}>
                <Icon name="plus" /><span class="cut">Custom operator <strong>{clipped(name)}</strong>…</span>
              </li>
            )}
          </ul>
        </>
      )}
    </div>
  )
}

/** Beside the pointer, where the longest list finds room: the field stays while the list grows and shrinks. */
function placeOf({ at }: OperatorsAsked): { left: string; top: string } {
  const { left, top } = clamp({ x: at.x + 14, y: at.y + 10 }, { width: WIDTH, height: LONGEST }, { width: window.innerWidth, height: window.innerHeight })
  return { left: `${left}px`, top: `${top}px` }
}

/** On what the operator will stand, in one line. */
function Where({ asked }: { asked: OperatorsAsked }): JSX.Element | null {
  const editor = useEditor()
  const id = asked.wire?.value ?? asked.from
  const value = id ? editor.value(id) : undefined
  const target = asked.to ? editor.node(asked.to.node) : undefined
  if (!value && !target) return null
  const slot = asked.to && (target?.input_names[asked.to.slot] || `input ${asked.to.slot + 1}`)
  return (
    <p class="operators-where">
      {value ? <><span class="quiet">{asked.wire ? 'on' : 'takes'}</span> <b class="cut">{clipped(value.name) || 'unnamed'}</b> <span class="detail">{typeText(value)}</span></> : <><span class="quiet">feeds</span> <b class="cut">{slot} of {clipped(target!.name) || target!.op_type}</b></>}
    </p>
  )
}

function placeholder(asked: OperatorsAsked): string {
  if (asked.wire) return 'Insert an operator…'
  return asked.from ? 'Take it into an operator…' : asked.to ? 'An operator that gives it…' : 'Add an operator…'
}

/** The first sentence, without the name that stands beside it: 'Relu takes one input' → 'Takes one input'. */
function firstSentence({ doc, op_type }: { doc: string; op_type: string }): string {
  const line = doc.trim().replace(/\s+/g, ' ')
  const sentence = (/^.{12,}?[.:](?=\s|$)/.exec(line)?.[0] ?? line).replace(/[.:]$/, '')
  const rest = sentence.startsWith(`${op_type} `) ? sentence.slice(op_type.length + 1) : sentence
  return `${rest.charAt(0).toUpperCase()}${rest.slice(1, 120)}`
}
