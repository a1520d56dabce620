/** The page keeps up with the server, in whatever order things are said. */
import { expect, it, vi } from 'vitest'
import type { Api } from '../connection/api'
import type { Diagnostic, RevisionMessage, SessionSummary } from '../protocol/types'
import { EditorState, MAIN_GRAPH } from '../state'
import { InStep } from './in-step'
import type { CanvasPort, DocumentPort } from './ports'

const FINDING: Diagnostic = { severity: 'warning', code: 'c', message: 'm', subjects: [] }
const NOTHING = { count: 0, tensors: 0, bytes: 0, files: [] }
const summary = (facts: Partial<SessionSummary>): SessionSummary =>
  ({ name: 'm.onnx', path: 'm.onnx', unsaved: false, history: [], diagnostics: [], missing: NOTHING, checked_revision: -1, revision: 0, state: 'ready', ...facts }) as unknown as SessionSummary

async function opened(graphs = new Set([MAIN_GRAPH])): Promise<{ state: EditorState; inStep: InStep; canvas: CanvasPort }> {
  const document = {
    revision: 0, graph: (id: string) => (graphs.has(id) ? { id } : undefined), nodeIds: () => [], nodesOf: () => [], node: () => undefined, value: () => undefined, prepare: () => undefined,
    apply: () => ({ structural: true, nodes: new Set(), values: new Set(), graphs: new Set() }), applyTypes: () => new Set(),
  } as unknown as DocumentPort
  const canvas = { openAt: vi.fn(), show: vi.fn(() => Promise.resolve()), update: vi.fn(() => Promise.resolve()), setDiagnostics: vi.fn(), setPeers: vi.fn(), setSelection: vi.fn() } as unknown as CanvasPort
  const api = { snapshot: () => Promise.resolve(new ArrayBuffer(0)), types: () => Promise.resolve({}), since: () => Promise.resolve([]) } as unknown as Api
  const state = new EditorState()
  const inStep = new InStep(state, api, () => document, { place: () => null, canvas: () => canvas, peers: () => [], joined: vi.fn(), replaced: vi.fn(), changed: vi.fn(), revised: vi.fn(), painted: vi.fn(), job: vi.fn(), failed: vi.fn() })
  await inStep.load()
  return { state, inStep, canvas }
}

it('keeps the findings of a check that ended while the summary was on its way', async () => {
  const { state, inStep } = await opened()
  const events = inStep.linkEvents()
  events.diagnostics({ session: '', revision: 0, state: 'done', diagnostics: [FINDING], missing: NOTHING, seconds: 0.1 })
  events.joined(summary({ checked_revision: -1 }))
  expect(state.diagnostics.value).toEqual([FINDING])
  expect(state.checking.value).toBe(false)
})

it('takes the findings of the summary when nothing newer was heard', async () => {
  const { state, inStep } = await opened()
  inStep.linkEvents().joined(summary({ checked_revision: 0, diagnostics: [FINDING] }))
  expect(state.diagnostics.value).toEqual([FINDING])
  expect(state.checking.value).toBe(false)
})

it('leads out of a body that somebody deleted', async () => {
  const graphs = new Set([MAIN_GRAPH, 'graph:node:loop.body'])
  const { state, inStep, canvas } = await opened(graphs)
  state.graph.value = 'graph:node:loop.body'
  graphs.delete('graph:node:loop.body')
  inStep.linkEvents().revision({ session: '', revision: 1, how: 'edit', delta: [], created: [], unsaved: true } as unknown as RevisionMessage)
  expect(state.graph.value).toBe(MAIN_GRAPH)
  expect(canvas.show).toHaveBeenLastCalledWith(inStep.document, MAIN_GRAPH, 'keep')
  expect(canvas.update).not.toHaveBeenCalled()
})
