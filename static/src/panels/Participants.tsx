/** Who else has this model open; your own circle lets you say your name. */
import type { JSX } from 'preact'
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
        ? <button key={one.id} type="button" class={`person peer-${one.colour % 8}`} title={`${one.name} (you): change your name`} aria-label={`${one.name} (you)`} onClick={() => { state.dialog.value = 'name' }}>{initials(one, people)}</button>
        : <button key={one.id} type="button" class={`person peer-${one.colour % 8}`} title={one.selection.length > 0 ? `${one.name}: show what they selected` : one.name} aria-label={one.name} onClick={() => { if (one.selection[0]) void editor.goTo(one.selection[0]) }}>{initials(one, people)}</button>
      ))}
      {people.length > SHOWN && <span class="person more" title={people.slice(SHOWN).map((one) => one.name).join(', ')}>+{people.length - SHOWN}</span>}
    </div>
  )
}

/** Two letters of a name; guests are told apart by their number. */
export function initials(one: Participant, people: readonly Participant[]): string {
  const guest = /^guest(?: (\d+))?$/i.exec(one.name)
  if (guest) return guest[1] ?? String([...people].sort((a, b) => a.colour - b.colour).findIndex((other) => other.id === one.id) + 1)
  const words = one.name.trim().split(/\s+/).filter(Boolean)
  return words.length === 0 ? '?' : words.slice(0, 2).map((word) => [...word][0]!.toUpperCase()).join('')
}
