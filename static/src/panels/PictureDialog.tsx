/** A picture of the graph as a file: SVG, PNG or DOT, of everything or of the selection. */
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { PictureFormat, PictureOf } from '../canvas/pictures'
import { useEditor } from '../forms/editor-context'
import { Segmented } from '../forms/Segmented'
import { Modal } from './Modal'
import { plural } from './status'
import type { ThemeChoice } from './theme-choice'

const LEAST = 0.01
const MOST = 16

export function PictureDialog({ theme }: { theme: ThemeChoice }): JSX.Element {
  const editor = useEditor()
  const { state } = editor
  const pictures = editor.canvas!.pictures
  const everything = pictures.size('all')
  const selection = pictures.size('selection')
  const [format, setFormat] = useState<PictureFormat>('svg')
  const [of, setOf] = useState<PictureOf>(selection ? 'selection' : 'all')
  const [colours, setColours] = useState<'light' | 'dark'>(theme.shown.peek())
  const [typed, setTyped] = useState('1')
  const [done, setDone] = useState<number | null>(null)
  const [failed, setFailed] = useState('')
  const stop = useRef<AbortController | null>(null)
  useEffect(() => () => stop.current?.abort(), [])
  const close = (): void => { state.dialog.value = null }
  const size = pictures.size(of)
  const scale = Number(typed.replace(',', '.'))
  const wrong = format === 'dot' ? '' : size === null ? 'There is nothing to draw.' : !(scale >= LEAST && scale <= MOST) ? `A scale is a number from ${LEAST} to ${MOST}.` : ''
  const tooLarge = format === 'png' && wrong === '' && size !== null && scale > size.largest
  const pixels = size && wrong === '' ? `${count(size.width * scale)} × ${count(size.height * scale)} px` : ''
  const make = async (): Promise<void> => {
    const abort = new AbortController()
    stop.current = abort
    setFailed('')
    setDone(0)
    try {
      const title = state.name.peek() || 'graph'
      const blob = await pictures.make({ format, of, theme: colours, scale, title }, { signal: abort.signal, tell: setDone })
      keep(blob, `${title.replace(/\.[^.]*$/, '')}.${format}`)
      close()
    } catch (thrown) {
      if (!abort.signal.aborted) setFailed(thrown instanceof DOMException || thrown instanceof RangeError ? 'The browser has no memory for a picture of this size: take a smaller scale, the selection, or SVG.' : String(thrown))
      setDone(null)
    }
  }
  return (
    <Modal title="Export picture" onClose={close}>
      <form class="edit-form" onSubmit={(event) => { event.preventDefault(); if (wrong === '' && !tooLarge && done === null) void make() }}>
        <fieldset class="form-fields" disabled={done !== null}>
          <div class="form-field"><span class="field-label">what</span>
            {selection
              ? <Segmented<PictureOf> label="What" value={of} onChange={setOf} options={[{ value: 'all', label: `Everything: ${plural(everything?.nodes ?? 0, 'node')}` }, { value: 'selection', label: `Selected: ${plural(selection.nodes, 'node')}` }]} />
              : <span class="field-said">Everything that is shown</span>}</div>
          <div class="form-field"><span class="field-label">format</span>
            <Segmented<PictureFormat> label="Format" value={format} onChange={setFormat} options={[{ value: 'svg', label: 'SVG', title: 'Sharp at any size; text stays text' }, { value: 'png', label: 'PNG', title: 'Pixels' }, { value: 'dot', label: 'DOT', title: 'For Graphviz: nodes and wires without places' }]} /></div>
          {format !== 'dot' && <div class="form-field"><span class="field-label">colours</span><Segmented<'light' | 'dark'> label="Colours" value={colours} onChange={setColours} options={[{ value: 'light', label: 'Light' }, { value: 'dark', label: 'Dark' }]} /></div>}
          {format !== 'dot' && (
            <div class="form-field"><label class="field-label" for="picture-scale">scale</label>
              <div class="picture-scale"><input id="picture-scale" class="field" type="text" inputMode="decimal" autocomplete="off" data-focus value={typed} aria-invalid={wrong !== '' || tooLarge} aria-describedby="picture-size" onInput={(event) => setTyped(event.currentTarget.value)} />
                <span id="picture-size" class="quiet">{pixels && `× (${pixels})`}</span></div>
              {wrong && <p class="field-error" role="alert">{wrong}</p>}
              {tooLarge && <p class="field-error" role="alert">A browser draws no PNG of this size. Take a scale of at most {size.largest}, the selection, or SVG. <button type="button" class="link" onClick={() => setTyped(String(size.largest))}>Use {size.largest}</button></p>}
            </div>
          )}
        </fieldset>
        {size && <p class="quiet small">{plural(size.nodes, 'node')}{format === 'dot' ? ', without places: Graphviz lays them out' : ', as they stand on the canvas'}.</p>}
        {failed && <p class="refused-line" role="alert">{failed}</p>}
        {done !== null && <div class="work" role="status" aria-label="Drawing"><div class="work-bar"><span data-known="true" style={{ '--done': String(done) }} /></div></div>}
        <div class="form-deeds">
          <button type="button" class="button" onClick={() => { if (done === null) close(); else stop.current?.abort() }}>Cancel</button>
          <button type="submit" class="button primary" disabled={wrong !== '' || tooLarge || done !== null}>{of === 'selection' ? 'Export selected' : 'Export everything'}</button>
        </div>
      </form>
    </Modal>
  )
}

function count(pixels: number): string {
  return Math.max(1, Math.round(pixels)).toLocaleString('en')
}

/** The file goes where downloads go. */
function keep(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  document.body.append(link)
  link.click()
  link.remove()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
