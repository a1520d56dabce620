/** What one run costs, as an estimate from the shapes: multiply-accumulates by operator, the heaviest nodes, memory. */
import type { JSX } from 'preact'
import { useEditor } from '../forms/editor-context'
import { bytesText, countText } from '../forms/literals'
import { sentence } from '../forms/sentence'
import { sameDomain } from '../forms/widget'
import type { CostFacts } from '../protocol/report'
import { Amounts } from './Amounts'
import { clipped, Name } from './Name'
import { plural } from './status'

const OPERATORS = 5
const NODES = 5

export function OverviewCost({ facts }: { facts: CostFacts }): JSX.Element {
  const editor = useEditor()
  if (!facts.known) {
    return <section class="section" aria-label="Cost"><h3 class="section-title">Cost of one run</h3><p class="quiet">Not known. {sentence(facts.why)}</p></section>
  }
  const macs = facts.macs ?? 0
  const unknown = facts.matrix_unknown ?? 0
  const sizes = Object.entries(facts.sizes)
  const operators = (facts.by_operator ?? []).filter((one) => one.macs > 0).slice(0, OPERATORS)
  const heaviest = (facts.heaviest ?? []).slice(0, NODES)
  const familyOf = (one: { op_type: string; domain: string }): string => editor.state.operators.value.find((known) => known.op_type === one.op_type && sameDomain(known.domain, one.domain))?.family ?? 'custom'
  const none = unknown > 0 && unknown === facts.matrix_nodes
  return (
    <section class="section" aria-label="Cost">
      <h3 class="section-title">Cost of one run <span class="count">estimated</span></h3>
      <dl>
        <div class="fact"><dt title="multiply-accumulates of matrix products and convolutions">MACs</dt><dd title={macs.toLocaleString('en')}>{none ? 'not known' : countText(macs)}</dd></div>
        <div class="fact"><dt title="floating-point operations: two for each multiply-accumulate, and those of the other operators">FLOPs</dt><dd>{none ? 'not known' : countText(facts.flops ?? 0)}</dd></div>
        <div class="fact"><dt title="bytes of values alive at a time, in the order of the nodes, weights left out">Memory for values</dt><dd title={`${bytesText(facts.activation_bytes ?? 0)} are made in all`}>{none ? 'not known' : bytesText(facts.peak_bytes ?? 0)}</dd></div>
      </dl>
      {sizes.length > 0 && <p class="quiet small cut" title={sizesText(sizes)}>for {sizesText(sizes)}</p>}
      {unknown > 0 && <p class="quiet small">{none ? `Sizes of ${unknown === 1 ? 'the node' : `all ${unknown.toLocaleString('en')} nodes`} that multiply are not known` : `Without ${plural(unknown, 'node')} whose sizes are not known`}; fix sizes of the inputs to know more.</p>}
      {operators.length > 1 && <Amounts rows={operators.map((one) => ({ key: `${one.domain} ${one.op_type}`, name: one.op_type, title: `${plural(one.nodes, 'node')}, ${countText(one.macs)} MACs`, family: familyOf(one), share: one.macs / operators[0]!.macs, text: percent(one.macs / macs) }))} />}
      {heaviest.length > 1 && <h4 class="sub-title">Heaviest nodes</h4>}
      {heaviest.length > 1 && <Amounts rows={heaviest.map((one) => ({
        key: one.name, name: <Name name={one.name} fallback={one.op_type} />, title: `${one.op_type} ${clipped(one.name)}: ${countText(one.macs)} MACs`, family: editor.node(one.node)?.family ?? 'custom', share: one.macs / heaviest[0]!.macs, text: percent(one.macs / macs),
        ...(one.node ? { go: () => void editor.goTo(one.node) } : {}),
      }))} />}
    </section>
  )
}

function sizesText(sizes: readonly [string, number][]): string {
  return sizes.map(([name, size]) => `${name} = ${size}`).join(', ')
}

function percent(share: number): string {
  return share >= 0.0995 ? `${(share * 100).toFixed(0)} %` : `${(share * 100).toFixed(1)} %`
}
