/** What is drawn for a closed scope: its name, how often it is there, what it holds. */
import type { ModelDocument } from '../document/model'
import { timesAlike } from '../scopes/alike'
import type { ScopeTree } from '../scopes/tree'
import { FAMILIES } from '../theme'
import type { Card } from './card'
import { fit, type Measure } from './measure'
import { nodesWithin, type ScopeTitle } from './nest'
import { drawable } from './text'

/** `times`: '×12'; '' for one. `shares`: of operator families in the scope, by their place in FAMILIES. */
export interface ScopeFacts { times: string; timesWidth: number; lines: readonly string[]; shares: readonly { family: number; share: number }[] }

export const SCOPE_CARD_TITLE = 28
export const SCOPE_LINE = 16
/** the bar of operator families */
export const SCOPE_BAR = 4
const BOTTOM = 14
const SIDE = 12
/** for the plus that opens it */
const OPENER = 24
const LEAST = 184
const MOST = 288
const MOST_TITLE = 420
const MOST_BODY_TITLE = 240
const MOST_OPERATORS = 3

export class ScopeCards {
  private readonly alike = new Map<string, Card>()
  /** by the `parent` that trees with the same scopes share */
  private readonly titles = new WeakMap<Int32Array, ScopeTitle[]>()

  constructor(private readonly document: ModelDocument, private readonly measure: Measure) {}

  card(tree: ScopeTree, scope: number): Card {
    const nodes = nodesWithin(tree, scope)
    const operators = new Map<string, number>()
    const families = new Map<number, number>()
    for (const node of nodes) {
      const { op_type, family } = this.document.operatorAt(node)
      operators.set(op_type, (operators.get(op_type) ?? 0) + 1)
      const at = Math.max(0, FAMILIES.indexOf(family))
      families.set(at, (families.get(at) ?? 0) + 1)
    }
    const alike = timesAlike(tree, scope)
    const times = alike > 1 ? `×${alike.toLocaleString('en')}` : ''
    const lines = [figures(nodes.length, tree.parameters[scope], tree.parameters[0]), operatorLine(operators)]
    const name = tree.name(scope)
    const key = [name.slice(0, 500), times, ...lines, ...Array.from(families, ([family, count]) => `${family}:${count}`)].join('\n')
    let card = this.alike.get(key)
    if (!card) this.alike.set(key, (card = this.make(name, times, lines, families, nodes.length)))
    return card
  }

  /** The path, as it stands in the corner of an open scope: its last part must be read. */
  title(tree: ScopeTree, scope: number): ScopeTitle {
    let titles = this.titles.get(tree.parent)
    if (!titles) this.titles.set(tree.parent, (titles = []))
    let title = titles[scope]
    if (!title) {
      const text = fit(drawable(tree.name(scope)), 'name', MOST_TITLE, this.measure)
      title = titles[scope] = { text, width: this.measure.width(text, 'name') }
    }
    return title
  }

  /** The same of a body: what it is, and of which node. */
  titleOf(name: string): ScopeTitle {
    const text = fit(drawable(name), 'name', MOST_BODY_TITLE, this.measure)
    return { text, width: this.measure.width(text, 'name') }
  }

  private make(name: string, times: string, lines: string[], families: Map<number, number>, count: number): Card {
    const { measure } = this
    const timesWidth = times ? measure.width(times, 'name') : 0
    const beside = OPENER + (times ? timesWidth + 12 : 0)
    const wanted = Math.max(measure.width(drawable(name), 'title') + beside, ...lines.map((line) => measure.width(line, 'row'))) + 2 * SIDE
    const width = Math.ceil(Math.min(MOST, Math.max(LEAST, wanted)) / 4) * 4
    const title = fit(drawable(name), 'title', width - 2 * SIDE - beside, measure)
    const fitted = lines.filter(Boolean).map((line) => fit(line, 'row', width - 2 * SIDE, measure))
    const shares = [...families].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([family, many]) => ({ family, share: many / count }))
    const scope: ScopeFacts = { times, timesWidth, lines: fitted, shares }
    return { title, titleWidth: measure.width(title, 'title'), family: -1, rows: [], more: '', width, height: SCOPE_CARD_TITLE + SCOPE_LINE * fitted.length + BOTTOM, scope }
  }
}

function figures(nodes: number, parameters: number, all: number): string {
  const parts = [`${nodes.toLocaleString('en')} ${nodes === 1 ? 'node' : 'nodes'}`]
  if (parameters > 0) parts.push(`${short(parameters)} params`, percent(all > 0 ? parameters / all : 0))
  return parts.join(' · ')
}

/** 0.006 → '0.6 %' */
export function percent(share: number): string {
  const hundredth = 100 * share
  return `${hundredth < 0.1 ? '< 0.1' : hundredth < 10 ? hundredth.toFixed(1) : hundredth.toFixed(0)} %`
}

function operatorLine(operators: Map<string, number>): string {
  const sorted = [...operators].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
  const shown = sorted.slice(0, MOST_OPERATORS).map(([name, count]) => (count > 1 ? `${count.toLocaleString('en')} ${drawable(name)}` : drawable(name)))
  const rest = sorted.length - shown.length
  return shown.join(' · ') + (rest > 0 ? ` + ${rest}` : '')
}

/** 147,700 → '147.7k' */
export function short(count: number): string {
  if (count < 1000) return String(count)
  const [unit, size] = count < 1e6 ? ['k', 1e3] : count < 1e9 ? ['M', 1e6] : ['G', 1e9]
  const figure = count / (size as number)
  return `${figure < 100 ? figure.toFixed(1) : figure.toFixed(0)}${unit as string}`
}
