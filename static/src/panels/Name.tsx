/** A name that stays telling when it is long: the beginning of its path gives way first, then the end of its last part. */
import type { JSX } from 'preact'

const DRAWN = 160 // characters of each half; more never fits a panel
const TOLD = 1000 // characters that a tooltip shows

export function Name({ name, fallback }: { name: string; fallback?: string }): JSX.Element {
  if (name === '') return <span class="cut unnamed">{fallback ?? 'unnamed'}</span>
  const at = splitAt(name)
  const tail = name.slice(at, at + DRAWN).replace(/^ /, '\u00a0') // in `a / b` the space is seen
  if (at === 0) return <span class="cut">{tail}</span>
  return <span class="name"><span class="name-head"><bdi>{name.slice(Math.max(0, at - DRAWN), at)}</bdi></span><span class="name-tail">{tail}</span></span>
}

/** Where the last part begins: after the last `/`, else after the last `.`; 0 for a name of one part. */
export function splitAt(name: string): number {
  const slash = name.lastIndexOf('/', name.length - 2) + 1
  return slash > 0 ? slash : name.lastIndexOf('.', name.length - 2) + 1
}

/** For tooltips: names may be a megabyte long. */
export function clipped(name: string): string {
  return name.length > TOLD ? `${name.slice(0, TOLD)}…` : name
}
