/** Some nodes: for an edit on a value, which of its consumers; otherwise any nodes of the graph, one after the other. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Combobox } from '../Combobox'
import { useEditor } from '../editor-context'
import type { WidgetProps } from '../widget'
import { nodeOptions } from './pick'

export function NodesWidget(props: WidgetProps): JSX.Element {
  const on = props.form.values['value']
  return props.field.name === 'consumers' && typeof on === 'string' ? <Consumers {...props} on={on} /> : <AnyNodes {...props} />
}

function Consumers({ id, field, value, form, on }: WidgetProps & { on: string }): JSX.Element {
  const editor = useEditor()
  const all = [...new Set((editor.document?.consumers(on) ?? []).map((use) => use.node))]
  const chosen = new Set(Array.isArray(value) ? (value as string[]) : all)
  const toggle = (node: string): void => {
    const next = all.filter((one) => (one === node ? !chosen.has(one) : chosen.has(one)))
    form.complain(field.name, next.length === 0 && all.length > 0 ? 'choose at least one' : null)
    form.set(field.name, next.length === all.length ? undefined : next)
  }
  if (all.length < 2) return <p class="quiet">{all.length === 0 ? 'Nothing takes this value yet.' : nodeText(editor.node(all[0]!))}</p>
  return (
    <div class="checks" id={id} role="group" aria-label={field.label}>
      {all.slice(0, 40).map((node) => (
        <label key={node} class="check"><input type="checkbox" checked={chosen.has(node)} onChange={() => toggle(node)} /><span class="cut">{nodeText(editor.node(node))}</span></label>
      ))}
      {all.length > 40 && <p class="quiet">and {all.length - 40} more</p>}
    </div>
  )
}

function AnyNodes({ id, field, value, error, form, focus }: WidgetProps): JSX.Element {
  const editor = useEditor()
  const [text, setText] = useState('')
  const chosen = Array.isArray(value) ? (value as string[]) : []
  const put = (next: string[]): void => form.set(field.name, next.length > 0 ? next : undefined)
  return (
    <div class="chips-field">
      {chosen.map((node) => (
        <button key={node} type="button" class="chip" aria-label={`Remove ${nodeText(editor.node(node))}`} onClick={() => put(chosen.filter((one) => one !== node))}>
          {nodeText(editor.node(node))} ×
        </button>
      ))}
      <Combobox id={id} text={text} placeholder="add a node" invalid={error !== null} focus={focus} options={(typed) => nodeOptions(editor, form.graph, typed)}
        onText={setText} onPick={(picked) => { setText(''); put([...new Set([...chosen, picked.value])]) }} />
    </div>
  )
}

function nodeText(node: { name: string; op_type: string } | undefined): string {
  return node ? node.name || node.op_type : 'a node that is gone'
}
