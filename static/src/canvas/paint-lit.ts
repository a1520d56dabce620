/** Draws what stands out: a veil over all that was drawn, and over it once more what is lit. */
import { InView, type Frame } from './frame'
import { paintEdges, paintLabels } from './paint-edges'
import { paintNodes } from './paint-nodes'

export const VEIL = 0.84

/** The context's transform is the graph's. */
export function paintLit(frame: Frame, view: InView): void {
  const { lit } = frame.marks
  if (!lit) return
  const { left, top, right, bottom } = frame.camera.view
  paintVeil(frame, left, top, right - left, bottom - top)
  const standing = new InView()
  standing.items = view.items.slice(0, view.itemCount).filter((item) => lit.items[item] === 1)
  standing.itemCount = standing.items.length
  standing.edges = view.edges.slice(0, view.edgeCount).filter((edge) => lit.edges[edge] === 1)
  standing.edgeCount = standing.edges.length
  paintEdges(frame, standing)
  if (frame.detail.labels) paintLabels(frame, standing)
  paintNodes(frame, standing)
}

export function paintVeil({ context, theme }: Frame, x: number, y: number, width: number, height: number): void {
  context.globalAlpha = VEIL
  context.fillStyle = theme.ground
  context.fillRect(x, y, width, height)
  context.globalAlpha = 1
}
