/** The tree of scopes of the graph in sight, once the canvas has painted it, or takes long to. */
import { useEffect, useState } from 'preact/hooks'
import type { Editor } from '../commands/editor'
import type { ModelDocument } from '../document/model'
import { scopeTree, type ScopeTree } from '../scopes/tree'

const PICTURE_FIRST = 250 // ms: the canvas paints meanwhile

export interface Outlined { graph: string; document: ModelDocument; tree: ScopeTree }

export function useOutline(editor: Editor): Outlined | null {
  const version = editor.state.listed.value
  const graph = editor.state.graph.value
  const isReady = editor.state.loading.value === 'ready'
  const [made, setMade] = useState<Outlined | null>(null)
  useEffect(() => {
    if (!isReady) return
    const timer = setTimeout(() => {
      const { document } = editor
      if (document?.graph(graph)) setMade({ graph, document, tree: scopeTree(document, graph) })
    }, PICTURE_FIRST)
    return () => clearTimeout(timer)
  }, [isReady, version, graph])
  return made?.graph === graph ? made : null
}
