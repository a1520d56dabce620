/** A tensor: its type, where its data lies, its statistics and its values. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { readStatistics, type TensorSubject } from '../commands/tensor'
import { AppFailure } from '../connection/errors'
import { useEditor } from '../forms/editor-context'
import { bytesText, numberText, shapeText } from '../forms/literals'
import { sentence } from '../forms/sentence'
import type { TensorStatistics, TensorValue } from '../protocol/report'
import type { AppErrorData } from '../protocol/types'
import { Histogram } from './Histogram'
import { plural } from './status'
import { TensorValues } from './TensorValues'

const MOST_EDITED = 1 << 26 // elements; the server sets no larger tensor
const SLOW = 800 // ms; whoever waits for longer is told how far it is

/** `key` it by what it shows: it starts afresh for another tensor. */
interface TensorPanelProps {
  subject: TensorSubject
  bytes: number
  /** another one when the data is another: it is read again, and what is shown stays until then */
  content: string
  /** type and shape, where they are known before anything is read */
  known?: { dtype: string; shape: readonly number[] }
}

export function TensorPanel({ subject, bytes, content, known }: TensorPanelProps): JSX.Element {
  const editor = useEditor()
  const [found, setFound] = useState<TensorStatistics | null>(null)
  const [error, setError] = useState<AppErrorData | null>(null)
  const [progress, setProgress] = useState<number | null>(null)
  const [slow, setSlow] = useState(false)
  useEffect(() => {
    const stop = new AbortController()
    const timer = setTimeout(() => setSlow(true), SLOW)
    readStatistics(editor, subject, bytes, stop.signal, setProgress).then((now) => { setFound(now); setError(null) }, (thrown: unknown) => {
      if (thrown instanceof AppFailure) { if (!stop.signal.aborted) setError(thrown.data) } else if (!stop.signal.aborted) throw thrown
    }).finally(() => clearTimeout(timer))
    return () => { stop.abort(); clearTimeout(timer) }
  }, [content])
  if (error) {
    return (
      <section class="section" aria-label="Tensor">
        <h3 class="section-title">Tensor</h3>
        <div class="note error" role="alert"><p>{sentence(error.message)}</p>{error.hint && <p class="note-hint">{sentence(error.hint)}</p>}</div>
      </section>
    )
  }
  const type = found ?? known
  const editable = editor.state.original.value === 'off'
  return (
    <>
      {found ? (
        <section class="section" aria-label="Tensor">
          <h3 class="section-title">Tensor</h3>
          <Facts found={found} />
          {found.edges.length === 2 && <Histogram counts={found.histogram} edges={found.edges} />}
        </section>
      ) : <Waiting slow={slow} progress={progress} bytes={bytes} />}
      {type && <TensorValues subject={subject} shape={type.shape} dtype={type.dtype} content={content} editable={editable && !found?.sparse && (found ? Number(found.elements) : 0) <= MOST_EDITED} />}
    </>
  )
}

function Waiting({ slow, progress, bytes }: { slow: boolean; progress: number | null; bytes: number }): JSX.Element {
  return (
    <section class="section" aria-label="Tensor" aria-busy="true">
      <h3 class="section-title">Tensor</h3>
      {slow ? (
        <div class="work" role="status">
          <div class="work-bar" role="progressbar" aria-label="Reading the tensor" aria-valuemin={0} aria-valuemax={100} aria-valuenow={progress === null ? undefined : Math.round(progress * 100)}>
            <span data-known={progress !== null} style={{ '--done': String(progress ?? 0) }} />
          </div>
          <div class="work-line"><span class="cut">Reading {bytesText(bytes)}…</span>{progress !== null && <span class="quiet">{Math.round(progress * 100)} %</span>}</div>
        </div>
      ) : [72, 58, 66].map((width) => <span key={width} class="skeleton" style={{ '--width': `${width}%` }} />)}
    </section>
  )
}

function Facts({ found }: { found: TensorStatistics }): JSX.Element {
  const elements = Number(found.elements)
  const place = found.location === null ? 'in the model file' : `in ${found.location}`
  const figures: [string, string, string][] = []
  if (found.minimum !== null) figures.push(['minimum', figure(found.minimum), String(found.minimum)], ['maximum', figure(found.maximum), String(found.maximum)])
  if (found.mean !== null) figures.push(['mean', figure(found.mean), String(found.mean)], ['deviation', figure(found.std), String(found.std)])
  if (found.zeros !== null && elements > 0) figures.push(['zeros', share(found.zeros, elements), plural(found.zeros, 'element')])
  const faults = [found.nans > 0 ? `${found.nans.toLocaleString('en')} NaN` : '', found.infinities > 0 ? `${found.infinities.toLocaleString('en')} infinite` : ''].filter(Boolean)
  return (
    <>
      <dl>
        <div class="fact"><dt>Elements</dt><dd title={`${shapeText(found.shape)} ${found.dtype}`}>{elements.toLocaleString('en')}{found.sparse ? ' · sparse' : ''}</dd></div>
        <div class="fact"><dt>Data</dt><dd class="cut" title={place}>{bytesText(found.bytes)} {place}</dd></div>
      </dl>
      {figures.length > 0 && <dl class="figures">{figures.map(([name, text, title]) => <div key={name} class="figure"><dt>{name}</dt><dd title={title}>{text}</dd></div>)}</dl>}
      {faults.length > 0 && <p class="run-faults">{faults.join(' · ')}</p>}
    </>
  )
}

function figure(value: TensorValue | null): string {
  return typeof value === 'number' ? numberText(value) : String(value)
}

function share(count: number, of: number): string {
  if (count === 0) return 'none'
  const percent = (100 * count) / of
  return percent === 100 ? 'all' : percent < 0.1 ? '< 0.1 %' : `${percent.toFixed(1)} %`
}
