/** Finds nodes and values of a model, a few ms at a time so that 50,000 nodes never stop the page. */
import type { ModelDocument } from '../document/model'
import { ScopeHits } from './search-hits'
import type { SearchMemory } from './search-memory'
import { attributeText, dtypeNamed, testOf, type Test, type Tried } from './search-match'
import { askedFor, KEYS, parseQuery, type Term } from './search-query'
import { ExpressionTooSlow } from './expressions'

export interface FindResult {
  /** by graph: the one in sight first, only those where something was found */
  graphs: ScopeHits[]
  /** hits whose name is just what was asked for, or its last part where few are: they are not among those of `graphs` */
  best: { graph: string; hit: number }[]
  total: number
  done: boolean
  /** one line about what cannot be searched for */
  error: string | null
}

const SLICE = 7 // ms of work between two breaths
const TOLD_EVERY = 120 // ms between two looks at what was found so far
const BEST = 20
const FEW = 5 // names that end so

type TryExpressions = (sources: readonly string[], texts: readonly string[], signal: AbortSignal) => Promise<Tried>

/** A node is the hit 2 n, a value 2 n + 1, n being its index in the document. */
export const hitOfNode = (index: number): number => 2 * index
export const hitOfValue = (index: number): number => 2 * index + 1
export const isNodeHit = (hit: number): boolean => hit % 2 === 0

export function idOfHit(document: ModelDocument, hit: number): string {
  return isNodeHit(hit) ? document.nodeIdAt(hit / 2) : document.valueIdAt((hit - 1) / 2)
}

/**
 * Everything that matches, the given graph before others; `onProgress` hears of it now and then, and in the end, unless the search is stopped.
 * With the `memory` of an earlier search for the same only what changed since is looked at.
 */
export async function find(document: ModelDocument, text: string, first: string, signal: AbortSignal, tryExpressions: TryExpressions, onProgress: (result: FindResult) => void, memory: SearchMemory): Promise<void> {
  const failed = (error: string): void => { if (!signal.aborted) onProgress({ graphs: [], best: [], total: 0, done: true, error }) }
  const query = parseQuery(text)
  if (query.error) return failed(query.error)
  try {
    const unknown = await new Search(document, query.terms, first, signal, tryExpressions, onProgress, memory).run()
    if (unknown.length === 0 || signal.aborted) return
    // a name with a colon, perhaps
    let found = 0
    const plain = parseQuery(text, new Set(unknown))
    if (!plain.error) await new Search(document, plain.terms, first, signal, tryExpressions, (result) => { found = result.total; if (result.total > 0) onProgress(result) }, memory).run()
    if (found === 0) failed(`Nothing can be found by ${unknown.map((key) => `${key}:`).join(', ')} – no node here has such an attribute. There are ${KEYS.map((key) => `${key}:`).join(' ')} takes: makes: and attributes; text in quotes is looked for as it is.`)
  } catch (thrown) {
    if (!(thrown instanceof ExpressionTooSlow)) throw thrown
    failed('This regular expression takes too long: say less with * and +, above all within brackets.')
  }
}

class Search {
  private readonly looked: Uint8Array
  private readonly graphs: ScopeHits[] = []
  private readonly best: FindResult['best'] = []
  /** names that end so: more than a few are no better than others */
  private readonly ending: { hits: ScopeHits; hit: number; node: number }[] = []
  private total = 0
  private breath = performance.now()
  private told = performance.now()

  constructor(
    private readonly document: ModelDocument, private readonly terms: readonly Term[], private readonly first: string, private readonly signal: AbortSignal,
    private readonly tryExpressions: TryExpressions, private readonly onProgress: (result: FindResult) => void, private readonly memory: SearchMemory,
  ) {
    memory.begin(document, askedText(document, terms))
    this.looked = new Uint8Array(document.valueLimit)
  }

  /** Returns keys that are no attribute of anything, where nothing was found. */
  async run(): Promise<string[]> {
    const { document, terms, signal } = this
    const asked = askedFor(terms)
    const tried = await this.tried()
    if (signal.aborted) return []
    const tests = terms.map((term) => testOf(document, term, tried, () => this.memory.attributes.add(term.attribute)))
    const words = terms.filter(({ key, negated }) => (key === 'any' || key === 'name') && !negated)
    const exact = words.length === 1 && words[0].pattern.what === 'text' ? words[0].pattern.text : null
    for (const graph of [this.first, ...[...document.graphs.keys()].filter((id) => id !== this.first)]) {
      const hits = new ScopeHits(document, graph)
      const done = await this.look(graph, hits, tests, asked, exact)
      if (!done) return []
    }
    if (signal.aborted) return []
    const unknown = terms.filter(({ key, attribute }) => key === 'attribute' && !this.memory.attributes.has(attribute)).map(({ attribute }) => attribute)
    if (this.total === 0 && unknown.length > 0) return unknown
    this.tell(true)
    return []
  }

