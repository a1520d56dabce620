/** A node, as a form that edits in place. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useEditor } from '../forms/editor-context'
import { InPlace } from '../forms/InPlace'
import { sameDomain } from '../forms/widget'
import type { NodeView, OperatorView } from '../protocol/types'
import { Attributes } from './Attributes'
import { Deeds } from './Deeds'
import { Documentation } from './Documentation'
import { SlotCards } from './SlotCards'
import { SubjectProblems } from './SubjectProblems'

export function schemaOf(operators: readonly OperatorView[], node: NodeView): OperatorView | undefined {
  return operators.find((one) => one.op_type === node.op_type && sameDomain(one.domain, node.domain))
}

export function NodePanel({ node }: { node: NodeView }): JSX.Element {
  const editor = useEditor()
  const [explained, setExplained] = useState(false)
  const schema = schemaOf(editor.state.operators.value, node)
  const origin = [node.domain || 'ai.onnx', schema ? `since ${schema.since}` : editor.state.operators.value.length > 0 ? 'no schema' : ''].filter(Boolean).join(' · ')
  return (
    <>
      <header class="inspector-head">
        <span class={`mark big family-${node.family}`} />
        <h2 class="cut" title={node.op_type}>{node.op_type}</h2>
        <span class="origin cut">{origin}</span>
        {schema?.doc && <button type="button" class="link" aria-expanded={explained} onClick={() => setExplained(!explained)}>documentation</button>}
      </header>
      {explained && schema && <Documentation schema={schema} />}
      <SubjectProblems id={node.id} />
      <InPlace key={`${node.id} name`} id="inspector-name" label="name" text={node.name} placeholder="unnamed" apply={(name) => editor.submit({ kind: 'rename-node', node: node.id, name })} />
      {node.bodies.length > 0 && <Bodies node={node} />}
      <Attributes node={node} schema={schema} />
      <SlotCards title="Inputs" node={node} ids={node.inputs} names={node.input_names} slots={schema?.inputs ?? []} side="input" />
      <SlotCards title="Outputs" node={node} ids={node.outputs} names={node.output_names} slots={schema?.outputs ?? []} side="output" />
      {node.doc && <section class="section"><h3 class="section-title">Note</h3><p class="doc">{node.doc}</p></section>}
      <Deeds node={node} />
    </>
  )
}

function Bodies({ node }: { node: NodeView }): JSX.Element {
  const editor = useEditor()
  return (
    <section class="section">
      <h3 class="section-title">{node.bodies.length === 1 ? 'Body' : 'Bodies'}</h3>
      {node.bodies.map((id) => {
        const graph = editor.document?.graph(id)
        const count = graph ? (editor.document?.nodeIds(id).length ?? 0) : 0
        return (
          <button key={id} type="button" class="card-button" onClick={() => void editor.enter(id)}>
            <span class="cut">{bodyName(node, id) || graph?.name || 'body'}</span><span class="detail">{count} node{count === 1 ? '' : 's'}</span><span class="go">Enter body</span>
          </button>
        )
      })}
    </section>
  )
}

/** The attribute that holds the graph: `then_branch`. */
export function bodyName(node: NodeView, graph: string): string {
  const holders = Object.entries(node.attributes).filter(([, attribute]) => attribute.type === 'GRAPH' || attribute.type === 'GRAPHS').map(([name]) => name)
  return holders.find((name) => graph.endsWith(`.${name}`)) ?? holders[node.bodies.indexOf(graph)] ?? ''
}
