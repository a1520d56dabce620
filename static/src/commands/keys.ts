/** Key chords: `Ctrl+Shift+Z` as text, as a pressed key, and as it is shown. Ctrl means Command on a Mac. */

export interface Chord { key: string; ctrl: boolean; shift: boolean; alt: boolean }

export function parseChord(text: string): Chord {
  const parts = text === '+' ? ['+'] : text.split(/(?<=.)\+(?=.)/)
  const key = parts.at(-1)!
  return { key: key.length === 1 ? key.toLowerCase() : key, ctrl: parts.includes('Ctrl'), shift: parts.includes('Shift'), alt: parts.includes('Alt') }
}

export interface Pressed { key: string; ctrlKey: boolean; metaKey: boolean; shiftKey: boolean; altKey: boolean }

export function matches(chord: Chord, pressed: Pressed): boolean {
  const key = pressed.key.length === 1 ? pressed.key.toLowerCase() : pressed.key
  if (key !== chord.key || (pressed.ctrlKey || pressed.metaKey) !== chord.ctrl || pressed.altKey !== chord.alt) return false
  // Shift is part of typing `?` and `+`, so it only counts for letters and named keys
  return isLetterOrNamed(chord.key) ? pressed.shiftKey === chord.shift : true
}

/** What is pressed for the chord: the same text for two chords means that no one could tell them apart. */
export function pressedAs(text: string): string {
  const { key, ctrl, shift, alt } = parseChord(text)
  return JSON.stringify([key, ctrl, alt, isLetterOrNamed(key) && shift])
}

function isLetterOrNamed(key: string): boolean {
  return key.length > 1 || /[a-z]/.test(key)
}

/** Keys that belong to a field while it is edited. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
    || (target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range'].includes(target.type))
}
