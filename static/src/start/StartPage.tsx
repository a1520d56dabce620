/** The page before any model is open: drop one, choose one, name one, or take a sample. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Api, Opened, OpenSession } from '../connection/api'
import type { Dropped } from '../connection/dropped'
import { AppFailure } from '../connection/errors'
import { Icon, Logo } from '../panels/Icon'
import type { ThemeChoice } from '../panels/theme-choice'
import { Opener } from './Opener'

export function StartPage({ api, theme, onOpened }: { api: Api; theme: ThemeChoice; onOpened(what: Opened, along: readonly Dropped[]): void }): JSX.Element {
  const [sessions, setSessions] = useState<OpenSession[] | null>(null) // null: not known yet
  useEffect(() => {
    api.sessions().then(setSessions, (thrown: unknown) => { setSessions([]); if (!(thrown instanceof AppFailure)) throw thrown }) // the shelves say what is wrong
  }, [])
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
        <Opener api={api} open={sessions} onOpened={onOpened} />
      </main>
    </div>
  )
}
