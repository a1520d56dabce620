/** How wide the side panels are and whether they are open, as this browser remembers it. */
import { signal, type Signal } from '@preact/signals'

export interface PanelSize { width: number; open: boolean }
/** Below this width, in CSS pixels, there is room for one side panel at a time. */
const NARROW = 860
const NARROW_BAR = 1000
export type Side = 'left' | 'right'
export const RANGE: Readonly<Record<Side, { least: number; usual: number; most: number }>> = {
  left: { least: 200, usual: 262, most: 480 },
  right: { least: 280, usual: 340, most: 620 },
}

export function panelSize(side: Side, kept: Storage): Signal<PanelSize> {
  const { least, usual, most } = RANGE[side]
  const stored = /^(\d+) (open|closed)$/.exec(kept.getItem(`scalpel.panel.${side}`) ?? '')
  const width = stored ? Number(stored[1]) : usual
  return signal({ width: Math.max(least, Math.min(most, width)), open: stored ? stored[2] === 'open' : true })
}

export function narrow(): boolean {
  return window.innerWidth <= NARROW
}

/** Whether the top bar lacks the room for all of its menus; as in the style. */
export function narrowBar(): boolean {
  return window.innerWidth <= NARROW_BAR
}

export function keepPanelSize(side: Side, size: PanelSize, kept: Storage): void {
  kept.setItem(`scalpel.panel.${side}`, `${Math.round(size.width)} ${size.open ? 'open' : 'closed'}`)
}
