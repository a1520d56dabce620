/** The metadata of the model, a graph, a node or a value: each entry a field, and a way to add one. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { openForm } from '../commands/open-form'
import { AppFailure } from '../connection/errors'
import { useEditor } from '../forms/editor-context'
import { InPlace } from '../forms/InPlace'
import { Icon } from './Icon'
import { besidePanel } from './place'

const SHOWN = 8
const FEW = 3
const MOST = 200
export const MODEL = 'model:'

interface MetadataEntry { key: string; value: string }
interface MetadataProps { subject: string; entries: readonly MetadataEntry[]; /** entries that are shown at once */ few?: number; title?: string }

/** Exporters write whole stack traces into every node, so these are fetched when somebody looks. */
export function MetadataOf({ subject, title }: { subject: string; title?: string }): JSX.Element | null {
  const editor = useEditor()
  const { state } = editor
  const revision = state.revision.value
  const [entries, setEntries] = useState<readonly MetadataEntry[]>([])
  useEffect(() => {
    let wanted = true
    editor.api.metadata(editor.session, subject).then((found) => { if (wanted) setEntries(found) }, (thrown: unknown) => {
      if (!(thrown instanceof AppFailure)) throw thrown
      if (wanted) setEntries([]) // it is gone meanwhile
    })
    return () => { wanted = false }
  }, [subject, revision])
  return state.original.value === 'off' ? <Metadata subject={subject} entries={entries} few={FEW} title={title} /> : null
}

export function Metadata({ subject, entries, few = SHOWN, title = 'Metadata' }: MetadataProps): JSX.Element | null {
  const editor = useEditor()
  const [all, setAll] = useState(false)
  const editable = editor.state.original.value === 'off' && editor.state.editTypes.value.some((one) => one.kind === 'set-metadata')
  if (entries.length === 0 && !editable) return null
  const shown = entries.slice(0, all ? MOST : few)
  return (
    <section class="section" aria-label={title}>
      <div class="section-head">
        <h3 class="section-title">{title} {entries.length > 1 && <span class="count">{entries.length}</span>}</h3>
        {editable && <button type="button" class="link" onClick={(event) => openForm(editor, 'set-metadata', { subject }, 'Add metadata', besidePanel(event.currentTarget))}>add</button>}
      </div>
      {entries.length === 0 && subject === MODEL && <p class="quiet">none</p>}
      {shown.map((one, at) => (editable && one.key !== '' && !repeated(shown, at) ? <Entry key={one.key} subject={subject} entry={one} /> : (
        <div key={at} class="fact"><dt class="cut" title={one.key}>{one.key || 'no key'}</dt><dd class="cut" title={one.value}>{one.value}</dd></div>
      )))}
      {!all && shown.length < entries.length && <button type="button" class="link" onClick={() => setAll(true)}>and {entries.length - shown.length} more</button>}
    </section>
  )
}

/** Whether an earlier entry has the same key, so that an edit of this one would change that one. */
function repeated(entries: readonly MetadataEntry[], at: number): boolean {
  return entries.findIndex((one) => one.key === entries[at]?.key) < at
}

function Entry({ subject, entry }: { subject: string; entry: MetadataEntry }): JSX.Element {
  const editor = useEditor()
  const set = (value: string | null): Record<string, unknown> & { kind: string } => ({ kind: 'set-metadata', subject, key: entry.key, value })
  const long = entry.value.length > 2000 || entry.value.includes('\n')
  const remove = (
    <button type="button" class="icon-button small remove" aria-label={`Remove ${entry.key}`} title={`Remove ${entry.key}`} onClick={() => void editor.perform(set(null))}><Icon name="close" /></button>
  )
  if (long) {
    return (
      <div class="inplace"><span class="field-label cut" title={entry.key}>{entry.key}</span>
        <div class="inplace-box"><div class="field fixed cut" title={entry.value.slice(0, 2000)}>{entry.value.slice(0, 200)}</div>{remove}</div>
      </div>
    )
  }
  return <InPlace id={`metadata-${entry.key}`} label={entry.key} text={entry.value} placeholder="empty" action={remove} apply={(text) => editor.submit(set(text))} />
}
