/** The theme that the page has: what its root says, else what the system prefers. */
import type { ThemeName } from '../theme'

export function themeOnPage(): ThemeName {
  const named = document.documentElement.dataset.theme
  if (named === 'light' || named === 'dark') return named
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}
