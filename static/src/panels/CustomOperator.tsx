/** The second step for an operator that no schema knows: its domain, and how many outputs it has. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Picked } from '../commands/insertion'
import { useEditor } from '../forms/editor-context'
import type { OperatorsAsked } from '../state'
import { clipped } from './Name'

const MOST_OUTPUTS = 64

interface CustomOperatorProps { name: string; asked: OperatorsAsked; onBack(): void; onPick(picked: Picked): void }

export function CustomOperator({ name, asked, onBack, onPick }: CustomOperatorProps): JSX.Element {
  const editor = useEditor()
  const known = (editor.document?.model.opset_imports ?? []).map((one) => one.domain).filter((domain) => domain !== '' && !domain.startsWith('ai.onnx'))
  const [domain, setDomain] = useState(known[0] ?? 'custom')
  const [outputs, setOutputs] = useState(1)
  const wrong = domain.trim() === '' ? 'a custom operator needs a domain of its own' : ''
  const submit = (event: Event): void => {
    event.preventDefault()
    if (!wrong) onPick({ op_type: name, domain: domain.trim(), schema: null, outputs })
  }
  return (
    <form class="custom-operator" aria-label="Custom operator" onSubmit={submit}>
      <h2 class="cut">Custom operator {clipped(name)}</h2>
      <div class="form-field">
        <label class="field-label" for="custom-domain">domain</label>
        <input id="custom-domain" class="field" list="custom-domains" value={domain} spellcheck={false} autocomplete="off" aria-invalid={wrong !== ''} onFocus={(event) => event.currentTarget.select()} onInput={(event) => setDomain(event.currentTarget.value)} />
        <datalist id="custom-domains">{known.map((one) => <option key={one} value={one} />)}</datalist>
        {wrong && <p class="field-error" role="alert">{wrong}</p>}
      </div>
      {asked.wire === null && (
        <div class="form-field">
          <label class="field-label" for="custom-outputs">outputs</label>
          <input id="custom-outputs" class="field" type="number" min={1} max={MOST_OUTPUTS} value={outputs} onInput={(event) => setOutputs(Math.max(1, Math.min(MOST_OUTPUTS, Math.round(event.currentTarget.valueAsNumber) || 1)))} />
        </div>
      )}
      <div class="form-deeds">
        <button type="button" class="button" onClick={onBack}>Back</button>
        <button type="submit" class="button primary" disabled={wrong !== ''}>{asked.wire ? 'Insert' : 'Add'}</button>
      </div>
    </form>
  )
}
