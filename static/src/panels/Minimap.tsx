/** The map of the whole graph in the corner: where the view is, moved by dragging. */
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { useEditor } from '../forms/editor-context'

export function Minimap(): JSX.Element | null {
  const editor = useEditor()
  const box = useRef<HTMLDivElement>(null)
  const shown = editor.state.map.value && editor.state.loading.value === 'ready'
  useEffect(() => {
    if (!shown) return
    editor.canvas?.mapInto(box.current)
    return () => editor.canvas?.mapInto(null)
  }, [shown])
  return shown ? <div ref={box} class={`minimap${editor.state.direction.value === 'right' ? ' across' : ''}`} /> : null
}
