/** The few most likely deeds for a node. */
import type { JSX } from 'preact'
import { openForm } from '../commands/open-form'
import { useEditor } from '../forms/editor-context'
import type { NodeView } from '../protocol/types'
import { besidePanel } from './place'

export function Deeds({ node }: { node: NodeView }): JSX.Element {
  const editor = useEditor()
  const output = node.outputs.find((id) => id !== '')
  const has = (kind: string): boolean => editor.state.editTypes.value.some((one) => one.kind === kind)
  const beside = (event: MouseEvent): { x: number; y: number } => besidePanel(event.currentTarget as HTMLElement)
  const remove = (reconnect: boolean): void => { void editor.perform({ kind: 'remove-nodes', nodes: [node.id], reconnect }) }
  return (
    <section class="section" aria-label="Do">
      <h3 class="section-title">Do</h3>
      <div class="deeds">
        <button type="button" class={has('replace-node') ? 'button' : 'button wide'} disabled={!output || !has('insert-node')} onClick={(event) => output && openForm(editor, 'insert-node', { value: output }, `Insert after ${node.name || node.op_type}`, beside(event))}>Insert operator after…</button>
        {has('replace-node') && <button type="button" class="button" onClick={(event) => openForm(editor, 'replace-node', { node: node.id }, `Replace ${node.name || node.op_type}`, beside(event))}>Replace…</button>}
        <button type="button" class="button danger" onClick={() => remove(false)}>Delete</button>
        <button type="button" class="button" onClick={() => remove(true)}>Delete and reconnect</button>
        {has('duplicate-nodes') && <button type="button" class="button" onClick={() => void editor.perform({ kind: 'duplicate-nodes', nodes: [node.id] })}>Duplicate</button>}
      </div>
    </section>
  )
}
