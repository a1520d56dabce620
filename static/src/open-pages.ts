/** The open models of this page: one is shown, a few more stay ready behind it, and the tabs lead to all of them. */
import { effect } from '@preact/signals'
import { type JSX, render } from 'preact'
import type { Editor } from './commands/editor'
import { takeDropped } from './commands/data-files'
import { lookAtFile } from './commands/files'
import type { Pages } from './commands/pages'
import { forgetPlace, keepPlace } from './commands/place'
import { isViewed, pageOf, Tabs } from './commands/tabs'
import type { Api, Opened } from './connection/api'
import type { Dropped } from './connection/dropped'
import { AppFailure } from './connection/errors'
import type { ReplayedEdits } from './state'

/** A model that this page is connected to, shown or not. */
export interface Live { editor: Editor; view(): JSX.Element; end(): void }
interface Making { live(session: string): Live; viewer(id: string, along: readonly Dropped[]): JSX.Element }

const READY = 4 // models that stay connected; the others are fetched again, and find their place again
const CLOSING = 1000 // ms that the start page waits at most, for it lists what is open
const CLOSED = ['no-such-session', 'no-such-view']

export class OpenPages implements Pages {
  readonly tabs = new Tabs(localStorage)
  private readonly live = new Map<string, { live: Live; forget: () => void }>()

  constructor(private readonly root: Element, private readonly api: Api, private readonly making: Making) {}

  start(id: string, along: readonly Dropped[]): void {
    window.addEventListener('storage', (event) => this.tabs.heard(event))
    window.addEventListener('pagehide', () => this.keep())
    window.addEventListener('focus', () => { void this.refresh(); this.look() })
    window.addEventListener('popstate', () => {
      const back = window.location.pathname.split('/')[2] ?? ''
      if (/^\/[sv]\//.test(window.location.pathname)) this.show(back)
      else window.location.reload()
    })
    this.show(id, { along })
    void this.refresh()
  }

  show(id: string, how: { beside?: boolean; replayed?: ReplayedEdits; along?: readonly Dropped[] } = {}): void {
    if (this.tabs.current.peek() !== id) this.keep()
    this.tabs.show(id, how.beside)
    if (window.location.pathname !== pageOf(id)) history.pushState(null, '', pageOf(id))
    if (isViewed(id)) {
      render(this.making.viewer(id, how.along ?? []), this.root)
      return
    }
    const live = this.connected(id)
    if (how.replayed) tellReplayed(live.editor, how.replayed)
    render(live.view(), this.root)
    for (const files of how.along ?? []) void takeDropped(live.editor, files)
  }

  opened(what: Opened, along: readonly Dropped[]): void {
    if ('view' in what) {
      this.show(what.view, { along })
      return
    }
    const again = what.already_open && what.session !== this.tabs.current.peek()
    this.show(what.session, { along })
    if (again) this.live.get(what.session)?.live.editor.toast(`${what.name} was open already: here it is`)
  }

  async giveUp(id: string): Promise<void> {
    const unedited = await this.api.summary(id).then(({ revision }) => revision === 0, () => false)
    this.close(id, { kept: !unedited, home: this.live.size <= 1 })
  }

  /** `kept`: the server goes on to have it; `home`: to the start page, whatever else is open. */
  close(id: string, { kept = false, home = false } = {}): void {
    const others = this.live.get(id)?.live.editor.state.participants.peek().length ?? 0
    this.end(id)
    forgetPlace(id, sessionStorage)
    const told = others <= 1 && !kept ? this.tellServer(id) : Promise.resolve() // whoever else looks at it keeps it
    const shown = this.tabs.current.peek() === id
    const next = this.tabs.close(id)
    if (!shown) return
    if (next !== null && !home) {
      this.show(next)
      return
    }
    render(null, this.root)
    void Promise.race([told, new Promise((soon) => setTimeout(soon, CLOSING))]).finally(() => window.location.assign('/'))
  }

  private connected(id: string): Live {
    const known = this.live.get(id)
    if (known) {
      this.live.delete(id) // the last in the map is the one that was shown last
      this.live.set(id, known)
      return known.live
    }
    const live = this.making.live(id)
    const { state } = live.editor
    live.editor.pages = this
    const forget = effect(() => { if (state.name.value !== '') this.tabs.tell(id, { name: state.name.value, unsaved: state.unsaved.value }) })
    this.live.set(id, { live, forget })
    for (const old of [...this.live.keys()].slice(0, -READY)) this.end(old)
    return live
  }

  private end(id: string): void {
    const known = this.live.get(id)
    this.live.delete(id)
    known?.forget()
    known?.live.end()
  }

  /** Notes where the reader is in the shown model. */
  private keep(): void {
    const shown = this.live.get(this.tabs.current.peek())
    if (shown) keepPlace(shown.live.editor, sessionStorage)
  }

  private look(): void {
    const shown = this.live.get(this.tabs.current.peek())
    if (shown) void lookAtFile(shown.live.editor)
  }

  /** What the server still has, what it is called and whether it is saved. */
  private async refresh(): Promise<void> {
    try {
      const ids = this.tabs.list.peek().map((tab) => tab.id)
      this.tabs.keepOnly(await this.api.still(ids))
      if (ids.some((id) => !this.live.has(id))) {
        for (const one of await this.api.sessions()) if (!this.live.has(one.session)) this.tabs.tell(one.session, { name: one.name, unsaved: one.unsaved ?? false })
      }
    } catch (thrown) {
      if (!(thrown instanceof AppFailure)) throw thrown // the connection says that the server is away
    }
  }

  private async tellServer(id: string): Promise<void> {
    try {
      await (isViewed(id) ? this.api.closeView(id) : this.api.close(id))
    } catch (thrown) {
      if (!(thrown instanceof AppFailure)) throw thrown
      if (!CLOSED.includes(thrown.data.code)) this.live.get(this.tabs.current.peek())?.live.editor.toast(thrown.data.message, 'error')
    }
  }
}

function tellReplayed(editor: Editor, replayed: ReplayedEdits): void {
  const { applied, failed } = replayed.result
  if (failed.length > 0) editor.state.replayed.value = replayed
  else editor.toast(applied === 0 ? 'Reloaded: this is the file as it is now' : `Reloaded, and ${applied === 1 ? 'your edit' : `all ${applied} edits`} made again`)
}
