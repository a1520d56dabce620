/** A node's attributes: set ones as fields, unset ones with the schema's default, faint, and the rest one click away. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useEditor } from '../forms/editor-context'
import { InPlace } from '../forms/InPlace'
import { attributeText, isTextual, parseAttribute, typeHint } from '../forms/literals'
import type { AttributeView, NodeView, OperatorView } from '../protocol/types'
import { CutAttribute } from './CutAttribute'
import { Icon } from './Icon'
import { TensorAttribute } from './TensorAttribute'

type AttributeSchema = OperatorView['attributes'][number]

export function Attributes({ node, schema }: { node: NodeView; schema: OperatorView | undefined }): JSX.Element | null {
  const [added, setAdded] = useState<{ node: string; names: string[] }>({ node: node.id, names: [] })
  const names = added.node === node.id ? added.names : []
  const set = Object.entries(node.attributes).filter(([, one]) => one.type !== 'GRAPH' && one.type !== 'GRAPHS')
  const absent = (schema?.attributes ?? []).filter((one) => !(one.name in node.attributes) && isTextual(one.type))
  const withDefault = absent.filter((one) => one.default !== null && one.default !== undefined)
  const without = absent.filter((one) => !withDefault.includes(one))
  if (set.length === 0 && absent.length === 0) return null
  const shown = without.filter((one) => names.includes(one.name) || one.required)
  const addable = without.filter((one) => !shown.includes(one))
  return (
    <section class="section">
      <h3 class="section-title">Attributes</h3>
      {set.map(([name, one]) => <SetAttribute key={`${node.id} ${name}`} node={node} name={name} attribute={one} schema={schema?.attributes.find((other) => other.name === name)} />)}
      {withDefault.map((one) => <AbsentAttribute key={`${node.id} ${one.name}`} node={node} schema={one} />)}
      {shown.map((one) => <AbsentAttribute key={`${node.id} ${one.name}`} node={node} schema={one} focus={names.at(-1) === one.name} />)}
      {addable.length > 0 && (
        <div class="add-list">
          {addable.map((one) => <button key={one.name} type="button" class="chip" title={one.doc} onClick={() => setAdded({ node: node.id, names: [...names, one.name] })}>+ {one.name}</button>)}
        </div>
      )}
    </section>
  )
}

function SetAttribute({ node, name, attribute, schema }: { node: NodeView; name: string; attribute: AttributeView; schema: AttributeSchema | undefined }): JSX.Element {
  const editor = useEditor()
  const removable = !schema?.required && editor.state.editTypes.value.some((one) => one.kind === 'remove-attribute')
  const remove = removable && (
    <button type="button" class="icon-button small remove" aria-label={`Remove ${name}`} title={`Remove ${name}${schema?.default !== null && schema?.default !== undefined ? ': back to the default' : ''}`}
      onClick={() => void editor.perform({ kind: 'remove-attribute', node: node.id, attribute: name })}><Icon name="close" /></button>
  )
  if (attribute.ref) return <Fixed name={name} text={`from the function's ${attribute.ref}`} />
  if (attribute.cut) return <CutAttribute node={node} name={name} attribute={attribute} />
  if (attribute.type === 'TENSOR' || attribute.type === 'SPARSE_TENSOR') return <TensorAttribute node={node.id} name={name} text={attributeText(attribute)} content={attribute.content ?? ''}>{remove}</TensorAttribute>
  if (!isTextual(attribute.type) || isNoText(attribute)) return <Fixed name={name} text={attributeText(attribute)} type={attribute.type.toLowerCase()}>{remove}</Fixed>
  return (
    <InPlace id={`attribute-${name}`} label={name} text={attributeText(attribute, name)} placeholder={Array.isArray(attribute.value) ? 'empty list' : 'empty'} action={remove}
      apply={async (text, choice) => editor.submit({ kind: 'set-attribute', node: node.id, attribute: name, value: parseAttribute(schema?.type ?? attribute.type, text, name), ...(schema ? {} : { type: attribute.type }), ...choice })} />
  )
}

/** Bytes that are no UTF-8 came with U+FFFD in their place: typing over them would lose them. */
function isNoText(attribute: AttributeView): boolean {
  return [attribute.value].flat().some((one) => typeof one === 'string' && one.includes('\uFFFD'))
}

function AbsentAttribute({ node, schema, focus }: { node: NodeView; schema: AttributeSchema; focus?: boolean }): JSX.Element {
  const editor = useEditor()
  const text = schema.default === null || schema.default === undefined ? '' : attributeText({ type: schema.type, value: schema.default }, schema.name)
  return (
    <InPlace id={`attribute-${schema.name}`} label={schema.name} text={text} placeholder={typeHint(schema.type, schema.name)} focus={focus}
      hint={schema.default !== null && schema.default !== undefined ? 'default' : schema.required ? 'required' : undefined}
      apply={async (typed, choice) => editor.submit({ kind: 'set-attribute', node: node.id, attribute: schema.name, value: parseAttribute(schema.type, typed, schema.name), ...choice })} />
  )
}

function Fixed({ name, text, type, children }: { name: string; text: string; type?: string; children?: JSX.Element | false }): JSX.Element {
  return (
    <div class="inplace">
      <span class="field-label cut" title={name}>{name}</span>
      <div class="inplace-box"><div class="field fixed cut" title={text}>{text || type}</div>{children}</div>
    </div>
  )
}
