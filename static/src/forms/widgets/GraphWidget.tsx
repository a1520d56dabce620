/** One graph: the main one, a body or a function. */
import type { JSX } from 'preact'
import { bodyTitle } from '../../commands/graphs'
import { MAIN_GRAPH } from '../../state'
import { useEditor } from '../editor-context'
import type { WidgetProps } from '../widget'

const LISTED = 400

export function GraphWidget({ id, field, value, error, form }: WidgetProps): JSX.Element {
  const { document } = useEditor()
  const ids = [...(document?.graphs.keys() ?? [])].slice(0, LISTED)
  const chosen = typeof value === 'string' ? value : typeof field.default === 'string' ? field.default : ''
  return (
    <select id={id} class="field" value={chosen} aria-invalid={error !== null} onChange={(event) => form.set(field.name, event.currentTarget.value || undefined)}>
      {chosen === '' && <option value="">{field.required ? 'choose…' : 'the main graph'}</option>}
      {ids.map((one) => <option key={one} value={one}>{one === MAIN_GRAPH ? 'main graph' : bodyTitle(document!, one)}</option>)}
    </select>
  )
}
