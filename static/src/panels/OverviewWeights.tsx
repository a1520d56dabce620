/** Parameters, bytes and precision of the weights, and the largest of them. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useEditor } from '../forms/editor-context'
import { bytesText, countText, shapeText, shortDtype } from '../forms/literals'
import type { WeightFacts } from '../protocol/report'
import { Amounts } from './Amounts'
import { clipped, Name } from './Name'
import { ValueCard } from './SlotCards'
import { plural } from './status'

const FEW = 3

export function OverviewWeights({ facts }: { facts: WeightFacts }): JSX.Element {
  const editor = useEditor()
  const [all, setAll] = useState(false)
  const [unread, setUnread] = useState(false)
  const initializers = facts.initializers + facts.sparse_initializers + facts.initializers_in_bodies
  const most = Math.max(1, ...facts.by_dtype.map((one) => one.bytes))
  const largest = all ? facts.largest : facts.largest.slice(0, FEW)
  if (facts.by_dtype.length === 0) return <section class="section" aria-label="Weights"><h3 class="section-title">Weights</h3><p class="quiet">none</p></section>
  return (
    <section class="section" aria-label="Weights">
      <h3 class="section-title">Weights <span class="count">{facts.precision}</span></h3>
      <dl>
        {initializers > 0 && <div class="fact"><dt>Parameters</dt><dd title={facts.parameters.toLocaleString('en')}>{countText(facts.parameters)}</dd></div>}
        {initializers > 0 && <div class="fact"><dt>Initializers</dt><dd>{initializers.toLocaleString('en')} · {bytesText(facts.bytes)}</dd></div>}
        {facts.constants > 0 && initializers === 0 && <div class="fact"><dt>Elements in constants</dt><dd title={facts.constant_elements.toLocaleString('en')}>{countText(facts.constant_elements)}</dd></div>}
        {facts.constants > 0 && <div class="fact"><dt>Constants</dt><dd title={`${facts.constant_elements.toLocaleString('en')} elements`}>{facts.constants.toLocaleString('en')} · {bytesText(facts.constant_bytes)}</dd></div>}
        {facts.unread > 0 && (
          <div class="fact"><dt>Read by nothing</dt><dd>{facts.unread.toLocaleString('en')} · {bytesText(facts.unread_bytes)} <button type="button" class="link" aria-expanded={unread} aria-label={`${unread ? 'Hide' : 'Show'} what nothing reads`} onClick={() => setUnread(!unread)}>{unread ? 'hide' : 'show'}</button></dd></div>
        )}
      </dl>
      {unread && facts.unread_values.map((id) => <ValueCard key={id} id={id} side="graph" />)}
      {unread && facts.unread > facts.unread_values.length && <p class="quiet">and {(facts.unread - facts.unread_values.length).toLocaleString('en')} more; find them by name</p>}
      {facts.quantised && <p class="quiet small">Quantised: {facts.quantised}</p>}
      {facts.by_dtype.length > 1 && (
        <Amounts rows={facts.by_dtype.map((one) => ({ key: one.dtype, name: one.dtype || 'no dtype', title: `${plural(one.tensors, 'tensor')}, ${plural(one.elements, 'element')}`, share: one.bytes / most, text: bytesText(one.bytes) }))} />
      )}
      {facts.largest.length > 0 && <h4 class="sub-title">Largest</h4>}
      {largest.map((one) => (
        <button key={`${one.subject} ${one.attribute}`} type="button" class="card-button" data-id={one.subject} title={clipped(one.name)} onClick={() => void editor.goTo(one.subject)}>
          <span class="use-name"><Name name={one.name} /></span>
          <span class="detail">{shapeText(one.shape)} {shortDtype(one.dtype)}</span><span class="card-figure">{bytesText(one.bytes)}</span>
        </button>
      ))}
      {!all && facts.largest.length > FEW && <button type="button" class="link" onClick={() => setAll(true)}>{facts.largest.length - FEW} more</button>}
    </section>
  )
}
