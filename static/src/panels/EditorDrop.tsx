/** Files that are dropped on the open model: the ones that it lacks, or another model. */
import type { JSX } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'
import { takeDropped } from '../commands/data-files'
import { carriesFiles, droppedFiles } from '../connection/dropped'
import { useEditor } from '../forms/editor-context'
import { Icon } from './Icon'

export function EditorDrop(): JSX.Element | null {
  const editor = useEditor()
  const { state } = editor
  const [over, setOver] = useState(false)
  useLayoutEffect(() => { // at once: what nobody takes, the browser would show in place of this page
    let depth = 0 // enter and leave come for every element below the pointer
    const takes = (event: DragEvent): boolean => carriesFiles(event) && state.dialog.peek() !== 'open' // that dialog takes them itself
    const enter = (event: DragEvent): void => { if (takes(event)) { event.preventDefault(); depth += 1; setOver(true) } }
    const leave = (): void => { depth = Math.max(0, depth - 1); if (depth === 0) setOver(false) }
    const hold = (event: DragEvent): void => { if (takes(event)) event.preventDefault() }
    const drop = (event: DragEvent): void => {
      depth = 0
      setOver(false)
      if (!takes(event) || event.defaultPrevented) return // a field took it
      event.preventDefault()
      void takeDropped(editor, droppedFiles(event.dataTransfer))
    }
    const events = [['dragenter', enter], ['dragleave', leave], ['dragover', hold], ['drop', drop]] as const
    for (const [name, listener] of events) window.addEventListener(name, listener as EventListener)
    return () => { for (const [name, listener] of events) window.removeEventListener(name, listener as EventListener) }
  }, [editor])
  if (!over) return null
  const lacks = state.missing.value.count > 0
  return (
    <div class="drop-veil" data-testid="drop-veil">
      <div class="drop-veil-line"><Icon name="upload" /><span>{lacks ? 'Let go to supply the data files, or to open another model' : 'Let go to open it in a new tab'}</span></div>
    </div>
  )
}
