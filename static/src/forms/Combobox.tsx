/** A text field with a list of suggestions below it: arrows and Enter choose, Esc closes, typing filters. */
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

export interface Option { value: string; label: string; detail?: string; mark?: string }

interface ComboboxProps {
  id: string
  text: string
  label?: string
  placeholder?: string
  invalid?: boolean
  focus?: boolean
  options(text: string): readonly Option[]
  onText(text: string): void
  onPick(option: Option): void
  /** Enter with the list closed */
  onEnter?(): void
  /** opens the list as soon as the field has the focus */
  eager?: boolean
  empty?: string
  /** what is typed may be new: nothing is chosen until an arrow key or the pointer does */
  free?: boolean
  children?: ComponentChildren
}

const SHOWN = 60

const LIST_ROOM = 280

/** Whether a list finds no room below the field, and more of it above. */
function isBetterAbove(field: HTMLElement): boolean {
  const { top, bottom } = field.getBoundingClientRect()
  const below = innerHeight - bottom
  return below < LIST_ROOM && top > below
}

export function Combobox(props: ComboboxProps): JSX.Element {
  const [open, setOpen] = useState(false)
  const first = props.free ? -1 : 0
  const [active, setActive] = useState(first)
  const [typed, setTyped] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const list = useRef<HTMLUListElement>(null)
  const options = open ? props.options(typed ? props.text : '').slice(0, SHOWN) : []
  const listed = open && (options.length > 0 || (typed && props.empty !== undefined))
  const listId = `${props.id}-list`
  const [above, setAbove] = useState(false)

  useLayoutEffect(() => { if (listed && input.current) setAbove(isBetterAbove(input.current)) }, [listed])

  useLayoutEffect(() => { if (props.focus) input.current?.focus({ preventScroll: true }) }, []) // before the next key is pressed: it belongs here
  useEffect(() => { list.current?.children[active]?.scrollIntoView({ block: 'nearest' }) }, [active, open])

  const pick = (option: Option): void => {
    setOpen(false)
    setTyped(false)
    props.onPick(option)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      if (!open) return setOpen(true)
      const step = event.key === 'ArrowDown' ? 1 : -1
      setActive(active < 0 && step < 0 ? options.length - 1 : (active + step + options.length) % Math.max(1, options.length))
    } else if (event.key === 'Enter') {
      if (open && options[active]) { event.preventDefault(); pick(options[active]) } else { setOpen(false); props.onEnter?.() }
    } else if (event.key === 'Escape' && listed) {
      event.preventDefault() // a dialog around the field stays
      event.stopPropagation()
      setOpen(false)
    } else if (event.key === 'Tab' && open && typed && options[active]) pick(options[active])
  }
  return (
    <div class="combobox" data-open={open} data-above={above}>
      <input
        ref={input} id={props.id} class="field" role="combobox" data-focus={props.focus ? '' : undefined} type="text" autocomplete="off" spellcheck={false}
        value={props.text} placeholder={props.placeholder} aria-label={props.label} aria-expanded={open} aria-controls={listId}
        aria-autocomplete="list" aria-invalid={props.invalid ?? false} aria-activedescendant={open && options[active] ? `${listId}-${active}` : undefined}
        onInput={(event) => { setTyped(true); setOpen(true); setActive(first); props.onText(event.currentTarget.value) }}
        onFocus={(event) => { event.currentTarget.select(); if (props.eager) setOpen(true) }}
        onClick={() => setOpen(true)} onBlur={() => { setOpen(false); setTyped(false) }} onKeyDown={onKeyDown}
      />
      {props.children}
      {listed && (
        <ul ref={list} id={listId} class="combobox-list" role="listbox" onPointerDown={(event) => event.preventDefault()}>
          {options.length === 0 && <li class="combobox-empty">{props.empty}</li>}
          {options.map((option, at) => (
            <li key={`${option.value} ${option.label}`} id={`${listId}-${at}`} role="option" aria-selected={at === active} class="combobox-option"
              onPointerMove={() => { if (at !== active) setActive(at) }} onClick={() => pick(option)}>
              {option.mark && <span class={`mark family-${option.mark}`} />}
              <span class="cut">{option.label}</span>
              {option.detail && <span class="detail">{option.detail}</span>}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
