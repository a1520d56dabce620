/** What else there is to know about a model somebody was given: custom domains, local functions, data files. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { chooseData } from '../commands/data-files'
import { useEditor } from '../forms/editor-context'
import { bytesText } from '../forms/literals'
import { sentence } from '../forms/sentence'
import type { ModelReport } from '../protocol/report'
import { clipped, Name } from './Name'
import { plural } from './status'

const FEW = 6

export function OverviewFindings({ report }: { report: ModelReport }): JSX.Element {
  return (
    <>
      <Domains facts={report.domains} />
      <Functions functions={report.functions.functions} />
      <DataFiles facts={report.external} />
    </>
  )
}

function Domains({ facts }: { facts: ModelReport['domains'] }): JSX.Element | null {
  const editor = useEditor()
  const own = facts.domains.filter((one) => one.kind !== 'standard' && (one.nodes > 0 || one.kind === 'custom'))
  if (own.length === 0 && facts.unknown.length === 0) return null
  return (
    <section class="section" aria-label="Domains">
      <h3 class="section-title">Domains</h3>
      <dl>{own.map((one) => <div key={one.domain} class="fact"><dt class="cut" title={one.domain}>{one.domain}</dt><dd class="cut" title={one.kind}>{plural(one.nodes, 'node')}</dd></div>)}</dl>
      {facts.unknown.slice(0, FEW).map((one) => (
        <button key={`${one.domain} ${one.op_type}`} type="button" class="card-button" title={sentence(one.why)} onClick={() => { if (one.nodes.length === 1) void editor.goTo(one.nodes[0]!); else { editor.select(one.nodes); editor.canvas?.zoomTo(one.nodes) } }}>
          <span class="mark family-custom" /><span class="card-op">{one.op_type}</span><span class="use-name quiet"><span class="cut">unknown here</span></span><span class="detail">{plural(one.count, 'node')}</span>
        </button>
      ))}
      {facts.unknown.length > FEW && <p class="quiet small">and {facts.unknown.length - FEW} more unknown operators</p>}
    </section>
  )
}

function Functions({ functions }: { functions: ModelReport['functions']['functions'] }): JSX.Element | null {
  const editor = useEditor()
  const [all, setAll] = useState(false)
  if (functions.length === 0) return null
  const shown = all ? functions : functions.slice(0, FEW)
  return (
    <section class="section" aria-label="Local functions">
      <h3 class="section-title">Local functions <span class="count">{functions.length}</span></h3>
      {shown.map((one) => (
        <button key={one.graph} type="button" class="card-button" title={`${one.domain}.${one.name}: ${plural(one.inputs, 'input')}, ${plural(one.outputs, 'output')}; enters it`} onClick={() => void editor.enter(one.graph)}>
          <span class="mark family-custom" /><span class="use-name"><Name name={one.name} /></span>
          <span class="detail">{plural(one.nodes, 'node')} · {one.calls === 0 ? 'not called' : `called ${one.calls === 1 ? 'once' : `${one.calls.toLocaleString('en')} times`}`}</span>
        </button>
      ))}
      {shown.length < functions.length && <button type="button" class="link" onClick={() => setAll(true)}>and {functions.length - shown.length} more</button>}
    </section>
  )
}

function DataFiles({ facts }: { facts: ModelReport['external'] }): JSX.Element | null {
  const editor = useEditor()
  if (facts.count === 0) return null
  const missing = editor.state.missing.value
  return (
    <section class="section" aria-label="Data files">
      <div class="section-head"><h3 class="section-title">Data files <span class="count">{bytesText(facts.bytes)}</span></h3>{missing.count > 0 && <button type="button" class="link" onClick={() => chooseData(editor)}>Supply files…</button>}</div>
      {facts.files.slice(0, FEW).map((one) => (
        <div key={one.location} class="card" title={clipped(one.location)}>
          <div class="card-main">
            <span class="card-name"><Name name={one.location} fallback="no name" /></span>
            <span class={one.problem ? 'type-line problem-line' : 'type-line'}>{one.problem ? `${one.problem}: ${plural(one.tensors, 'tensor')}, ${bytesText(one.bytes)}` : `${plural(one.tensors, 'tensor')}, ${bytesText(one.bytes)}${one.file_bytes !== null && one.file_bytes !== one.bytes ? ` of ${bytesText(one.file_bytes)}` : ''}`}</span>
          </div>
        </div>
      ))}
      {facts.count > FEW && <p class="quiet small">and {(facts.count - FEW).toLocaleString('en')} more</p>}
    </section>
  )
}
