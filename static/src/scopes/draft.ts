/** A tree of scopes while it grows: scopes come by path, nodes are put into them, and what is no scope worth a box goes again. */
import { beforeDot, dotted, isNumber } from './names'

export const PART = /#\d+$/
const NAMED_PART = / \(\d+\)$/
const LONGEST = 600 // characters of a name that are looked at
export const WITH_CONSTANTS = 3 // nodes, of which one computes

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
   * Takes out scopes of one node (with a constant or two for it), and those that hold one scope and nothing else: the one within takes
   * both names. `fixed` is 1 for constants, by position.
   */
  prune(fixed: Uint8Array): void {
    const { parent, scopeOf, count } = this
    const deep = new Uint32Array(count)
    const alive = new Uint32Array(count)
    const holds = new Uint32Array(count) // 1 for what holds one scope and nothing else
    for (let p = 0; p < scopeOf.length; p++) {
      deep[scopeOf[p]] += 1
      if (!fixed[p]) alive[scopeOf[p]] += 1
    }
    const gone = new Uint8Array(count)
    for (let scope = count - 1; scope > 0; scope--) {
      deep[parent[scope]] += deep[scope]
      alive[parent[scope]] += alive[scope]
      if (deep[scope] <= 1 || (alive[scope] <= 1 && deep[scope] <= WITH_CONSTANTS)) gone[scope] = 1
    }
    const target = new Int32Array(count)
    for (let scope = 1; scope < count; scope++) target[scope] = gone[scope] ? target[parent[scope]] : scope
    for (let p = 0; p < scopeOf.length; p++) {
      scopeOf[p] = target[scopeOf[p]]
      holds[scopeOf[p]] += 2
    }
    for (let scope = 1; scope < count; scope++) if (!gone[scope]) holds[parent[scope]] += 1
    for (let scope = 1; scope < count; scope++) {
      const around = parent[scope]
      if (gone[scope] || around === 0 || holds[around] !== 1) continue
      this.path(scope)
      this.names[scope] = `${this.names[around]}/${this.names[scope]}`
      parent[scope] = parent[around]
      gone[around] = 1
    }
    this.keep(gone)
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
