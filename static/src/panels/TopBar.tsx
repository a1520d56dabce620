/** The bar above everything: where home is, which model, how it is, and the deeds that concern all of it. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { applyRecipe } from '../commands/files'
import { toggleOriginal } from '../commands/original'
import { cancelRun, startRun } from '../commands/run'
import { download } from '../commands/saving'
import { useCommands, useEditor } from '../forms/editor-context'
import { useRecipeFile } from './FileDialogs'
import { commandEntries, CommandMenu, SEE, SELECT } from './CommandMenu'
import { Icon, Logo } from './Icon'
import { Menu } from './Menu'
import { ModelMenu } from './ModelMenu'
import { Participants } from './Participants'
import { narrowBar } from './sizes'
import { StatusPill } from './StatusPill'
import { TabStrip } from './TabStrip'
import type { ThemeChoice } from './theme-choice'

export function TopBar({ theme }: { theme: ThemeChoice }): JSX.Element {
  const editor = useEditor()
  const { state } = editor
  const commands = useCommands()
  return (
    <header class="topbar">
      <div class="topbar-side">
        <a class="brand" href="/" aria-label="Scalpel, start page" title="Start page"><Logo /><span>Scalpel</span></a>
        <ModelMenu />
        <CommandMenu title="Select" groups={SELECT} about="What can be selected together" />
        <CommandMenu title="View" groups={SEE} about="Where to look and where to go" />
        {editor.pages && <TabStrip pages={editor.pages} onNew={() => { state.dialog.value = 'open' }} />}
      </div>
      <StatusPill />
      <div class="topbar-side end">
        <CommandButton id="undo" icon="undo" />
        <CommandButton id="redo" icon="redo" />
        <OriginalSwitch />
        <RunButton />
        <SaveButton />
        <MoreButton theme={theme} />
        <Participants />
        <button type="button" class="icon-button in-more" aria-label={theme.shown.value === 'dark' ? 'Light theme' : 'Dark theme'} title="Light or dark" onClick={theme.toggle}>
          <Icon name={theme.shown.value === 'dark' ? 'sun' : 'moon'} />
        </button>
        <button type="button" class="icon-button in-more" aria-label="Keys" title="Keys (?)" aria-expanded={state.dialog.value === 'keys'} onClick={() => commands.run('keys')}>?</button>
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

/** Pressed while the model is shown as it was opened. */
function OriginalSwitch(): JSX.Element {
  const editor = useEditor()
  const { state } = editor
  const on = state.original.value === 'on'
  const title = on ? 'Back to my edits (O)' : 'Show the original (O)'
  return (
    <button type="button" class="icon-button switchable" aria-label="Original" aria-pressed={on} title={title} disabled={state.loading.value !== 'ready'} data-busy={state.original.value === 'loading'} onClick={() => void toggleOriginal(editor)}>
      <Icon name="original" />
    </button>
  )
}

/** Save, and beside it the other ways to keep what was made. */
function SaveButton(): JSX.Element {
  const editor = useEditor()
  const commands = useCommands()
  const { state } = editor
  const [menu, setMenu] = useState<{ x: number; y: number } | null>(null)
  const recipe = useRecipeFile((file) => void applyRecipe(editor, file))
  const ready = state.loading.value === 'ready'
  const where = state.path.value === '' ? 'Save as… (Ctrl+S)' : `Save to ${state.path.value} (Ctrl+S)`
  return (
    <span class="split-button">
      <button type="button" class="button primary save" disabled={!ready || state.saving.value} title={where} onClick={() => commands.run('save')}>{state.saving.value ? 'Saving…' : 'Save'}</button>
      <button type="button" class="button primary save-more" aria-label="Save as…" title="Other ways to save" aria-haspopup="menu" aria-expanded={menu !== null} disabled={!ready}
        onClick={(event) => { const box = event.currentTarget.getBoundingClientRect(); setMenu({ x: box.right - 270, y: box.bottom + 4 }) }}>
        <Icon name="down" />
      </button>
      {recipe.field}
      {menu && (
        <Menu label="Save" at={menu} onClose={() => setMenu(null)} entries={[
          { title: 'Save', keys: 'Ctrl S', run: () => commands.run('save') },
          { title: 'Save as…', keys: 'Ctrl Shift S', run: () => commands.run('save-as') },
          { title: 'Download', detail: state.missing.value.count > 0 ? 'without weights: some are missing' : 'to this computer', run: () => void download(editor) },
          'line',
          { title: 'Recipe as JSON', detail: 'the edits, to replay', href: `/api/sessions/${editor.session}/recipe`, download: true },
          { title: 'Apply recipe…', detail: 'edits from a file', run: recipe.choose },
        ]} />
      )}
    </span>
  )
}

/** What is wanted now and then. */
function MoreButton({ theme }: { theme: ThemeChoice }): JSX.Element {
  const editor = useEditor()
  const commands = useCommands()
  const [menu, setMenu] = useState<{ x: number; y: number } | null>(null)
  const [inner, setInner] = useState<'Select' | 'View' | null>(null)
  const at = menu ?? { x: 0, y: 0 }
  return (
    <>
      <button type="button" class="icon-button" aria-label="More" title="More" aria-haspopup="menu" aria-expanded={menu !== null}
        onClick={(event) => { const box = event.currentTarget.getBoundingClientRect(); setInner(null); setMenu({ x: box.right - 270, y: box.bottom + 4 }) }}>
        <Icon name="more" />
      </button>
      {menu && inner && <Menu key={inner} label={inner} at={menu} onClose={() => setMenu(null)} entries={commandEntries(commands, inner === 'View' ? SEE : SELECT)} />}
      {menu && !inner && (
        <Menu label="More" at={menu} onClose={() => setMenu(null)} entries={[
          ...(narrowBar() ? [{ title: 'Select…', run: () => { setInner('Select'); setMenu(at) } }, { title: 'View…', run: () => { setInner('View'); setMenu(at) } }, 'line' as const] : []), // the bar has no room for them
          { title: 'Open in Netron', keys: 'N', disabled: editor.state.loading.value !== 'ready', run: () => commands.run('netron') },
          { title: editor.state.original.value === 'on' ? 'Back to my edits' : 'Show the original', keys: 'O', disabled: editor.state.loading.value !== 'ready', run: () => commands.run('original') },
          'line',
          { title: 'Open another model…', keys: 'Ctrl O', run: () => commands.run('open') },
          'line',
          { title: theme.shown.value === 'dark' ? 'Light theme' : 'Dark theme', run: theme.toggle },
          { title: 'Keys', keys: '?', run: () => commands.run('keys') },
        ]} />
      )}
    </>
  )
}
