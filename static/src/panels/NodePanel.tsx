/** A node, as a form that edits in place. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { bodyName, functionName, functionOf } from '../commands/graphs'
import { useEditor } from '../forms/editor-context'
import { InPlace } from '../forms/InPlace'
import { sameDomain } from '../forms/widget'
import type { NodeView, OperatorView } from '../protocol/types'
import { Attributes } from './Attributes'
import { Documentation } from './Documentation'
import { MetadataOf } from './Metadata'
import { MoreInFile } from './MoreInFile'
import { Note } from './Note'
import { OfferButtons } from './OfferButtons'
import { SlotCards } from './SlotCards'
import { plural } from './status'
import { SubjectProblems } from './SubjectProblems'

export function schemaOf(operators: readonly OperatorView[], node: NodeView): OperatorView | undefined {
  return operators.find((one) => one.op_type === node.op_type && sameDomain(one.domain, node.domain))
}

export function NodePanel({ node }: { node: NodeView }): JSX.Element {
  const editor = useEditor()
  const [explained, setExplained] = useState(false)
  const schema = schemaOf(editor.state.operators.value, node)
  const called = editor.document ? functionOf(editor.document, node) : undefined
  const origin = [node.domain || 'ai.onnx', node.overload ? `overload ${node.overload}` : '', schema ? `since ${schema.since}` : called ? 'function of this model' : editor.state.operators.value.length > 0 ? 'no schema' : ''].filter(Boolean).join(' · ')
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
      {node.bodies.length > 0 && <Graphs title={node.bodies.length === 1 ? 'Body' : 'Bodies'} ids={node.bodies} nameOf={(id) => bodyName(node, id)} go="Enter body" />}
      {called && <Graphs title="Function" ids={[called]} nameOf={(id) => (editor.document ? functionName(editor.document, id) : node.op_type)} go="Enter function" />}
      <Attributes node={node} schema={schema} />
      <SlotCards title="Inputs" node={node} ids={node.inputs} names={node.input_names} slots={schema?.inputs ?? []} side="input" />
      <SlotCards title="Outputs" node={node} ids={node.outputs} names={node.output_names} slots={schema?.outputs ?? []} side="output" />
      <OfferButtons on={{ nodes: [node.id], values: [], graph: node.graph }} />
      <Note key={`${node.id} note`} subject={node.id} text={node.doc ?? ''} />
      <MetadataOf key={`${node.id} metadata`} subject={node.id} />
      <MoreInFile key={`${node.id} more`} subject={node.id} />
    </>
  )
}

function Graphs({ title, ids, nameOf, go }: { title: string; ids: readonly string[]; nameOf(id: string): string; go: string }): JSX.Element {
  const editor = useEditor()
  return (
    <section class="section">
      <h3 class="section-title">{title}</h3>
      {ids.map((id) => {
        const graph = editor.document?.graph(id)
        const count = graph ? (editor.document?.nodeIds(id).length ?? 0) : 0
        return (
          <button key={id} type="button" class="card-button" onClick={() => void editor.enter(id)}>
            <span class="cut">{nameOf(id) || graph?.name || 'body'}</span><span class="detail">{plural(count, 'node')}</span><span class="go">{go}</span>
          </button>
        )
      })}
    </section>
  )
}
