/** A name that stays telling when it is long: the path before its last part gives way first. */
import type { JSX } from 'preact'

export function Name({ name, fallback }: { name: string; fallback?: string }): JSX.Element {
  if (name === '') return <span class="cut unnamed">{fallback ?? 'unnamed'}</span>
  const at = splitAt(name)
  if (at === 0) return <span class="cut">{name}</span>
  return <span class="name"><span class="name-head">{name.slice(0, at)}</span><span class="name-tail">{name.slice(at)}</span></span>
}

const SHORT = 18 // characters that fit everywhere: no need to part them at a dot
const TAIL = 26

/** Where the last part begins: after the last `/`, else after a `.` that leaves something to read; 0 to keep the name whole. */
export function splitAt(name: string): number {
  const slash = name.lastIndexOf('/', name.length - 2) + 1
  if (slash > 0) return slash
  if (name.length <= SHORT) return 0
  const dot = name.lastIndexOf('.', name.length - 5) + 1
  return dot > 0 ? dot : Math.max(0, name.length - TAIL)
}
