/** The models that are open in this browser, as tabs: kept in its storage for all of its windows, as long as the server has them. */
import { computed, signal } from '@preact/signals'

export interface Tab {
  /** of a session, or of a file that is only looked at */
  id: string
  name: string
  unsaved: boolean
  /** what tells it from another tab of the same name: "before the reload" */
  note: string
}

const KEY = 'scalpel.tabs'
const MOST = 50

export class Tabs {
  readonly list = signal<readonly Tab[]>([])
  readonly current = signal('')
  /** the tab whose unsaved edits would be thrown away: that is asked first */
  readonly asking = signal<Tab | null>(null)
  readonly at = computed(() => this.list.value.findIndex((tab) => tab.id === this.current.value))
  private readonly kept: Storage

  constructor(kept: Storage) {
    this.kept = kept
    this.list.value = this.read()
  }

  /** Another window of this browser opened or closed one. */
  heard(event: StorageEvent): void {
    if (event.key !== KEY) return
    const mine = this.list.peek().find((tab) => tab.id === this.current.peek())
    const list = this.read()
    this.list.value = mine && !list.some((tab) => tab.id === mine.id) ? [...list, mine] : list
  }

  /** Shows a tab; a new one stands beside the one that was shown, or last. */
  show(id: string, beside = false): void {
    if (!this.list.peek().some((tab) => tab.id === id)) {
      const fresh: Tab = { id, name: '', unsaved: false, note: '' }
      const list = [...this.list.peek()]
      list.splice(beside && this.at.peek() >= 0 ? this.at.peek() + 1 : list.length, 0, fresh)
      this.write(list.slice(-MOST))
    }
    this.current.value = id
  }

  /** What is known of a tab by now. */
  tell(id: string, about: Partial<Omit<Tab, 'id'>>): void {
    const before = this.list.peek().find((tab) => tab.id === id)
    if (!before || Object.entries(about).every(([key, value]) => before[key as keyof Tab] === value)) return
    this.write(this.list.peek().map((tab) => (tab.id === id ? { ...tab, ...about } : tab)))
  }

  /** Takes a tab away; the id of the one to show when it was the shown one: its neighbour's, or null. */
  close(id: string): string | null {
    const index = this.list.peek().findIndex((tab) => tab.id === id)
    const rest = this.list.peek().filter((tab) => tab.id !== id)
    this.write(rest)
    return (rest[index] ?? rest.at(-1))?.id ?? null
  }

  keepOnly(ids: readonly string[]): void {
    const wanted = new Set([...ids, this.current.peek()])
    const rest = this.list.peek().filter((tab) => wanted.has(tab.id))
    if (rest.length < this.list.peek().length) this.write(rest)
  }

  /** The tab so many places further on, round and round. */
  neighbour(step: number): string | null {
    const list = this.list.peek()
    const at = this.at.peek()
    return list.length < 2 || at < 0 ? null : list[(at + step + list.length) % list.length]!.id
  }

  private write(list: readonly Tab[]): void {
    this.list.value = list
    this.kept.setItem(KEY, JSON.stringify(list))
  }

  private read(): Tab[] {
    try {
      const found: unknown = JSON.parse(this.kept.getItem(KEY) ?? '[]')
      return Array.isArray(found) ? found.filter(isTab).map(({ id, name, unsaved, note }) => ({ id, name, unsaved, note })) : []
    } catch {
      return [] // somebody else wrote there
    }
  }
}

/** Closes it, or asks first where edits would be lost. */
export function closeTab(pages: { readonly tabs: Tabs; close(id: string): void }, id: string): void {
  const tab = pages.tabs.list.peek().find((one) => one.id === id)
  if (tab?.unsaved) pages.tabs.asking.value = tab
  else pages.close(id)
}

export function isViewed(id: string): boolean {
  return id.startsWith('v')
}

export function pageOf(id: string): string {
  return isViewed(id) ? `/v/${id}` : `/s/${id}`
}

function isTab(value: unknown): value is Tab {
  const tab = value as Partial<Tab> | null
  return typeof tab === 'object' && tab !== null && typeof tab.id === 'string' && /^v?[0-9a-f]{24}$/.test(tab.id) && typeof tab.name === 'string' && typeof tab.unsaved === 'boolean' && typeof tab.note === 'string'
}
