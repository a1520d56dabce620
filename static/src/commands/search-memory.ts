/** What a search has looked at, so that the same search after an edit looks only at what the edit touched. */
import type { ChangeSet } from '../document/changes'
import type { ModelDocument } from '../document/model'

const UNKNOWN = 0
const NO = 1
const YES = 2

export class SearchMemory {
  private document: ModelDocument | null = null
  private asked = ''
  /** by index in the document */
  private nodes = new Uint8Array(0)
  private values = new Uint8Array(0)
  /** what was touched since texts were tried on expressions; null: all of it */
  private untried: { nodes: Set<number>; values: Set<number> } | null = null
  private edits = 0
  /** texts that fit, by the source of the expression */
  fits: ReadonlyMap<string, ReadonlySet<string>> = new Map()
  /** attributes of names that were asked for which some node has */
  readonly attributes = new Set<string>()

  /** To be called before each search; `asked` says all that a verdict depends on besides nodes and values. */
  begin(document: ModelDocument, asked: string): void {
    if (this.document !== document || this.asked !== asked) {
      this.forget()
      this.document = document
      this.asked = asked
    }
    this.nodes = grown(this.nodes, document.nodeLimit)
    this.values = grown(this.values, document.valueLimit)
  }

  node(index: number, test: (index: number) => boolean): boolean {
    return verdict(this.nodes, index, test)
  }

  value(index: number, test: (index: number) => boolean): boolean {
    return verdict(this.values, index, test)
  }

  /** What expressions have to be tried on (`of` null: everything), and when this was asked. */
  toTry(): { of: { nodes: ReadonlySet<number>; values: ReadonlySet<number> } | null; at: number } {
    return { of: this.untried, at: this.edits }
  }

  /** The texts that fit, among all that had to be tried then. */
  tried(fits: ReadonlyMap<string, ReadonlySet<string>>, at: number): void {
    const all = new Map(this.fits)
    for (const [source, texts] of fits) all.set(source, new Set([...(all.get(source) ?? []), ...texts]))
    this.fits = all
    if (at === this.edits) this.untried = { nodes: new Set(), values: new Set() }
  }

  /** To be called as soon as the document has changed. */
  changed(changes: ChangeSet): void {
    const { document } = this
    if (!document) return
    this.edits += 1
    const node = (index: number): void => {
      if (index < 0) return
      this.untried?.nodes.add(index)
      if (index < this.nodes.length) this.nodes[index] = UNKNOWN
    }
    for (const id of changes.nodes) node(document.nodeIndex(id))
    for (const id of changes.values) {
      const index = document.valueIndex(id)
      if (index < 0) continue
      this.untried?.values.add(index)
      if (index < this.values.length) this.values[index] = UNKNOWN
      node(document.producerOf(index)) // nodes are found by what they take and make
      for (const use of document.usesAt(index)) node(use.node)
    }
  }

  private forget(): void {
    this.document = null
    this.nodes = new Uint8Array(0)
    this.values = new Uint8Array(0)
    this.untried = null
    this.fits = new Map()
    this.attributes.clear()
  }
}

function verdict(known: Uint8Array, index: number, test: (index: number) => boolean): boolean {
  if (known[index] === YES || known[index] === NO) return known[index] === YES
  const fits = test(index)
  known[index] = fits ? YES : NO
  return fits
}

function grown(known: Uint8Array<ArrayBuffer>, count: number): Uint8Array<ArrayBuffer> {
  if (known.length >= count) return known
  const larger = new Uint8Array(count)
  larger.set(known)
  return larger
}
