/** The outline as a tree of scopes: nodes grouped by the parts of their names, in the order of the graph. */

export interface Leaf { id: string; label: string; name: string; detail: string; /** the value that a node without a name makes */ makes?: string }
export interface Scope { key: string; label: string; children: (Scope | Leaf)[]; count: number; /** what is counted, where it is not nodes; such a group opens only when asked */ unit?: string }
export interface Row { item: Scope | Leaf; depth: number }

export function isScope(item: Scope | Leaf): item is Scope {
  return 'children' in item
}

interface Growing extends Scope { scopes: Map<string, Growing> }

/** Collects leaves one by one; `tree` gives what stands, chains of single scopes folded into one row. */
export class ScopeBuilder {
  private readonly root = scopeNamed('', '')

  /** A leaf that belongs to no scope: a graph's input or output. */
  addPlain(leaf: Leaf): void {
    this.root.children.push(leaf)
  }

  /** A closed group of such leaves, where there are many that few look for. */
  addGroup(label: string, unit: string, leaves: readonly Leaf[]): void {
    if (leaves.length > 0) this.root.children.push({ key: `\0${label}`, label, unit, count: leaves.length, children: [...leaves] })
  }

  add(id: string, name: string, detail: string): void {
    const separator = name.includes('/') ? '/' : '.'
    const parts = name.split(separator).filter((part) => part !== '')
    let scope = this.root
    for (const part of parts.slice(0, -1)) {
      scope.count += 1
      let inner = scope.scopes.get(part)
      if (!inner) {
        inner = scopeNamed(`${scope.key}${separator}${part}`, part)
        scope.scopes.set(part, inner)
        scope.children.push(inner)
      }
      scope = inner
    }
    scope.count += 1
    scope.children.push({ id, label: parts.at(-1) ?? '', name, detail })
  }

  tree(): Scope {
    return { ...this.root, children: this.root.children.map(fold) }
  }
}

function scopeNamed(key: string, label: string): Growing {
  return { key, label, children: [], count: 0, scopes: new Map() }
}

/** A scope that holds one thing only is no level worth a click. */
function fold(item: Scope | Leaf): Scope | Leaf {
  if (!isScope(item) || item.unit !== undefined) return item
  const children = item.children.map(fold)
  const only = children.length === 1 ? children[0]! : null
  if (only) return { ...only, label: `${item.label}/${only.label}` }
  return { key: item.key, label: item.label, count: item.count, children }
}

/** The rows in sight when these scopes are open. */
export function rowsOf(tree: Scope, open: ReadonlySet<string>): Row[] {
  const rows: Row[] = []
  const walk = (items: readonly (Scope | Leaf)[], depth: number): void => {
    for (const item of items) {
      rows.push({ item, depth })
      if (isScope(item) && open.has(item.key)) walk(item.children, depth + 1)
    }
  }
  walk(tree.children, 0)
  return rows
}

/** Scopes to open at first: level by level, as long as the outline stays a page or so. */
export function opening(tree: Scope, room: number): Set<string> {
  const open = new Set<string>()
  let rows = tree.children.length
  let level = tree.children.filter(isScope).filter((scope) => scope.unit === undefined)
  while (level.length > 0) {
    const added = level.reduce((sum, scope) => sum + scope.children.length, 0)
    const all = open.size === 0 && level.length === 1 // closed, it would hide the whole model
    if (rows + added > room && !all) break
    for (const scope of level) open.add(scope.key)
    rows += added
    level = level.flatMap((scope) => scope.children.filter(isScope))
  }
  return open
}

/** The scopes around a leaf, outermost first. */
export function scopesAround(tree: Scope, id: string): string[] {
  const search = (items: readonly (Scope | Leaf)[]): string[] | null => {
    for (const item of items) {
      if (!isScope(item)) { if (item.id === id) return [] } else {
        const inside = search(item.children)
        if (inside) return [item.key, ...inside]
      }
    }
    return null
  }
  return search(tree.children) ?? []
}
