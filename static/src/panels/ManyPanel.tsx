/** Several things selected: which they are, what they have in common, and what can be done with all of them at once. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { countOperators } from '../commands/many'
import { moduleClass } from '../commands/module-class'
import { AppFailure } from '../connection/errors'
import type { ScopeView } from '../canvas/hidden'
import { percent, short } from '../scene/scope-card'
import { useEditor } from '../forms/editor-context'
import type { NodeView, ValueView } from '../protocol/types'
import { ManyAttributes, ManyRename, ManyReplace } from './ManyNodes'
import { ManyValues } from './ManyValues'
import { OfferButtons } from './OfferButtons'
import { downstream, sameOperator, upstream } from '../commands/reach'
import { plural } from './status'

const KINDS = 10
const LOOKED_AT = 2000 // nodes or values whose fields are compared; a selection may be the whole model

export function ManyPanel(): JSX.Element {
  const editor = useEditor()
  void editor.state.scopes.value // whether it is open
  void editor.state.version.value // what is selected may have been edited
  const ids = [...editor.state.selection.value]
  const nodes = ids.map((id) => editor.node(id)).filter((node) => node !== undefined)
  const values = ids.map((id) => editor.value(id)).filter((value) => value !== undefined)
  const key = `${ids.length} ${ids[0]} ${ids.at(-1)}` // what is half typed belongs to this selection
  const whole = values.length === 0 ? editor.canvas?.scopesAround(ids).whole : null
  return (
    <>
      {whole && <ScopeHead scope={whole} nodes={nodes} />}
      <header class="inspector-head">
        <h2 class="cut">{[nodes.length > 0 ? plural(nodes.length, 'node') : '', values.length > 0 ? plural(values.length, 'value') : ''].filter(Boolean).join(' and ')}</h2>
        <span class="origin cut">selected</span>
        <button type="button" class="link" onClick={() => editor.select([])}>Select nothing</button>
      </header>
      {nodes.length > 0 && <Operators nodes={nodes} values={values} />}
      {nodes.length > 0 && values.length === 0 && <ManyAttributes key={`attributes ${key}`} nodes={nodes.slice(0, LOOKED_AT)} all={nodes} />}
      {nodes.length > 0 && values.length === 0 && <ManyReplace key={`replace ${key}`} nodes={nodes} />}
      {nodes.length > 0 && values.length === 0 && <ManyRename key={`rename ${key}`} nodes={nodes} />}
      {nodes.length === 0 && <ManyValues key={key} values={values} />}
      <Deeds nodes={nodes} values={values} />
    </>
  )
}

/** The scope whose nodes they are. */
function ScopeHead({ scope, nodes }: { scope: ScopeView; nodes: readonly NodeView[] }): JSX.Element {
  const editor = useEditor()
  const called = useModuleClass(scope, nodes)
  const within = new Set(nodes.flatMap(({ id, outputs }) => [id, ...outputs]))
  const findings = editor.state.diagnostics.value.filter(({ subjects }) => subjects.some((id) => within.has(id))).length
  const figures = [scope.times > 1 ? `${scope.times.toLocaleString('en')} identical blocks` : '', scope.parameters > 0 ? `${short(scope.parameters)} parameters, ${percent(scope.share)} of the model` : ''].filter(Boolean)
  const command = scope.open ? 'close' : 'open'
  return (
    <section class="section" aria-label="Scope">
      <h3 class="section-title">Scope</h3>
      <div class="scope-head">
        <strong class="cut" title={scope.name}>{scope.name}</strong>
        <button type="button" class="link" onClick={() => void editor.canvas?.fold({ what: command, paths: [scope.path] })}>{scope.open ? 'Close' : 'Open'}</button>
      </div>
      {called && <p class="scope-class cut" title={called}>{called}</p>}
      {findings > 0 && <p class="small"><button type="button" class="link" onClick={() => { editor.state.problemsOpen.value = true }}>{plural(findings, 'finding')} in it</button></p>}
      {figures.length > 0 && <p class="quiet small">{figures.join(' · ')}</p>}
    </section>
  )
}

/** Of the module that the scope stands for; '' while nobody has said, or nobody knows. */
function useModuleClass(scope: ScopeView, nodes: readonly NodeView[]): string {
  const editor = useEditor()
  const [called, setCalled] = useState('')
  const first = nodes[0]?.id
  useEffect(() => {
    let wanted = true
    setCalled('')
    if (first === undefined) return
    editor.api.metadata(editor.session, first).then((found) => { if (wanted) setCalled(moduleClass(found, scope.name)) }, (thrown: unknown) => {
      if (!(thrown instanceof AppFailure)) throw thrown // it is gone meanwhile
    })
    return () => { wanted = false }
  }, [scope.path, first])
  return called
}

function Operators({ nodes, values }: { nodes: readonly NodeView[]; values: readonly ValueView[] }): JSX.Element {
  const editor = useEditor()
  const kinds = countOperators(nodes)
  const most = kinds[0]?.ids.length ?? 1
  const several = kinds.length > 1 || values.length > 0
  return (
    <section class="section" aria-label="Operators">
      <h3 class="section-title">Operators</h3>
      <div class="kinds">
        {kinds.slice(0, KINDS).map((kind) => (
          <button key={`${kind.domain} ${kind.op_type}`} type="button" class="kind" disabled={!several} title={several ? `Select only these ${kind.ids.length}` : kind.domain || 'ai.onnx'} onClick={() => editor.select(kind.ids)}>
            <span class={`mark family-${kind.family}`} /><span class="cut">{kind.op_type}</span>
            <span class="kind-bar" aria-hidden="true"><i class={`family-${kind.family}`} style={{ '--share': String(kind.ids.length / most) }} /></span>
            <span class="kind-count">{kind.ids.length.toLocaleString('en')}</span>
          </button>
        ))}
        {kinds.length > KINDS && <p class="quiet small">and {kinds.length - KINDS} more kinds</p>}
        {values.length > 0 && (
          <button type="button" class="kind" title="Select only the values" onClick={() => editor.select(values.map((one) => one.id))}>
            <span class="mark wire" /><span class="cut">values</span><span class="kind-bar" /><span class="kind-count">{values.length.toLocaleString('en')}</span>
          </button>
        )}
      </div>
    </section>
  )
}

function Deeds({ nodes, values }: { nodes: readonly NodeView[]; values: readonly ValueView[] }): JSX.Element {
  const editor = useEditor()
  const document = editor.document!
  const ids = nodes.map((node) => node.id)
  const graph = editor.state.graph.value
  const all = [...ids, ...values.map((value) => value.id)]
  return (
    <>
      <OfferButtons on={{ nodes: ids, values: nodes.length > 0 ? [] : values.map((value) => value.id), graph }} leave={['set-value-type', 'add-output']} />
      <section class="section" aria-label="Select">
        <h3 class="section-title">Select</h3>
        <div class="deeds">
          {nodes.length > 0 && <button type="button" class="button" onClick={() => editor.select(sameOperator(document, editor.graphsInSight(), ids))}>All of the same operator</button>}
          {nodes.length > 0 && <button type="button" class="button" onClick={() => editor.select([...ids, ...upstream(document, ids)])}>And what they depend on</button>}
          {nodes.length > 0 && <button type="button" class="button" onClick={() => editor.select([...ids, ...downstream(document, ids)])}>And what they feed</button>}
          <button type="button" class="button" onClick={() => editor.canvas?.zoomTo(all)}>Zoom to them</button>
        </div>
      </section>
    </>
  )
}
