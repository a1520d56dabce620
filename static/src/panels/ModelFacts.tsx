/** What the model is made of, in a handful of lines. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { DocumentPort } from '../commands/ports'
import { useEditor } from '../forms/editor-context'
import { bytesText, countText } from '../forms/literals'
import { plural } from './status'

interface Count { kinds: number; nodes: number }

export function ModelFacts(): JSX.Element | null {
  const editor = useEditor()
  void editor.state.version.value // the model's facts may have changed
  const listed = editor.state.listed.value
  const [count, setCount] = useState<Count | null>(null)
  useEffect(() => {
    const stop = new AbortController()
    if (editor.document) void countOperators(editor.document, stop.signal).then((next) => { if (next) setCount(next) })
    return () => stop.abort()
  }, [listed])
  const model = editor.document?.model
  if (!model) return null
  const opsets = model.opset_imports.map((one) => `${one.domain || 'ai.onnx'} ${one.version}`).join(', ')
  const facts: [string, string][] = [
    ['Operators', count === null ? '…' : count.nodes === 0 ? 'none' : `${plural(count.kinds, 'kind')} · ${count.nodes.toLocaleString('en')}`],
    ['Parameters', countText(model.parameters)],
    ['Weights', model.weight_bytes > 0 ? bytesText(model.weight_bytes) : 'none'],
    ['Opset', opsets || 'none declared'],
    ['Made by', [model.producer, model.producer_version].filter(Boolean).join(' ') || 'not said'],
    ['IR version', String(model.ir_version)],
  ]
  if (model.functions.length > 0) facts.push(['Functions', String(model.functions.length)])
  return (
    <section class="facts" aria-label="Model">
      <h3 class="section-title">Model</h3>
      <dl>{facts.map(([name, text]) => <div key={name} class="fact"><dt>{name}</dt><dd class="cut" title={text}>{text}</dd></div>)}</dl>
    </section>
  )
}

/** Counts all graphs' operators, 4 ms at a time. */
async function countOperators(document: DocumentPort, signal: AbortSignal): Promise<Count | null> {
  const kinds = new Set<string>()
  let nodes = 0
  let breath = performance.now()
  for (const graph of document.graphs.keys()) {
    for (const { domain, op_type } of document.titles(graph)) {
      kinds.add(`${domain} ${op_type}`)
      nodes += 1
      if (nodes % 32 === 0 && performance.now() - breath > 4) {
        await new Promise((resolve) => setTimeout(resolve, 12))
        if (signal.aborted) return null
        breath = performance.now()
      }
    }
  }
  return signal.aborted ? null : { kinds: kinds.size, nodes }
}
