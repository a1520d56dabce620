/** What the printer gets: the graph alone, on as many pages as it takes to be read, each with a head. It is there only while the browser prints. */
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { PictureOf, PrintedPart } from '../canvas/pictures'
import { bodyTitle } from '../commands/graphs'
import type { Editor } from '../commands/editor'
import { useEditor } from '../forms/editor-context'
import { MAIN_GRAPH } from '../state'

export function PrintView(): JSX.Element {
  const editor = useEditor()
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const draw = (): void => {
      const { state } = editor
      const name = state.name.peek()
      const of = state.toPrint.peek()
      const printed = editor.canvas?.pictures.printed(name, of)
      if (!printed || !box.current) return
      const { across, overview, pages } = printed
      box.current.classList.toggle('across', across)
      const date = new Date().toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })
      box.current.replaceChildren(...pages.map(({ parts, where }, at) => {
        const page = element('section', '')
        const head = element('header', '')
        head.append(element('strong', name), element('span', graphName(editor)), element('span', of === 'selection' ? 'the selection' : ''), element('span', where), element('time', date), element('span', `page ${at + 1} of ${pages.length}`))
        const body = element('div', '')
        body.className = parts[0]?.strip?.right ? 'strips right' : 'strips'
        body.append(...parts.map((part, index) => figure(part, index === 0, index === parts.length - 1)))
        page.append(head, ...(overview > 0 ? [element('p', overviewText(overview, of))] : []), body)
        return page
      }))
    }
    const clear = (): void => { box.current?.replaceChildren(); editor.state.toPrint.value = 'all' }
    window.addEventListener('beforeprint', draw)
    window.addEventListener('afterprint', clear)
    return () => { window.removeEventListener('beforeprint', draw); window.removeEventListener('afterprint', clear) }
  }, [])
  return <div ref={box} class="print-view" aria-hidden="true" />
}

/** A picture, and of a strip which one it is and where it goes on. */
function figure({ picture, strip }: PrintedPart, first: boolean, last: boolean): HTMLElement {
  const made = element('figure', '')
  if (strip) {
    const { at, of, right, narrow } = strip
    const from = at === 0 ? '' : right ? `← from strip ${at}${first ? ' on the page before' : ''}` : '↑'
    const on = at === of - 1 ? '' : right ? `goes on in strip ${at + 2}${last ? ' on the next page' : ' below'} →` : '↓' // beside each other there is little room
    const caption = element('figcaption', '')
    if (narrow) caption.append(element('strong', String(at + 1)))
    else caption.append(element('span', from), element('strong', `strip ${at + 1} of ${of}`), element('span', on))
    made.append(caption)
    made.classList.toggle('begun', at > 0)
    made.classList.toggle('goes-on', at < of - 1)
  }
  made.append(picture)
  return made
}

function overviewText(boxes: number, of: PictureOf): string {
  const what = `An overview of ${of === 'all' ? 'all' : 'the selected'} ${boxes.toLocaleString('en')} boxes: they would not be legible on 16 pages.`
  return `${what} To read them on paper, close scopes, or select ${of === 'all' ? 'a scope or some nodes' : 'fewer nodes'} and print the selection (View menu).`
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
