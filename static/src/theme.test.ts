/// <reference types="vite/client" />
/** Text on the canvas and on the page can be read: 4.5 to 1 at least, in both themes. */
import { describe, expect, it } from 'vitest'
import css from './style/tokens.css?raw'
import { FAMILY_COLOUR, groundAt, PEER_COLOURS, theme, type ThemeName } from './theme'

/** WCAG 2: relative luminance of sRGB, and the ratio of two. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}
function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light! + 0.05) / (dark! + 0.05)
}
const ENOUGH = 4.5

/** The custom properties of tokens.css in a theme. */
function tokens(name: ThemeName): Record<string, string> {
  const block = (start: string): string => css.slice(css.indexOf(start), css.indexOf('}', css.indexOf(start)))
  const read = (text: string): [string, string][] => [...text.matchAll(/--([\w-]+): (#[0-9A-Fa-f]{6})/g)].map((found) => [found[1]!, found[2]!])
  return Object.fromEntries([...read(block(':root {')), ...(name === 'dark' ? read(block(":root[data-theme='dark'] {")) : [])])
}

it('measures as WCAG does', () => {
  expect(contrast('#000000', '#FFFFFF')).toBeCloseTo(21)
  expect(contrast('#767676', '#FFFFFF')).toBeCloseTo(4.54, 1)
})

/** Linear light as it is seen, row by row (Machado, Oliveira and Fernandes, 2009). */
const EYES: Record<string, number[][]> = {
  'all eyes': [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  'eyes without green': [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  'eyes without red': [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
}
/** CIELAB of what those eyes see. */
function seen(colour: string, eyes: number[][]): number[] {
  const light = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  const times = (matrix: number[][], all: number[]): number[] => matrix.map((row) => row.reduce((sum, part, i) => sum + part * all[i]!, 0))
  const rgb = times(eyes, light).map((part) => Math.max(0, Math.min(1, part)))
  const [x, y, z] = times([[0.4338, 0.3762, 0.1899], [0.2126, 0.7152, 0.0722], [0.0177, 0.1095, 0.8728]], rgb).map((part) => (part > 0.008856 ? Math.cbrt(part) : 7.787 * part + 16 / 116))
  return [116 * y! - 16, 500 * (x! - y!), 200 * (y! - z!)]
}

it.each(Object.entries(EYES))('families are told apart by %s', (_, eyes) => {
  const all = Object.entries(FAMILY_COLOUR)
  const near = all.flatMap(([one, a], i) => all.slice(i + 1).map(([other, b]) => ({ pair: `${one} ${other}`, apart: Math.hypot(...seen(a, eyes).map((part, at) => part - seen(b, eyes)[at]!)) })))
  expect(near.filter(({ apart }) => apart < 11)).toEqual([])
})

describe.each(['light', 'dark'] as const)('in the %s theme', (name) => {
  const colours = theme(name)
  const page = tokens(name)

  it.each(Object.entries(FAMILY_COLOUR))('titles stand off the colour of %s', (_, colour) => {
    expect(contrast('#FFFFFF', colour)).toBeGreaterThanOrEqual(ENOUGH)
  })

  it.each(PEER_COLOURS)('the names of people stand off %s', (colour) => {
    expect(contrast('#FFFFFF', colour)).toBeGreaterThanOrEqual(ENOUGH)
  })

  /** what is written, on what */
  const written: [string, string, string][] = [
    ['row names', colours.text, colours.card], ['row values', colours.secondary, colours.card], ['selected initializers', colours.accentText, colours.card],
    ['declared types on the ground', colours.declared, colours.ground], ['inferred types on the ground', colours.inferred, colours.ground], ['selected types on the ground', colours.accentText, colours.ground],
    ...colours.scopeGrounds.flatMap((ground, depth): [string, string, string][] => [
      [`declared types ${depth + 1} scopes deep`, colours.declared, ground], [`inferred types ${depth + 1} scopes deep`, colours.inferred, ground], [`selected types ${depth + 1} scopes deep`, colours.accentText, ground],
      [`titles of scopes ${depth + 1} deep`, colours.secondary, ground], [`values from outside, ${depth + 1} scopes deep`, colours.secondary, ground],
    ]),
    ['inputs and outputs', colours.text, colours.pill], ['values without a producer', colours.warning, colours.pill],
    ['values from outside', colours.secondary, colours.ground], ['what the canvas says', colours.secondary, colours.panel],
  ]
  it.each(written)('%s can be read', (_, text, ground) => {
    expect(contrast(text, ground)).toBeGreaterThanOrEqual(ENOUGH)
  })

  const shown: [string, string][] = [
    ['text', 'ground'], ['text', 'panel'], ['text', 'card'], ['text', 'field'], ['text', 'accent-wash'], ['text', 'button'], ['secondary', 'ground'], ['secondary', 'panel'], ['secondary', 'field'], ['secondary', 'button'],
    ['secondary', 'quiet-wash'], ['accent-text', 'panel'], ['accent-text', 'accent-wash'], ['accent-text', 'field'], ['on-accent', 'accent'], ['valid', 'valid-wash'], ['warning', 'warning-wash'], ['error', 'error-wash'], ['error', 'panel'],
  ]
  it.each(shown)('%s on %s can be read', (text, ground) => {
    expect(contrast(page[text]!, page[ground]!)).toBeGreaterThanOrEqual(ENOUGH)
  })

  it('has the same table on the page and on the canvas', () => {
    for (const key of ['ground', 'panel', 'card', 'text', 'accent'] as const) expect(page[key]).toBe(colours[key])
  })
})

it('has a ground for a scope in any number of others, also where all of them have the same', () => {
  const paper = { ...theme('light'), scopeGrounds: ['#FFFFFF'] }
  for (let depth = 0; depth < 9; depth++) {
    expect(groundAt(paper, depth)).toBe('#FFFFFF')
    expect(theme('light').scopeGrounds).toContain(groundAt(theme('light'), depth))
  }
})
