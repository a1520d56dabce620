/** The place of the graph canvas on the page; what people do on it becomes selections, menus and presence. */
import { effect } from '@preact/signals'
import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Moved } from '../canvas/moving'
import type { NotePlace } from '../canvas/note-layer'
import type { FoldState } from '../canvas/shown-graph'
import { foldedNow } from '../commands/folding'
import { focusName } from '../commands/focus'
import { bodyName, functionOf } from '../commands/graphs'
import { moveNodes, spliceNode } from '../commands/arranging'
import { connect, graphFor } from '../commands/insertion'
import type { CanvasPort, MenuTarget } from '../commands/ports'
import type { OperatorsAsked } from '../state'
import { useEditor } from '../forms/editor-context'
import type { Bounds } from '../scene/placed'
import type { ThemeChoice } from './theme-choice'

export interface CanvasEvents {
  onSelect(ids: readonly string[], how: 'replace' | 'toggle'): void
  onContextMenu(target: MenuTarget, clientX: number, clientY: number): void
  onOpen(target: MenuTarget): void
  onViewChange(zoom: number): void
  onFold(now: FoldState): void
  covers(): Bounds[]
  onCursor(at: [number, number] | null): void
  onConnect(value: string, to: Slot, moved: Slot | null): void
  onDisconnect(from: Slot): void
  onMove(moved: Moved[]): Promise<boolean>
  onSplice(node: string, slot: number, wire: { value: string; consumers: (string | Slot)[] | null }): Promise<boolean>
  onAddNote(text: string, at: NotePlace): Promise<boolean>
  onSetNote(note: string, change: Partial<NotePlace> & { text?: string }): Promise<boolean>
  onRemoveNote(note: string): void
  onNoteMenu(note: string, clientX: number, clientY: number): void
  onMoveUses(value: string, to: string, consumers: (string | Slot)[] | null): void
  onPalette(asked: { clientX: number; clientY: number; at: { x: number; y: number }; pointed: boolean } & Pick<OperatorsAsked, 'wire' | 'from' | 'to'>): void
}
interface Slot { node: string; slot: number }
export type MakeCanvas = (container: HTMLElement, events: CanvasEvents) => CanvasPort

/** what lies over the canvas and stays there */
const COVERS = '.stage-bottom > *, .stage-bars > *, .breadcrumb, .panel-toggle, .minimap'

interface CanvasViewProps { make: MakeCanvas; theme: ThemeChoice; onMenu(target: MenuTarget, at: { x: number; y: number }): void }

export function CanvasView({ make, theme, onMenu }: CanvasViewProps): JSX.Element {
  const editor = useEditor()
  const box = useRef<HTMLDivElement>(null)
  const pointer = useRef({ x: window.innerWidth / 2, y: window.innerHeight / 3 })
  useLayoutEffect(() => { // before the rest of the page is painted: what it shows takes longest
    const canvas = make(box.current!, {
      onSelect: (ids, how) => editor.select(ids, how),
      onContextMenu: (target, x, y) => {
        const id = target.node ?? target.value
        if (id !== undefined && !editor.state.selection.peek().has(id)) editor.select([id])
        onMenu(target, { x, y })
      },
      onOpen: (target) => {
        const value = target.value === undefined ? undefined : editor.value(target.value)
        if (value) {
          if (editor.graphsInSight().includes(value.graph)) focusName(editor, value.id)
          else void editor.goTo(value.id)
          return
        }
        const node = target.node === undefined ? undefined : editor.node(target.node)
        if (!node) return
        const called = editor.document ? functionOf(editor.document, node) : undefined
        const graphs = called ? [...node.bodies, called] : node.bodies
        const meant = target.body === undefined ? undefined : node.bodies.find((body) => bodyName(node, body) === target.body)
        if (meant !== undefined) void editor.enter(meant)
        else if (graphs.length === 1) void editor.enter(graphs[0]!)
        else if (graphs.length > 1) onMenu(target, pointer.current) // which of them?
      },
      onViewChange: (zoom) => { editor.state.zoom.value = zoom },
      onFold: (now) => foldedNow(editor, now),
      covers: () => covering(box.current!),
      onCursor: (at) => editor.moveCursor(at),
      onConnect: (value, to, moved) => void connect(editor, value, to, moved),
      onDisconnect: (from) => void editor.perform({ kind: 'disconnect', ...from }),
      onMove: (moved) => moveNodes(editor, moved),
      onSplice: (node, slot, wire) => spliceNode(editor, node, slot, wire),
      onAddNote: (text, at) => editor.perform({ kind: 'add-note', text, ...at, graph: editor.state.graph.peek() }),
      onSetNote: (note, change) => editor.perform({ kind: 'set-note', note, ...change }),
      onRemoveNote: (note) => void editor.perform({ kind: 'remove-note', note }),
      onNoteMenu: (note, x, y) => onMenu({ note }, { x, y }),
      onMoveUses: (value, to, consumers) => void editor.perform({ kind: 'replace-uses', value, with: to, ...(consumers ? { consumers } : {}) }),
      onPalette: ({ clientX, clientY, at, wire, from, to, pointed }) => {
        if (editor.state.original.peek() !== 'off') return editor.canvas?.release() // nothing is added to the original
        editor.state.palette.value = { at: { x: clientX, y: clientY }, place: at, graph: graphFor(editor, { place: at, wire, from, to }, pointed), wire, from, to }
      },
    })
    void editor.attach(canvas)
    if (document.activeElement === document.body) canvas.focus() // arrows and the menu key work at once
    const stops = [effect(() => canvas.setLit(editor.highlighted.value?.lit ?? null)), effect(() => canvas.setTheme(theme.shown.value)), effect(() => canvas.setOperators(editor.state.operators.value)), effect(() => { if (!editor.state.palette.value) canvas.release() })]
    return () => { for (const stop of stops) stop(); canvas.destroy() }
  }, [])
  return <div ref={box} class="canvas-box" onContextMenu={(event) => event.preventDefault()}
    onPointerMove={(event) => { pointer.current = { x: event.clientX, y: event.clientY } }} />
}

/** The boxes of what lies over the canvas, in its pixels. */
function covering(canvas: HTMLElement): Bounds[] {
  const { left, top } = canvas.getBoundingClientRect()
  const seen = Array.from(canvas.parentElement?.querySelectorAll(COVERS) ?? []).filter((one) => one.checkVisibility({ visibilityProperty: true }))
  return seen.map((one) => one.getBoundingClientRect()).map((box) => ({ left: box.left - left, top: box.top - top, right: box.right - left, bottom: box.bottom - top }))
}
