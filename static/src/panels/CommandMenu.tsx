/** A menu of the top bar that lists commands, with their keys. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Commands } from '../commands/registry'
import { useCommands, useEditor } from '../forms/editor-context'
import { fromCommand } from './context-menu'
import { Icon } from './Icon'
import { Menu, type MenuEntry } from './Menu'

/** Ids of commands by group; some in a menu of their own. */
type Groups = readonly (readonly (string | { title: string; ids: readonly string[] })[])[]

/** What can be seen and where to go; what can be selected. */
export const SEE: Groups = [
  ['fit', 'zoom-selection', 'zoom-in', 'zoom-out'],
  ['tidy', 'turn', 'map'],
  [
    { title: 'Scopes', ids: ['scope-open', 'scope-close', 'scopes-open', 'scopes-close', 'scopes-depth-1', 'scopes-depth-2', 'scopes'] },
    { title: 'Highlight', ids: ['highlight-up', 'highlight-down', 'highlight-both', 'follow', 'step-more', 'step-less', 'step-one', 'step-all'] },
    { title: 'Walk', ids: ['walk-up', 'walk-down', 'walk-left', 'walk-right', 'keep-up', 'keep-down', 'keep-left', 'keep-right', 'wire-above', 'wire-below', 'enter', 'leave'] },
    { title: 'Go to', ids: ['first-input', 'last-output', 'scope-start', 'view-up', 'view-down', 'view-left', 'view-right'] },
  ],
  ['picture', 'print', 'print-selection'],
]
export const SELECT: Groups = [['select-all'], ['select-operator', 'select-scope', 'select-upstream', 'select-downstream', 'select-lit'], ['find', 'find-next', 'find-previous', 'select-hits']]

export function commandEntries(commands: Commands, groups: Groups): MenuEntry[] {
  return groups.flatMap((ids, group) => [...(group > 0 ? ['line' as const] : []), ...ids.map((one) => (typeof one === 'string' ? fromCommand(commands, one) : { title: one.title, entries: one.ids.map((id) => fromCommand(commands, id)) }))])
}

export function CommandMenu({ title, groups, about }: { title: string; groups: Groups; about: string }): JSX.Element {
  const { state } = useEditor()
  const commands = useCommands()
  const [at, setAt] = useState<{ x: number; y: number } | null>(null)
  return (
    <>
      <button type="button" class="button model-menu in-wide" aria-haspopup="menu" aria-expanded={at !== null} disabled={state.loading.value !== 'ready'} title={about}
        onClick={(event) => { const box = event.currentTarget.getBoundingClientRect(); setAt({ x: box.left, y: box.bottom + 4 }) }}>
        {title}<Icon name="down" />
      </button>
      {at && <Menu label={title} at={at} entries={commandEntries(commands, groups)} onClose={() => setAt(null)} />}
    </>
  )
}
