/** What can be done with the model as a whole. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { type Offer, offersOn } from '../commands/offers'
import { useEditor } from '../forms/editor-context'
import { Icon } from './Icon'
import { keyText } from './KeysDialog'
import { Menu, type MenuEntry } from './Menu'

/** Groups of the menu, by the offers' ids; what is in none of them comes last. */
const GROUPS: readonly (readonly string[])[] = [
  ['resize-all', 'simplify', 'fold-constants', 'convert-opset', 'convert-dtype', 'quantize'],
  ['infer-shapes', 'remove-unused', 'sort-nodes', 'name-nodes'],
  ['add-node', 'add-input', 'reorder-io', 'rename-dim', 'merge-model'],
  ['set-model-info', 'set-opset-import', 'set-doc', 'set-metadata'],
]

export function ModelMenu(): JSX.Element {
  const editor = useEditor()
  const { state } = editor
  const [at, setAt] = useState<{ x: number; y: number } | null>(null)
  void state.editTypes.value // what can be done may come after the menu was opened
  return (
    <>
      <button type="button" class="button model-menu" aria-haspopup="menu" aria-expanded={at !== null} disabled={state.loading.value !== 'ready'} title="What can be done with the whole model"
        onClick={(event) => { const box = event.currentTarget.getBoundingClientRect(); setAt({ x: box.left, y: box.bottom + 4 }) }}>
        Model<Icon name="down" />
      </button>
      {at && <Menu label="Model" at={at} entries={modelEntries(offersOn(editor, { nodes: [], values: [], graph: state.graph.value }), () => { state.dialog.value = 'commands' })} onClose={() => setAt(null)} />}
    </>
  )
}

export function modelEntries(offers: readonly Offer[], showAll: () => void): MenuEntry[] {
  const known = GROUPS.flat()
  const groups = [...GROUPS.map((ids) => ids.flatMap((id) => offers.filter((one) => one.id === id))), offers.filter((one) => !known.includes(one.id))].filter((group) => group.length > 0)
  return [
    ...groups.flatMap((group, at): MenuEntry[] => [...(at > 0 ? ['line' as const] : []), ...group.map((one) => ({ title: one.asks ? `${one.title}…` : one.title, run: () => one.run(null) }))]),
    'line', { title: 'Everything else…', keys: keyText('Ctrl+K'), run: showAll },
  ]
}
