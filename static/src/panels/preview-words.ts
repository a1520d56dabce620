/** What a preview says in words: the verdict on the outputs, sizes before and after, and what the edit reports. */
import { bytesText, countText, numberText } from '../forms/literals'
import { sentence } from '../forms/sentence'
import type { PreviewResult } from '../protocol/types'
import { plural } from './status'

export interface Verdict { tone: 'valid' | 'warning' | 'error' | 'quiet'; text: string; note: string }
export interface Figure { name: string; before: string; after: string; change: string; better: boolean | null }

export function verdictOf(result: Pick<PreviewResult, 'outputs' | 'outputs_note'>): Verdict {
  const { outputs } = result
  if (outputs === null) return { tone: 'quiet', text: 'The outputs were not compared', note: sentence(result.outputs_note ?? '') }
  const known = outputs.filter((one) => one.equal !== null)
  if (known.length === 0) return { tone: 'quiet', text: 'The outputs cannot be compared', note: sentence(outputs.find((one) => one.note)?.note ?? '') }
  const differing = known.filter((one) => one.equal === false)
  const largest = Math.max(0, ...known.map((one) => one.difference ?? 0))
  const unknown = outputs.length - known.length
  const note = unknown > 0 ? `${plural(unknown, 'output')} could not be compared.` : ''
  if (differing.length > 0) return { tone: 'warning', text: `${differing.length === outputs.length ? 'The outputs differ' : `${plural(differing.length, 'output')} of ${outputs.length} differ`}, by ${numberText(largest)} at most`, note }
  return { tone: unknown > 0 ? 'quiet' : 'valid', text: largest === 0 ? 'Same outputs' : `Same outputs within ${numberText(largest)}`, note }
}

/** Nodes, parameters and bytes, before and after; what stays is left out, except the nodes. */
export function figuresOf(result: PreviewResult): Figure[] {
  const totals = result.totals ?? {}
  const figures: Figure[] = []
  const add = (name: string, pair: { before: number; after: number } | undefined, text: (count: number) => string, always: boolean): void => {
    if (!pair || (!always && pair.before === pair.after)) return
    figures.push({ name, before: text(pair.before), after: text(pair.after), change: changeText(pair.before, pair.after), better: pair.after === pair.before ? null : pair.after < pair.before })
  }
  add('Nodes', totals.nodes, (count) => count.toLocaleString('en'), true)
  add('Parameters', totals.parameters, countText, false)
  add('Weights', totals.weight_bytes, bytesText, true)
  return figures
}

export function changeText(before: number, after: number): string {
  if (before === after) return 'as before'
  if (before === 0 || after === 0) return ''
  const share = (after - before) / before
  const percent = Math.abs(share) * 100
  return `${share < 0 ? '−' : '+'}${percent < 1 ? '< 1' : Math.round(percent)} %`
}

/** `3 nodes added, 12 removed; 4 values changed` */
export function changesText(changes: PreviewResult['changes']): string {
  const of = (word: string, counts: { added: number; removed: number; changed: number }): string => {
    const parts = (['added', 'removed', 'changed'] as const).filter((how) => counts[how] > 0).map((how, at) => `${at === 0 ? plural(counts[how], word) : counts[how].toLocaleString('en')} ${how}`)
    return parts.join(', ')
  }
  return [of('node', changes.nodes), of('value', changes.values)].filter(Boolean).join('; ') || 'Nothing would change'
}

export interface ReportLine { label: string; text: string; items: string[] }
const LISTED = 12
const LONGEST = 400 // characters of one line

/** What an edit found and mended, whatever its words are: texts as they are, lists one below the other. */
export function reportLines(report: Record<string, unknown>): ReportLine[] {
  return Object.entries(report).flatMap(([key, value]) => {
    if (value === null || value === undefined || value === '' || value === false || (Array.isArray(value) && value.length === 0)) return []
    const label = sentenceCase(key)
    if (Array.isArray(value)) return [{ label: `${label}${value.length > 1 ? ` (${value.length.toLocaleString('en')})` : ''}`, text: '', items: [...value.slice(0, LISTED).map(itemText), ...(value.length > LISTED ? [`and ${value.length - LISTED} more`] : [])] }]
    if (value === true) return [{ label, text: 'yes', items: [] }]
    if (typeof value === 'object') return [{ label, text: '', items: Object.entries(value).slice(0, LISTED).map(([name, one]) => `${name}: ${itemText(one)}`) }]
    return [{ label, text: itemText(value), items: [] }]
  })
}

function itemText(value: unknown): string {
  if (typeof value === 'string') return value.slice(0, LONGEST)
  if (typeof value === 'number') return numberText(value)
  if (Array.isArray(value)) return value.slice(0, LISTED).map(itemText).join(', ')
  if (typeof value === 'object' && value !== null) {
    const { message, text, name } = value as { message?: unknown; text?: unknown; name?: unknown }
    const told = message ?? text
    if (typeof told === 'string') return told.slice(0, LONGEST)
    const rest = Object.entries(value).filter(([key, one]) => key !== 'name' && key !== 'node' && key !== 'value' && one !== null && one !== '').map(([key, one]) => `${key.replaceAll('_', ' ')} ${itemText(one)}`)
    return [typeof name === 'string' ? name : '', rest.join(', ')].filter(Boolean).join(': ').slice(0, LONGEST)
  }
  return String(value)
}

function sentenceCase(key: string): string {
  const words = key.replaceAll('_', ' ').trim()
  return `${words[0]?.toUpperCase() ?? ''}${words.slice(1)}`
}
