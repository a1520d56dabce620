/** A tree of scopes while it grows: scopes come by path, nodes are put into them, and what is no scope worth a box goes again. */

const SEGMENTS = 24 // deeper parts of a name are not looked at
const WITH_CONSTANTS = 3 // nodes, of which one computes

/** Scope 0 is the graph. A parent's number is below its children's, except for the runs that `addRun` makes. */
export class Draft {
  readonly parent: number[] = [-1]
  readonly names: string[] = ['']
  readonly paths: string[] = ['']
  readonly times: number[] = [1]
  private readonly byPath = new Map<string, number>([['', 0]])
  private readonly byPrefix = new Map<string, number>()

  /** innermost scope by position of the node; -1: not known yet */
  constructor(readonly scopeOf: Int32Array) {}

  get count(): number {
    return this.parent.length
  }

  /** The scope of a name as exporters write it, without its last part: `/encoder/layer.0/Conv` is in `encoder/layer.0`. -1: the name has no parts. */
  scopeOfName(name: string): number {
    const slash = name.lastIndexOf('/')
    if (slash >= 0) return this.known(name.slice(0, slash), slashed)
    const dot = name.lastIndexOf('.')
    if (dot < 0) return -1
    const scope = this.known(name.slice(0, isNumber(name.slice(dot + 1)) ? name.lastIndexOf('.', dot - 1) : dot), dotted)
    return scope === 0 ? -1 : scope
  }

  /** The scope of parts with a slash between them, outermost first. */
  scopeOfPath(path: string): number {
    return this.known(path, slashed)
  }

  private known(prefix: string, split: (prefix: string) => string[]): number {
    const known = this.byPrefix.get(prefix)
    if (known !== undefined) return known
    let scope = 0
    for (const part of split(prefix).slice(0, SEGMENTS)) scope = this.child(scope, part)
    this.byPrefix.set(prefix, scope)
    return scope
  }

  child(parent: number, name: string): number {
    const path = parent === 0 ? name : `${this.paths[parent]}/${name}`
    return this.byPath.get(path) ?? this.add(parent, name, path)
  }

  add(parent: number, name: string, path: string, times = 1): number {
    this.names.push(name)
    this.paths.push(path)
    this.times.push(times)
    this.byPath.set(path, this.count)
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
    const deep = this.sizes()
    const alive = new Uint32Array(this.count)
    this.scopeOf.forEach((scope, p) => {
      if (!fixed[p]) for (let at = scope; at >= 0; at = this.parent[at]) alive[at] += 1
    })
    for (let scope = 1; scope < this.count; scope++) if (alive[scope] <= 1 && deep[scope] <= WITH_CONSTANTS) deep[scope] = 0
    const target = Int32Array.from(this.parent, (_, scope) => scope)
    for (let scope = 1; scope < this.count; scope++) if (deep[scope] <= 1) target[scope] = target[this.parent[scope]]
    for (let p = 0; p < this.scopeOf.length; p++) this.scopeOf[p] = target[this.scopeOf[p]]
    const direct = new Uint32Array(this.count)
    for (const scope of this.scopeOf) direct[scope] += 1
    const inner: number[][] = this.parent.map(() => [])
    for (let scope = 1; scope < this.count; scope++) if (deep[scope] > 1) inner[this.parent[scope]].push(scope)
    for (let scope = this.count - 1; scope > 0; scope--) {
      if (deep[scope] <= 1 || direct[scope] > 0 || inner[scope].length !== 1) continue
      const only = inner[scope][0]
      const around = this.parent[scope]
      this.names[only] = `${this.names[scope]}/${this.names[only]}`
      this.parent[only] = around
      inner[around][inner[around].indexOf(scope)] = only
      deep[scope] = 0
    }
    this.keep(deep)
  }

  /** Leaves the scopes out of which `deep` is 0 or 1; nodes must not be in such. */
  private keep(deep: Uint32Array): void {
    const now = new Int32Array(this.count).fill(-1)
    now[0] = 0
    let kept = 1
    this.byPath.clear()
    this.byPath.set('', 0)
    this.byPrefix.clear()
    for (let scope = 1; scope < this.count; scope++) {
      if (deep[scope] <= 1) continue
      now[scope] = kept
      this.parent[kept] = now[this.parent[scope]]
      this.names[kept] = this.names[scope]
      this.paths[kept] = this.paths[scope]
      this.times[kept] = this.times[scope]
      this.byPath.set(this.paths[kept], kept)
      kept += 1
    }
    for (const list of [this.parent, this.names, this.paths, this.times]) list.length = kept
    for (let p = 0; p < this.scopeOf.length; p++) this.scopeOf[p] = now[this.scopeOf[p]]
  }
}

function slashed(prefix: string): string[] {
  return prefix.split('/').filter((part) => part !== '')
}

/** A number is said with the part before it: `model.layers.0.mlp` is in `model`, `layers.0`, `mlp`, and `net.0.1.conv` in `net.0`, `net.0.1`, `conv`. */
function dotted(prefix: string): string[] {
  const parts: string[] = []
  let named = false
  for (const part of prefix.split('.')) {
    if (part === '') continue
    const number = isNumber(part) && parts.length > 0
    if (!number) parts.push(part)
    else if (named) parts[parts.length - 1] += `.${part}`
    else parts.push(`${parts.at(-1)!}.${part}`)
    named = !number
  }
  return parts
}

function isNumber(part: string): boolean {
  return /^\d+$/.test(part)
}
