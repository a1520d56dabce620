/** Data files that the model needs and that are not there: said where nobody misses it, until they come or it is put away. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { chooseData, isKnown, lastOf, setKnown } from '../commands/data-files'
import { useEditor } from '../forms/editor-context'
import { bytesText } from '../forms/literals'
import type { MissingFile } from '../protocol/types'
import type { Sending } from '../state'
import { Icon } from './Icon'
import { clipped } from './Name'
import { plural } from './status'

const FEW = 3

export function MissingBar(): JSX.Element | null {
  const editor = useEditor()
  const { state } = editor
  const [, setPutAway] = useState(0)
  const missing = state.missing.value
  const sending = state.supplying.value
  if (sending) return <SendingBar sending={sending} />
  if (missing.count === 0 || isKnown(editor.session, missing)) return null
  const absent = missing.files.some((one) => one.size === null)
  return (
    <section class="stage-bar missing" role="status" aria-label="Missing data files">
      <span class="missing-icon"><Icon name="file" /></span>
      <div class="missing-what">
        <strong>{missing.count === 1 ? `A data file is ${absent ? 'missing' : 'cut off'}` : `${plural(missing.count, 'data file')} ${absent ? 'are missing' : 'are cut off'}`}</strong>
        <ul>
          {missing.files.slice(0, FEW).map((one) => <li key={one.location} title={clipped(one.location)}><span class="cut missing-name">{lastOf(one.location)}</span><span class="detail">{sizes(one)}</span></li>)}
          {missing.count > FEW && <li class="quiet">and {(missing.count - FEW).toLocaleString('en')} more, {bytesText(missing.bytes)} in all</li>}
        </ul>
        <p class="quiet">Drop {missing.count === 1 ? 'it' : 'them'} here. You can edit and save meanwhile.</p>
      </div>
      <div class="missing-deeds">
        <button type="button" class="icon-button small" aria-label="Put away" title="Put away; the problems keep naming them" onClick={() => { setKnown(editor.session, missing); setPutAway((count) => count + 1) }}><Icon name="close" /></button>
        <button type="button" class="button small" onClick={() => chooseData(editor)}>Choose files…</button>
      </div>
    </section>
  )
}

/** `12 tensors, 3.2 MB` */
export function sizes(one: MissingFile): string {
  const there = one.size === null ? '' : `; has ${bytesText(one.size)} of ${bytesText(one.needed)}`
  return `${plural(one.tensors, 'tensor')}, ${bytesText(one.bytes)}${there}`
}

function SendingBar({ sending }: { sending: Sending }): JSX.Element {
  const percent = Math.round(sending.fraction * 100)
  return (
    <div class="stage-bar sending" role="status" aria-label="Sending data files">
      <span class="cut">{percent < 100 ? 'Sending' : 'Taking in'} {sending.name}</span>
      <progress max={100} value={percent < 100 ? percent : undefined} aria-label="Progress" />
      {percent < 100 && <button type="button" class="link" onClick={sending.cancel}>Cancel</button>}
    </div>
  )
}
