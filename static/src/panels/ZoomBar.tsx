/** How near the graph is, and how it is laid out. */
import type { JSX } from 'preact'
import { useCommands, useEditor } from '../forms/editor-context'
import { Icon } from './Icon'

export function ZoomBar(): JSX.Element {
  const { state } = useEditor()
  const commands = useCommands()
  return (
    <div class="zoombar" role="toolbar" aria-label="View">
      <button type="button" aria-label="Zoom out" title="Zoom out (−)" onClick={() => commands.run('zoom-out')}>−</button>
      <output class="zoom" aria-label="Zoom">{zoomText(state.zoom.value)}</output>
      <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick={() => commands.run('zoom-in')}>+</button>
      <span class="bar-line" />
      <button type="button" title="Fit the graph (F)" onClick={() => commands.run('fit')}>Fit</button>
      <button type="button" title="Lay out anew (T)" onClick={() => commands.run('tidy')}>Tidy</button>
      <button type="button" aria-label="Left to right" title={`Run from ${state.direction.value === 'right' ? 'top to bottom' : 'left to right'} (L)`} aria-pressed={state.direction.value === 'right'} onClick={() => commands.run('turn')}><Icon name="across" /></button>
      <span class="bar-line" />
      {(state.scopes.value.count > 0 || state.scopes.value.flat) && <button type="button" title={`${state.scopes.value.flat ? 'Group nodes into scopes' : 'Show all nodes flat'} (S)`} aria-pressed={!state.scopes.value.flat} onClick={() => commands.run('scopes')}>Scopes</button>}
      <button type="button" title={`${state.map.value ? 'Close' : 'Open'} the map (M)`} aria-pressed={state.map.value} onClick={() => commands.run('map')}>Map</button>
    </div>
  )
}

function zoomText(zoom: number): string {
  const percent = zoom * 100
  return `${percent < 1 ? percent.toPrecision(1) : Math.round(percent)} %`
}
