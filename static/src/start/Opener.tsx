/** Everything that opens a model: dropped or chosen files, a path, recent ones, samples. */
import { signal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { isViewed, Tabs } from '../commands/tabs'
import type { Api, Opened, RecentModel, SampleView } from '../connection/api'
import { AppFailure, errorData } from '../connection/errors'
import { type Upload, uploadModel } from '../connection/upload'
import { sentence } from '../forms/sentence'
import type { AppErrorData } from '../protocol/types'
import { DropZone, type Opening } from './DropZone'
import { OpenPath } from './OpenPath'
import { Recent, Samples } from './Shelves'

interface OpenerProps { api: Api; onOpened(what: Opened): void; children?: ComponentChildren }

export function Opener({ api, onOpened, children }: OpenerProps): JSX.Element {
  const [opening, setOpening] = useState<Opening | null>(null)
  const [error, setError] = useState<AppErrorData | null>(null)
  const [shelves, setShelves] = useState<{ samples: SampleView[]; recent: RecentModel[] }>({ samples: [], recent: [] })
  const upload = useMemo(() => signal<Upload | null>(null), [])
  useEffect(() => { void load(api, setShelves, setError) }, [])
  useEffect(() => {
    const back = (event: PageTransitionEvent): void => { if (event.persisted) setOpening(null) }
    window.addEventListener('pageshow', back)
    return () => window.removeEventListener('pageshow', back)
  }, [])
  const open = async (name: string, start: () => Promise<Opened>): Promise<void> => {
    if (opening) return
    setError(null)
    setOpening({ name, fraction: null, cancel: null })
    try {
      onOpened(await start())
    } catch (thrown) {
      const data = errorData(thrown)
      setOpening(null)
      if (data.code !== 'cancelled') setError(data)
    } finally {
      upload.value = null
    }
  }
  const openFiles = (files: readonly File[]): void => {
    if (files.length === 0 || opening) return
    const name = files.find((file) => /\.onnx$/i.test(file.name))?.name ?? files[0]!.name
    void open(name, () => {
      const sent = uploadModel(files, (fraction) => setOpening({ name, fraction, cancel: sent.cancel }))
      upload.value = sent
      return sent.done
    })
  }
  const openPath = (path: string): void => void open(path, () => api.open({ path, mine: mine() }))
  return (
    <>
      <DropZone opening={opening} onFiles={openFiles} />
      <OpenPath api={api} busy={opening !== null} onOpen={openPath} onTyped={() => setError(null)} />
      {error && (
        <div class="start-error" role="alert">
          <p>{sentence(error.message)}</p>
          {error.hint && <p class="start-hint">{sentence(error.hint)}</p>}
        </div>
      )}
      {children}
      <Recent recent={shelves.recent} busy={opening !== null} onOpen={openPath} />
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
