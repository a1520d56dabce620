/** What panels ask about the whole model: the report, and how often each operator is there. */
import { useEffect, useState } from 'preact/hooks'
import { countAll, type Tallies } from '../commands/operator-counts'
import { fetchReport } from '../commands/report'
import { useEditor } from '../forms/editor-context'
import type { ModelReport } from '../protocol/report'

const PAUSE = 700 // ms after an edit: somebody who edits on does not need it yet

/** The newest report; `old` when edits came after it. With `follow` it is asked for again then. */
export function useReport(follow: boolean): { report: ModelReport | null; old: boolean } {
  const { state, ...editor } = useReportOf()
  const report = state.report.value
  const revision = state.revision.value
  const ready = state.loading.value === 'ready' && !state.checking.value && state.connection.value === 'online'
  const old = report !== null && report.revision !== revision
  useEffect(() => {
    if (!ready || (report !== null && (!follow || !old)) || (state.reportError.peek() && !old)) return
    const timer = setTimeout(() => void editor.fetch(), report === null ? 0 : PAUSE)
    return () => clearTimeout(timer)
  }, [ready, revision, report, follow])
  return { report, old }
}

function useReportOf(): { state: ReturnType<typeof useEditor>['state']; fetch(): Promise<void> } {
  const editor = useEditor()
  return { state: editor.state, fetch: () => fetchReport(editor) }
}

const REST_MS = 100

/** Counts of operators, made anew when nodes came or went; null until they are known. */
export function useTallies(): Tallies | null {
  const editor = useEditor()
  const listed = editor.state.listed.value
  const graph = editor.state.graph.value
  const isReady = editor.state.loading.value === 'ready'
  const [tallies, setTallies] = useState<Tallies | null>(null)
  useEffect(() => {
    if (!isReady) return // after the picture
    const timer = setTimeout(() => { if (editor.document) setTallies(countAll(editor.document, graph)) }, REST_MS)
    return () => clearTimeout(timer)
  }, [isReady, listed, graph])
  return tallies
}
