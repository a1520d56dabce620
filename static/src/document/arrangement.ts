/** What readers arranged for themselves: nodes that were put somewhere by hand, and notes. No model holds it. */
import type { ArrangementView, Change, NoteView, PlaceView } from '../protocol/types'

export class Arrangement {
  /** by node id */
  readonly places = new Map<string, PlaceView>()
  readonly notes = new Map<string, NoteView>()

  constructor(view: ArrangementView = { places: [], notes: [] }) {
    for (const place of view.places) this.places.set(place.id, place)
    for (const note of view.notes) this.notes.set(note.id, note)
  }

  put(change: Change): void {
    if (change.table === 'place') {
      if (change.after) this.places.set(change.id, change.after)
      else this.places.delete(change.id)
    } else if (change.table === 'note') {
      if (change.after) this.notes.set(change.id, change.after)
      else this.notes.delete(change.id)
    }
  }

  notesOf(graph: string): NoteView[] {
    return [...this.notes.values()].filter((note) => note.graph === graph)
  }

  /** How many nodes of the graph were put somewhere by hand where it runs that way. */
  placed(graph: string, direction: 'down' | 'right'): number {
    let count = 0
    for (const place of this.places.values()) if (place.graph === graph && place[direction]) count++
    return count
  }
}