  /** false: the search was stopped. */
  private async look(graph: string, hits: ScopeHits, tests: readonly Test[], asked: { nodes: boolean; values: boolean }, exact: string | null): Promise<boolean> {
    const { document, memory } = this
    const view = document.graph(graph)
    const nodeFits = (index: number): boolean => tests.every((test) => test.node(index))
    const valueFits = (index: number): boolean => tests.every((test) => test.value(index))
    const put = (hit: number, node: number, name: string): void => {
      this.total += 1
      if (exact !== null && this.best.length < BEST && name.length === exact.length && endsWith(name, exact)) this.best.push({ graph, hit })
      else if (exact !== null && this.ending.length <= FEW && endsWith(name, exact)) {
        this.ending.push({ hits, hit, node })
        if (this.ending.length > FEW) for (const one of this.ending) this.add(one.hits, one.hit, one.node)
      } else this.add(hits, hit, node)
    }
    const value = (index: number, node: number): void => {
      if (index < 0 || this.looked[index] || document.graphOfValue(index) !== graph) return
      this.looked[index] = 1
      if (memory.value(index, valueFits)) put(hitOfValue(index), node, document.valueNameAt(index))
    }
    if (asked.values) for (const id of view?.inputs ?? []) value(document.valueIndex(id), -1)
    const nodes = document.nodesOf(graph)
    for (let at = 0; at < nodes.length; at++) { // no iterator, which would make an object of each
      const node = nodes[at]!
      if (asked.nodes && memory.node(node, nodeFits)) put(hitOfNode(node), node, document.nodeNameAt(node))
      if (asked.values) {
        for (let slot = 0; slot < document.inputCountAt(node); slot++) value(document.inputAt(node, slot), node)
        for (let slot = 0; slot < document.outputCountAt(node); slot++) value(document.outputAt(node, slot), node)
      }
      if (at % 32 === 31 && !(await this.goesOn())) return false
    }
    if (!asked.values) return true
    for (const id of view?.outputs ?? []) value(document.valueIndex(id), -1)
    for (let index = 0; index < document.valueLimit; index++) { // what no node reads
      if (!this.looked[index] && document.isValueAt(index)) value(index, -1)
      if (index % 256 === 0 && !(await this.goesOn())) return false
    }
    return true
  }

  private add(hits: ScopeHits, hit: number, node: number): void {
    if (hits.count === 0) this.graphs.push(hits)
    hits.add(hit, node)
  }

  private async goesOn(): Promise<boolean> {
    const now = performance.now()
    if (now - this.breath <= SLICE) return true
    if (now - this.told > TOLD_EVERY) {
      this.tell(false)
      this.told = now
    }
    await new Promise((resolve) => setTimeout(resolve, 0))
    this.breath = performance.now()
    return !this.signal.aborted
  }

  private tell(done: boolean): void {
    const ending = this.ending.length > FEW ? [] : this.ending.map(({ hits: { graph }, hit }) => ({ graph, hit }))
    this.onProgress({ graphs: [...this.graphs], best: [...this.best, ...ending], total: this.total, done, error: null })
  }

  /** What the regular expressions of the query fit, among all texts that the model has. */
  private async tried(): Promise<Tried> {
    const sources = this.terms.flatMap(({ pattern }) => (pattern.what === 'expression' ? [pattern.source] : []))
    if (sources.length === 0) return new Map()
    const { document, memory } = this
    const { of: touched, at } = memory.toTry()
    const texts = new Set<string>()
    for (const node of touched?.nodes ?? upTo(document.nodeLimit)) {
      if (document.isNodeAt(node)) {
        const { op_type, domain } = document.operatorAt(node)
        for (const text of [document.nodeNameAt(node), op_type, domain || 'ai.onnx']) texts.add(text)
        for (const [name, view] of document.attributesAt(node)) texts.add(name).add(attributeText(view)).add(dtypeNamed(name, view))
      }
      if (node % 32 === 0 && !(await this.goesOn())) return new Map()
    }
    for (const index of touched?.values ?? upTo(document.valueLimit)) {
      if (document.isValueAt(index)) {
        const { dtype, shape } = document.typeAt(index)
        texts.add(document.valueNameAt(index)).add(dtype)
        if (shape) texts.add(shape.map((dim) => String(dim ?? '?')).join(','))
      }
      if (index % 32 === 0 && !(await this.goesOn())) return new Map()
    }
    if (texts.size > 0) {
      const fits = await this.tryExpressions([...new Set(sources)], [...texts], this.signal)
      if (this.signal.aborted) return new Map()
      memory.tried(fits, at)
    }
    return memory.fits
  }
}

function* upTo(limit: number): Generator<number> {
  for (let index = 0; index < limit; index++) yield index
}

/** The terms, and which of their operators the model has: the very operator is looked for then. */
function askedText(document: ModelDocument, terms: readonly Term[]): string {
  const there = terms.some(({ key }) => key === 'op') ? new Set(document.operatorTypes().map((op) => op.toLowerCase())) : null
  return JSON.stringify(terms.map((term) => [term, term.pattern.what === 'text' && there?.has(term.pattern.text)]))
}

/** As a whole, or as its last part. */
function endsWith(name: string, wanted: string): boolean {
  if (name.length < wanted.length || wanted === '') return false
  const lower = name.toLowerCase()
  if (!lower.endsWith(wanted)) return false
  const before = lower[lower.length - wanted.length - 1]
  return before === undefined || before === '/' || before === '.'
}
