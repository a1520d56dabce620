/** The find field: what is typed is searched for at once, Enter goes from hit to hit. */
import type { JSX } from 'preact'
import { FIND_FIELD } from '../commands/all'
import { useEditor } from '../forms/editor-context'
import { Icon } from './Icon'
import type { Finding } from './use-find'

export function FindField({ finding: { text, setText, step, result }, onFocus }: { finding: Finding; onFocus(focused: boolean): void }): JSX.Element {
  const editor = useEditor()
  const wrong = typeof result?.error === 'string'
  return (
    <div class="find" role="search">
      <Icon name="search" />
      <input id={FIND_FIELD} class={wrong ? 'field wrong' : 'field'} type="search" placeholder="Find names, op:Conv…" aria-label="Find" aria-invalid={wrong} aria-describedby={wrong ? 'find-error' : undefined} spellcheck={false} autocomplete="off" value={text}
        onFocus={() => onFocus(true)} onBlur={() => onFocus(false)}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && event.altKey) { event.preventDefault(); step('all') }
          else if (event.key === 'Enter' || event.key === 'F3') { event.preventDefault(); step(event.shiftKey ? -1 : 1) }
          if (event.key === 'ArrowDown') { event.preventDefault(); step(1) }
          if (event.key === 'ArrowUp') { event.preventDefault(); step(-1) }
          if (event.key === 'Escape') { event.stopPropagation(); setText(''); editor.canvas?.focus() }
        }} />
      {text === '' ? <kbd aria-hidden="true">Ctrl F</kbd> : <button type="button" class="icon-button small" aria-label="Clear the search" onClick={() => setText('')}><Icon name="close" /></button>}
    </div>
  )
}
