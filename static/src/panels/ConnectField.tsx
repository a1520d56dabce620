/** Picks the value that an input slot shall read; Enter or a click connects it, Esc leaves things as they are. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { errorData } from '../connection/errors'
import { Combobox } from '../forms/Combobox'
import { useEditor } from '../forms/editor-context'
import { Refused } from '../forms/Refused'
import { valueNamed, valueOptions } from '../forms/widgets/pick'
import type { AppErrorData, NodeView } from '../protocol/types'

export function ConnectField({ node, slot, name, onDone }: { node: NodeView; slot: number; name: string; onDone(): void }): JSX.Element {
  const editor = useEditor()
  const [text, setText] = useState('')
  const [error, setError] = useState<AppErrorData | null>(null)
  const own = new Set(node.outputs)
  const connect = async (value: string, choice: Record<string, unknown> = {}): Promise<void> => {
    try {
      await editor.submit({ kind: 'connect', node: node.id, slot, value, ...choice })
      onDone()
    } catch (thrown) {
      setError(errorData(thrown))
    }
  }
  return (
    <div class="card connecting" onKeyDown={(event) => { if (event.key === 'Escape') { event.stopPropagation(); onDone(); editor.canvas?.focus() } }}
      onFocusOut={(event) => { if (error === null && !event.currentTarget.contains(event.relatedTarget as Node | null)) onDone() }}>
      <span class="slot cut">{name}</span>
      <div class="card-main">
        <Combobox id={`connect-${slot}`} label={`value for ${name}`} text={text} placeholder="name of a value" focus eager invalid={error !== null} empty="No value of this name here"
          options={(typed) => valueOptions(editor, node.graph, typed).filter((one) => !own.has(one.value))}
          onText={(typed) => { setText(typed); setError(null) }} onPick={(picked) => { setText(picked.label); void connect(picked.value) }}
          onEnter={() => { const found = valueNamed(editor, node.graph, text); if (found) void connect(found) }} />
        {error && <Refused error={error} onTakeBack={onDone} onGoTo={(subject) => void editor.goTo(subject)} />}
      </div>
    </div>
  )
}
