/** The bar above everything: where home is, which model, how it is, and the deeds that concern all of it. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { cancelRun, startRun } from '../commands/run'
import { useCommands, useEditor } from '../forms/editor-context'
import { Icon, Logo } from './Icon'
import { Menu } from './Menu'
import { ModelMenu } from './ModelMenu'
import { ModelTab } from './ModelTab'
import { Participants } from './Participants'
import { StatusPill } from './StatusPill'
import type { ThemeChoice } from './theme-choice'

export function TopBar({ theme }: { theme: ThemeChoice }): JSX.Element {
  const { state } = useEditor()
  const commands = useCommands()
  return (
    <header class="topbar">
      <div class="topbar-side">
        <a class="brand" href="/" aria-label="Scalpel, start page" title="Start page"><Logo /><span>Scalpel</span></a>
        <ModelTab />
        <ModelMenu />
      </div>
      <StatusPill />
      <div class="topbar-side end">
        <CommandButton id="undo" icon="undo" />
        <CommandButton id="redo" icon="redo" />
        <RunButton />
        <SaveButton />
        <Participants />
        <button type="button" class="icon-button" aria-label={theme.shown.value === 'dark' ? 'Light theme' : 'Dark theme'} title="Light or dark" onClick={theme.toggle}>
          <Icon name={theme.shown.value === 'dark' ? 'sun' : 'moon'} />
        </button>
        <button type="button" class="icon-button" aria-label="Keys" title="Keys (?)" aria-expanded={state.dialog.value === 'keys'} onClick={() => commands.run('keys')}>?</button>
      </div>
    </header>
  )
}

function CommandButton({ id, icon }: { id: string; icon: 'undo' | 'redo' }): JSX.Element {
  const command = useCommands().get(id)
  return (
    <button type="button" class="icon-button" aria-label={command.title} title={`${command.title} (${command.keys[0]})`} disabled={!command.enabled()} onClick={() => command.run()}>
      <Icon name={icon} />
    </button>
  )
}

function RunButton(): JSX.Element {
  const editor = useEditor()
  const job = editor.state.job.value
  if (job?.state !== 'running') {
    return <button type="button" class="button run" disabled={editor.state.loading.value !== 'ready'} onClick={() => void startRun(editor)} title="Run on generated inputs (Ctrl+Enter)">Run</button>
  }
  return (
    <button type="button" class="button run running" aria-label="Cancel the run" title={job.text} onClick={() => void cancelRun(editor)}>
      <span class="run-progress" data-known={job.progress !== null} style={{ '--done': String(job.progress ?? 0) }} />
      Cancel
    </button>
  )
}

function SaveButton(): JSX.Element {
  const editor = useEditor()
  const { state } = editor
  const [menu, setMenu] = useState<{ x: number; y: number } | null>(null)
  return (
    <>
      <button type="button" class="button primary save" aria-haspopup="menu" aria-expanded={menu !== null} disabled={state.loading.value !== 'ready'}
        onClick={(event) => { const box = event.currentTarget.getBoundingClientRect(); setMenu({ x: box.right - 260, y: box.bottom + 4 }) }}>
        Save as…<Icon name="down" />
      </button>
      {menu && (
        <Menu label="Save" at={menu} onClose={() => setMenu(null)} entries={[
          { title: 'Save as…', keys: 'Ctrl S', run: () => { state.dialog.value = 'save' } },
          { title: 'Download', detail: 'to this computer', href: `/api/sessions/${editor.session}/model`, download: true },
          'line',
          { title: 'Recipe as JSON', detail: 'the edits, to replay', href: `/api/sessions/${editor.session}/recipe`, download: true },
        ]} />
      )}
    </>
  )
}
