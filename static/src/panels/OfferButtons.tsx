/** What can be done with the subjects, as buttons: the likeliest ones at once, the others behind one more click. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { offersOn } from '../commands/offers'
import type { Subjects } from '../commands/wishes'
import { useEditor } from '../forms/editor-context'
import { keyText } from './KeysDialog'
import { besidePanel } from './place'

/** What a panel shows without being asked; renaming and attributes have fields of their own. */
const LIKELY = [
  'insert-after', 'insert-node', 'replace-node', 'resize-inputs', 'duplicate-nodes', 'make-function', 'inline-function', 'add-output', 'promote-to-input', 'freeze-input', 'constant-to-initializer',
  'set-tensor', 'remove-output', 'remove-input', 'remove-nodes', 'remove-reconnect',
]
const ELSEWHERE = ['rename-node', 'rename-value', 'set-attribute', 'remove-attribute', 'set-value-type', 'set-doc', 'set-metadata', 'connect', 'disconnect']
const FIRST = new Set(['insert-after', 'insert-node'])
const WIDE = 'button wide'

export function OfferButtons({ on, leave = [] }: { on: Subjects; leave?: readonly string[] }): JSX.Element | null {
  const editor = useEditor()
  void editor.state.version.value // what fits may have changed
  const [all, setAll] = useState(false)
  const offers = offersOn(editor, on).filter((one) => one.section !== 'model' && one.section !== 'graph' && !leave.includes(one.id) && !ELSEWHERE.includes(one.id))
  if (offers.length === 0) return null
  const likely = offers.filter((one) => LIKELY.includes(one.id))
  const shown = all || likely.length === 0 ? offers : likely
  const hidden = offers.length - shown.length
  return (
    <section class="section" aria-label="Do">
      <h3 class="section-title">Do</h3>
      <div class="deeds">
        {shown.map((one) => (
          <button key={one.id} type="button" class={`${FIRST.has(one.id) ? WIDE : 'button'}${one.danger ? ' danger' : ''}`} title={`${one.description}${one.keys ? ` (${keyText(one.keys)})` : ''}`}
            onClick={(event) => one.run(besidePanel(event.currentTarget))}>{one.asks ? `${one.title}…` : one.title}</button>
        ))}
      </div>
      {hidden > 0 && <button type="button" class="link more-deeds" onClick={() => setAll(true)}>{hidden} more</button>}
    </section>
  )
}
