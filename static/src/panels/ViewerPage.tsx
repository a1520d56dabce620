/** The page of a file of another format: Netron shows it, and nothing can be edited. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Pages } from '../commands/pages'
import type { Api } from '../connection/api'
import type { Dropped } from '../connection/dropped'
import { errorData } from '../connection/errors'
import type { SentFile } from '../connection/upload'
import { sentence } from '../forms/sentence'
import type { AppErrorData, ViewedFile } from '../protocol/types'
import { Icon, Logo } from './Icon'
import { NetronFrame } from './NetronView'
import { OpenDialog } from './OpenDialog'
import { TabStrip } from './TabStrip'
import { stepOf } from './tab-keys'
import type { ThemeChoice } from './theme-choice'

interface ViewerPageProps { api: Api; id: string; /** dropped while the file was opened */ along: readonly Dropped[]; pages: Pages; theme: ThemeChoice }

export function ViewerPage({ api, id, along, pages, theme }: ViewerPageProps): JSX.Element {
  const [file, setFile] = useState<ViewedFile | null>(null)
  const [error, setError] = useState<AppErrorData | null>(null)
  const [opening, setOpening] = useState<readonly SentFile[] | null>(null) // files that are opened beside this one
  useEffect(() => { for (const files of along) void files.then(setOpening) }, [along])
  useEffect(() => {
    api.viewed(id).then((found) => {
      setFile(found)
      pages.tabs.tell(id, { name: found.name })
      document.title = `${found.name} – Scalpel`
    }, (thrown: unknown) => setError(errorData(thrown)))
  }, [id])
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const next = pages.tabs.neighbour(stepOf(event))
      if (stepOf(event) === 0 || next === null) return
      event.preventDefault()
      pages.show(next)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  return (
    <div class="viewer">
      <header class="topbar">
        <div class="topbar-side">
          <a class="brand" href="/" aria-label="Scalpel, start page" title="Start page"><Logo /><span>Scalpel</span></a>
          <TabStrip pages={pages} onNew={() => setOpening([])} />
        </div>
        <div class="pill-place" role="status">{file && <span class="pill quiet" data-testid="status"><span class="cut">Read only: this is {file.format}</span></span>}</div>
        <div class="topbar-side end">
          <button type="button" class="icon-button" aria-label={theme.shown.value === 'dark' ? 'Light theme' : 'Dark theme'} title="Light or dark" onClick={theme.toggle}><Icon name={theme.shown.value === 'dark' ? 'sun' : 'moon'} /></button>
        </div>
      </header>
      <main class="viewer-stage">
        {file && <NetronFrame model={`/netron/view/${id}/${file.name.split('/').map(encodeURIComponent).join('/')}`} name={file.name} theme={theme} />}
        {error && <div class="stage-message" role="alert"><strong>{sentence(error.message)}</strong><span class="quiet">{sentence(error.hint)}</span><a class="button" href="/">Open another model</a></div>}
      </main>
      {opening && <OpenDialog api={api} files={opening} onClose={() => setOpening(null)} onOpened={(what, along) => { setOpening(null); pages.opened(what, along) }} />}
    </div>
  )
}
