/** Light or dark: what the person chose, else what the system says; written on the root element for the CSS. */
import { computed, effect, signal, type ReadonlySignal } from '@preact/signals'
import type { Theme } from '../state'

const KEY = 'scalpel.theme'

export interface ThemeChoice { shown: ReadonlySignal<'light' | 'dark'>; toggle(): void }

export function themeChoice(): ThemeChoice {
  const system = window.matchMedia('(prefers-color-scheme: dark)')
  const systemDark = signal(system.matches)
  system.addEventListener('change', (event) => { systemDark.value = event.matches })
  const kept = localStorage.getItem(KEY)
  const choice = signal<Theme>(kept === 'light' || kept === 'dark' ? kept : 'system')
  const shown = computed(() => (choice.value === 'system' ? (systemDark.value ? 'dark' : 'light') : choice.value))
  effect(() => { document.documentElement.dataset['theme'] = shown.value })
  const toggle = (): void => {
    const next = shown.peek() === 'dark' ? 'light' : 'dark'
    // back to what the system says: follow it again
    choice.value = next === (systemDark.peek() ? 'dark' : 'light') ? 'system' : next
    if (choice.peek() === 'system') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, next)
  }
  return { shown, toggle }
}
