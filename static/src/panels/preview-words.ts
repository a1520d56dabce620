/** What a preview says in words: the verdict on the outputs, sizes before and after, and what the edit reports. */
import { bytesText, countText, numberText, shapeText } from '../forms/literals'
import { sentence } from '../forms/sentence'
import type { Delta, PreviewResult, Shape } from '../protocol/types'
import { plural } from './status'

export interface Verdict { tone: 'valid' | 'warning' | 'error' | 'quiet'; text: string; note: string }
export interface Figure { name: string; before: string; after: string; change: string; better: boolean | null }

export function verdictOf(result: Pick<PreviewResult, 'outputs' | 'outputs_note'> & Partial<Pick<PreviewResult, 'report'>>): Verdict {
  const { outputs } = result
  const proved = result.report?.['proved']
  if (!outputs?.some((one) => one.equal !== null) && Array.isArray(proved) && proved.length > 0) return { tone: 'valid', text: 'Proved by running it', note: 'Before and after take other inputs, so their outputs are not compared as they are.' }
  if (outputs === null) return { tone: 'quiet', text: 'The outputs were not compared', note: sentence(result.outputs_note ?? '') }
  const known = outputs.filter((one) => one.equal !== null)
  if (known.length === 0) return { tone: 'quiet', text: 'The outputs cannot be compared', note: sentence(outputs.find((one) => one.note)?.note ?? '') }
  const differing = known.filter((one) => one.equal === false)
  const largest = Math.max(0, ...known.map((one) => one.difference ?? 0))
  const unknown = outputs.length - known.length
  const note = unknown > 0 ? `${plural(unknown, 'output')} could not be compared.` : ''
  if (differing.length > 0) return { tone: 'warning', text: `${differing.length === outputs.length ? 'The outputs differ' : `${plural(differing.length, 'output')} of ${outputs.length} differ${differing.length === 1 ? 's' : ''}`}, by ${numberText(largest)} at most`, note }
  return { tone: unknown > 0 ? 'quiet' : 'valid', text: largest === 0 ? 'Same outputs' : `Same outputs within ${numberText(largest)}`, note }
}

/** Nodes, parameters and bytes, before and after; what stays is left out, except the nodes. */
export function figuresOf(result: PreviewResult): Figure[] {
  const totals = result.totals ?? {}
  const figures: Figure[] = []
  const add = (name: string, pair: { before: number; after: number } | undefined, text: (count: number) => string, always: boolean): void => {
    if (!pair || (!always && pair.before === pair.after)) return
    figures.push({ name, before: text(pair.before), after: text(pair.after), change: changeText(pair.before, pair.after, text), better: pair.after === pair.before ? null : pair.after < pair.before })
  }
  add('Nodes', totals.nodes, (count) => count.toLocaleString('en'), true)
  add('Parameters', totals.parameters, countText, false)
  add('Weights', totals.weight_bytes, bytesText, true)
  return figures
}

/** `−28 %`; what is less than one in a hundred is told as it is, `−86`, and what is ten times as much or more by its factor, `× 1,224` */
export function changeText(before: number, after: number, text: (count: number) => string): string {
  if (before === after) return 'as before'
  if (before === 0 || after === 0) return ''
  const share = (after - before) / before
  if (after >= 10 * before) return `× ${Math.round(after / before).toLocaleString('en')}`
  const percent = Math.abs(share) * 100
  return `${share < 0 ? '−' : '+'}${percent < 1 ? text(Math.abs(after - before)) : `${Math.round(percent)} %`}`
}

/** `3 nodes added, 12 removed; 4 values changed` */
export function changesText(changes: PreviewResult['changes']): string {
  const of = (word: string, counts: { added: number; removed: number; changed: number }): string => {
    const parts = (['added', 'removed', 'changed'] as const).filter((how) => counts[how] > 0).map((how, at) => `${at === 0 ? plural(counts[how], word) : counts[how].toLocaleString('en')} ${how}`)
    return parts.join(', ')
  }
  return [of('node', changes.nodes), of('value', changes.values)].filter(Boolean).join('; ') || 'Nothing would change'
}

/** Nodes that stand in the graph now and would be removed, and those that would be changed. */
export function touchedNodes(delta: Delta | null, stands: (id: string) => boolean): { removed: string[]; changed: string[] } {
  const nodes = (delta ?? []).filter((change) => change.table === 'node' && stands(change.id))
  const rewired = (delta ?? []).flatMap((change) => (change.table === 'uses' ? change.after.nodes.filter(stands) : []))
  return { removed: nodes.filter((one) => one.after === null).map((one) => one.id), changed: [...new Set([...nodes.filter((one) => one.after !== null).map((one) => one.id), ...rewired])] }
}

