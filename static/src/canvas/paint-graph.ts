/** Draws the graph itself, from the grounds of its scopes to its nodes: the same for the screen and for pictures. */
import type { Frame, InView } from './frame'
import { paintEdges, paintLabels } from './paint-edges'
import { paintNodes } from './paint-nodes'
import { paintGrounds, paintScopeTitles } from './paint-scopes'

/** One above the other. `once`: scopes, which are drawn for all of the frame and not for the items and wires of a view. */
export interface Layer { paint(frame: Frame, view: InView): void; once?: true }

export const LAYERS: readonly Layer[] = [
  { paint: paintGrounds, once: true },
  { paint: paintEdges },
  { paint: paintScopeTitles, once: true },
  { paint: (frame, view) => { if (frame.detail.labels) paintLabels(frame, view) } },
  { paint: paintNodes },
]

/** The context's transform is the graph's. */
export function paintGraph(frame: Frame, view: InView): void {
  for (const layer of LAYERS) layer.paint(frame, view)
}
