/** All keys at a glance. */
import type { JSX } from 'preact'
import type { Command } from '../commands/registry'
import { useCommands, useEditor } from '../forms/editor-context'
import { Modal } from './Modal'

const ARROWS: readonly string[] = ['↑', '↓', '←', '→']
/** Keys of the graph itself, which walks and lets in and out. */
const ON_THE_GRAPH: readonly (readonly [string, readonly string[]])[] = [
  ['Walk along wires, and aside', ARROWS], ['and keep the selection', ['Ctrl Shift', ...ARROWS]], ['Move the view', ['Ctrl', ...ARROWS]],
  ['Enter a body, rename a value', ['Enter']], ['Out of a body', ['Esc']],
]
const POINTER: readonly (readonly [string, string])[] = [
  ['Select', 'Click'], ['Select several', 'Shift click, Shift drag'], ['Add an operator', 'Double click on ground or wire'], ['Connect', 'Drag from slot to slot'], ['Move the view', 'Drag, or swipe with two fingers'],
  ['Zoom', 'Wheel, or pinch'], ['Enter a body', 'Double click'], ['What can be done here', 'Right click, or rest a finger'],
]

export function KeysDialog(): JSX.Element {
  const editor = useEditor()
  const commands = useCommands()
  const group = (name: Command['group']): JSX.Element => (
    <section key={name}>
      <h3 class="section-title">{name}</h3>
      <dl>{commands.all().filter((one) => one.group === name).map((one) => (
        <div key={one.id} class="fact"><dt>{one.title}</dt><dd>{one.keys.slice(0, 2).map((keys) => <kbd key={keys}>{keyText(keys)}</kbd>)}</dd></div>
      ))}</dl>
    </section>
  )
  return (
    <Modal title="Keys" wide onClose={() => { editor.state.dialog.value = null }}>
      <div class="keys">
        <div>{group('Edit')}{group('Select')}</div>
        <div>{group('View')}</div>
        <div>
          {group('Model')}{group('Go')}
          <section>
            <h3 class="section-title">On the graph</h3>
            <dl>{ON_THE_GRAPH.map(([what, keys]) => <div key={what} class="fact"><dt>{what}</dt><dd>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dd></div>)}</dl>
          </section>
        </div>
        <section class="keys-pointer">
          <h3 class="section-title">Pointer</h3>
          <dl>{POINTER.map(([what, how]) => <div key={what} class="fact"><dt>{what}</dt><dd>{how}</dd></div>)}</dl>
        </section>
      </div>
      <div class="form-deeds"><button type="button" class="button primary" data-focus onClick={() => { editor.state.dialog.value = null }}>Close</button></div>
    </Modal>
  )
}

export function keyText(keys: string): string {
  return keys.replace('Delete', 'Del').replace('Escape', 'Esc').replace('Backspace', '⌫').replace('ContextMenu', 'Menu').replace('ArrowRight', '→').replace('ArrowLeft', '←').replace('ArrowUp', '↑').replace('ArrowDown', '↓').replace(/(?<=.)\+(?=.)/g, ' ').replace(/^-$/, '−')
}
