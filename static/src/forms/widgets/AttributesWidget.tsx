/** The attributes of a new node: those the operator requires as fields, the others one click away with their defaults. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { attributeText, isTextual, LiteralError, parseAttribute, typeHint } from '../literals'
import { chosenOperator, type WidgetProps } from '../widget'
import { without } from '../without'
import { guessType } from './AttributeValueWidget'

interface Typed { type: string; value: unknown }

export function AttributesWidget({ id, field, value, form, error }: WidgetProps): JSX.Element {
  const [texts, setTexts] = useState<Record<string, string>>({})
  const [added, setAdded] = useState<string[]>([])
  const [custom, setCustom] = useState('')
  const operator = chosenOperator(form)
  const schema = (operator?.attributes ?? []).filter((one) => isTextual(one.type))
  const given = (value ?? {}) as Record<string, Typed>
  const required = schema.filter((one) => one.required)
  const shown = [...required.map((one) => one.name), ...added.filter((name) => !required.some((one) => one.name === name))]
    .filter((name) => !operator || schema.some((one) => one.name === name))
  const absent = schema.filter((one) => !shown.includes(one.name))

  const read = (name: string, typed: string): void => {
    setTexts({ ...texts, [name]: typed })
    const type = schema.find((one) => one.name === name)?.type ?? guessType(typed)
    const others = without(given, name)
    try {
      const next = typed.trim() === '' && type !== 'STRING' ? others : { ...others, [name]: { type, value: parseAttribute(type, typed, name) } }
      form.set(field.name, Object.keys(next).length > 0 ? next : undefined)
      form.complain(`${field.name}.${name}`, null)
    } catch (thrown) {
      if (!(thrown instanceof LiteralError)) throw thrown
      form.complain(`${field.name}.${name}`, `${name}: ${thrown.message}`)
    }
  }
  const drop = (name: string): void => {
    setAdded(added.filter((one) => one !== name))
    read(name, '')
  }
  const defaultText = (name: string): string => {
    const one = schema.find((attribute) => attribute.name === name)
    return one && one.default !== null && one.default !== undefined ? attributeText({ type: one.type, value: one.default }, name) : typeHint(one?.type ?? '', name)
  }
  return (
    <div class="slot-fields" id={id} role="group" aria-label={field.label}>
      {shown.map((name) => (
        <div class="slot-field" key={name}>
          <label class="field-label cut" for={`${id}-${name}`} title={schema.find((one) => one.name === name)?.doc}>{name}</label>
          <input id={`${id}-${name}`} class="field" type="text" spellcheck={false} autocomplete="off" value={texts[name] ?? (given[name] ? attributeText(given[name], name) : '')}
            placeholder={defaultText(name)} aria-invalid={error !== null} onInput={(event) => read(name, event.currentTarget.value)} />
          {!required.some((one) => one.name === name) && <button type="button" class="icon-button" aria-label={`Leave ${name} out`} onClick={() => drop(name)}>×</button>}
        </div>
      ))}
      {absent.length > 0 && (
        <div class="add-list">
          {absent.map((one) => <button key={one.name} type="button" class="chip" title={one.doc} onClick={() => setAdded([...added, one.name])}>+ {one.name}</button>)}
        </div>
      )}
      {!operator && Boolean(form.values['op_type']) && (
        <div class="add-attribute">
          <input class="field" type="text" aria-label="name of an attribute" placeholder="attribute name" value={custom} onInput={(event) => setCustom(event.currentTarget.value)} />
          <button type="button" class="button small" disabled={!custom || shown.includes(custom)} onClick={() => { setAdded([...added, custom]); setCustom('') }}>Add</button>
        </div>
      )}
      {operator && schema.length === 0 && <p class="quiet">{operator.op_type} has no attributes.</p>}
    </div>
  )
}
