/** The editor's page: the bar, the panels, the canvas, and what floats above them. */
import { useSignalEffect } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks'
import { pasteText } from '../commands/clipboard'
import type { MenuTarget } from '../commands/ports'
import { isTyping } from '../commands/keys'
import { useCommands, useEditor } from '../forms/editor-context'
import { openingText } from '../forms/opening-words'
import { sentence } from '../forms/sentence'
import { Announcer } from './Announcer'
import { Breadcrumb } from './Breadcrumb'
import { CanvasView, type MakeCanvas } from './CanvasView'
import { ChangedDialog, ConsentDialog, ReplayedDialog } from './FileDialogs'
import { CommandPalette } from './CommandPalette'
import { contextMenu, type OpenMenu } from './context-menu'
import { EditorDrop } from './EditorDrop'
import { FormPopover } from './FormPopover'
import { Icon } from './Icon'
import { KeysDialog } from './KeysDialog'
import { LeftPanel } from './LeftPanel'
import { Menu } from './Menu'
import { Minimap } from './Minimap'
import { NameDialog } from './NameDialog'
import { NetronOverlay } from './NetronView'
import { OpenDialog } from './OpenDialog'
import { PictureDialog } from './PictureDialog'
import { PreviewDialog } from './PreviewDialog'
import { OperatorPalette } from './OperatorPalette'
import { PrintView } from './PrintView'
import { ProblemsBar, ProblemsPanel } from './Problems'
import { asks, QuestionDialog } from './QuestionDialog'
import { RightPanel } from './RightPanel'
import { RunDialog } from './RunDialog'
import { SaveDialog } from './SaveDialog'
import { WeightsDialog } from './WeightsChoice'
import { keepPanelSize, narrow, panelSize, type Side } from './sizes'
import { Splitter } from './Splitter'
import { StageBars } from './StageBars'
import type { ThemeChoice } from './theme-choice'
import { Toasts } from './Toasts'
import { TopBar } from './TopBar'
import { ZoomBar } from './ZoomBar'

