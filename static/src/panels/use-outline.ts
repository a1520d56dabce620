/** The outline's tree of the graph in sight, built 8 ms at a time so that 50,000 nodes never stop the page. */
import { useEffect, useState } from 'preact/hooks'
import type { Editor } from '../commands/editor'
import type { DocumentPort } from '../commands/ports'
import { MAIN_GRAPH } from '../state'
import { type Leaf, type Scope, ScopeBuilder } from './scopes'

const SLICE = 8 // ms
const LOOK = 32 // nodes between two looks at the clock
const PICTURE_FIRST = 250 // ms: the canvas paints meanwhile

export interface OutlineTree { graph: string; tree: Scope }

export function useOutline(editor: Editor): OutlineTree | null {
  const version = editor.state.listed.value
  const graph = editor.state.graph.value
  const [built, setBuilt] = useState<OutlineTree | null>(null)
  useEffect(() => {
    const stop = new AbortController()
    const begin = (): void => { if (editor.document) void build(editor.document, graph, stop.signal).then((tree) => { if (tree) setBuilt({ graph, tree }) }) }
    const timer = setTimeout(begin, PICTURE_FIRST)
    return () => { clearTimeout(timer); stop.abort() }
  }, [version, graph])
  return built?.graph === graph ? built : null
}

/** What tells a node without a name from the others: the value it makes. */
function madeBy(document: DocumentPort, node: string): string {
  const output = document.node(node)?.outputs.find((id) => id !== '')
  return output === undefined ? '' : (document.value(output)?.name ?? '')
}

async function build(document: DocumentPort, graph: string, signal: AbortSignal): Promise<Scope | null> {
  const view = document.graph(graph)
  const builder = new ScopeBuilder()
  const plain = (id: string, detail: string): void => {
    const value = document.value(id)
    if (value) builder.addPlain({ id, label: value.name, name: value.name, detail })
  }
  const weights: Leaf[] = [] // old files list every initializer as an input, too
  for (const id of view?.inputs ?? []) {
    const value = document.value(id)
    if (value && value.bytes > 0 && graph === MAIN_GRAPH) weights.push({ id, label: value.name, name: value.name, detail: 'input' })
    else plain(id, 'input')
  }
  let breath = performance.now()
  let added = 0
  for (const { id, name, op_type } of document.titles(graph)) {
    if (name === '') builder.addPlain({ id, label: '', name: '', makes: madeBy(document, id), detail: op_type })
    else builder.add(id, name, op_type)
    if (++added % LOOK === 0 && performance.now() - breath > SLICE) {
      await new Promise((resolve) => setTimeout(resolve, 0))
      if (signal.aborted) return null
      breath = performance.now()
    }
  }
  for (const id of view?.outputs ?? []) if (!view?.inputs.includes(id)) plain(id, 'output')
  builder.addGroup('Inputs with a default', 'input', weights)
  return signal.aborted ? null : builder.tree()
}
