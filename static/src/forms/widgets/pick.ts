/** Suggestions for node and value fields: what is in the edit's graph, and the values that its outer graphs give. */
import type { Editor } from '../../commands/editor'
import type { Option } from '../Combobox'
import { typeText } from '../literals'

const ENOUGH = 60
const LOOKED_AT = 20_000 // nodes per keystroke: about 10 ms

export function nodeOptions(editor: Editor, graph: string, text: string): Option[] {
  const wanted = text.trim().toLowerCase()
  const options: Option[] = []
  for (const id of (editor.document?.nodeIds(graph) ?? []).slice(0, LOOKED_AT)) {
    const node = editor.node(id)
    if (!node || !(node.name.toLowerCase().includes(wanted) || node.op_type.toLowerCase().includes(wanted))) continue
    options.push({ value: id, label: node.name || node.op_type, detail: node.op_type, mark: node.family })
    if (options.length === ENOUGH) break
  }
  return options
}

export function valueOptions(editor: Editor, graph: string, text: string): Option[] {
  const wanted = text.trim().toLowerCase()
  const seen = new Set<string>()
  const options: Option[] = []
  const look = (id: string): void => {
    if (id === '' || seen.has(id)) return
    seen.add(id)
    const value = editor.value(id)
    if (value && value.name.toLowerCase().includes(wanted)) options.push({ value: id, label: value.name, detail: typeText(value) })
  }
  for (let at: string | null = graph; at !== null; at = editor.document?.graph(at)?.parent ?? null) {
    editor.document?.graph(at)?.inputs.forEach(look)
    for (const node of (editor.document?.nodeIds(at) ?? []).slice(0, LOOKED_AT)) {
      editor.node(node)?.outputs.forEach(look)
      editor.node(node)?.inputs.forEach(look)
      if (options.length >= ENOUGH) return options
    }
  }
  return options
}

/** The value of exactly this name that the graph sees. */
export function valueNamed(editor: Editor, graph: string, name: string): string | undefined {
  return valueOptions(editor, graph, name).find((option) => option.label === name)?.value
}
