/** How a tensor's elements are spread: bars between its smallest and its largest. */
import type { JSX } from 'preact'
import { numberText } from '../forms/literals'
import { plural } from './status'

const HEIGHT = 56
const GAP = 0.18 // of a bar's width

export function Histogram({ counts, edges }: { counts: readonly number[]; edges: readonly [number, number] }): JSX.Element {
  const most = Math.max(...counts)
  const step = (edges[1] - edges[0]) / counts.length
  const zero = edges[0] < 0 && edges[1] > 0 ? -edges[0] / step : null
  return (
    <figure class="histogram">
      <svg viewBox={`0 0 ${counts.length} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`Histogram from ${numberText(edges[0])} to ${numberText(edges[1])}`}>
        {zero !== null && <line class="histogram-zero" x1={zero} x2={zero} y1={0} y2={HEIGHT} />}
        {counts.map((count, bar) => {
          const height = count === 0 ? 0 : Math.max(1.5, (count / most) * HEIGHT)
          const from = edges[0] + bar * step
          return (
            <rect key={bar} class="histogram-bar" x={bar + GAP / 2} width={1 - GAP} y={HEIGHT - height} height={height}>
              <title>{`${plural(count, 'element')} from ${numberText(from)} to ${numberText(from + step)}`}</title>
            </rect>
          )
        })}
      </svg>
      <figcaption class="histogram-edges"><span>{numberText(edges[0])}</span><span>{numberText(edges[1])}</span></figcaption>
    </figure>
  )
}
