/** The open model's name, with a dot while it holds unsaved edits; a menu leads to the other open models. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { OpenSession } from '../connection/api'
import { errorData } from '../connection/errors'
import { useEditor } from '../forms/editor-context'
import { Icon } from './Icon'
import { Menu, type MenuEntry } from './Menu'

export function ModelTab(): JSX.Element {
  const editor = useEditor()
  const { state } = editor
  const [menu, setMenu] = useState<{ at: { x: number; y: number }; others: OpenSession[] } | null>(null)
  const open = async (button: HTMLElement): Promise<void> => {
    const box = button.getBoundingClientRect()
    try {
      const others = (await editor.api.sessions()).filter((one) => one.session !== editor.session)
      setMenu({ at: { x: box.left, y: box.bottom + 4 }, others })
    } catch (thrown) {
      editor.toast(errorData(thrown).message, 'error')
    }
  }
  const entries = (others: OpenSession[]): MenuEntry[] => [
    ...(others.length > 0 ? [{ heading: 'Also open' }, ...others.slice(0, 12).map((one) => ({ title: one.name, href: `/s/${one.session}` })), 'line' as const] : []),
    { title: 'Open another model…', href: '/' },
  ]
  const name = state.name.value || 'Model'
  return (
    <>
      <button type="button" class="model-tab" aria-haspopup="menu" title={state.path.value || name} onClick={(event) => void open(event.currentTarget)}>
        <span class="cut" data-testid="model-name">{name}</span>
        {state.unsaved.value ? <span class="unsaved" role="img" aria-label="unsaved edits" title="Edits that are not saved to a file yet" /> : <Icon name="down" />}
      </button>
      {menu && <Menu label="Open models" at={menu.at} entries={entries(menu.others)} onClose={() => setMenu(null)} />}
    </>
  )
}
