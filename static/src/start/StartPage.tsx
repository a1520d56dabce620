/** The page before any model is open: drop one, choose one, name one, or take a sample. */
import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Api, OpenedSession, OpenSession, RecentModel, SampleView } from '../connection/api'
import { AppFailure, errorData } from '../connection/errors'
import { type Upload, uploadModel } from '../connection/upload'
import { sentence } from '../forms/sentence'
import type { AppErrorData } from '../protocol/types'
import { Icon, Logo } from '../panels/Icon'
import type { ThemeChoice } from '../panels/theme-choice'
import { DropZone, type Opening } from './DropZone'
import { OpenPath } from './OpenPath'
import { OpenSessions, Recent, Samples } from './Shelves'

interface Shelves { samples: SampleView[]; recent: RecentModel[]; sessions: OpenSession[] }

export function StartPage({ api, theme }: { api: Api; theme: ThemeChoice }): JSX.Element {
  const [opening, setOpening] = useState<Opening | null>(null)
  const [error, setError] = useState<AppErrorData | null>(null)
  const [shelves, setShelves] = useState<Shelves>({ samples: [], recent: [], sessions: [] })
  const upload = useMemo(() => signal<Upload | null>(null), [])
  useEffect(() => { void load(api, setShelves, setError) }, [])
  useEffect(() => {
    const back = (event: PageTransitionEvent): void => { if (event.persisted) setOpening(null) }
    window.addEventListener('pageshow', back)
    return () => window.removeEventListener('pageshow', back)
  }, [])

  const open = async (name: string, start: () => Promise<OpenedSession>): Promise<void> => {
    if (opening) return
    setError(null)
    setOpening({ name, fraction: null, cancel: null })
    try {
      const { session } = await start()
      window.location.assign(`/s/${session}`)
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
  return (
    <div class="start">
      <header class="start-top">
        <button type="button" class="icon-button" aria-label={theme.shown.value === 'dark' ? 'Light theme' : 'Dark theme'} onClick={theme.toggle}>
          <Icon name={theme.shown.value === 'dark' ? 'sun' : 'moon'} />
        </button>
      </header>
      <main class="start-main">
        <div class="start-title">
          <Logo size={40} />
          <h1>Scalpel</h1>
          <p>See, edit and check ONNX models.</p>
        </div>
        <DropZone opening={opening} onFiles={openFiles} />
        <OpenPath api={api} busy={opening !== null} onOpen={(path) => void open(path, () => api.open({ path }))} />
        {error && (
          <div class="start-error" role="alert">
            <p>{sentence(error.message)}</p>
            {error.hint && <p class="start-hint">{sentence(error.hint)}</p>}
          </div>
        )}
        <OpenSessions sessions={shelves.sessions} />
        <Recent recent={shelves.recent} busy={opening !== null} onOpen={(path) => void open(path, () => api.open({ path }))} />
        <Samples samples={shelves.samples} busy={opening !== null} onOpen={(sample) => void open(sample.title, () => api.open({ sample: sample.name }))} />
      </main>
    </div>
  )
}

/** Each shelf on its own: one that fails leaves the others. */
async function load(api: Api, show: (shelves: Shelves) => void, fail: (error: AppErrorData) => void): Promise<void> {
  const shelves: Shelves = { samples: [], recent: [], sessions: [] }
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
    fill(async () => { shelves.sessions = await api.sessions() }),
  ])
  show(shelves)
}
