/** The name of a dim, out of those that the model's values have; beside each, how many values say it. */
import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { namedDims } from '../../commands/many'
import { useEditor } from '../editor-context'
import { Combobox, type Option } from '../Combobox'
import type { WidgetProps } from '../widget'

export function DimNameWidget({ id, field, value, error, form, focus }: WidgetProps): JSX.Element {
  const editor = useEditor()
  const [text, setText] = useState(typeof value === 'string' ? value : '')
  const known = useMemo((): Option[] => {
    const { document } = editor
    if (!document) return []
    const borders = [...document.graphs.values()].flatMap((graph) => [...graph.inputs, ...graph.outputs])
    const values = [...new Set(borders)].map((one) => editor.value(one)).filter((one) => one !== undefined)
    return namedDims(values).map((name) => ({ value: name, label: name, detail: sayers(values.filter((one) => one.shape?.includes(name)).map((one) => one.name)) }))
  }, [editor.state.version.value])
  const put = (name: string): void => { setText(name); form.set(field.name, name.trim() || undefined) }
  return (
    <Combobox id={id} text={text} placeholder="a name in a shape" focus={focus} eager free invalid={error !== null}
      options={(typed) => known.filter((one) => one.label.toLowerCase().includes(typed.trim().toLowerCase()))}
      onText={put} onPick={(picked) => put(picked.label)} />
  )
}

/** `image and 3 more` */
function sayers(names: readonly string[]): string {
  return names.length > 1 ? `${names[0]} and ${names.length - 1} more` : (names[0] ?? '')
}
