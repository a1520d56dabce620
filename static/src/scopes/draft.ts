/** A tree of scopes while it grows: scopes come by path, nodes are put into them, and what is no scope worth a box goes again. */
import { beforeDot, dotted, isNumber } from './names'

export const PART = /#\d+$/
const NAMED_PART = / \(\d+\)$/
const LONGEST = 600 // characters of a name that are looked at
const CONSTANTS = 2 // that may come with what is no scope worth a box

/**
 * Whether so many nodes, of which so many compute, are a scope worth a box. One is not, with a constant or two; nor are two that are the only
 * scope among single nodes of a scope around them, as an activation of two nodes is behind a convolution.
 */
export function isWorthABox(computing: number, nodes: number, amongNodes: boolean): boolean {
  const few = amongNodes ? 2 : 1
  return computing > few || nodes > few + CONSTANTS
}

/** Scope 0 is the graph. A parent's number is below its children's, except for the runs that `addRun` makes. */
export class Draft {
  readonly parent: number[] = [-1]
  readonly names: string[] = ['']
  readonly times: number[] = [1]
  /** '': made of the parent's path and the name, when somebody asks */
  private readonly ownPaths: string[] = ['']
  private inner: (Map<string, number> | null)[] = [null]
  private readonly byPrefix = new Map<string, number>([['', 0]])
  private readonly parts = new Map<string, number>()
  private readonly byDots = new Map<string, number>()

  /** innermost scope by position of the node; -1: not known yet */
  constructor(readonly scopeOf: Int32Array) {}

  get count(): number {
    return this.parent.length
  }

  path(scope: number): string {
    if (scope === 0 || this.ownPaths[scope] !== '') return this.ownPaths[scope]
    const around = this.path(this.parent[scope])
    return (this.ownPaths[scope] = around === '' ? this.names[scope] : `${around}/${this.names[scope]}`)
  }

  /** The scope of a name as exporters write it, without its last part: `/encoder/layer.0/Conv` is in `encoder/layer.0`. -1: the name has no parts. */
  scopeOfName(name: string): number {
    const slash = name.lastIndexOf('/')
    if (slash >= 0) return this.scopeOfPath(name.slice(0, slash))
    const prefix = beforeDot(name)
    if (prefix === null) return -1
    let scope = this.byDots.get(prefix)
    if (scope === undefined) {
      scope = 0
      for (const part of dotted(prefix.slice(0, LONGEST))) scope = this.child(scope, part)
      this.byDots.set(prefix, scope)
    }
    return scope === 0 ? -1 : scope
  }

  /** The scope of parts with a slash between them, outermost first. A number alone says nothing: `encoder/0` is `encoder`, `encoder.0`. */
  scopeOfPath(path: string): number {
    const known = this.byPrefix.get(path)
    if (known !== undefined) return known
    let scope: number
    if (path.length > LONGEST) scope = this.scopeOfPath(path.slice(0, LONGEST))
    else {
      const slash = path.lastIndexOf('/')
      const around = slash < 0 ? 0 : this.scopeOfPath(path.slice(0, slash))
      const part = path.slice(slash + 1)
      scope = part === '' ? around : this.child(around, around > 0 && isNumber(part) ? `${this.names[around]}.${part}` : part)
    }
    this.byPrefix.set(path, scope)
    return scope
  }

  private child(parent: number, name: string): number {
    const inner = (this.inner[parent] ??= new Map())
    const known = inner.get(name)
    if (known !== undefined) return known
    const scope = this.add(parent, name, '')
    inner.set(name, scope)
    return scope
  }

  /** A scope that takes over some of what another one holds; `named`: its number among the parts is said in its name. */
  addPart(parent: number, of: number, named: boolean): number {
    const path = this.path(of).replace(PART, '')
    const part = (this.parts.get(path) ?? 1) + 1
    this.parts.set(path, part)
    return this.add(parent, named ? `${this.names[of].replace(NAMED_PART, '')} (${part})` : this.names[of], `${path}#${part}`)
  }

  /** Puts a scope into another one; its path stays. */
  move(scope: number, into: number): void {
    this.path(scope)
    this.parent[scope] = into
  }

  /** `path`: '' when it follows from the parent's and the name */
  add(parent: number, name: string, path: string, times = 1): number {
    this.names.push(name)
    this.times.push(times)
    this.ownPaths.push(path)
    this.inner.push(null)
    return this.parent.push(parent) - 1
  }

  /** all nodes in each scope */
  sizes(): Uint32Array {
    const sizes = new Uint32Array(this.count)
    for (const scope of this.scopeOf) for (let at = scope; at >= 0; at = this.parent[at]) sizes[at] += 1
    return sizes
  }

