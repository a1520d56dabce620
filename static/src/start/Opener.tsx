/** Everything that opens a model: dropped or chosen files, a path, recent ones, samples. */
import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { isViewed, Tabs } from '../commands/tabs'
import type { Api, Opened, OpenSession, RecentModel, SampleView } from '../connection/api'
import type { Dropped } from '../connection/dropped'
import { AppFailure, errorData } from '../connection/errors'
import { type SentFile, type Upload, uploadModel } from '../connection/upload'
import { sentence } from '../forms/sentence'
import type { AppErrorData } from '../protocol/types'
import { DropZone, type Opening } from './DropZone'
import { OpenPath } from './OpenPath'
import { closedOnes, OpenSessions, Recent, Samples } from './Shelves'

const NONE: readonly OpenSession[] = []
const SOON = 2000 // ms after which what takes long can be cancelled

interface OpenerProps { api: Api; /** the path has the focus at first */ focus?: boolean; /** files to open at once */ files?: readonly SentFile[]; /** `along`: what was dropped meanwhile, which is for what was opened */ onOpened(what: Opened, along: readonly Dropped[]): void; /** a shelf of its own; null: not known yet */ open?: readonly OpenSession[] | null }

export function Opener({ api, focus, files, onOpened, open: sessions = NONE }: OpenerProps): JSX.Element {
  const [opening, setOpening] = useState<Opening | null>(null)
  const [error, setError] = useState<AppErrorData | null>(null)
  const [shelves, setShelves] = useState<{ samples: SampleView[]; recent: RecentModel[] }>({ samples: [], recent: [] })
  const [along, setAlong] = useState<readonly Dropped[]>([])
  const meanwhile = useRef<Dropped[] | null>(null) // null: nothing is being opened
  const upload = useMemo(() => signal<Upload<Opened> | null>(null), [])
  useEffect(() => { void load(api, setShelves, setError) }, [])
  useEffect(() => {
    const back = (event: PageTransitionEvent): void => { if (event.persisted) setOpening(null) }
    window.addEventListener('pageshow', back)
    return () => window.removeEventListener('pageshow', back)
  }, [])
  const open = async (name: string, start: () => Promise<Opened>): Promise<void> => {
    if (meanwhile.current) return
    meanwhile.current = []
    setError(null)
    setOpening({ name, fraction: null, cancel: null })
    try {
      const opened = await start()
      onOpened(opened, meanwhile.current)
    } catch (thrown) {
      setOpening(null)
      if (thrown instanceof DOMException && thrown.name === 'AbortError') return
      const data = errorData(thrown)
      if (data.code !== 'cancelled') setError(data)
    } finally {
      meanwhile.current = null
      setAlong([])
      upload.value = null
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
    void open(name, () => {
      const sent = uploadModel(files, (fraction) => setOpening({ name, fraction, cancel: sent.cancel }))
      upload.value = sent
      return sent.done
    })
  }
  useEffect(() => { if (files && files.length > 0) dropped(Promise.resolve(files)) }, [files])
  const openPath = (path: string): void => {
    const stop = new AbortController()
    void open(path, () => {
      const opened = api.open({ path, mine: mine() }, stop.signal)
      const timer = setTimeout(() => setOpening({ name: path, fraction: null, cancel: () => stop.abort() }), SOON)
      return opened.finally(() => clearTimeout(timer))
    })
  }
  const openChosen = ({ label, upload, model }: Record<string, unknown>): void => void open(String(label), () => api.open({ upload: String(upload), model: String(model) }))
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
      <Samples samples={shelves.samples} busy={opening !== null} onOpen={(sample) => void open(sample.title, () => api.open({ sample: sample.name }))} />
    </>
  )
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
