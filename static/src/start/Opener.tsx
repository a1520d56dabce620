/** Everything that opens a model: dropped or chosen files, a path, recent ones, samples. */
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { isViewed, Tabs } from '../commands/tabs'
import type { Api, Opened, OpenSession, RecentModel, SampleView } from '../connection/api'
import type { Dropped } from '../connection/dropped'
import { AppFailure, errorData } from '../connection/errors'
import { freshId } from '../connection/identity'
import { type SentFile, uploadModel } from '../connection/upload'
import { sentence } from '../forms/sentence'
import type { AppErrorData, OpeningProgress } from '../protocol/types'
import { DropZone, type Opening } from './DropZone'
import { OpenPath } from './OpenPath'
import { closedOnes, OpenSessions, Recent, Samples } from './Shelves'

const NONE: readonly OpenSession[] = []
const SOON = 1000 // ms after which what takes long says how far it is, and can be cancelled
const EVERY = 300 // ms between two looks at that

interface OpenerProps { api: Api; /** the path has the focus at first */ focus?: boolean; /** files to open at once */ files?: readonly SentFile[]; /** `along`: what was dropped meanwhile, which is for what was opened */ onOpened(what: Opened, along: readonly Dropped[]): void; /** a shelf of its own; null: not known yet */ open?: readonly OpenSession[] | null }

export function Opener({ api, focus, files, onOpened, open: sessions = NONE }: OpenerProps): JSX.Element {
  const [opening, setOpening] = useState<Opening | null>(null)
  const [error, setError] = useState<AppErrorData | null>(null)
  const [shelves, setShelves] = useState<{ samples: SampleView[]; recent: RecentModel[] }>({ samples: [], recent: [] })
  const [along, setAlong] = useState<readonly Dropped[]>([])
  const meanwhile = useRef<Dropped[] | null>(null) // null: nothing is being opened
  useEffect(() => { void load(api, setShelves, setError) }, [])
  useEffect(() => {
    const back = (event: PageTransitionEvent): void => { if (event.persisted) setOpening(null) }
    window.addEventListener('pageshow', back)
    return () => window.removeEventListener('pageshow', back)
  }, [])
  const open = async (name: string, start: (id: string, stop: AbortSignal, sent: (fraction: number) => void) => Promise<Opened>): Promise<void> => {
    if (meanwhile.current) return
    meanwhile.current = []
    setError(null)
    const id = freshId()
    const stop = new AbortController()
    const cancel = (): void => { stop.abort(); api.giveUp(id).catch(unlessRefused) }
    const followed = follow(api, id, (progress) => setOpening((now) => now && { ...now, progress, cancel }))
    setOpening({ name, fraction: null, progress: null, cancel: null })
    try {
      const opened = await start(id, stop.signal, (fraction) => setOpening((now) => ({ name, fraction, progress: now?.progress ?? null, cancel })))
      if (stop.signal.aborted) throw new DOMException('', 'AbortError')
      onOpened(opened, meanwhile.current)
    } catch (thrown) {
      setOpening(null)
      if (thrown instanceof DOMException && thrown.name === 'AbortError') return
      const data = errorData(thrown)
      if (data.code !== 'cancelled') setError(data)
    } finally {
      followed.end()
      meanwhile.current = null
      setAlong([])
    }
  }
  const dropped = (files: Dropped): void => {
    if (!meanwhile.current) return void files.then(openFiles)
    meanwhile.current.push(files)
    setAlong([...meanwhile.current])
  }
  const openFiles = (files: readonly SentFile[]): void => {
    if (files.length === 0) return
    const { name } = (files.find(({ file }) => /\.onnx$/i.test(file.name)) ?? files[0]!).file
    void open(name, (id, stop, told) => {
      const sent = uploadModel(files, id, told)
      stop.addEventListener('abort', sent.cancel)
      return sent.done
    })
  }
  useEffect(() => { if (files && files.length > 0) dropped(Promise.resolve(files)) }, [files])
  const openPath = (path: string): void => {
    void open(path, (opening, stop) => api.open({ path, mine: mine(), opening }, stop))
  }
  const openChosen = ({ label, upload, model }: Record<string, unknown>): void => void open(String(label), (opening, stop) => api.open({ upload: String(upload), model: String(model), opening }, stop))
  return (
    <>
      <DropZone opening={opening} along={along.length} onFiles={openFiles} onDropped={dropped} />
      <OpenPath api={api} busy={opening !== null} focus={focus} onOpen={openPath} onTyped={() => setError(null)} />
      {error?.choices && (
        <section class="which-model" role="alert" aria-label="Which model?">
          <p>{sentence(error.message)}</p>
          <div class="choices-list">{error.choices.map((one) => <button key={one.label} type="button" class="choice-row" disabled={opening !== null} onClick={() => openChosen(one)}><strong>{one.label}</strong></button>)}</div>
        </section>
      )}
      {error && !error.choices && (
        <div class="start-error" role="alert">
          <p>{sentence(error.message)}</p>
          {error.hint && <p class="start-hint">{sentence(error.hint)}</p>}
        </div>
      )}
      {sessions && <OpenSessions sessions={sessions} onOpen={(session) => onOpened(session, [])} />}
      {sessions && <Recent recent={closedOnes(shelves.recent, sessions)} busy={opening !== null} onOpen={openPath} />}
      <Samples samples={shelves.samples} busy={opening !== null} onOpen={(sample) => void open(sample.title, (opening, stop) => api.open({ sample: sample.name, opening }, stop))} />
    </>
  )
}

/** Asks the server how far the opening is, from when it takes long until `end`. */
function follow(api: Api, id: string, told: (progress: OpeningProgress | null) => void): { end(): void } {
  let timer: ReturnType<typeof setTimeout> | null = null
  const ask = async (): Promise<void> => {
    const progress = await api.opening(id).catch(unlessRefused)
    if (timer === null) return
    told(progress ?? null)
    timer = setTimeout(() => void ask(), EVERY)
  }
  timer = setTimeout(() => void ask(), SOON)
  return { end: () => { if (timer !== null) clearTimeout(timer); timer = null } }
}

/** The server may know nothing of it yet, or be away: whoever asked for the model hears of that. */
function unlessRefused(thrown: unknown): undefined {
  if (!(thrown instanceof AppFailure)) throw thrown
}

/** The sessions of this browser's tabs: a file that is open in one of them is not opened again. */
function mine(): string[] {
  return new Tabs(localStorage).list.peek().map((tab) => tab.id).filter((id) => !isViewed(id))
}

/** Each shelf on its own: one that fails leaves the others. */
async function load(api: Api, show: (shelves: { samples: SampleView[]; recent: RecentModel[] }) => void, fail: (error: AppErrorData) => void): Promise<void> {
  const shelves = { samples: [] as SampleView[], recent: [] as RecentModel[] }
  const fill = async (load: () => Promise<void>): Promise<void> => {
    try {
      await load()
    } catch (thrown) {
      if (!(thrown instanceof AppFailure)) throw thrown
      fail(thrown.data)
    }
  }
  await Promise.all([
    fill(async () => { shelves.samples = await api.samples() }),
    fill(async () => { shelves.recent = await api.recent() }),
  ])
  show(shelves)
}
