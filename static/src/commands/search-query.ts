/** Reads what is typed into Find: words, `key:value`, "quotes", -negation and /regular expressions/. */
import { typeable } from '../scene/text'

/** Text is looked for anywhere, in any case; `whole` asks for nothing before and behind it. */
export type Pattern = { what: 'text'; text: string; whole: boolean } | { what: 'expression'; source: string }

/** 'any': no key; 'attribute': the key is an attribute's name. */
export type Key = 'any' | 'name' | 'op' | 'domain' | 'in' | 'out' | 'init' | 'dtype' | 'shape' | 'type' | 'attr' | 'attribute'
export interface Term { key: Key; /** as typed, of an attribute */ attribute: string; negated: boolean; pattern: Pattern; /** the term as typed */ typed: string }
export interface Query { terms: Term[]; /** one line about what cannot be understood */ error: string | null }

export const KEYS: readonly Key[] = ['name', 'op', 'domain', 'in', 'out', 'init', 'dtype', 'shape', 'type', 'attr']
/** other words for keys */
const ALSO: Readonly<Record<string, Key>> = { takes: 'in', makes: 'out' }
const OF_NODES: ReadonlySet<Key> = new Set<Key>(['op', 'domain', 'in', 'out', 'attr', 'attribute'])
const OF_VALUES: ReadonlySet<Key> = new Set<Key>(['dtype', 'shape', 'type', 'init'])

/** Whether nodes are asked for, values, or both: `dtype:` alone finds values, with `op:` nodes that take or make such. */
export function askedFor(terms: readonly Term[]): { nodes: boolean; values: boolean } {
  if (terms.some(({ key }) => OF_NODES.has(key))) return { nodes: true, values: false }
  if (terms.some(({ key }) => OF_VALUES.has(key))) return { nodes: false, values: true }
  return { nodes: true, values: true }
}

/** `literal`: keys that are no keys, but part of a text. */
export function parseQuery(text: string, literal: ReadonlySet<string> = new Set()): Query {
  const terms: Term[] = []
  let error: string | null = null
  for (let at = 0; at < text.length;) {
    if (/\s/.test(text[at])) { at += 1; continue }
    const start = at
    const negated = text[at] === '-' && at + 1 < text.length && !/\s/.test(text[at + 1])
    if (negated) at += 1
    const named = /^([A-Za-z_][\w.-]*):(?!:)/.exec(text.slice(at, at + 200))
    const keyed = named !== null && !literal.has(named[1])
    if (keyed) at += named[0].length
    const read = readPattern(text, at)
    at = read.end
    const typed = text.slice(start, at)
    if (read.pattern.what === 'expression' && !isExpression(read.pattern.source)) error ??= `${typed} is no complete regular expression: close its brackets, or put the text in quotes.`
    const key = keyed ? keyNamed(named[1].toLowerCase()) ?? 'attribute' : 'any'
    if (key === 'any' && read.pattern.what === 'text' && read.pattern.text === '') continue
    terms.push({ key, attribute: key === 'attribute' ? named![1] : '', negated, pattern: read.pattern, typed })
  }
  return { terms, error }
}

function keyNamed(word: string): Key | undefined {
  return KEYS.find((known) => known === word) ?? (Object.hasOwn(ALSO, word) ? ALSO[word] : undefined)
}

function readPattern(text: string, at: number): { pattern: Pattern; end: number } {
  const quote = text[at]
  if (quote === '"' || quote === "'") {
    const close = text.indexOf(quote, at + 1)
    if (close > 0) return { pattern: textPattern(text.slice(at + 1, close), true), end: close + 1 }
    if (quote === '"') return { pattern: textPattern(text.slice(at + 1), true), end: text.length }
  }
  if (quote === '/') {
    const found = /^\/((?:[^\\/[]|\\.|\[(?:[^\\\]]|\\.)*\]?)+)\/i?(?=\s|$)/s.exec(text.slice(at))
    if (found) return { pattern: { what: 'expression', source: found[1] }, end: at + found[0].length }
  }
  if (quote === '[') { // a list, with spaces
    const close = text.indexOf(']', at)
    if (close > 0) return { pattern: textPattern(text.slice(at, close + 1), false), end: close + 1 }
  }
  const end = at + /^\S*/.exec(text.slice(at))![0].length
  return { pattern: textPattern(text.slice(at, end), false), end }
}

function textPattern(text: string, whole: boolean): Pattern {
  return { what: 'text', text: typeable(text).toLowerCase(), whole }
}

function isExpression(source: string): boolean {
  try {
    return new RegExp(source, 'i') instanceof RegExp
  } catch {
    return false
  }
}
