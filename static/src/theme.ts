/** The colours of the canvas, light and dark: the same table as the CSS variables of the panels. */
import type { Family } from './protocol/types'

export type ThemeName = 'light' | 'dark'

export interface Theme {
  name: ThemeName
  ground: string
  panel: string
  card: string
  line: string
  text: string
  secondary: string
  faint: string
  accent: string
  accentWash: string
  /** the accent where it is written with */
  accentText: string
  /** grounds of open scopes, outer ones first; see groundAt */
  scopeGrounds: readonly string[]
  /** families far out, where nothing is written on them, so that they stand off the grounds */
  specks: readonly string[]
  scopeLine: string
  edge: string
  /** types that the model declares, and types that were only inferred: both readable, the second quieter */
  declared: string
  inferred: string
  pill: string
  pillLine: string
  valid: string
  warning: string
  error: string
  /** what is written on a warning or error badge */
  onBadge: string
  /** around cards, so that they stand off the ground */
  cardLine: string
}

/** Title bars, white text on them in both themes. Where eyes see no red or no green, lightness tells them apart. */
export const FAMILY_COLOUR: Readonly<Record<Family, string>> = {
  matmul: '#2F5D9B', normalisation: '#377E65', activation: '#C14661', pooling: '#40803A', shape: '#63421F', tensor: '#593B79',
  arithmetic: '#3E4654', control: '#9F447D', quantisation: '#067C95', custom: '#6F6914',
}
export const FAMILIES = Object.keys(FAMILY_COLOUR) as Family[]
export const FAMILY_COLOURS: readonly string[] = FAMILIES.map((family) => FAMILY_COLOUR[family])

const LIGHT: Theme = {
  name: 'light',
  ground: '#F7F8FA', panel: '#FFFFFF', card: '#FFFFFF', line: '#E3E6EB', text: '#1B1F26', secondary: '#566072', faint: '#98A1B0',
  accent: '#2F6FED', accentWash: '#E9F0FE', accentText: '#1F57C3', scopeGrounds: ['#EEF2F8', '#E6ECF5', '#DEE6F1', '#D8E1EE'], scopeLine: '#D5DDEA', specks: FAMILY_COLOURS, edge: '#8A94A6',
  declared: '#4A5365', inferred: '#566072', pill: '#EEF1F6', pillLine: '#8A94A6',
  valid: '#0F7553', warning: '#8A5C00', error: '#B92E08', onBadge: '#FFFFFF', cardLine: '#D9DEE6',
}

const DARK: Theme = {
  name: 'dark',
  ground: '#14171C', panel: '#1B1F26', card: '#20252E', line: '#2B313B', text: '#E6E9EF', secondary: '#9AA4B5', faint: '#6B7688',
  accent: '#6EA0FF', accentWash: '#22314F', accentText: '#7FABFF', scopeGrounds: ['#191E26', '#1E242E', '#232A35', '#28303D'], scopeLine: '#2C3440', specks: FAMILY_COLOURS.map((colour) => lighter(colour, 0.28)), edge: '#69748A',
  declared: '#B7C0CF', inferred: '#96A1B3', pill: '#252B35', pillLine: '#69748A',
  valid: '#4CC38A', warning: '#E2B54A', error: '#FF8A65', onBadge: '#14171C', cardLine: '#323945',
}

export function theme(name: ThemeName): Theme {
  return name === 'dark' ? DARK : LIGHT
}

/** The ground of a scope in so many others; the innermost grounds alternate, so that each is seen in the one around it. */
export function groundAt({ scopeGrounds }: Theme, depth: number): string {
  const last = scopeGrounds.length - 1
  return scopeGrounds[depth <= last ? depth : Math.max(0, last - ((depth - last) % 2))]!
}

/** Mixed with so much white. */
function lighter(colour: string, white: number): string {
  return `#${[1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)).map((part) => Math.round(part + (255 - part) * white).toString(16).padStart(2, '0')).join('').toUpperCase()}`
}

/** People: white text on each, and each distinct from the accent. */
export const PEER_COLOURS: readonly string[] = ['#7A5AF8', '#C2540F', '#0C8074', '#C11574', '#4E7A16', '#0B76B7', '#A15C07', '#9E2A2B']

export function peerColour(colour: number): string {
  return PEER_COLOURS[Math.abs(Math.trunc(colour)) % PEER_COLOURS.length]
}