  depth(scope: number): number {
    let depth = 0
    for (let at = scope; at > 0; at = this.parent[at]) depth += 1
    return depth
  }

  /** The innermost scope that holds both. */
  common(a: number, b: number): number {
    let x = a
    let y = b
    for (let dx = this.depth(a), dy = this.depth(b); x !== y;) {
      if (dx >= dy) { x = this.parent[x]; dx -= 1 } else { y = this.parent[y]; dy -= 1 }
    }
    return x
  }

  /**
   * Takes out scopes that are not worth a box, and those that hold one scope and nothing else: the one within takes both names. `fixed` is 1
   * for constants, by position.
   */
  prune(fixed: Uint8Array): void {
    const gone = new Uint8Array(this.count)
    this.leaveOut(gone, this.lonely(fixed))
    this.leaveOut(gone, this.pairs(fixed, gone))
    this.joinWrappers(gone)
    this.keep(gone)
  }

  /** Nodes in each scope, and those of them that compute; `deep`: with those in scopes within. */
  private census(fixed: Uint8Array, deep: boolean): { all: Uint32Array; computing: Uint32Array } {
    const all = new Uint32Array(this.count)
    const computing = new Uint32Array(this.count)
    for (let p = 0; p < this.scopeOf.length; p++) {
      all[this.scopeOf[p]] += 1
      if (!fixed[p]) computing[this.scopeOf[p]] += 1
    }
    for (let scope = this.count - 1; scope > 0 && deep; scope--) {
      all[this.parent[scope]] += all[scope]
      computing[this.parent[scope]] += computing[scope]
    }
    return { all, computing }
  }

  private lonely(fixed: Uint8Array): number[] {
    const { all, computing } = this.census(fixed, true)
    const found: number[] = []
    for (let scope = 1; scope < this.count; scope++) if (!isWorthABox(computing[scope], all[scope], false)) found.push(scope)
    return found
  }

  private pairs(fixed: Uint8Array, gone: Uint8Array): number[] {
    const { all, computing } = this.census(fixed, false)
    const children = this.childCounts(gone)
    const found: number[] = []
    for (let scope = 1; scope < this.count; scope++) {
      const around = this.parent[scope]
      const amongNodes = around > 0 && children[around] === 1 && computing[around] > 0
      if (!gone[scope] && children[scope] === 0 && !isWorthABox(computing[scope], all[scope], amongNodes)) found.push(scope)
    }
    return found
  }

  /** Scopes that stay, directly in each. */
  private childCounts(gone: Uint8Array): Uint32Array {
    const counts = new Uint32Array(this.count)
    for (let scope = 1; scope < this.count; scope++) if (!gone[scope]) counts[this.parent[scope]] += 1
    return counts
  }

  /** Marks scopes as gone; their nodes are in what is around them then. */
  private leaveOut(gone: Uint8Array, scopes: readonly number[]): void {
    for (const scope of scopes) gone[scope] = 1
    const target = new Int32Array(this.count)
    for (let scope = 1; scope < this.count; scope++) target[scope] = gone[scope] ? target[this.parent[scope]] : scope
    for (let p = 0; p < this.scopeOf.length; p++) this.scopeOf[p] = target[this.scopeOf[p]]
  }

  private joinWrappers(gone: Uint8Array): void {
    const { parent } = this
    const children = this.childCounts(gone)
    const hasNodes = new Uint8Array(this.count)
    for (const scope of this.scopeOf) hasNodes[scope] = 1
    for (let scope = 1; scope < this.count; scope++) {
      const around = parent[scope]
      if (gone[scope] || around === 0 || children[around] !== 1 || hasNodes[around]) continue
      this.path(scope)
      this.names[scope] = `${this.names[around]}/${this.names[scope]}`
      parent[scope] = parent[around]
      gone[around] = 1
    }
  }

  /** Leaves scopes out; nodes must not be in such, nor scopes that stay. */
  private keep(gone: Uint8Array): void {
    const now = new Int32Array(this.count)
    let kept = 1
    for (let scope = 1; scope < this.count; scope++) {
      if (gone[scope]) continue
      now[scope] = kept
      this.parent[kept] = now[this.parent[scope]]
      this.names[kept] = this.names[scope]
      this.ownPaths[kept] = this.ownPaths[scope]
      this.times[kept] = this.times[scope]
      kept += 1
    }
    for (const list of [this.parent, this.names, this.ownPaths, this.times]) list.length = kept
    this.inner = this.parent.map(() => null)
    this.byPrefix.clear()
    this.byDots.clear()
    for (let p = 0; p < this.scopeOf.length; p++) this.scopeOf[p] = now[this.scopeOf[p]]
  }
}
