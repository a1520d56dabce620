/** The edits of this session, newest first: who did what when, what each changed, and the way back to any of them. */
import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { travelTo, wayTo } from '../commands/travel'
import { errorData } from '../connection/errors'
import { useEditor } from '../forms/editor-context'
import type { Delta, HistoryEntry } from '../protocol/types'
import { changeLines } from './change-lines'
import { clamp } from './place'
import { plural } from './status'

const SHOWN = 6
const MOST = 500
const LINGER = 220 // ms before the card of a row opens

interface Card { revision: number; lines: string[]; left: number; top: number }

export function History(): JSX.Element {
  const editor = useEditor()
  const { state } = editor
  const [all, setAll] = useState(false)
  const [card, setCard] = useState<Card | null>(null)
  const timer = useRef(0)
  const history = state.history.value
  const newest = [...history].reverse()
  const shown = newest.slice(0, all ? MOST : SHOWN)
  const current = history.findLast((one) => !one.undone)?.revision ?? 0
  const leave = (): void => { clearTimeout(timer.current); setCard(null) }
  const linger = (one: HistoryEntry, row: HTMLElement): void => {
    clearTimeout(timer.current)
    timer.current = window.setTimeout(() => void changesOf(editor, one.revision).then((lines) => {
      const box = row.getBoundingClientRect()
      setCard({ revision: one.revision, lines, ...clamp({ x: box.left - WIDTH - 12, y: box.top - 6 }, { width: WIDTH, height: 40 + lines.length * 20 }, { width: window.innerWidth, height: window.innerHeight }) })
    }), LINGER)
  }
  return (
    <section class="section history" aria-label="History" onMouseLeave={leave}>
      <h3 class="section-title">History</h3>
      {history.length === 0 && <p class="quiet">No edits yet. Every edit can be undone.</p>}
      <ol>
        {shown.map((one) => <Entry key={one.revision} one={one} now={one.revision === current} saved={one.revision === state.savedRevision.value} onLinger={linger} onLeave={leave} />)}
        {history.length > 0 && shown.length === newest.length && <Opened now={current === 0} />}
      </ol>
      {shown.length < newest.length && !all && <button type="button" class="link" onClick={() => setAll(true)}>all {newest.length} edits</button>}
      {card && <ChangeCard card={card} one={history.find((one) => one.revision === card.revision)} />}
    </section>
  )
}

const WIDTH = 300

interface EntryProps { one: HistoryEntry; now: boolean; saved: boolean; onLinger(one: HistoryEntry, row: HTMLElement): void; onLeave(): void }

function Entry({ one, now, saved, onLinger, onLeave }: EntryProps): JSX.Element {
  const editor = useEditor()
  const mine = one.author === editor.me
  const way = wayTo(editor.state.history.value, editor.me, one.revision)
  const lost = one.undone && way.redo === 0
  const steps = lost ? 0 : way.undo + way.redo
  const where = lost ? 'It was undone, and other edits came after' : now ? 'The model is here' : steps === 0 ? 'Nothing of yours stands between' : way.undo > 0 ? `Go back to here: undoes ${plural(way.undo, 'edit')} of yours` : `Come back to here: redoes ${plural(way.redo, 'edit')} of yours`
  const detail = one.undone ? 'undone' : mine ? timeText(one.at) : one.author_name || one.author
  return (
    <li class={`${one.undone ? 'undone' : ''}${now ? ' now' : ''}`}>
      <button type="button" class="history-row" disabled={now || steps === 0} title={where} aria-current={now ? 'step' : undefined} aria-label={`${one.revision}: ${one.title}${saved ? ', saved' : ''}, ${detail}`}
        onClick={() => { onLeave(); void travelTo(editor, one.revision) }} onMouseEnter={(event) => onLinger(one, event.currentTarget)} onMouseLeave={onLeave}>
        <span class="number">{one.revision}</span>{' '}
        <span class="cut history-title">{one.title}</span>{' '}
        {saved && <span class="tag">saved</span>}{' '}
        <span class="detail cut">{detail}</span>
      </button>
    </li>
  )
}

/** The model as it was opened: where everything began. */
function Opened({ now }: { now: boolean }): JSX.Element {
  const editor = useEditor()
  const way = wayTo(editor.state.history.value, editor.me, 0)
  return (
    <li class={now ? 'now' : ''}>
      <button type="button" class="history-row" disabled={now || way.undo === 0} aria-current={now ? 'step' : undefined} title={now ? 'The model is here' : `Go back to here: undoes ${plural(way.undo, 'edit')} of yours`} onClick={() => void travelTo(editor, 0)}>
        <span class="number">0</span><span class="cut history-title quiet">Opened</span>
        {editor.state.savedRevision.value === 0 && <span class="tag">{editor.state.path.value ? 'saved' : 'as it came'}</span>}
      </button>
    </li>
  )
}

function ChangeCard({ card, one }: { card: Card; one: HistoryEntry | undefined }): JSX.Element | null {
  const editor = useEditor()
  if (!one) return null
  return (
    <div class="history-card" role="tooltip" style={{ left: `${card.left}px`, top: `${card.top}px`, width: `${WIDTH}px` }}>
      <p class="history-card-title">{one.title}</p>
      <p class="quiet small">{one.author === editor.me ? 'You' : one.author_name || one.author}, {new Date(one.at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' })}{one.undone ? ' · undone' : ''}</p>
      {card.lines.length > 0 && <ul>{card.lines.map((line, at) => <li key={at} class="cut">{line}</li>)}</ul>}
    </div>
  )
}

/** What the revision changed, from the server's own record of it; a revision too long ago tells nothing more. */
async function changesOf(editor: ReturnType<typeof useEditor>, revision: number): Promise<string[]> {
  try {
    const [message] = await editor.api.since(editor.session, revision - 1)
    return changeLines((message?.delta ?? []) as Delta, (id) => editor.node(id)?.name || editor.value(id)?.name || '')
  } catch (thrown) {
    return [errorData(thrown).code === 'too-old' ? 'too long ago to be told' : errorData(thrown).message]
  }
}

function timeText(at: string): string {
  const time = new Date(at)
  if (Number.isNaN(time.getTime())) return at
  const today = time.toDateString() === new Date().toDateString()
  return today ? time.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }) : time.toLocaleDateString(undefined, { month: 'short', day: 'numeric' })
}
