/** Where files are dropped or chosen; while one is sent it shows how far it is. */
import type { JSX } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { carriesFiles, chosenFiles, type Dropped, droppedFiles } from '../connection/dropped'
import type { SentFile } from '../connection/upload'
import { openingFraction, openingText } from '../forms/opening-words'
import { Icon } from '../panels/Icon'
import type { OpeningProgress } from '../protocol/types'

/** `fraction`: of what is sent; null: nothing is. `progress`: how far the server is, where it said so. */
export interface Opening { name: string; fraction: number | null; progress: OpeningProgress | null; cancel: (() => void) | null }

interface DropZoneProps { opening: Opening | null; /** how many drops go along with what is being opened */ along: number; onFiles(files: readonly SentFile[]): void; onDropped(files: Dropped): void }

export function DropZone({ opening, along, onFiles, onDropped }: DropZoneProps): JSX.Element {
  const [over, setOver] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const latest = useRef(onDropped)
  latest.current = onDropped
  useLayoutEffect(() => {
    let depth = 0 // enter and leave come for every element below the pointer
    const enter = (event: DragEvent): void => { if (carriesFiles(event)) { event.preventDefault(); depth += 1; setOver(true) } }
    const leave = (): void => { depth = Math.max(0, depth - 1); if (depth === 0) setOver(false) }
    const hold = (event: DragEvent): void => { if (carriesFiles(event)) event.preventDefault() }
    const drop = (event: DragEvent): void => {
      if (!carriesFiles(event)) return
      event.preventDefault()
      depth = 0
      setOver(false)
      latest.current(droppedFiles(event.dataTransfer))
    }
    const events = [['dragenter', enter], ['dragleave', leave], ['dragover', hold], ['drop', drop]] as const
    for (const [name, listener] of events) window.addEventListener(name, listener as EventListener)
    return () => { for (const [name, listener] of events) window.removeEventListener(name, listener as EventListener) }
  }, [])
  if (opening) return <Sending opening={opening} over={over} along={along} />
  return (
    <div class={over ? 'drop over' : 'drop'} data-testid="drop-zone">
      <input ref={input} id="model-files" class="visually-hidden" type="file" multiple aria-label="Choose files" tabIndex={-1}
        onChange={(event) => { onFiles(chosenFiles(event.currentTarget.files)); event.currentTarget.value = '' }} />
      <span class="drop-icon"><Icon name="upload" /></span>
      <p class="drop-line">{over ? 'Let go to open it' : 'Drop a model here'}</p>
      <button type="button" class="button primary" onClick={() => input.current?.click()}>Choose files…</button>
      <p class="quiet">An .onnx file with its data files, a folder or a zip of them, or ONNX as text. Other formats are shown read only.</p>
    </div>
  )
}

const UNKNOWN: OpeningProgress = { step: 'receiving', done: 0, of: 0 }

function Sending({ opening, over, along }: { opening: Opening; over: boolean; along: number }): JSX.Element {
  const percent = opening.fraction === null ? null : Math.round(opening.fraction * 100)
  const sent = percent === null || percent >= 100
  const known = sent ? opening.progress && openingFraction(opening.progress) : opening.fraction
  return (
    <div class={over ? 'drop sending over' : 'drop sending'} data-testid="drop-zone" role="status">
      <p class="drop-line cut">{over ? 'Let go to hand it on to' : sent ? 'Opening' : 'Sending'} {opening.name}</p>
      <progress max={100} value={known === null ? undefined : 100 * known} aria-label="Progress" />
      <p class="quiet">{along > 0 ? 'What was dropped goes along.' : sent ? openingText(opening.progress ?? UNKNOWN) : `${percent} %`}</p>
      {opening.cancel && <button type="button" class="button" onClick={opening.cancel}>Cancel</button>}
    </div>
  )
}
