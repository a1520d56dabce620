/** In which graph the reader works: what is pasted or added without a wire comes there, also into a body that is open in place. */
import type { Editor } from './editor'

export class Workplace {
  /** where the pointer is, in the coordinates of the canvas; null: elsewhere */
  cursor: [number, number] | null = null
  /** the pointer moved after the last thing was selected */
  private pointed = false
  /** where the last selected thing is, or was */
  private last: string | null = null

  constructor(private readonly editor: Editor) {}

  point(at: [number, number] | null): void {
    this.cursor = at
    this.pointed = true
  }

  selected(ids: ReadonlySet<string>): void {
    this.last = [...ids].reverse().map((id) => this.graphOf(id)).find((graph) => graph !== undefined) ?? null
    this.pointed = this.last === null
  }

  /** The body under the pointer, if it was moved there; else where the selection is, or was before it was cut. */
  get graph(): string {
    const { editor } = this
    const shown = editor.state.graph.peek()
    const under = this.pointed && this.cursor ? editor.graphAt({ x: this.cursor[0], y: this.cursor[1] }) : shown
    if (under !== shown) return under
    const chosen = this.ofSelection
    if (chosen !== null) return chosen
    const stays = !(this.pointed && this.cursor) && this.last !== null && editor.graphsInSight().includes(this.last)
    return stays ? this.last! : shown
  }

  /** The graph of what was selected last, if that is in sight; null: nothing is. */
  get ofSelection(): string | null {
    const inSight = this.editor.graphsInSight()
    const graphs = [...this.editor.state.selection.peek()].reverse().map((id) => this.graphOf(id))
    return graphs.find((graph) => graph !== undefined && inSight.includes(graph)) ?? null
  }

  private graphOf(id: string): string | undefined {
    return this.editor.node(id)?.graph ?? this.editor.value(id)?.graph
  }
}
