/** Short notes for what has no other place. */
import type { JSX } from 'preact'
import { useEditor } from '../forms/editor-context'

export function Toasts(): JSX.Element {
  const { state } = useEditor()
  return <div class="toasts" role="log" aria-live="polite">{state.toasts.value.map((toast) => <div key={toast.id} class={`toast ${toast.tone}`}>{toast.text}</div>)}</div>
}
