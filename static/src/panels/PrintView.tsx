/** What the printer gets: the graph alone, on as many pages as it takes to be read, each with a head. It is there only while the browser prints. */
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { bodyTitle } from '../commands/graphs'
import type { Editor } from '../commands/editor'
import { useEditor } from '../forms/editor-context'
import { MAIN_GRAPH } from '../state'

export function PrintView(): JSX.Element {
  const editor = useEditor()
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const draw = (): void => {
      const name = editor.state.name.peek()
      const printed = editor.canvas?.pictures.printed(name)
      if (!printed || !box.current) return
      box.current.classList.toggle('across', printed.across)
      const date = new Date().toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })
      box.current.replaceChildren(...printed.pages.map(({ picture, where }, at) => {
        const page = element('section', '')
        const head = element('header', '')
        head.append(element('strong', name), element('span', graphName(editor)), element('span', where), element('time', date), element('span', `page ${at + 1} of ${printed.pages.length}`))
        page.append(head, picture)
        return page
      }))
    }
    const clear = (): void => box.current?.replaceChildren()
    window.addEventListener('beforeprint', draw)
    window.addEventListener('afterprint', clear)
    return () => { window.removeEventListener('beforeprint', draw); window.removeEventListener('afterprint', clear) }
  }, [])
  return <div ref={box} class="print-view" aria-hidden="true" />
}

function element(tag: string, text: string): HTMLElement {
  const made = document.createElement(tag)
  made.textContent = text
  return made
}

function graphName({ document, state }: Editor): string {
  const graph = state.graph.peek()
  if (!document) return ''
  return graph === MAIN_GRAPH ? document.graph(graph)?.name ?? '' : bodyTitle(document, graph)
}
