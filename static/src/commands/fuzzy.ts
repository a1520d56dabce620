/** Fuzzy search in short titles: letters in order, better at the beginnings of words and side by side. */

export interface Fit { score: number; /** which characters of the title were meant */ at: number[] }

const WORD_START = 8
const BESIDE = 5
const PER_LETTER = 1
const SKIPPED = 0.15 // for every character that lies between
const WHOLE_START = 6
const UNBROKEN = 3 // per letter, when all stand side by side: a whole part of the title is meant before letters here and there

/** How well the text fits the title; null when it does not. Every word of the text must be found. */
export function fuzzy(text: string, title: string): Fit | null {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean)
  const all: Fit = { score: 0, at: [] }
  for (const word of words) {
    const fit = wordIn(word, title)
    if (!fit) return null
    all.score += fit.score
    all.at.push(...fit.at)
  }
  all.at.sort((a, b) => a - b)
  return all
}

/** The best of the ways to begin: a whole part of the title first, then letters in order from each possible start. */
function wordIn(word: string, title: string): Fit | null {
  const lower = title.toLowerCase()
  let best: Fit | null = null
  for (let start = lower.indexOf(word[0]!); start >= 0; start = lower.indexOf(word[0]!, start + 1)) {
    const fit = lettersFrom(word, title, lower, start)
    if (fit && (!best || fit.score > best.score)) best = fit
  }
  return best
}

function lettersFrom(word: string, title: string, lower: string, start: number): Fit | null {
  const at: number[] = []
  let score = start === 0 ? WHOLE_START : 0
  let from = start
  for (const letter of word) {
    const beside = at.length > 0 && lower[from] === letter
    // a word's beginning further on is meant rather than a letter in the middle of one
    const next = beside ? from : nextOf(letter, title, lower, from)
    if (next < 0) return null
    if (isWordStart(title, next)) score += WORD_START
    if (beside) score += BESIDE
    score += PER_LETTER - SKIPPED * Math.max(0, next - from)
    at.push(next)
    from = next + 1
  }
  const unbroken = at.length > 1 && at.at(-1)! - at[0]! === at.length - 1
  return { score: score + (unbroken ? UNBROKEN * at.length : 0), at }
}

function nextOf(letter: string, title: string, lower: string, from: number): number {
  for (let at = lower.indexOf(letter, from); at >= 0; at = lower.indexOf(letter, at + 1)) if (isWordStart(title, at)) return at
  return lower.indexOf(letter, from)
}

function isWordStart(title: string, at: number): boolean {
  return at === 0 || /[\s/:_.·-]/.test(title[at - 1]!) || (/[a-z]/.test(title[at - 1]!) && /[A-Z]/.test(title[at]!))
}
