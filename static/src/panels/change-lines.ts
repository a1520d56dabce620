/** A revision's delta as a few lines: which nodes and values it touched. */
import type { Delta } from '../protocol/types'
import { plural } from './status'

const NAMED = 3 // of each kind; the others are counted
const WORDS = { node: 'node', value: 'value', graph: 'graph', model: 'model' } as const

export function changeLines(delta: Delta, nameNow: (id: string) => string): string[] {
  const lines: string[] = []
  for (const table of ['node', 'value'] as const) {
    const kept: string[] = []
    let gone = 0
    for (const change of delta) {
      if (change.table !== table) continue
      if (change.after === null) gone += 1
      else {
        const after = change.after as { name: string; op_type?: string }
        kept.push((after.name || after.op_type || nameNow(change.id) || 'unnamed').slice(0, 120))
      }
    }
    const shown = kept.slice(0, NAMED).join(', ')
    if (kept.length > 0) lines.push(`${plural(kept.length, WORDS[table])}: ${shown}${kept.length > NAMED ? ` and ${kept.length - NAMED} more` : ''}`)
    if (gone > 0) lines.push(`${plural(gone, WORDS[table])} removed`)
  }
  for (const change of delta) {
    if (change.table === 'uses') lines.push(`${plural(change.after.nodes.length, 'input')} read ${nameNow(change.after.value) || 'another value'} instead of ${nameNow(change.id) || 'another'}`)
  }
  if (delta.some((change) => change.table === 'graph')) lines.push('what a graph takes and gives')
  if (delta.some((change) => change.table === 'model')) lines.push("the model's own facts")
  return lines
}
