/** What can be opened with one click: models still open, recent ones, samples. */
import type { JSX } from 'preact'
import type { OpenSession, RecentModel, SampleView } from '../connection/api'
import { bytesText } from '../forms/literals'
import { Icon } from '../panels/Icon'

const OPEN_LISTED = 8
const RECENT_LISTED = 6

function listed(sessions: readonly OpenSession[]): readonly OpenSession[] {
  return sessions.slice(0, OPEN_LISTED)
}

/** The recent files that do not stand among the open models above them already. */
export function closedOnes(recent: readonly RecentModel[], open: readonly OpenSession[]): RecentModel[] {
  const above = new Set(listed(open).map((one) => one.path))
  return recent.filter((one) => !above.has(one.path))
}

/** A plain click opens the model in this page, whose code is loaded already; as links, they open in other tabs too. */
export function OpenSessions({ sessions, onOpen }: { sessions: readonly OpenSession[]; onOpen(session: OpenSession): void }): JSX.Element | null {
  if (sessions.length === 0) return null
  return (
    <section class="shelf" aria-label="Open now">
      <h2 class="section-title">Open now</h2>
      <ul class="recent">
        {listed(sessions).map((one) => (
          <li key={one.session}>
            <a class="recent-row" title={one.path} href={`/s/${one.session}`} onClick={(event) => { if (isPlain(event)) { event.preventDefault(); onOpen(one) } }}>
              <Icon name="file" /><span class="cut">{one.name}</span><span class="where cut">{folderOf(one.path)}</span>{one.unsaved && <span class="detail">unsaved edits</span>}
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}

function isPlain({ button, ctrlKey, metaKey, shiftKey, altKey }: MouseEvent): boolean {
  return button === 0 && !ctrlKey && !metaKey && !shiftKey && !altKey
}

export function Recent({ recent, busy, onOpen }: { recent: readonly RecentModel[]; busy: boolean; onOpen(path: string): void }): JSX.Element | null {
  if (recent.length === 0) return null
  return (
    <section class="shelf" aria-label="Recent">
      <h2 class="section-title">Recent</h2>
      <ul class="recent">
        {recent.slice(0, RECENT_LISTED).map((one) => (
          <li key={one.path}>
            <button type="button" class="recent-row" disabled={busy} title={one.path} onClick={() => onOpen(one.path)}>
              <Icon name="file" /><span class="cut">{one.name}</span><span class="where cut">{folderOf(one.path)}</span><span class="detail">{bytesText(one.bytes)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

function folderOf(path = ''): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
}

export function Samples({ samples, busy, onOpen }: { samples: readonly SampleView[]; busy: boolean; onOpen(sample: SampleView): void }): JSX.Element | null {
  if (samples.length === 0) return null
  return (
    <section class="shelf" aria-label="Samples">
      <h2 class="section-title">Samples</h2>
      <ul class="samples">
        {samples.map((one) => (
          <li key={one.name}>
            <button type="button" class="sample" disabled={busy} onClick={() => onOpen(one)}>
              <span class="sample-title cut">{one.title}</span>
              <span class="sample-shows">{one.shows}</span>
              <span class="sample-facts">{one.nodes} nodes · {bytesText(one.bytes)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
