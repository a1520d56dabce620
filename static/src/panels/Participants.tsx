/** Who else has this model open; your own circle lets you say your name. */
import type { JSX } from 'preact'
import { GUEST, shownName } from '../connection/identity'
import { useEditor } from '../forms/editor-context'
import type { Participant } from '../protocol/types'

const SHOWN = 4

export function Participants(): JSX.Element {
  const editor = useEditor()
  const { state } = editor
  const people = [...state.participants.value].sort((a, b) => Number(b.id === editor.me) - Number(a.id === editor.me))
  return (
    <div class="people" role="group" aria-label="Participants">
      {people.slice(0, SHOWN).map((one) => (one.id === editor.me
        ? <button key={one.id} type="button" class={`person peer-${one.colour % 8}`} title={`${shownName(one)} (you): change your name`} aria-label={`${shownName(one)} (you)`} onClick={() => { state.dialog.value = 'name' }}>{initials(one)}</button>
        : <button key={one.id} type="button" class={`person peer-${one.colour % 8}`} title={one.selection.length > 0 ? `${shownName(one)}: show what they selected` : shownName(one)} aria-label={shownName(one)} onClick={() => { if (one.selection[0]) void editor.goTo(one.selection[0]) }}>{initials(one)}</button>
      ))}
      {people.length > SHOWN && <span class="person more" title={people.slice(SHOWN).map(shownName).join(', ')}>+{people.length - SHOWN}</span>}
    </div>
  )
}

/** Two letters of a name; guests are told apart by their number. */
export function initials(one: Participant): string {
  if (one.name === GUEST) return String(one.colour + 1)
  const words = one.name.trim().split(/\s+/).filter(Boolean)
  return words.length === 0 ? '?' : words.slice(0, 2).map((word) => [...word][0]!.toUpperCase()).join('')
}
