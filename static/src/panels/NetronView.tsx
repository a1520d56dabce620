/** The model as Netron draws it, over the whole stage: a second opinion. Its page may not leave this server, nor this frame. */
import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { useEditor } from '../forms/editor-context'
import { Icon } from './Icon'
import { drawNow } from './picture-first'
import type { ThemeChoice } from './theme-choice'

export function NetronOverlay({ revision, theme }: { revision: number; theme: ThemeChoice }): JSX.Element {
  const editor = useEditor()
  const { state } = editor
  const box = useRef<HTMLDivElement>(null)
  const close = (): void => { state.netron.value = null; drawNow(); editor.canvas?.focus() }
  const behind = state.revision.value - revision
  useLayoutEffect(() => { box.current?.querySelector<HTMLElement>('[data-focus]')?.focus() }, [])
  return (
    <section ref={box} class="netron" aria-label="Netron" onKeyDown={(event) => { if (event.key === 'Escape') { event.stopPropagation(); close() } }}>
      <header class="netron-head">
        <button type="button" class="button" data-focus title="Back to the editor (Esc)" onClick={close}><Icon name="left" />Back to the editor</button>
        <span class="netron-title cut"><strong>Netron</strong> <span class="quiet">{state.name.value} with {revision === 0 ? 'no edits' : 'your edits'}, read only</span></span>
        <span class="grow" />
        {behind > 0 && <button type="button" class="button primary" onClick={() => { state.netron.value = state.revision.peek() }}>Show the newest edits</button>}
      </header>
      <NetronFrame key={revision} model={`/netron/of/${editor.session}/${revision}/${encodeURIComponent(state.name.value)}`} name={state.name.value} theme={theme} onEscape={close} />
    </section>
  )
}

/** Scripts of Netron's own, from this server, and downloads of its pictures; no popups, forms or navigation of our page. */
export function NetronFrame({ model, name, theme, onEscape }: { model: string; name: string; theme: ThemeChoice; onEscape?(): void }): JSX.Element {
  const source = `/netron/?url=${encodeURIComponent(model)}&identifier=${encodeURIComponent(name)}&theme=${theme.shown.value}`
  /** Netron takes the focus once it is there; Escape leads back all the same, unless Netron had something to close. */
  const listen = (frame: HTMLIFrameElement): void => {
    frame.contentWindow?.addEventListener('keydown', (event) => { if (event.key === 'Escape' && !event.defaultPrevented) onEscape?.() })
  }
  return <iframe class="netron-frame" onLoad={(event) => listen(event.currentTarget)} title={`${name} in Netron`} src={source} sandbox="allow-scripts allow-same-origin allow-downloads" referrerpolicy="no-referrer" />
}