export function EditorPage({ theme, makeCanvas }: { theme: ThemeChoice; makeCanvas: MakeCanvas }): JSX.Element {
  const editor = useEditor()
  const commands = useCommands()
  const { state } = editor
  const [menu, setMenu] = useState<OpenMenu | null>(null)
  const sizes = useMemo(() => ({ left: panelSize('left', localStorage), right: panelSize('right', localStorage) }), [])
  const toggle = (side: Side): void => {
    sizes[side].value = { ...sizes[side].peek(), open: !sizes[side].peek().open }
    if (narrow()) giveWay(side)
    else keepPanelSize(side, sizes[side].peek(), localStorage)
  }
  /** Where there is room for one panel only, the other closes. */
  const giveWay = (side: Side): void => {
    const other = sizes[side === 'left' ? 'right' : 'left']
    if (sizes[side].peek().open) other.value = { ...other.peek(), open: false }
  }
  useEffect(() => {
    const fit = (): void => { if (narrow() && sizes.left.peek().open) giveWay('right') }
    fit()
    window.addEventListener('resize', fit)
    return () => window.removeEventListener('resize', fit)
  }, [])
  useLayoutEffect(() => { // keys count from the moment on that the page is seen
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return
      const command = commands.forKey(event, isTyping(event.target) && !undoesOutside(event), event.target instanceof HTMLCanvasElement)
      if (!command) return
      if (state.netron.peek() !== null && command.id !== 'leave' && !(command.everywhere && command.group === 'Model')) return // Netron lies over all that the others are about
      if ((state.dialog.peek() && command.id !== 'leave') || (state.preview.peek() && command.group !== 'View')) return // what lies above the page has keys of its own
      if (!command.enabled() && !command.everywhere) {
        const why = command.whyNot?.()
        if (why) editor.toast(why)
        return
      }
      if (command.id === 'menu' && event.target !== document.body) return // lists and fields have menus of their own
      if (command.native) return
      event.preventDefault()
      if (command.id === 'find' && !sizes.left.peek().open) toggle('left')
      if (command.id === 'rename' && command.enabled() && !sizes.right.peek().open) toggle('right')
      commands.run(command.id)
    }
    const onLeave = (event: BeforeUnloadEvent): void => { if (state.unsaved.peek() || state.pending.peek() > 0) event.preventDefault() }
    const onPaste = (event: ClipboardEvent): void => {
      if (event.defaultPrevented || isTyping(event.target) || state.dialog.peek() || state.preview.peek() || state.netron.peek() !== null || !commands.get('paste').enabled()) return
      event.preventDefault()
      void pasteText(editor, event.clipboardData?.getData('text/plain') ?? '')
    }
    window.addEventListener('paste', onPaste)
    window.addEventListener('keydown', onKey)
    window.addEventListener('beforeunload', onLeave)
    return () => { window.removeEventListener('paste', onPaste); window.removeEventListener('keydown', onKey); window.removeEventListener('beforeunload', onLeave) }
  }, [])
  useSignalEffect(() => { if (state.refusal.value && !asks(state.refusal.value) && !sizes.right.peek().open) toggle('right') }) // why something was refused is said there
  useEffect(() => { document.title = `${state.unsaved.value ? '• ' : ''}${state.name.value || 'Model'} – Scalpel` }, [state.unsaved.value, state.name.value])
  /** Rows and cards offer what their node or value offers on the canvas; by the menu key: the row that is chosen. */
  const onListMenu = (event: MouseEvent): void => {
    if (event.defaultPrevented || !(event.target instanceof Element) || isTyping(event.target)) return // the canvas opens its own
    const chosen = event.target.getAttribute('aria-activedescendant') // a list has the focus, one of its rows is meant
    const list = chosen === null ? null : document.getElementById(chosen)
    const row = list ?? event.target.closest('[data-id]')
    const id = row?.getAttribute('data-id')
    if (!row || !id || !(editor.node(id) ?? editor.value(id))) return
    event.preventDefault()
    if (!state.selection.peek().has(id)) editor.select([id])
    const box = row.getBoundingClientRect()
    onMenu(editor.node(id) ? { node: id } : { value: id }, list ? { x: box.left + 24, y: box.bottom } : { x: event.clientX, y: event.clientY })
  }
  const onMenu = (target: MenuTarget, at: { x: number; y: number }): void => setMenu(contextMenu(editor, commands, target, at))
  const { left, right } = sizes
  return (
    <div class="editor" data-original={state.original.value === 'on'} data-left={left.value.open} data-right={right.value.open} style={{ '--left': `${left.value.width}px`, '--right': `${right.value.width}px` }} onContextMenu={onListMenu}>
      <TopBar theme={theme} />
      {left.value.open && <LeftPanel />}
      {left.value.open && <Splitter side="left" size={left} />}
      <main class="stage" aria-label="Graph">
        <CanvasView make={makeCanvas} theme={theme} onMenu={onMenu} />
        <PanelToggle side="left" open={left.value.open} onToggle={() => toggle('left')} />
        <PanelToggle side="right" open={right.value.open} onToggle={() => toggle('right')} />
        <Breadcrumb />
        <StageBars />
        <Loading />
        <ProblemsPanel />
        <div class="stage-bottom"><ZoomBar /><ProblemsBar /></div>
        <Minimap />
        <Toasts />
        <Announcer />
        <EditorDrop />
      </main>
      {right.value.open && <Splitter side="right" size={right} />}
      {right.value.open && <RightPanel />}
      {menu && <Menu key={`${menu.at.x} ${menu.at.y}`} label={menu.label} at={menu.at} entries={menu.entries} onClose={() => setMenu(null)} />}
      {state.palette.value && <OperatorPalette key={`${state.palette.value.at.x} ${state.palette.value.at.y}`} asked={state.palette.value} />}
      {state.form.value && <FormPopover open={state.form.value} />}
      {state.preview.value && <PreviewDialog key={state.preview.value.job} shown={state.preview.value} />}
      {state.dialog.value === 'commands' && <CommandPalette />}
      {state.dialog.value === 'keys' && <KeysDialog />}
      {state.dialog.value === 'save' && <SaveDialog />}
      <QuestionDialog />
      <WeightsDialog />
      {state.dialog.value === 'consent' && <ConsentDialog />}
      {state.dialog.value === 'changed' && <ChangedDialog />}
      {state.dialog.value === 'open' && <OpenDialog api={editor.api} files={state.toOpen.value} onClose={() => { state.dialog.value = null; state.toOpen.value = [] }} onOpened={(what, along) => { state.dialog.value = null; state.toOpen.value = []; editor.pages?.opened(what, along) }} />}
      {state.replayed.value && <ReplayedDialog replayed={state.replayed.value} />}
      {state.netron.value !== null && <NetronOverlay revision={state.netron.value} theme={theme} />}
      {state.dialog.value === 'run' && <RunDialog />}
      {state.dialog.value === 'picture' && <PictureDialog theme={theme} />}
      <PrintView />
      {state.dialog.value === 'name' && <NameDialog />}
    </div>
  )
}

/** In a field that holds no draft, undo and redo mean the model's edits. */
function undoesOutside(event: KeyboardEvent): boolean {
  return (event.ctrlKey || event.metaKey) && /^[zy]$/i.test(event.key) && event.target instanceof HTMLElement && event.target.dataset['clean'] !== undefined
}

function PanelToggle({ side, open, onToggle }: { side: Side; open: boolean; onToggle(): void }): JSX.Element {
  const what = side === 'left' ? 'outline' : 'properties'
  return (
    <button type="button" class={`panel-toggle ${side}`} aria-label={`${open ? 'Close' : 'Open'} the ${what}`} title={`${open ? 'Close' : 'Open'} the ${what}`} aria-expanded={open} onClick={onToggle}>
      <Icon name={side === 'left' ? 'panelLeft' : 'panelRight'} />
    </button>
  )
}

const SOON = 2000 // ms after which loading can be given up

function Progress(): JSX.Element {
  const editor = useEditor()
  const [long, setLong] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), SOON)
    return () => clearTimeout(timer)
  }, [])
  const now = editor.state.opening.value
  return (
    <div class="stage-message" role="status">
      <span class="spinner" aria-hidden="true" />
      {now ? openingText(now) : 'Opening the model…'}
      {long && editor.pages && <button type="button" class="button" onClick={() => void editor.pages?.giveUp(editor.session)}>Cancel</button>}
    </div>
  )
}

function Loading(): JSX.Element | null {
  const editor = useEditor()
  const { state } = editor
  if (state.loading.value === 'loading') return <Progress key={editor.session} />
  const error = state.loadError.value
  if (!error) return null
  return (
    <div class="stage-message" role="alert">
      <strong>{sentence(error.message)}</strong>
      {error.hint && <span class="quiet">{sentence(error.hint)}</span>}
      <a class="button" href="/">Open another model</a>
    </div>
  )
}