export interface ReportLine { label: string; text: string; items: string[]; tone: 'plain' | 'valid' | 'warning' }
const LISTED = 12
const LONGEST = 400 // characters of one line
/** What the figures, the table of operators and the outputs show already. */
const SHOWN_ELSEWHERE = new Set(['operators', 'outputs', 'outputs_note', 'dims', 'inputs', 'engine', 'edits', 'seconds'])
const FIRST = ['mended', 'proved', 'warnings', 'corrected']
const LABELS: Readonly<Record<string, string>> = {
  declared: 'Types declared anew', filled: 'Types filled in', completed: 'Types made complete', corrections: 'Types corrected', unknown: 'Values still without a type', moved: 'Nodes moved', named: 'Nodes named',
  renamed: 'Nodes renamed', initializers: 'Initializers', bytes: 'Their size', functions: 'Functions', nodes: 'Nodes', graphs: 'Graphs',
}

/** What an edit found and mended, whatever its words are: texts as they are, lists one below the other, nothing that is shown elsewhere. */
export function reportLines(report: Record<string, unknown>): ReportLine[] {
  const order = (key: string): number => { const at = FIRST.indexOf(key); return at < 0 ? FIRST.length : at }
  return Object.entries(report).filter(([key]) => !SHOWN_ELSEWHERE.has(key)).sort(([a], [b]) => order(a) - order(b)).flatMap(([key, value]) => lineOf(key, value))
}

function lineOf(key: string, value: unknown): ReportLine[] {
  if (value === null || value === undefined || value === '' || value === false || value === 0 || (Array.isArray(value) && value.length === 0)) return []
  const label = LABELS[key] ?? sentenceCase(key)
  const tone = key === 'proved' ? 'valid' : key === 'warnings' ? 'warning' : 'plain'
  if (Array.isArray(value)) return [{ label, text: '', items: [...value.slice(0, LISTED).map(itemText), ...(value.length > LISTED ? [`and ${value.length - LISTED} more`] : [])], tone }]
  if (typeof value === 'object') {
    if (isChange(value)) return [] // the figures
    const items = Object.entries(value).slice(0, LISTED).map(([name, one]) => `${name}: ${itemText(one)}`)
    return items.length > 0 ? [{ label, text: '', items, tone }] : []
  }
  return [{ label, text: value === true ? 'yes' : key === 'bytes' && typeof value === 'number' ? bytesText(value) : typeof value === 'number' ? value.toLocaleString('en') : itemText(value), items: [], tone }]
}

function isChange(value: object): value is { before: unknown; after: unknown } {
  return 'before' in value && 'after' in value
}

function itemText(value: unknown): string {
  if (typeof value === 'string') return value.slice(0, LONGEST)
  if (typeof value === 'number') return numberText(value)
  if (Array.isArray(value)) return value.every((one) => typeof one !== 'object' || one === null) ? shapeText(value as Shape) : value.slice(0, LISTED).map(itemText).join(', ')
  if (typeof value === 'object' && value !== null) return recordText(value as Record<string, unknown>)
  return String(value)
}

/** `conv1 (Reshape), target: 1×512 → N×512` */
function recordText(one: Record<string, unknown>): string {
  const told = one['message'] ?? one['text']
  if (typeof told === 'string') return told.slice(0, LONGEST)
  const text = (key: string): string => (one[key] === undefined || one[key] === null || one[key] === '' ? '' : itemText(one[key]))
  const who = [text('name') || text('op_type'), text('operator') ? `(${text('operator')})` : ''].filter(Boolean).join(' ')
  const rest = Object.keys(one).filter((key) => !['name', 'node', 'value', 'operator', 'op_type', 'what', 'before', 'after', 'asked'].includes(key) && text(key) !== '').map((key) => `${key.replaceAll('_', ' ')} ${text(key)}`)
  const change = isChange(one) ? `${text('before') || 'nothing'} → ${text('after') || 'nothing'}` : ''
  return [[who, text('what')].filter(Boolean).join(', '), [change, ...rest].filter(Boolean).join(', ')].filter(Boolean).join(': ').slice(0, LONGEST)
}

function sentenceCase(key: string): string {
  const words = key.replaceAll('_', ' ').trim()
  return `${words[0]?.toUpperCase() ?? ''}${words.slice(1)}`
}
