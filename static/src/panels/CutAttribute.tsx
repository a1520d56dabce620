/** A long list of which only the beginning came: the whole is fetched when somebody wants to edit it. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { errorData } from '../connection/errors'
import { useEditor } from '../forms/editor-context'
import { InPlace } from '../forms/InPlace'
import { attributeText, isTextual, parseAttribute } from '../forms/literals'
import type { AttributeView, NodeView } from '../protocol/types'

export function CutAttribute({ node, name, attribute }: { node: NodeView; name: string; attribute: AttributeView }): JSX.Element {
  const editor = useEditor()
  const [whole, setWhole] = useState<AttributeView | null>(null)
  const [problem, setProblem] = useState('')
  const fetchWhole = async (): Promise<void> => {
    try {
      setWhole(await editor.api.attribute(editor.session, node.id, name))
    } catch (thrown) {
      setProblem(errorData(thrown).message)
    }
  }
  if (whole) {
    return <InPlace id={`attribute-${name}`} label={name} text={attributeText(whole)} focus onDone={() => setWhole(null)}
      apply={async (text) => editor.submit({ kind: 'set-attribute', node: node.id, attribute: name, value: parseAttribute(attribute.type, text) })} />
  }
  const text = `${attributeText(attribute)}…`
  return (
    <div class="inplace">
      <span class="field-label cut" title={name}>{name}</span>
      <div class="inplace-box cut-list">
        <div class="field fixed cut" title={text}>{text}</div>
        {isTextual(attribute.type) && <button type="button" class="link" onClick={() => void fetchWhole()}>all</button>}
      </div>
      {problem && <p class="field-error" role="alert">{problem}</p>}
    </div>
  )
}
