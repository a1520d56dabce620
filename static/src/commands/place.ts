/** Where a reader was in a model, kept for this window: the graph, what was selected, and what was in the middle of the screen. */
import { batch } from '@preact/signals'
import type { View } from '../canvas/reader-view'
import type { Editor } from './editor'

interface Place { graph: string; selection: string[]; view: View | null }

const SELECTED = 200 // ids that are kept

const keyOf = (session: string): string => `scalpel.place.${session}`

/** Notes where the reader is. */
export function keepPlace(editor: Editor, kept: Storage): void {
  const { state, canvas } = editor
  if (state.loading.peek() !== 'ready' || !canvas) return
  const view = canvas.view()
  const anchors = !view || view.asOpened ? [] : view.anchors // who has not moved comes back to where the graph opens then
  const place: Place = { graph: state.graph.peek(), selection: [...state.selection.peek()].slice(0, SELECTED), view: view && { ...view, anchors } }
  try {
    kept.setItem(keyOf(editor.session), JSON.stringify(place))
  } catch {
    kept.removeItem(keyOf(editor.session)) // ids may be megabytes long: no room for them
  }
}

/** Before the model is painted for the first time: goes back to where the reader was. */
export function findPlace(editor: Editor, kept: Storage): View | null {
  const place = read(kept.getItem(keyOf(editor.session)))
  if (!place) return null
  batch(() => {
    if (editor.document?.graph(place.graph)) editor.state.graph.value = place.graph
    editor.state.selection.value = new Set(place.selection.filter((id) => editor.node(id) ?? editor.value(id)))
  })
  return editor.state.graph.peek() === place.graph ? place.view : null
}

/** Another session of the same model begins where this one is. */
export function copyPlace(from: string, to: string, kept: Storage): void {
  const place = kept.getItem(keyOf(from))
  if (place !== null) kept.setItem(keyOf(to), place)
}

export function forgetPlace(session: string, kept: Storage): void {
  kept.removeItem(keyOf(session))
}

function read(text: string | null): Place | null {
  if (text === null) return null
  try {
    const place = JSON.parse(text) as Place
    return typeof place.graph === 'string' && Array.isArray(place.selection) ? place : null
  } catch {
    return null
  }
}
