/** What the printer gets: the graph alone, fitted to the page. It is there only while the browser prints. */
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { useEditor } from '../forms/editor-context'

export function PrintView(): JSX.Element {
  const editor = useEditor()
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const draw = (): void => { const picture = editor.canvas?.pictures.printed(editor.state.name.peek()); if (picture) box.current?.replaceChildren(picture) }
    const clear = (): void => box.current?.replaceChildren()
    window.addEventListener('beforeprint', draw)
    window.addEventListener('afterprint', clear)
    return () => { window.removeEventListener('beforeprint', draw); window.removeEventListener('afterprint', clear) }
  }, [])
  return <div ref={box} class="print-view" aria-hidden="true" />
}
