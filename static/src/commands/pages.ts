/** What panels need of the page's open models: the tabs, and moving between them; main.ts passes the real one. */
import type { Opened } from '../connection/api'
import type { Dropped } from '../connection/dropped'
import type { ReplayedEdits } from '../state'
import type { Tabs } from './tabs'

export interface Pages {
  readonly tabs: Tabs
  /** shows an open model; `replayed` is what it has to tell about how it came to be */
  show(id: string, how?: { beside?: boolean; replayed?: ReplayedEdits }): void
  /** shows what was just opened; `along` was dropped meanwhile and goes to it */
  opened(what: Opened, along: readonly Dropped[]): void
  /** takes a tab away and closes what is in it, on the server too */
  close(id: string): void
  /** takes away a model that is still being loaded, and closes it if nobody has edited it */
  giveUp(id: string): Promise<void>
}
